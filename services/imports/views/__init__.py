"""The HTTP side of imports: the API, and the target of the upload form."""
