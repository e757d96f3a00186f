"""The list of a site's records, and one record."""
