"""Turns a batch of checked rows into staged rows: hashed, sealed, and checked with what is stored.

Rows about something new are taken as imports has checked them. For a row whose record is stored the
dataset's engine runs again on the merged record, because a rule may hold for the row alone and not
for the record that it makes. What the store alone knows (locked periods, opt-outs, V20) was looked
up before and comes in as `Beside`. Nothing of a rejected row is kept.

Pure but for randomness: what is stored comes in as arguments, lines for COPY go out.
"""

from services.records.preparing.beside import Beside
from services.records.preparing.cells import STAGED_COLUMNS, clinical_lines
from services.records.preparing.copying import FILE_END, FILE_START
from services.records.preparing.identities import Identity, identity_of, row_keys
from services.records.preparing.outcomes import Prepared
from services.records.preparing.rows import Preparer

__all__ = [
    "FILE_END",
    "FILE_START",
    "STAGED_COLUMNS",
    "Beside",
    "Identity",
    "Prepared",
    "Preparer",
    "clinical_lines",
    "identity_of",
    "row_keys",
]
