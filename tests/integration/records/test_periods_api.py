"""Audit periods: deadlines, more time for a site, unlocking; and what is refused while locked."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.records.today import today_in_london
from tests.factories.records import NHS_NUMBERS, Imports
from tests.integration.records.conftest import WRITER, Caller
from tests.integration.records.editing import CHECKED_ON, KEYS, VALUES, Editor
from tests.integration.records.test_withdrawing import add

REASON = "The dates of one clinic were a month out."


@pytest.fixture
def team(app, imports: Imports) -> Caller:
    """The audit team, at no site."""
    return Caller(app, None, frozenset({"periods.manage"}))


def day(days: int) -> str:
    return (today_in_london() + timedelta(days=days)).isoformat()


def lock(team: Caller, *, version: int = 0, locks_on: str = "2025-02-01") -> None:
    body = {"entry_deadline": "2025-01-31", "locks_on": locks_on, "version": version}
    answer = team.put("/periods/2024", body)
    assert answer.status_code == 200, answer.text


def year_of(caller: Caller, year: int = 2024) -> dict[str, Any]:
    items = caller.get("/periods").json["items"]
    return next(item for item in items if item["year"] == year)


def change(caller: Caller, record: dict[str, Any]) -> Any:
    body = {"version": record["version"], "values": {"smoker": "1"}}
    return caller.patch(f"/records/{record['record_id']}", body)


def ask(caller: Caller, **what: Any) -> Any:
    return caller.post("/unlock-requests", {"reason": REASON, **what})


def grant(team: Caller, request_id: str, **more: Any) -> Any:
    body = {"granted": True, "until_on": day(7), **more}
    return team.post(f"/unlock-requests/{request_id}/decision", body)


def test_a_year_without_deadlines_is_open_and_one_with_them_says_how_it_stands(
    writer, team
) -> None:
    assert year_of(writer)["status"] == "open"
    lock(team, locks_on=day(5))
    assert year_of(writer)["status"] == "grace"
    lock(team, version=1)
    found = year_of(writer)
    assert (found["status"], found["locks_on"], found["version"]) == ("locked", "2025-02-01", 2)
    assert year_of(writer, 2023)["status"] == "open"


def test_deadlines_set_on_an_older_version_are_refused(team) -> None:
    lock(team)
    body = {"entry_deadline": "2025-01-31", "locks_on": "2025-03-01", "version": 0}
    answer = team.put("/periods/2024", body)
    assert (answer.status_code, answer.json["code"]) == (409, "version_moved")


@pytest.mark.parametrize(
    ("path", "entry", "locks", "field"),
    [
        ("/periods/2015", "2017-01-31", "2017-03-01", "year"),
        ("/periods/2199", "2200-01-31", "2200-03-01", "year"),
        ("/periods/2024", "2024-12-30", "2025-03-01", "entry_deadline"),
        ("/periods/2024", "2025-01-31", "2025-01-31", "locks_on"),
    ],
)
def test_deadlines_that_make_no_sense_are_refused(team, path, entry, locks, field) -> None:
    answer = team.put(path, {"entry_deadline": entry, "locks_on": locks, "version": 0})
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == [field]


def test_every_door_refuses_a_locked_record(writer, team) -> None:
    record = add(writer)
    editor = Editor(writer)
    lock(team)
    new = {"values": VALUES | {"nhs_number": NHS_NUMBERS[1]}, "opt_out_checked_on": CHECKED_ON}
    form = {"version": record["form_version"], "texts": {"smoker": "1"}}
    tries = [
        change(writer, record),
        writer.put(f"/forms/{record['record_id']}", form),
        writer.post("/records", new),
    ]
    for answer in tries:
        assert answer.status_code in (409, 422), answer.text
        assert "lock" in answer.text
    # What is typed about a locked year is kept, and is no record.
    typed = editor.start(**KEYS | {"nhs_number": NHS_NUMBERS[2]})
    assert typed["stored"] is False
    assert "R05" in [finding["code"] for finding in typed["findings"]]
    assert writer.get(f"/records/{record['record_id']}").json["period"]["status"] == "locked"


def test_a_record_cannot_be_moved_out_of_or_into_a_locked_year(writer, team) -> None:
    inside = add(writer)
    outside = add(writer, nhs_number=NHS_NUMBERS[1], date_index_diagnosed="2023-05-05")
    lock(team)
    for record, to in ((inside, "2023-05-06"), (outside, "2024-05-06")):
        body = {"version": record["version"], "values": {"date_index_diagnosed": to}}
        answer = writer.patch(f"/records/{record['record_id']}", body)
        assert answer.status_code in (409, 422), answer.text
        stored = writer.get(f"/records/{record['record_id']}").json["values"]
        assert stored["date_index_diagnosed"] == record["values"]["date_index_diagnosed"]


def test_an_extension_opens_a_year_for_one_site(
    writer, team, imports: Imports, stranger, other_site: Imports
) -> None:
    lock(team)
    body = {
        "site_id": str(imports.site_id),
        "year": 2024,
        "until_on": day(10),
        "reason_code": "it_failure",
        "reason": "The ward system was down for a month.",
    }
    answer = team.post("/period-extensions", body)
    assert answer.status_code == 201, answer.text
    found = year_of(writer)
    assert (found["status"], found["extended_until"]) == ("grace", day(10))
    assert year_of(stranger)["status"] == "locked"
    (listed,) = team.get("/period-extensions").json["items"]
    assert (listed["reason_code"], listed["granted_by"]) == ("it_failure", str(team.account_id))
    for wrong in (
        {"site_id": str(uuid4())},
        {"until_on": day(-1)},
        {"year": 2023},
        {"reason_code": "weather"},
        {"reason": "For 999 000 0018"},
    ):
        assert team.post("/period-extensions", body | wrong).status_code in (404, 422), wrong


def test_unlocking_one_record_lets_that_one_be_saved_and_no_other(writer, team) -> None:
    record, other = add(writer), add(writer, nhs_number=NHS_NUMBERS[1])
    lock(team)
    asked = ask(writer, record_id=record["record_id"])
    assert (asked.status_code, asked.json["state"], asked.json["year"]) == (201, "asked", 2024)
    assert change(writer, record).status_code == 409
    granted = grant(team, asked.json["request_id"])
    assert (granted.status_code, granted.json["until_on"]) == (200, day(7))
    assert change(writer, record).status_code == 200
    assert change(writer, other).status_code == 409
    opened = writer.get(f"/records/{record['record_id']}").json
    assert opened["period"]["unlocked_until"] == day(7)


def test_unlocking_a_year_lets_new_records_in(writer, team) -> None:
    lock(team)
    asked = ask(writer, year=2024).json
    assert grant(team, asked["request_id"]).status_code == 200
    assert add(writer)["stored"] is True


def test_a_refusal_says_why_and_opens_nothing(writer, team) -> None:
    record = add(writer)
    lock(team)
    request_id = ask(writer, record_id=record["record_id"]).json["request_id"]
    path = f"/unlock-requests/{request_id}/decision"
    assert team.post(path, {"granted": False}).status_code == 422
    answer = team.post(path, {"granted": False, "reason": "The report is published."})
    assert answer.json["state"] == "refused"
    (mine,) = writer.get("/unlock-requests").json["items"]
    assert mine["decision_reason"] == "The report is published."
    assert change(writer, record).status_code == 409


def test_a_request_is_decided_once_and_the_same_again_changes_nothing(writer, team) -> None:
    lock(team)
    request_id = ask(writer, year=2024).json["request_id"]
    first = grant(team, request_id).json
    assert grant(team, request_id).json == first
    answer = grant(team, request_id, until_on=day(8))
    assert (answer.status_code, answer.json["code"]) == (409, "already_decided")


@pytest.mark.parametrize("days", [None, -1, 93])
def test_a_grant_ends_within_a_quarter(writer, team, days) -> None:
    until = None if days is None else day(days)
    lock(team)
    request_id = ask(writer, year=2024).json["request_id"]
    answer = grant(team, request_id, until_on=until)
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["until_on"])


def test_what_is_not_locked_cannot_be_asked_for_and_the_same_request_is_one(writer, team) -> None:
    record = add(writer)
    assert ask(writer, record_id=record["record_id"]).status_code == 422
    assert ask(writer).status_code == 422
    lock(team)
    first = ask(writer, record_id=record["record_id"]).json["request_id"]
    assert ask(writer, record_id=record["record_id"]).json["request_id"] == first


def test_sites_see_their_own_requests_and_the_audit_team_all(writer, stranger, team) -> None:
    record = add(writer)
    lock(team)
    ask(writer, record_id=record["record_id"])
    assert ask(stranger, record_id=record["record_id"]).status_code == 404
    ask(stranger, year=2024)
    assert len(writer.get("/unlock-requests").json["items"]) == 1
    assert len(stranger.get("/unlock-requests").json["items"]) == 1
    assert len(team.get("/unlock-requests?state=asked").json["items"]) == 2
    assert team.get("/unlock-requests?state=granted").json["items"] == []


def test_only_the_audit_team_sets_and_decides(app, imports: Imports, writer, team) -> None:
    lock(team)
    request_id = ask(writer, year=2024).json["request_id"]
    assert grant(writer, request_id).status_code == 403
    body = {"entry_deadline": "2025-01-31", "locks_on": "2025-02-01", "version": 1}
    assert writer.put("/periods/2024", body).status_code == 403
    assert writer.post("/period-extensions", {}).status_code == 403
    reader = Caller(app, imports.site_id, WRITER - {"records.write"})
    assert ask(reader, year=2024).status_code == 403
    assert date.fromisoformat(year_of(reader)["locks_on"]) == date(2025, 2, 1)
