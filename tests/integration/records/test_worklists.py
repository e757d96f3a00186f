"""Work-lists: who is in which, in what order, and working through one from first to last."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask

from services.records.domain.cursors import at_day
from services.records.domain.lists import WORKLISTS
from services.records.today import today_in_london
from tests.factories.records import Imports, make_row
from tests.integration.records.conftest import Caller
from tests.integration.records.test_guarding import unlock
from tests.integration.records.test_withdrawing import lock_year

ASSESSED = "2024-01-20"


def days_ago(days: int) -> str:
    return (today_in_london() - timedelta(days=days)).isoformat()


def row(number: int, days: int, **values: Any) -> dict[str, Any]:
    """A record diagnosed so many days ago that lacks nothing but its follow-ups."""
    diagnosed = days_ago(days)
    usual = {
        "nhs_number": "NOT_UK",
        "date_index_diagnosed": diagnosed,
        "date_fls_assessment": diagnosed,
    }
    return make_row(number, **{**usual, **values})


def counts(caller: Caller) -> dict[str, int]:
    answer = caller.get("/worklists")
    assert answer.status_code == 200, answer.text
    assert [item["name"] for item in answer.json["items"]] == list(WORKLISTS)
    return {item["name"]: item["count"] for item in answer.json["items"] if item["count"]}


def listed(caller: Caller, name: str, query: str = "") -> list[str]:
    answer = caller.get(f"/worklists/{name}?limit=100{query}").json
    assert answer["total"] == len(answer["items"])
    return [item["record"]["local_id"] for item in answer["items"]]


def set_state(imports: Imports, local_id: str, state: str, caller: Caller) -> str:
    """Gives a record a state, as saving it would."""
    found = caller.post("/records/search", {"query": local_id}).json["items"][0]
    imports.act(
        "UPDATE fls_record SET state = :state, deleted_reason = "
        "CASE WHEN :state = 'deleted' THEN 'other' END WHERE record_id = :record_id",
        state=state,
        record_id=found["record_id"],
    )
    return str(found["record_id"])


@pytest.mark.parametrize(
    ("days", "names"),
    [
        (0, []),
        (83, []),
        (84, ["followup_16_due"]),
        (112, ["followup_16_due"]),
        (113, ["followup_16_overdue"]),
        (335, ["followup_16_overdue"]),
        (336, ["followup_16_overdue", "followup_52_due"]),
        (392, ["followup_16_overdue", "followup_52_due"]),
        (393, ["followup_16_overdue", "followup_52_overdue"]),
    ],
)
def test_follow_ups_are_due_from_the_first_day_and_overdue_after_the_last(
    imports: Imports, caller: Caller, days: int, names: list[str]
) -> None:
    imports.store(row(1, days))
    assert list(counts(caller)) == names
    for name in names:
        assert listed(caller, name) == ["LOC-0001"]


@pytest.mark.parametrize("done", ["1", "0", "3", "4", "5"])
def test_any_answer_ends_the_waiting_for_the_first_follow_up(imports, caller, done) -> None:
    imports.store(row(1, 393, fu16_done=done, fu16_date=days_ago(280) if done == "1" else None))
    assert list(counts(caller)) == ["followup_52_overdue"]


def test_for_who_died_nothing_is_due(imports: Imports, caller: Caller) -> None:
    imports.store(
        row(1, 393, date_of_death=days_ago(1)),
        row(2, 393, fu16_done="2"),
        row(3, 393, date_of_death=days_ago(1), date_fls_assessment=None),
    )
    assert counts(caller) == {}


def test_who_was_not_assessed_is_in_a_list(imports: Imports, caller: Caller) -> None:
    imports.store(row(1, 5, date_fls_assessment=None), row(2, 5))
    assert counts(caller) == {"assessment": 1}
    assert listed(caller, "assessment") == ["LOC-0001"]


def test_each_state_has_its_list_and_a_duplicate_is_not_called_for(imports, caller) -> None:
    imports.store(*(row(n, 100) for n in range(4)))
    set_state(imports, "LOC-0000", "invalid", caller)
    set_state(imports, "LOC-0001", "to_confirm", caller)
    set_state(imports, "LOC-0002", "duplicate", caller)
    set_state(imports, "LOC-0003", "deleted", caller)
    assert counts(caller) == {"errors": 1, "warnings": 1, "followup_16_due": 2}
    assert listed(caller, "errors") == ["LOC-0000"]
    assert listed(caller, "warnings") == ["LOC-0001"]


def test_a_follow_up_says_from_when_until_when(imports: Imports, caller: Caller) -> None:
    imports.store(row(1, 400))
    for name, first, last in (("followup_16_overdue", 84, 112), ("followup_52_overdue", 336, 392)):
        (item,) = caller.get(f"/worklists/{name}").json["items"]
        assert (item["due_on"], item["until"]) == (days_ago(400 - first), days_ago(400 - last))
        assert item["record"]["record_id"] == item["record_id"]
    imports.store(row(2, 5, date_fls_assessment=None))
    (item,) = caller.get("/worklists/assessment").json["items"]
    assert item["due_on"] is None


def test_the_oldest_comes_first_and_pages_join_without_a_gap(imports, caller) -> None:
    # Several of one day: the order among them must not waver from page to page.
    imports.store(*(row(n, 90 + n // 3) for n in range(10)))
    whole = listed(caller, "followup_16_due")
    assert whole[0] == "LOC-0009" and set(whole) == {f"LOC-{n:04d}" for n in range(10)}
    seen, after, positions = [], None, []
    while True:
        query = "?limit=4" + (f"&after={after}" if after else "")
        answer = caller.get(f"/worklists/followup_16_due{query}").json
        assert answer["total"] == 10
        seen += [item["record"]["local_id"] for item in answer["items"]]
        positions.append(answer["position"])
        after = answer["next"]
        if after is None:
            break
    assert (seen, positions) == (whole, [1, 5, 9])


def test_working_through_from_first_to_last(imports: Imports, caller: Caller) -> None:
    imports.store(*(row(n, 100 + n) for n in range(5)))
    path = "/worklists/followup_16_due/next"
    answer = caller.get(path).json
    seen = []
    for place in range(5):
        item = answer["item"]
        seen.append(item["record"]["local_id"])
        # Each second one is passed over; the others are dealt with and leave the list.
        if place % 2 == 0:
            imports.store(row(int(seen[-1][-4:]), 104 - place, fu16_done="3"))
        answer = caller.get(f"{path}?after={item['cursor']}").json
    assert seen == ["LOC-0004", "LOC-0003", "LOC-0002", "LOC-0001", "LOC-0000"]
    assert (answer["item"], answer["total"], answer["position"]) == (None, 2, 3)
    again = caller.get(path).json
    assert again["item"]["record"]["local_id"] == "LOC-0003"
    assert (again["position"], again["total"]) == (1, 2)


def test_what_follows_is_there_although_the_thing_at_the_cursor_left(imports, caller) -> None:
    imports.store(*(row(n, 100) for n in range(3)))
    first, second, _ = caller.get("/worklists/followup_16_due").json["items"]
    number = int(first["record"]["local_id"][-4:])
    imports.store(row(number, 100, fu16_done="4"))
    answer = caller.get(f"/worklists/followup_16_due/next?after={first['cursor']}").json
    assert answer["item"]["record_id"] == second["record_id"]
    assert (answer["position"], answer["total"]) == (1, 2)


def add_entry(imports: Imports, *, minutes: int, stored: bool = False) -> str:
    record_id = uuid4()
    imports.act(
        "INSERT INTO entry (record_id, site_id, version, wrapped_key, sealed, keys, started_by, "
        "updated_by, updated_at) VALUES (:r, :site, 3, :key, 'x', ARRAY['gender'], :r, :r, :at)",
        r=record_id,
        site=imports.site_id,
        key=None if stored else b"wrapped",
        at=datetime.now(UTC) - timedelta(minutes=minutes),
    )
    return str(record_id)


def test_what_was_begun_is_a_list_the_longest_untouched_first(imports, other_site, caller) -> None:
    younger, older = add_entry(imports, minutes=5), add_entry(imports, minutes=9)
    add_entry(imports, minutes=1, stored=True)
    add_entry(other_site, minutes=1)
    assert counts(caller) == {"unfinished": 2}
    answer = caller.get("/worklists/unfinished?limit=1").json
    (item,) = answer["items"]
    assert (item["record_id"], item["record"], item["entry"]["answered"]) == (older, None, 1)
    following = caller.get(f"/worklists/unfinished/next?after={answer['next']}").json
    assert following["item"]["record_id"] == younger
    assert (following["position"], following["total"]) == (2, 2)


def add_pair(imports: Imports, first: str, second: str, *, decided: bool = False) -> None:
    imports.act(
        "INSERT INTO duplicate_pair (pair_id, site_id, first_record_id, second_record_id, kind, "
        "decision, decided_at) VALUES (gen_random_uuid(), :site, :first, :second, 'same_day', "
        "CASE WHEN :decided THEN 'both_right' END, CASE WHEN :decided THEN now() END)",
        site=imports.site_id,
        first=UUID(first),
        second=UUID(second),
        decided=decided,
    )


def test_possible_duplicates_are_pairs_with_the_record_that_came_second(imports, caller) -> None:
    imports.store(*(row(n, 5) for n in range(4)))
    ids = [i["record_id"] for i in caller.get("/records?sort=diagnosed_on").json["items"]]
    add_pair(imports, ids[0], ids[1])
    add_pair(imports, ids[0], ids[2], decided=True)
    add_pair(imports, ids[0], ids[3])
    imports.act(
        "UPDATE fls_record SET state = 'deleted', deleted_reason = 'duplicate' "
        "WHERE record_id = :r",
        r=UUID(ids[3]),
    )
    assert counts(caller) == {"duplicates": 1}
    (item,) = caller.get("/worklists/duplicates").json["items"]
    assert item["pair"]["first_record_id"] == ids[0]
    assert item["record_id"] == item["record"]["record_id"] == ids[1]
    assert item["pair"]["kind"] == "same_day"


def test_another_site_has_lists_of_its_own(imports, other_site, caller, app: Flask) -> None:
    imports.store(row(1, 100))
    stranger = Caller(app, other_site.site_id)
    assert counts(stranger) == {}
    cursor = caller.get("/worklists/followup_16_due").json["items"][0]["cursor"]
    answer = stranger.get(f"/worklists/followup_16_due/next?after={cursor}").json
    assert (answer["item"], answer["total"], answer["position"]) == (None, 0, 1)


def test_what_is_not_a_list_or_no_place_in_it_is_refused(imports, caller: Caller) -> None:
    assert caller.get("/worklists/all").status_code == 404
    assert caller.get("/worklists/all/next").status_code == 404
    day = at_day(today_in_london(), uuid4()).text()
    for query in ("after=nonsense", "limit=0", "limit=101", "page=1"):
        answer = caller.get(f"/worklists/errors?{query}")
        assert answer.status_code == 422
        assert list(answer.json["errors"]) == [query.split("=")[0]]
    # A place of another list is a place nowhere or somewhere, never a fault of ours.
    assert caller.get(f"/worklists/unfinished?after={day}").status_code == 200
    instant = "f" * 32
    assert caller.get(f"/worklists/errors?after={instant}").status_code == 422


@pytest.mark.parametrize("path", ["/worklists", "/worklists/errors", "/worklists/errors/next"])
def test_work_lists_want_the_right_and_the_patient_audit(imports, app: Flask, path) -> None:
    nobody = Caller(app, imports.site_id, frozenset({"facilities.read"}))
    assert nobody.get(path).status_code == 403
    assert Caller(app, None).get(path).status_code == 403
    imports.site_changed(version=2, patient_audit=False)
    assert Caller(app, imports.site_id).get(path).status_code == 403


def test_nothing_of_a_locked_year_is_in_a_list_until_it_is_unlocked(
    caller: Caller, imports: Imports, other_site: Imports
) -> None:
    rows = [row(n, 0, date_index_diagnosed=day, date_fls_assessment=day) for n, day in _DAYS]
    for site in (imports, other_site):
        site.store(*rows)
    ids = [set_state(imports, f"LOC-{number:04d}", "invalid", caller) for number, _ in _DAYS]
    assert counts(caller)["errors"] == 3
    lock_year(imports)
    assert counts(caller) == {"errors": 1, "followup_16_overdue": 1, "followup_52_overdue": 1}
    assert listed(caller, "errors") == ["LOC-0002"]
    unlock(imports, "2099-01-01", record_id=UUID(ids[1]))
    assert counts(caller)["errors"] == 2
    assert listed(caller, "errors") == ["LOC-0001", "LOC-0002"]


_DAYS = ((0, "2024-01-10"), (1, "2024-12-31"), (2, "2025-01-01"))
