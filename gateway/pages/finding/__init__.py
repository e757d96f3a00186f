"""Finding records: the list with its filters, and the search."""
