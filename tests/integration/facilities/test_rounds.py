"""Rounds: opening them, finding the current one, their questionnaire, and progress."""

from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest

from services.facilities import rounds
from services.facilities.today import today_in_london
from tests.factories.facilities import COMPLETE, make_site_event


def open_by_command(databases, monkeypatch, *arguments):
    monkeypatch.setenv("FLS_DATABASE_URL", databases.url("facilities"))
    rounds.main(["open", *arguments])


def test_the_command_opens_a_round_once(databases, monkeypatch, capsys, caller):
    open_by_command(databases, monkeypatch, "--year", "2026")
    open_by_command(databases, monkeypatch, "--year", "2026")
    assert capsys.readouterr().out.splitlines() == [
        "round 2026 (Facilities audit 2026): opened",
        "round 2026 (Facilities audit 2026): was open already",
    ]
    assert caller("GET", "/rounds").json["total"] == 1


def test_the_command_refuses_an_unknown_questionnaire(databases, monkeypatch):
    with pytest.raises(SystemExit, match="There is no questionnaire 'x'"):
        open_by_command(databases, monkeypatch, "--year", "2026", "--questionnaire", "x")


def test_the_audit_team_opens_a_round_and_sites_cannot(team, caller):
    body = {"year": 2026, "name": "2026-autumn"}
    assert caller("POST", "/rounds", json=body).status_code == 403
    first, again = team("POST", "/rounds", json=body), team("POST", "/rounds", json=body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json == again.json and first.json["state"] == "open"


def test_a_round_that_closes_before_it_opens_is_refused(team):
    body = {"year": 2026, "opens_on": "2026-05-01", "closes_on": "2026-04-01"}
    answer = team("POST", "/rounds", json=body)
    assert answer.status_code == 422 and "closes_on" in answer.json["errors"]


def test_the_current_round_is_the_newest_that_is_open_today(team, caller):
    assert caller("GET", "/rounds/current").status_code == 404
    today = today_in_london()
    for name, opens, closes in (("planned", 1, 9), ("open", -9, 0), ("older", -99, 9)):
        dates = {
            "opens_on": (today + timedelta(opens)).isoformat(),
            "closes_on": (today + timedelta(closes)).isoformat(),
        }
        team("POST", "/rounds", json={"year": 2026, "name": name, **dates})
    current = caller("GET", "/rounds/current").json
    assert (current["name"], current["state"]) == ("open", "open")
    states = {each["name"]: each["state"] for each in caller("GET", "/rounds").json["items"]}
    assert states == {"planned": "planned", "open": "open", "older": "open"}


def test_the_questionnaire_comes_as_data(caller, round_id):
    answer = caller("GET", f"/rounds/{round_id}/questionnaire").json
    by_id = {q["id"]: q for section in answer["sections"] for q in section["questions"]}
    assert by_id["A3"]["kind"] == "single"
    assert [option["code"] for option in by_id["A3"]["options"]] == ["1", "2", "3"]
    assert by_id["A7"]["conditions"] == [{"question": "A3", "any_of": ["1"]}]
    assert by_id["A3"]["conditions"] == [] and by_id["A3"]["required"] is True
    assert by_id["B2"]["keys"][:2] == ["B2.administrator.2", "B2.administrator.3"]
    assert by_id["B2"]["rows"][5] == {
        "code": "gp",
        "label": "GP with an extended role",
        "columns": ["other"],
    }
    assert [each["id"] for each in answer["derived"]][0] == "B3_band"


def test_an_unknown_round_is_not_found(caller, team):
    unknown = uuid4()
    for path in ("", "/questionnaire", "/answers", "/answers/history"):
        assert caller("GET", f"/rounds/{unknown}{path}").status_code == 404
    assert team("GET", f"/rounds/{unknown}/progress").status_code == 404
    assert caller.save(unknown, 0, {}).status_code == 404
    assert caller.submit(unknown, 0).status_code == 404


def test_progress_counts_the_sites_that_take_part(
    team, caller, other_caller, make_caller, hear, round_id
):
    hear(make_site_event(uuid4(), name="Closed", state="closed"))
    hear(make_site_event(uuid4(), name="Elsewhere", facilities_audit=False))
    idle = uuid4()
    hear(make_site_event(idle, name="Yeovil", code="YEO"))
    make_caller(idle).save(round_id, 0, {"A4": ""})
    caller.save(round_id, 0, COMPLETE)
    caller.confirm_all(round_id)
    caller.submit(round_id, 1)
    other_caller.save(round_id, 0, {"A4": "1"})
    answer = team("GET", f"/rounds/{round_id}/progress?page_size=2").json
    assert answer["counts"] == {"not_started": 1, "in_progress": 1, "submitted": 1}
    assert [(each["name"], each["state"]) for each in answer["items"]] == [
        ("Airedale", "submitted"),
        ("Barnet", "in_progress"),
    ]
    assert answer["total"] == 3
    second = team("GET", f"/rounds/{round_id}/progress?page_size=2&page=2").json
    assert [each["name"] for each in second["items"]] == ["Yeovil"]
    assert caller("GET", f"/rounds/{round_id}/progress").status_code == 403


def test_a_round_cannot_be_changed_by_the_service(databases, round_id):
    with (
        psycopg.connect(databases.url("facilities")) as database,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        database.execute("UPDATE round SET questionnaire_id = 'other'")
