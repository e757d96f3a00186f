"""The writes of imports: one function per verb. None commits, publishes, or logs a person's data.

uploads.py    take a file in                 preparing.py  read it once and cut it
checking.py   check a chunk, send its rows   following.py  what records answers
deciding.py   confirm, cancel                sweeping.py   ask again for what got stuck
sites.py      the copy of a site             history.py    what happened to an import, by whom
files.py      sealed parts of files            copying.py    the annotated copy
undoing.py    undo what was stored           receipts.py   sign what became of it
profiles.py   how files are set up           again.py      check a file once more
expiring.py   delete what is over            mending.py    correct cells
"""
