"""The statement of a site's participation in a period, for its provider's quality account.

Pure: days in, what can be stated out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Part:
    """One part of the audit in a period.

    Attributes:
        eligible: whether the site could take part in it on any day of the period.
        first_day, last_day: from when to when it took part within the period; None if it did not.
    """

    eligible: bool
    first_day: date | None
    last_day: date | None

    @property
    def took_part(self) -> bool:
        """Whether it took part on any day."""
        return self.first_day is not None


def facilities_part(*, approved_on: date, begins: date, ends: date) -> Part:
    """Returns the facilities audit's part: every site takes part from its approval on."""
    if approved_on > ends:
        return Part(eligible=True, first_day=None, last_day=None)
    return Part(eligible=True, first_day=max(approved_on, begins), last_day=ends)


def patient_part(
    changes: Sequence[tuple[date, bool]], *, approved_on: date, begins: date, ends: date
) -> Part:
    """Returns the patient audit's part: while there was a fracture liaison service.

    Args:
        changes: From which day on there was a service or none, in any order.
        approved_on: When the site was registered.
        begins, ends: The period, both days in it.

    >>> day = date.fromisoformat
    >>> patient_part([(day("2025-01-01"), True), (day("2025-07-01"), False)],
    ...     approved_on=day("2025-01-01"), begins=day("2025-01-01"), ends=day("2025-12-31"))
    Part(eligible=True, first_day=datetime.date(2025, 1, 1), last_day=datetime.date(2025, 6, 30))
    """
    spans = _spans(changes)
    days: list[tuple[date, date]] = []
    for start, end in spans:
        first = max(start, begins, approved_on)
        last = ends if end is None else min(ends, date.fromordinal(end.toordinal() - 1))
        if first <= last:
            days.append((first, last))
    if not days:
        return Part(eligible=False, first_day=None, last_day=None)
    return Part(eligible=True, first_day=days[0][0], last_day=days[-1][1])


def _spans(changes: Sequence[tuple[date, bool]]) -> list[tuple[date, date | None]]:
    """The times with a service: first day, and the first day without one again."""
    spans: list[tuple[date, date | None]] = []
    begun: date | None = None
    for day, has_fls in sorted(changes, key=lambda change: change[0]):
        if has_fls and begun is None:
            begun = day
        elif not has_fls and begun is not None:
            spans.append((begun, day))
            begun = None
    if begun is not None:
        spans.append((begun, None))
    return spans
