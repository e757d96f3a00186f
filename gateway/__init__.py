"""The only door: the edge (nginx) and the pages, a Flask application that holds no data.

The pages ask the four services over HTTP, with the identity that the edge verified, and import none
of them. What a page shows it asked for a moment before; what a person sends, the service checks.
"""
