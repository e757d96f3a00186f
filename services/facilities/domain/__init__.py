"""Pure rules of the facilities audit: no database, no web, no broker."""
