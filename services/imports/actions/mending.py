"""Corrects cells of a file that waits for confirmation, and has it checked again so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from dataset.rules import RULE_BY_NUMBER
from services.imports.actions.again import go_on_with
from services.imports.actions.checking import rows_of_chunk
from services.imports.actions.copying import headings_of
from services.imports.actions.files import StoredFile
from services.imports.actions.history import note
from services.imports.domain.findings import IDENTIFIERS
from services.imports.domain.mending import corrected_csv
from services.imports.domain.plans import Column, Plan
from services.imports.domain.states import CHECKED
from services.imports.queries.working import find_import, list_chunks, lock_import, was_noted
from services.imports.sealed import seal_value, unwrap_key
from services.imports.tables import Correction, Import
from services.shared.errors import Conflict, InvalidInput, NotFound
from services.shared.identity import Actor
from services.shared.sealing import Keyring

ONE_OPENING: Final = timedelta(minutes=10)
LONGEST_CELL: Final = 500
"""Characters of a cell that can be mended on the page."""


@dataclass(frozen=True, slots=True)
class CellCorrection:
    """What a cell shall be: the row's number, the field of its column, and the text."""

    row: int
    field: str
    value: str


def correct_cells(
    session: Session,
    import_id: UUID,
    corrections: Sequence[CellCorrection],
    *,
    by: Actor,
    site_id: UUID,
    keyring: Keyring,
) -> UUID:
    """Writes the file anew with the corrections and has it checked; does not commit.

    The import that waited is cancelled, and the new one goes on from it. Who changed what from what
    is kept with the new one.

    Returns:
        The id of the new import.

    Raises:
        NotFound: no such import of the site, or its file is not kept any more.
        Conflict: it does not wait for confirmation.
        InvalidInput: a row or a column that the file does not have.
    """
    row = lock_import(session, import_id)
    if row.state != CHECKED or row.plan is None:
        raise Conflict(
            "Only a file that waits for confirmation can be mended here.",
            code="wrong_state",
            extra={"state": row.state},
        )
    plan = Plan.from_json(row.plan)
    file = StoredFile(session, row, keyring)
    if not file.is_kept:
        raise NotFound("The file of this import is not kept any more. Upload it again.")
    mender = _Mender(session, row, file, plan, corrections)
    new_id = go_on_with(session, row, mender.blocks(), by=by, site_id=site_id, keyring=keyring)
    mender.refuse_unknown()
    new = find_import(session, new_id)
    assert new is not None
    new.corrects = row.import_id
    data_key = unwrap_key(keyring, new_id, new.wrapped_key)
    for (number, column), (old, value) in mender.done.items():
        session.add(
            Correction(
                import_id=new_id,
                site_id=site_id,
                row_number=number,
                field=column.key,
                heading=column.heading,
                sealed_old=seal_value(data_key, new_id, number, f"{column.key}:old", old),
                sealed_new=seal_value(data_key, new_id, number, f"{column.key}:new", value),
                by=by.account_id,
            )
        )
    return new_id


def add_compared_cells(
    session: Session, import_id: UUID, rows: Sequence[dict[str, Any]], *, keyring: Keyring
) -> None:
    """Adds to each row the other cells that its rules compare: one of them may be the wrong one.

    Args:
        rows: as `list_mendable` gives them; `cells` grow by cells without messages.
    """
    row = find_import(session, import_id)
    if row is None or row.plan is None or not row.file_kept:
        return
    plan = Plan.from_json(row.plan)
    file = StoredFile(session, row, keyring)
    columns = {column.key: column for column in plan.columns}
    for chunk in list_chunks(session, import_id):
        here = [each for each in rows if chunk.first_row <= each["row"] <= chunk.last_row]
        wanted = [(each, _compared(each, columns)) for each in here]
        if not any(fields for _, fields in wanted):
            continue
        texts = rows_of_chunk(file, chunk, plan)
        for each, fields in wanted:
            cells = texts[each["row"] - chunk.first_row]
            each["cells"] += [
                {
                    "field": key,
                    "heading": columns[key].heading,
                    "value": cells[columns[key].position],
                    "messages": [],
                }
                for key in fields
                if columns[key].position < len(cells)
                and len(cells[columns[key].position]) <= LONGEST_CELL
            ]


def note_opened(
    session: Session, import_id: UUID, rows: Sequence[Mapping[str, Any]], *, by: Actor
) -> None:
    """Notes in the history that somebody is shown identifiers, once in ten minutes; no commit."""
    if not any(cell["field"] in IDENTIFIERS for row in rows for cell in row["cells"]):
        return
    row = lock_import(session, import_id)
    since = datetime.now(UTC) - ONE_OPENING
    if not was_noted(session, import_id, "cells_opened", by=by.account_id, since=since):
        note(session, row, "cells_opened", by=by.account_id)


def _compared(row: Mapping[str, Any], columns: Mapping[str, Column]) -> list[str]:
    """The fields of the file that a row's rules compare and that are not among its cells yet."""
    named = {cell["field"] for cell in row["cells"]}
    codes = {message.partition(":")[0] for cell in row["cells"] for message in cell["messages"]}
    read = {key for code in codes if code in RULE_BY_NUMBER for key in RULE_BY_NUMBER[code].fields}
    return [key for key in columns if key in read and key not in named]


class _Mender:
    """Reads a file and writes it anew; remembers what each corrected cell was."""

    def __init__(
        self,
        session: Session,
        row: Import,
        file: StoredFile,
        plan: Plan,
        corrections: Sequence[CellCorrection],
    ) -> None:
        columns = {column.key: column for column in plan.columns}
        if any(each.field not in columns for each in corrections):
            raise InvalidInput({"corrections": ["The file has no column of one of the fields."]})
        self._session, self._row, self._file, self._plan = session, row, file, plan
        self._wanted: dict[int, dict[int, tuple[Column, str]]] = {}
        for each in corrections:
            column = columns[each.field]
            self._wanted.setdefault(each.row, {})[column.position] = (column, each.value)
        self.done: dict[tuple[int, Column], tuple[str, str]] = {}

    def blocks(self) -> Iterator[bytes]:
        """The file with its corrections."""
        texts = {
            number: {place: text for place, (_, text) in cells.items()}
            for number, cells in self._wanted.items()
        }
        headings = headings_of(self._file, self._plan)
        yield from corrected_csv(self._plan.heading_row, headings, self._parts(), texts)

    def refuse_unknown(self) -> None:
        """Refuses corrections of rows that there are not. Raises InvalidInput."""
        if len(self.done) != sum(map(len, self._wanted.values())):
            raise InvalidInput({"corrections": ["The file has no such row, or not such a cell."]})

    def _parts(self) -> Iterator[tuple[int, list[list[str]]]]:
        for chunk in list_chunks(self._session, self._row.import_id):
            rows = rows_of_chunk(self._file, chunk, self._plan)
            for number, cells in enumerate(rows, chunk.first_row):
                wanted = self._wanted.get(number, {})
                for place, (column, text) in list(wanted.items()):
                    if place < len(cells):
                        self.done[number, column] = (cells[place], text)
                    else:
                        del wanted[place]
            yield chunk.first_row, rows
