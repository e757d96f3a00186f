"""What leaves the service as a file: its columns, and how stored texts become cells.

An export has the columns of the import template and `ACKNOWLEDGED` behind them, so that it can be
imported again; an extract has no identifier, and says in their place what may be known. Pure.

Source: domain notes 5.3 (own records round-trip; research extract) and 6.4.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date

from dataset.fields import FIELD_BY_KEY, FIELDS, Field
from dataset.wire import value_from_wire
from dataset.writing import safe_for_spreadsheet, write_cell
from services.records.domain.columns import CLINICAL_KEYS

ACKNOWLEDGED = "Acknowledged"
"""The column behind the template's: tokens of acknowledged warnings, joined by ";"."""

EXPORT_HEADINGS: tuple[str, ...] = (*(field.heading for field in FIELDS), ACKNOWLEDGED)

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


def writer_of(field: Field, *, labels: bool) -> CellWriter:
    """A function from the stored text of a field to its cell; it remembers what it has written.

    A column has few different texts, so nearly every cell costs one look-up. Identifiers are no
    such column: they are written by `identifier_cell`.
    """
    known: dict[str | None, str] = {None: ""}

    def write(stored: str | None) -> str:
        cell = known.get(stored)
        if cell is None:
            cell = _cell(field, stored or "", labels=labels)
            if len(known) < MOST_REMEMBERED:
                known[stored] = cell
        return cell

    return write


def clinical_writers(*, labels: bool) -> dict[str, CellWriter]:
    """A writer for each clinical field, by its key."""
    return {key: writer_of(FIELD_BY_KEY[key], labels=labels) for key in CLINICAL_KEYS}


def identifier_cell(key: str, text: str | None) -> str:
    """The cell of an identifier that was opened; blank where there is none.

    >>> identifier_cell("date_of_birth", "1950-03-01"), identifier_cell("local_id", "=1+1")
    ('1950-03-01', "'=1+1")
    """
    return "" if text is None else _cell(FIELD_BY_KEY[key], text, labels=False)


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
