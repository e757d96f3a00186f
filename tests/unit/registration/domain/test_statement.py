"""What can be stated of a site's participation in a period."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registration.domain.statement import Part, facilities_part, patient_part

BEGINS, ENDS = date(2025, 4, 1), date(2026, 3, 31)
DAYS = st.dates(date(2024, 1, 1), date(2027, 1, 1))


@pytest.mark.parametrize(
    ("changes", "first", "last"),
    [
        ([("2024-01-01", True)], "2025-04-01", "2026-03-31"),
        ([("2024-01-01", False)], None, None),
        ([("2024-01-01", False), ("2025-09-01", True)], "2025-09-01", "2026-03-31"),
        ([("2024-01-01", True), ("2025-04-01", False)], None, None),
        ([("2024-01-01", True), ("2025-04-02", False)], "2025-04-01", "2025-04-01"),
        ([("2026-04-01", True)], None, None),
    ],
)
def test_the_patient_audit_is_stated_for_the_days_with_a_service(
    changes: list[tuple[str, bool]], first: str | None, last: str | None
) -> None:
    part = patient_part(
        [(date.fromisoformat(day), has_fls) for day, has_fls in changes],
        approved_on=date(2024, 1, 1),
        begins=BEGINS,
        ends=ENDS,
    )
    expected = Part(
        eligible=first is not None,
        first_day=first and date.fromisoformat(first),  # type: ignore[arg-type]
        last_day=last and date.fromisoformat(last),  # type: ignore[arg-type]
    )
    assert part == expected


def test_the_facilities_audit_is_stated_from_the_approval_on() -> None:
    def first(approved_on: date) -> date | None:
        return facilities_part(approved_on=approved_on, begins=BEGINS, ends=ENDS).first_day

    assert first(date(2020, 1, 1)) == BEGINS
    assert first(date(2025, 9, 1)) == date(2025, 9, 1)
    assert first(ENDS) == ENDS and first(ENDS + timedelta(days=1)) is None


@given(
    changes=st.lists(st.tuples(DAYS, st.booleans()), max_size=6, unique_by=lambda c: c[0]),
    approved_on=DAYS,
)
def test_no_day_outside_the_period_or_before_the_approval_is_ever_stated(
    changes: list[tuple[date, bool]], approved_on: date
) -> None:
    part = patient_part(changes, approved_on=approved_on, begins=BEGINS, ends=ENDS)
    if part.first_day is not None:
        assert part.last_day is not None
        assert max(BEGINS, approved_on) <= part.first_day <= part.last_day <= ENDS
        so_far = [has for day, has in sorted(changes) if day <= part.first_day]
        assert so_far and so_far[-1], "on its first day there was a service"
