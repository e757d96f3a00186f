"""What leaves the service as a file: its columns, and how stored texts become cells.

An export has the columns of the import template and the companion column (acknowledged warnings)
behind them, so that it can be imported again; an extract has no identifier, and says in their
place what may be known. Pure.

Source: domain notes 5.3 (own records round-trip; research extract) and 6.4.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date

from dataset.fields import COMPANIONS, FIELD_BY_KEY, FIELDS, Field
from dataset.wire import value_from_wire
from dataset.writing import safe_for_spreadsheet, write_cell
from services.records.domain.columns import CLINICAL_KEYS

EXPORT_HEADINGS: tuple[str, ...] = tuple(field.heading for field in (*FIELDS, *COMPANIONS))

_INSTEAD = {
    "nhs_number": "StudyKey",
    "date_of_birth": "AgeAtFracture",
    "postcode": "OutwardPostcode",
}
EXTRACT_FIELDS: tuple[Field, ...] = tuple(field for field in FIELDS if field.key != "local_id")
EXTRACT_HEADINGS: tuple[str, ...] = (
    *(_INSTEAD.get(field.key, field.heading) for field in EXTRACT_FIELDS),
    "DatasetVersion",
    "State",
)
STATES = ("draft", "to_confirm", "valid", "invalid", "duplicate")
"""States that can be asked for; what is deleted is never exported."""

MOST_REMEMBERED = 10_000
_MULTI_SEPARATOR = ";"

CellWriter = Callable[[str | None], str]


@dataclass(frozen=True, slots=True)
class Filters:
    """Which records; None takes all.

    Attributes:
        diagnosed_from, diagnosed_to: days of diagnosis, both included.
        state: one of `STATES`.
    """

    diagnosed_from: date | None = None
    diagnosed_to: date | None = None
    state: str | None = None

    def for_log(self) -> dict[str, str]:
        """What was asked for, in the form of the log; what was left open is left out."""
        return {name: str(value) for name, value in asdict(self).items() if value is not None}


def file_name(kind: str, ending: str, on: date) -> str:
    """The name under which a browser keeps the file; it says nothing of anyone.

    >>> file_name("records", "csv", date(2026, 11, 5))
    'records-2026-11-05.csv'
    """
    return f"{kind}-{on.isoformat()}.{ending}"


class _Cells(dict[str | None, str]):
    """Stored text -> cell, written when first asked for and then remembered.

    A column has few different texts, so nearly every cell costs one look-up.
    """

    def __init__(self, field: Field, *, labels: bool) -> None:
        super().__init__({None: ""})
        self._field, self._labels = field, labels

    def __missing__(self, stored: str) -> str:
        cell = _cell(self._field, stored, labels=self._labels)
        if len(self) < MOST_REMEMBERED:
            self[stored] = cell
        return cell


def clinical_writers(*, labels: bool) -> dict[str, CellWriter]:
    """A function from a stored text to its cell for each clinical field, by its key."""
    return {key: _Cells(FIELD_BY_KEY[key], labels=labels).__getitem__ for key in CLINICAL_KEYS}


def identifier_cell(text: str | None) -> str:
    """The cell of an identifier that was opened; blank where there is none.

    >>> identifier_cell("1950-03-01"), identifier_cell("=1+1"), identifier_cell(None)
    ('1950-03-01', "'=1+1", '')
    """
    return "" if text is None else safe_for_spreadsheet(text)


def in_template_order(cells: dict[str, Sequence[str]]) -> list[Sequence[str]]:
    """Columns by field key, put in the order of the template."""
    return [cells[field.key] for field in FIELDS]


def _cell(field: Field, stored: str, *, labels: bool) -> str:
    # Dates stay as year, month, day: read again, day and month of a small file are never in doubt.
    if field.kind == "date":
        return stored
    wire: object = stored.split(_MULTI_SEPARATOR) if field.kind == "multi" else stored
    value = value_from_wire(field.key, wire)
    return safe_for_spreadsheet(write_cell(field, value, labels=labels))
