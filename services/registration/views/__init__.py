"""The HTTP side of registration: one blueprint for each noun."""
