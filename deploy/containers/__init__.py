"""What only containers need: their settings as files, and the program that reads them."""
