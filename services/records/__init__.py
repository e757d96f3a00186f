"""Patient records: what a site has recorded about each fracture, who changed it and who saw it.

Owns patients, records, their history and read log, and the staging of imports. Says what became of
an import (`events.py`); hears the checked rows and decisions of imports, and sites from
registration (`handlers.py`). Design: the README beside this file.
"""
