"""Records of one patient that are near each other (V20), and the states that follow."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

import pytest

from services.records.actions import pairing
from services.shared.db import transaction
from tests.factories.records import Imports, make_row

DAY = "2024-03-10"


def store_two(imports: Imports, second_day: str, **values) -> tuple[UUID, UUID]:
    """Two records of one patient, the first on the tenth of March."""
    first = make_row(1, local_id="A", date_index_diagnosed=DAY, site_1="1")
    imports.store(first)
    imports.store({**first, "local_id": "B", "date_index_diagnosed": "2025-06-01", "site_1": "3"})
    imports.act(
        "UPDATE fls_record SET date_index_diagnosed = :day WHERE site_1 = '3'",
        day=date.fromisoformat(second_day),
    )
    found = dict(imports.all("SELECT site_1, record_id FROM fls_record"))
    look_again(imports, found["1"], found["3"])
    return found["1"], found["3"]


def look_again(imports: Imports, *record_ids: UUID, by: UUID | None = None) -> None:
    with transaction(imports.engine, site_id=imports.site_id) as session:
        pairing.note_pairs(session, site_id=imports.site_id, record_ids=record_ids)
        pairing.refresh_states(session, site_id=imports.site_id, record_ids=record_ids, by=by)


def move(imports: Imports, record_id: UUID, day: str) -> None:
    imports.act(
        "UPDATE fls_record SET date_index_diagnosed = :day WHERE record_id = :id",
        day=date.fromisoformat(day),
        id=record_id,
    )
    look_again(imports, record_id)


def pairs(imports: Imports) -> list[tuple]:
    return imports.all(
        "SELECT first_record_id, second_record_id, kind, decision FROM duplicate_pair"
    )


def state(imports: Imports, record_id: UUID) -> str:
    return str(imports.one("SELECT state FROM fls_record WHERE record_id = :id", id=record_id))


@pytest.mark.parametrize(
    ("second_day", "kind", "states"),
    [
        (DAY, "same_day", ("valid", "duplicate")),
        ("2024-03-11", "near", ("to_confirm", "to_confirm")),
        ("2024-04-07", "near", ("to_confirm", "to_confirm")),
        ("2024-02-11", "near", ("to_confirm", "to_confirm")),
        ("2024-04-08", None, ("valid", "valid")),
        ("2024-02-10", None, ("valid", "valid")),
    ],
)
def test_records_within_28_days_make_a_pair(imports: Imports, second_day, kind, states) -> None:
    first, second = store_two(imports, second_day)
    assert pairs(imports) == ([(first, second, kind, None)] if kind else [])
    assert (state(imports, first), state(imports, second)) == states
    look_again(imports, first, second)
    assert len(pairs(imports)) == (1 if kind else 0)


def test_records_that_move_apart_and_together_are_asked_about_again(imports: Imports) -> None:
    first, second = store_two(imports, "2024-03-20")
    imports.act("UPDATE duplicate_pair SET decision = 'both_right', decided_at = now()")
    look_again(imports, first)
    assert (state(imports, first), state(imports, second)) == ("valid", "valid")
    move(imports, second, "2024-09-01")
    assert pairs(imports) == [(first, second, "near", "apart")]
    move(imports, second, "2024-03-21")
    assert pairs(imports) == [(first, second, "near", None)]
    assert (state(imports, first), state(imports, second)) == ("to_confirm", "to_confirm")


def test_what_was_right_when_near_is_asked_again_on_the_same_day(imports: Imports) -> None:
    first, second = store_two(imports, "2024-03-20")
    imports.act("UPDATE duplicate_pair SET decision = 'both_right', decided_at = now()")
    move(imports, second, DAY)
    assert pairs(imports) == [(first, second, "same_day", None)]
    assert state(imports, second) == "duplicate"
    imports.act("UPDATE duplicate_pair SET decision = 'both_right', decided_at = now()")
    move(imports, second, "2024-03-12")
    assert pairs(imports) == [(first, second, "near", "both_right")]
    assert state(imports, second) == "valid"


def test_a_deleted_record_makes_no_pair_and_frees_the_other(imports: Imports) -> None:
    first, second = store_two(imports, DAY)
    imports.act(
        "UPDATE fls_record SET deleted_reason = 'other', state = 'deleted' WHERE record_id = :id",
        id=first,
    )
    look_again(imports, first)
    assert (state(imports, first), state(imports, second)) == ("deleted", "valid")
    look_again(imports, second)
    assert len(pairs(imports)) == 1


def test_of_three_on_one_day_the_first_counts(imports: Imports) -> None:
    first, second = store_two(imports, DAY)
    later = make_row(1, local_id="C", date_index_diagnosed="2025-09-01", site_1="6")
    imports.store(later)
    third = imports.one("SELECT record_id FROM fls_record WHERE site_1 = '6'")
    move(imports, third, DAY)
    assert [state(imports, each) for each in (first, second, third)] == [
        "valid",
        "duplicate",
        "duplicate",
    ]
    assert len(pairs(imports)) == 3


@pytest.mark.parametrize("own", ["invalid", "to_confirm", "draft", "valid"])
def test_the_own_state_is_what_is_left_when_nothing_else_holds(imports: Imports, own) -> None:
    first, second = store_two(imports, "2024-03-20")
    imports.act("UPDATE fls_record SET own_state = :own WHERE record_id = :id", own=own, id=first)
    look_again(imports, first)
    assert state(imports, first) == (own if own == "invalid" else "to_confirm")
    move(imports, second, "2024-12-01")
    assert state(imports, first) == own


def test_acknowledging_what_is_near_decides_the_pairs_of_now_and_no_later_one(
    imports: Imports, person
) -> None:
    first, second = store_two(imports, "2024-03-20")
    imports.act(
        "UPDATE fls_record SET acknowledged = ARRAY['V18:site_2', 'V20:near'] "
        "WHERE record_id = :id",
        id=first,
    )
    look_again(imports, first, by=person)
    assert pairs(imports) == [(first, second, "near", "both_right")]
    assert imports.one("SELECT decided_by FROM duplicate_pair") == person
    assert (state(imports, first), state(imports, second)) == ("valid", "valid")
    kept = "SELECT acknowledged FROM fls_record WHERE record_id = :id"
    assert imports.one(kept, id=first) == ["V18:site_2"]
    third = make_row(1, local_id="C", date_index_diagnosed="2024-03-25", site_1="6")
    imports.store(third)
    look_again(imports, imports.one("SELECT record_id FROM fls_record WHERE site_1 = '6'"))
    assert state(imports, first) == "to_confirm"


def test_the_same_patient_at_another_site_makes_no_pair(imports: Imports, other_site) -> None:
    first, _ = store_two(imports, "2025-06-01")
    other_site.store(make_row(1, date_index_diagnosed=DAY))
    look_again(imports, first)
    assert pairs(imports) == []
    assert other_site.all("SELECT 1 FROM duplicate_pair") == []


def test_two_records_saved_at_once_find_each_other(imports: Imports) -> None:
    first, second = store_two(imports, "2025-06-01")
    move_day = "UPDATE fls_record SET date_index_diagnosed = '2024-03-10' WHERE record_id = :id"
    with transaction(imports.engine, site_id=imports.site_id) as session:
        pairing.lock_site(session, imports.site_id)
        session.execute(pairing.text(move_day), {"id": second})
        pairing.note_pairs(session, site_id=imports.site_id, record_ids=[second])
        with (
            pytest.raises(Exception, match="lock timeout"),
            transaction(imports.engine, site_id=imports.site_id) as other,
        ):
            other.execute(pairing.text("SET LOCAL lock_timeout = '100ms'"))
            pairing.note_pairs(other, site_id=imports.site_id, record_ids=[first])
    look_again(imports, first)
    assert pairs(imports) == [(first, second, "same_day", None)]


# --- findings ------------------------------------------------------------------------------------


def findings(imports: Imports, day: str | None, *, record_id=None, nhs=None) -> list[tuple]:
    with transaction(imports.engine, site_id=imports.site_id) as session:
        found = pairing.store_findings(
            session,
            imports.keys,
            site_id=imports.site_id,
            record_id=record_id,
            nhs_number=nhs or make_row(1)["nhs_number"],
            diagnosed_on=None if day is None else date.fromisoformat(day),
            today=date(2026, 9, 30),
        )
    return [(f.code, f.name, f.level) for f in found]


def test_what_is_said_of_a_record_about_to_be_stored(imports: Imports) -> None:
    store_two(imports, "2024-09-01")
    assert findings(imports, DAY) == [("V20", "same", "error")]
    assert findings(imports, "2024-03-11") == [("V20", "near", "warning")]
    assert findings(imports, "2024-06-01") == []
    assert findings(imports, None) == []
    assert findings(imports, DAY, nhs="NOT_UK") == []
    assert findings(imports, DAY, nhs=make_row(2)["nhs_number"]) == []
    assert findings(imports, DAY, record_id=uuid4()) == [("V20", "same", "error")]


def test_of_two_stored_on_one_day_only_the_later_is_wrong(imports: Imports) -> None:
    first, second = store_two(imports, DAY)
    assert findings(imports, DAY, record_id=first) == []
    assert findings(imports, DAY, record_id=second) == [("V20", "same", "error")]
    imports.act("UPDATE duplicate_pair SET decision = 'both_right', decided_at = now()")
    assert findings(imports, DAY, record_id=second) == []


def test_near_ones_that_are_both_right_are_said_no_more(imports: Imports) -> None:
    first, second = store_two(imports, "2024-03-20")
    assert findings(imports, DAY, record_id=first) == [("V20", "near", "warning")]
    imports.act("UPDATE duplicate_pair SET decision = 'both_right', decided_at = now()")
    assert findings(imports, DAY, record_id=first) == []
    # They were both right as long as they were two days.
    assert findings(imports, DAY, record_id=second) == [("V20", "same", "error")]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2024-03-17", True),
        ("2024-03-03", True),
        ("2024-03-18", False),
        ("2024-03-02", False),
    ],
)
def test_at_another_site_only_seven_days_count(imports, other_site, day, expected) -> None:
    other_site.store(make_row(1, date_index_diagnosed=DAY))
    assert findings(imports, day) == ([("V20", "elsewhere", "warning")] if expected else [])


def test_a_record_that_is_also_elsewhere_asks_until_that_is_acknowledged(
    imports: Imports, other_site
) -> None:
    other_site.store(make_row(1, date_index_diagnosed="2024-03-12"))
    first, second = store_two(imports, "2025-06-01")
    with transaction(imports.engine, site_id=imports.site_id) as session:
        pairing.note_elsewhere(
            session, imports.keys, site_id=imports.site_id, record_ids=[first, second]
        )
    look_again(imports, first, second)
    assert (state(imports, first), state(imports, second)) == ("to_confirm", "valid")
    imports.act(
        "UPDATE fls_record SET acknowledged = ARRAY['V20:elsewhere'] WHERE record_id = :id",
        id=first,
    )
    look_again(imports, first)
    assert state(imports, first) == "valid"
