"""Holds answers against what the patient audit has counted at the same site.

`Counts` is the last that records told us: for each month of diagnosis how many records there are
and how many of them have a scan, a follow-up and so on. None of it is about one patient.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from services.facilities.domain.questions import Answers, Comparison, Questionnaire

Counts = Mapping[str, Mapping[str, int]]
"""Month of diagnosis (YYYY-MM) -> measure -> number of records."""


def contradictions(
    questionnaire: Questionnaire, shown: Answers, counts: Counts, today: date
) -> Iterator[tuple[Comparison, str]]:
    """Go through the comparisons that these answers contradict, each with its sentence.

    Args:
        questionnaire: the round's questionnaire.
        shown: answers of the questions that are asked.
        counts: what records counted; an empty mapping is a site without records.
        today: the date in London; windows are whole months before it.
    """
    for each in questionnaire.comparisons:
        if not all(condition.holds(shown) for condition in each.all_of):
            continue
        records, counted = count_in_window(each, counts, today)
        if records < each.fewest:
            continue
        share = counted / records if records else 0.0
        is_below = each.below is not None and share < each.below
        is_above = each.above is not None and share > each.above
        if is_below or is_above:
            yield each, each.message.format(records=f"{records:,}", counted=f"{counted:,}")


def count_in_window(each: Comparison, counts: Counts, today: date) -> tuple[int, int]:
    """Return how many records the comparison looks at, and how many of them it counts."""
    oldest, newest = (months_before(today, months) for months in each.months)
    looked_at = [of for month, of in counts.items() if oldest <= month <= newest]
    records = sum(month.get("records", 0) for month in looked_at)
    return records, sum(month.get(each.measure, 0) for month in looked_at)


def months_before(today: date, months: int) -> str:
    """Return the month that lies so many months before today's, as YYYY-MM.

    >>> months_before(date(2026, 1, 31), 1), months_before(date(2026, 11, 1), 12)
    ('2025-12', '2025-11')
    """
    number = today.year * 12 + today.month - 1 - months
    return f"{number // 12:04d}-{number % 12 + 1:02d}"
