"""What reading a cell gives: a value and a finding, each of which may be missing."""

from __future__ import annotations

import re
from collections.abc import Callable

from dataset.field import Field
from dataset.findings import Finding
from dataset.values import Value

Outcome = tuple[Value, Finding | None]
CellReader = Callable[[str], Outcome]

SCIENTIFIC = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?E[+-]?[0-9]+", re.IGNORECASE)
"""What a spreadsheet makes of a long number."""
WHOLE_AS_DECIMAL = re.compile(r"([0-9]+)[.,]0+")
"""What it makes of a whole one in a column with blanks."""


def error(field: Field, code: str, message: str) -> Finding:
    """A finding that the cell cannot be read."""
    return Finding(code, "error", field.key, message)


def damaged(field: Field, what: str) -> Finding:
    """T07: what a spreadsheet has done to the cell, and how to avoid it."""
    mend = "Format the column as text, enter the value again and save."
    return error(field, "T07", f"{what} {mend}")
