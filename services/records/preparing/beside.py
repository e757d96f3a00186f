"""What stands beside the rows of a batch in the store: opt-outs, locks, other fractures (V20)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from dataset import store
from dataset.findings import Finding
from dataset.states import token_of
from services.records.domain.columns import CLINICAL_KEYS
from services.records.domain.periods import Locks
from services.records.preparing.identities import DAY
from services.records.queries.staging import StoredRecord

NEAR_TOKEN = token_of(store.near_fracture(1))
ELSEWHERE_TOKEN = token_of(store.recorded_elsewhere())
_DAY_PLACE = CLINICAL_KEYS.index(DAY)


@dataclass(frozen=True, slots=True)
class Beside:
    """What was looked up about the rows of a batch before they are prepared; by row number.

    Attributes:
        changing: rows about a stored record that may change it.
        opted_out: rows whose patient has opted out, at whatever site.
        near: days to the nearest other record of the patient here, if nobody has decided about it.
        elsewhere: rows that another site has a record of.
    """

    changing: frozenset[int] = frozenset()
    opted_out: frozenset[int] = frozenset()
    near: Mapping[int, int] = field(default_factory=dict)
    elsewhere: frozenset[int] = frozenset()
    locks: Locks = Locks()

    def is_marked(self, row_number: int) -> bool:
        """Whether V20 has anything to say of a row."""
        return row_number in self.near or row_number in self.elsewhere

    def warnings(self, row_number: int, acknowledged: Collection[str]) -> list[Finding]:
        """V20 of a row, as far as it was not confirmed."""
        found = []
        days = self.near.get(row_number)
        if days is not None and NEAR_TOKEN not in acknowledged:
            found.append(store.near_fracture(days))
        if row_number in self.elsewhere and ELSEWHERE_TOKEN not in acknowledged:
            found.append(store.recorded_elsewhere())
        return found

    def tokens(self, row_number: int) -> set[str]:
        """The tokens of V20 that can be confirmed for a row."""
        tokens = {NEAR_TOKEN} if row_number in self.near else set()
        return tokens | {ELSEWHERE_TOKEN} if row_number in self.elsewhere else tokens

    def locked_year(self, day: str | None, record: StoredRecord | None = None) -> int | None:
        """The locked year that a row would touch: where the record is, or where it would go.

        Args:
            day: the row's date of diagnosis, in wire form; None for a blank.
        """
        if not self.locks.years:
            return None
        days = [day] if record is None else [day_of(record), day]
        record_id = None if record is None else record.record_id
        for each in days:
            if each is not None:
                year = date.fromisoformat(each).year
                if self.locks.refuse(year, record_id):
                    return year
        return None


def day_of(record: StoredRecord) -> str | None:
    """The date of diagnosis of a stored record, in wire form."""
    day: str | None = record.wire[_DAY_PLACE]
    return day
