"""V05: dates that cannot be.

Source: domain notes 1.10 and 5.2.1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from dataset.fields import FIELDS
from dataset.findings import Finding
from dataset.rules.registry import ERROR, error, named, rule
from dataset.values import Record

_OTHER_DATES = tuple(
    field.key for field in FIELDS if field.kind == "date" and field.key != "date_index_diagnosed"
)


def _any_future(*columns: Sequence[date | None], today: date) -> Iterable[int]:
    found: set[int] = set()
    for column in columns:
        # Most columns hold no future date at all, which one look at their latest tells.
        latest = max(filter(None, column), default=today)
        if latest > today:
            found.update(i for i, day in enumerate(column) if day and day > today)
    return sorted(found)


@rule("V05", *_OTHER_DATES, levels=ERROR, suspects=_any_future)
def v05_no_date_in_the_future(record: Record, today: date) -> Iterator[Finding]:
    """No date lies after today; V04 speaks of the date of diagnosis.

    Source: domain notes 1.10 V05 and 5.2.1.
    """
    for key in _OTHER_DATES:
        day = record.get(key)
        if isinstance(day, date) and day > today:
            yield error(
                "V05",
                key,
                f"{named(key)} is a date in the future. Check day, month and year.",
            )
