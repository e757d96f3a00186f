"""Rows and imports for the records service, and a player of the events that an import consists of.

Every event is delivered twice, each time in a transaction of its own, as a broker may do.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import orjson
from sqlalchemy import Engine, text

from dataset.fields import ACKNOWLEDGED, FIELDS
from dataset.wire import FINE, UNREADABLE, WARNED
from services.records import handlers
from services.records.keys import Keys
from services.shared.consumer import Event
from services.shared.db import transaction
from services.shared.envelope import JSON, SEALED, Envelope

KEYS = [*(each.key for each in FIELDS if each.key != "service_code"), ACKNOWLEDGED]
NHS_NUMBERS = (
    "9990000018",
    "9990000026",
    "9990000034",
    "9990000042",
    "9990000050",
    "9990000069",
    "9990000077",
    "9990000085",
    "9990000093",
    "9990000107",
)
CLEAR = "#CLEAR"


def make_row(number: int = 0, **values: Any) -> dict[str, Any]:
    """A row that may be stored, in wire form. `number`: another patient, another local id."""
    row = {
        "local_id": f"LOC-{number:04d}",
        "nhs_number": NHS_NUMBERS[number % len(NHS_NUMBERS)],
        "date_of_birth": "1950-03-01",
        "gender": "2",
        "postcode": "EX50 1AA",
        "date_index_diagnosed": "2024-01-10",
        "site_1": "3",
        "smoker": "1",
        "height_cm": "162.5",
        "therapy_recommended": ["1"],
    }
    return {**row, **values}


@dataclass
class Imports:
    """Plays imports of one site."""

    engine: Engine
    keys: Keys
    site_id: UUID
    deliveries: int = 2
    sent: list[tuple[UUID, str]] = field(default_factory=list)

    def site_changed(self, *, version: int = 1, **changes: Any) -> None:
        """Registration says what the site is."""
        data = {
            "site_id": self.site_id,
            "code": "ABC",
            "name": "A hospital",
            "kind": "hospital",
            "nation": "england",
            "state": "approved",
            "has_fls": True,
            "patient_audit": True,
            "facilities_audit": True,
            "organisation_codes": [{"scheme": "ods", "code": "RH802"}],
            **changes,
        }
        self.hear(handlers.SITE_CHANGED, self.site_id, data, version=version)

    def announce(self, import_id: UUID, batches: int, **changes: Any) -> None:
        """Imports says how many batches there are."""
        data = {
            "import_id": import_id,
            "batches": batches,
            "mode": "add_and_update",
            "overwrite_unknown": False,
            "confirm": "person",
            **changes,
        }
        self.hear(handlers.ROWS_COMPLETE, import_id, data)

    def send(
        self,
        import_id: UUID,
        number: int,
        rows: Sequence[Mapping[str, Any]],
        *,
        first_row: int | None = None,
        warned: Sequence[int] = (),
        verdicts: Mapping[int, int] | None = None,
    ) -> None:
        """Imports sends a batch; `warned` are row numbers with a warning."""
        first = number * 100 + 2 if first_row is None else first_row
        judged = {**dict.fromkeys(warned, WARNED), **(verdicts or {})}
        body = self.sealed(import_id, number, rows, first_row=first, verdicts=judged)
        self.hear(handlers.ROWS_CHECKED, import_id, body)

    def sealed(
        self,
        import_id: UUID,
        number: int,
        rows: Sequence[Mapping[str, Any]],
        *,
        first_row: int = 2,
        verdicts: Mapping[int, int] | None = None,
    ) -> bytes:
        """A batch as it travels; `verdicts` by row number, of rows that are not fine."""
        numbers = range(first_row, first_row + len(rows))
        columns: dict[str, Any] = {}
        for key in (*KEYS, UNREADABLE):
            column = [None if row.get(key) == CLEAR else row.get(key) for row in rows]
            is_text = all(cell is None or isinstance(cell, str) for cell in column)
            columns[key] = column
            if is_text and key not in (ACKNOWLEDGED, UNREADABLE):
                columns[key] = "\n".join(cell or "" for cell in column)
        document = {
            "import_id": str(import_id),
            "number": number,
            "row_numbers": list(numbers),
            "verdicts": [(verdicts or {}).get(row_number, FINE) for row_number in numbers],
            "cleared": {
                str(place): [key for key, value in row.items() if value == CLEAR]
                for place, row in enumerate(rows)
            },
            "columns": columns,
        }
        packed = zlib.compress(orjson.dumps(document), 1)
        return self.keys.batches.seal(packed, str(import_id).encode())

    def check(
        self,
        rows: Sequence[Mapping[str, Any]],
        *,
        verdicts: Mapping[int, int] | None = None,
        **announced: Any,
    ) -> UUID:
        """Announces an import and sends it as one batch; returns its id."""
        import_id = uuid4()
        self.announce(import_id, 1, **announced)
        self.send(import_id, 0, rows, verdicts=verdicts)
        return import_id

    def apply(self, import_id: UUID, *, by: UUID | None = None) -> dict[str, int]:
        """Confirms an import and applies all its slices; returns its ledger."""
        self.confirm(import_id, by=by)
        for number in range(1, 1000):
            if self.state(import_id) != "applying":
                break
            for fresh in range(1, self.fresh_slices(import_id) + 1):
                self.fresh_slice(import_id, fresh)
            self.slice(import_id, number)
        return self.ledger(import_id)

    def confirm(self, import_id: UUID, *, by: UUID | None = None) -> None:
        """Somebody confirms."""
        data = {"import_id": import_id, "by": by or uuid4()}
        self.hear(handlers.APPLY_WANTED, import_id, data)

    def slice(self, import_id: UUID, number: int) -> None:
        """Records wants its next slice."""
        data = {"import_id": import_id, "number": number}
        self.hear(handlers.SLICE_WANTED, import_id, data)

    def fresh_slice(self, import_id: UUID, number: int) -> None:
        """Records wants a slice of fresh rows."""
        data = {"import_id": import_id, "number": number}
        self.hear(handlers.FRESH_SLICE_WANTED, import_id, data)

    def fresh_slices(self, import_id: UUID) -> int:
        """How many slices of fresh rows are under way or to come."""
        query = "SELECT coalesce(fresh_slices, 0) FROM staged_import WHERE import_id = :i"
        return int(self.one(query, i=import_id))

    def cancel(self, import_id: UUID) -> None:
        """Somebody cancels."""
        self.hear(handlers.CANCEL_WANTED, import_id, {"import_id": import_id})

    def expire(self, import_id: UUID) -> None:
        """The time for which imports keeps files is over."""
        self.hear(handlers.IMPORT_EXPIRED, import_id, {"import_id": import_id})

    def undo(self, import_id: UUID, *, by: UUID | None = None) -> dict[str, Any]:
        """Somebody undoes an import, to its end; returns what records answered."""
        self.hear(handlers.UNDO_WANTED, import_id, {"import_id": import_id, "by": by or uuid4()})
        for number in range(1, 1000):
            if self.state(import_id) != "undoing":
                break
            data = {"import_id": import_id, "number": number}
            self.hear(handlers.UNDO_SLICE_WANTED, import_id, data)
        return self.events("records.import_undone.v1")[-1]

    def store(self, *rows: Mapping[str, Any], **announced: Any) -> dict[str, int]:
        """A whole import from check to applied; returns its ledger."""
        return self.apply(self.check(rows, **announced))

    def hear(self, name: str, subject: UUID, data: Any, *, version: int | None = None) -> None:
        """Delivers an event, each time in a transaction of its own."""
        envelope = Envelope(
            id=uuid4(),
            type=name,
            source=name.partition(".")[0],
            time=datetime.now(UTC),
            subject=str(subject),
            content_type=SEALED if isinstance(data, bytes) else JSON,
            subject_version=version,
            site_id=self.site_id,
        )
        for _ in range(self.deliveries):
            with transaction(self.engine, site_id=self.site_id) as session:
                _handle(self.keys)[name](session, Event(envelope, data))

    def state(self, import_id: UUID) -> str:
        """The import's state."""
        return str(self.one("SELECT state FROM staged_import WHERE import_id = :i", i=import_id))

    def ledger(self, import_id: UUID) -> dict[str, int]:
        """The counts of the apply; of the comparison before that."""
        query = "SELECT coalesce(applied, compared) FROM staged_import WHERE import_id = :i"
        return dict(self.one(query, i=import_id))

    def events(self, name: str) -> list[dict[str, Any]]:
        """The data of the events of this site that were recorded, in order."""
        rows = self.all(
            "SELECT body FROM outbox_event WHERE name = :name "
            "AND headers->>'cloudEvents_siteid' = :site ORDER BY position",
            name=name,
            site=str(self.site_id),
        )
        return [json.loads(bytes(row[0])) for row in rows]

    def one(self, query: str, **values: Any) -> Any:
        """One value, as this site sees it."""
        with transaction(self.engine, site_id=self.site_id, read_only=True) as session:
            return session.execute(text(query), values).scalar_one()

    def all(self, query: str, **values: Any) -> list[Any]:
        """All rows, as this site sees them."""
        with transaction(self.engine, site_id=self.site_id, read_only=True) as session:
            return list(session.execute(text(query), values).all())

    def act(self, statement: str, **values: Any) -> None:
        """Changes something as this site."""
        with transaction(self.engine, site_id=self.site_id) as session:
            session.execute(text(statement), values)


def _handle(keys: Keys) -> dict[str, Any]:
    return {
        handlers.SITE_CHANGED: handlers.site_changed,
        handlers.ROWS_CHECKED: handlers.rows_checked(keys),
        handlers.ROWS_COMPLETE: handlers.rows_complete(keys),
        handlers.APPLY_WANTED: handlers.apply_wanted,
        handlers.CANCEL_WANTED: handlers.cancel_wanted,
        handlers.IMPORT_EXPIRED: handlers.import_expired,
        handlers.SLICE_WANTED: handlers.slice_wanted(keys),
        handlers.FRESH_SLICE_WANTED: handlers.fresh_slice_wanted(keys),
        handlers.UNDO_WANTED: handlers.undo_wanted,
        handlers.UNDO_SLICE_WANTED: handlers.undo_slice_wanted,
    }
