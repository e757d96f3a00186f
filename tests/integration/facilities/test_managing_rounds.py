"""The audit team manages rounds: who is asked, the last day, closing, more time, reminders."""

from datetime import timedelta

import psycopg
import pytest

from services.facilities.handlers import send_reminders
from services.facilities.today import today_in_london
from tests.factories.facilities import SHORT, make_site_event

WHY = {"reason": "The winter was hard"}


def day(offset):
    return (today_in_london() + timedelta(offset)).isoformat()


def open_round(team, name="2026", **more):
    body = {"year": 2026, "name": name, "opens_on": day(-40), **more}
    answer = team("POST", "/rounds", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json["round_id"]


def reminders(databases):
    with psycopg.connect(databases.superuser_url("facilities")) as database:
        return database.execute(
            "SELECT convert_from(body, 'UTF8')::jsonb, headers->>'cloudEvents_siteid' FROM "
            "outbox_event WHERE name = 'facilities.reminder_wanted.v1' ORDER BY event_id"
        ).fetchall()


def test_a_round_for_some_kinds_of_site_asks_only_them(
    team, caller, other_caller, hear, other_site_id
):
    hear(make_site_event(other_site_id, 2, kind="gp_practice", code="BNT", name="Barnet"))
    round_id = open_round(team, asked_kinds=["gp_practice"])
    assert caller.save(round_id, 0, {"A4": "1"}).status_code == 403
    assert other_caller.save(round_id, 0, {"A4": "1"}).status_code == 200
    assert (caller.read(round_id)["is_asked"], other_caller.read(round_id)["is_asked"]) == (
        False,
        True,
    )
    progress = team("GET", f"/rounds/{round_id}/progress").json
    assert progress["counts"] == {"not_started": 0, "in_progress": 1, "submitted": 0}


def test_a_round_for_the_patient_audit_asks_only_its_sites(
    team, caller, other_caller, hear, other_site_id
):
    hear(make_site_event(other_site_id, 2, patient_audit=False, code="BNT", name="Barnet"))
    extra = {"questionnaire_id": "vertebral-2026", "asked_part": "patient", "title": "Sprint"}
    round_id = open_round(team, "sprint", **extra)
    assert caller.save(round_id, 0, {"D4": ["1"]}).status_code == 200
    assert other_caller.save(round_id, 0, {"D4": ["1"]}).status_code == 403
    assert [each["title"] for each in caller("GET", "/rounds/own").json["items"]] == ["Sprint"]
    assert other_caller("GET", "/rounds/own").json["items"] == []


def test_a_round_that_went_by_without_an_answer_is_not_listed(team, caller, other_caller):
    round_id = open_round(team, closes_on=day(9))
    other_caller.save(round_id, 0, {"A4": "1"})
    team("POST", f"/rounds/{round_id}/closing", json=WHY)
    assert caller("GET", "/rounds/own").json["items"] == []
    (mine,) = other_caller("GET", "/rounds/own").json["items"]
    assert (mine["window"], mine["answers_state"]) == ("closed", "in_progress")


def test_the_yearly_round_is_the_current_one_beside_a_newer_extra_one(team, caller):
    open_round(team, "2026")
    open_round(team, "sprint", questionnaire_id="vertebral-2026", opens_on=day(-1))
    assert caller("GET", "/rounds/current").json["name"] == "2026"
    assert [each["name"] for each in caller("GET", "/rounds/own").json["items"]] == [
        "sprint",
        "2026",
    ]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"questionnaire_id": "facilities-2019"}, "questionnaire_id"),
        ({"asked_part": "everything"}, "asked_part"),
        ({"name": "No blanks"}, "name"),
        ({"title": "two\nlines"}, "title"),
        ({"title": "Round of 999 000 0018"}, "title"),
        ({"closes_on": day(-50)}, "closes_on"),
    ],
)
def test_a_round_that_makes_no_sense_is_refused(team, more, field):
    body = {"year": 2026, "name": "x", "opens_on": day(-40), **more}
    answer = team("POST", "/rounds", json=body)
    assert answer.status_code == 422 and field in answer.json["errors"]


def test_an_unknown_questionnaire_is_not_found(team):
    body = {"year": 2026, "questionnaire_id": "x"}
    assert team("POST", "/rounds", json=body).status_code == 404
    known = team("GET", "/questionnaires").json["items"]
    assert [each["questionnaire_id"] for each in known][:2] == [
        "facilities-2026-2",
        "vertebral-2026",
    ]


def test_the_last_day_is_moved_with_a_reason_that_is_kept(team, caller):
    round_id = open_round(team, closes_on=day(1))
    path = f"/rounds/{round_id}/last-day"
    body = {"closes_on": day(9), **WHY}
    for _ in range(2):
        assert team("PUT", path, json=body).json["closes_on"] == day(9)
    assert team("PUT", path, json={"closes_on": day(-1), **WHY}).status_code == 422
    assert team("PUT", path, json={"closes_on": day(9)}).status_code == 422
    named = {"closes_on": day(8), "reason": "Because of 9990000018"}
    assert "reason" in team("PUT", path, json=named).json["errors"]
    assert caller("PUT", path, json=body).status_code == 403
    (change,) = team("GET", f"/rounds/{round_id}/changes").json["items"]
    assert (change["what"], change["reason"]) == ("last_day", WHY["reason"])
    assert change["details"] == {"from": day(1), "to": day(9)}


def test_a_closed_round_takes_nothing_until_it_is_opened_again(team, caller):
    round_id = open_round(team, closes_on=day(9))
    caller.save(round_id, 0, {"A4": "1"})
    for _ in range(2):
        assert team("POST", f"/rounds/{round_id}/closing", json=WHY).json["state"] == "closed"
    assert caller.save(round_id, 1, {"A4": "2"}).json["code"] == "round_closed"
    assert caller.read(round_id)["window"] == "closed"
    body = {"closes_on": day(3), **WHY}
    assert team("PUT", f"/rounds/{round_id}/last-day", json=body).json["state"] == "open"
    assert caller.save(round_id, 1, {"A4": "2"}).status_code == 200
    changes = team("GET", f"/rounds/{round_id}/changes").json["items"]
    assert [each["what"] for each in changes] == ["opened_again", "closed"]


def test_one_site_gets_more_time_and_is_told(team, caller, other_caller, site_id, databases):
    round_id = open_round(team, closes_on=day(-1))
    path = f"/rounds/{round_id}/sites/{site_id}/extension"
    assert caller("POST", path, json={"until_on": day(5), **WHY}).status_code == 403
    assert team("POST", path, json={"until_on": day(-1), **WHY}).status_code == 422
    assert team("POST", path, json={"until_on": day(5), **WHY}).status_code == 204
    ((told, whom),) = reminders(databases)
    assert (told["kind"], told["last_day"], whom) == ("extended", day(5), str(site_id))
    assert caller.save(round_id, 0, {"A4": "1"}).status_code == 200
    assert (caller.read(round_id)["window"], caller.read(round_id)["last_day"]) == ("open", day(5))
    assert other_caller.save(round_id, 0, {"A4": "1"}).json["code"] == "round_closed"
    sites = team("GET", f"/rounds/{round_id}/progress").json["items"]
    assert {each["code"]: each["extended_until"] for each in sites} == {"AHX": day(5), "BNT": None}


def test_answers_opened_after_the_round_need_a_last_day(team, caller, site_id, databases):
    round_id = open_round(team, closes_on=day(9))
    caller.answer_whole(round_id, SHORT)
    team("POST", f"/rounds/{round_id}/closing", json=WHY)
    path = f"/rounds/{round_id}/sites/{site_id}/reopening"
    assert "until_on" in team("POST", path, json=WHY).json["errors"]
    assert caller.read(round_id)["state"] == "submitted"
    assert team("POST", path, json={"until_on": day(2), **WHY}).status_code == 204
    assert [(data["kind"], data["last_day"]) for data, _ in reminders(databases)] == [
        ("reopened", day(2))
    ]
    page = caller.read(round_id)
    assert (page["state"], page["window"], page["last_day"]) == ("in_progress", "open", day(2))
    assert caller.answer_whole(round_id, {"K3": 7})["state"] == "submitted"


def test_the_timer_reminds_each_site_once_that_has_not_submitted(
    team, caller, other_caller, databases, engine, site_id, other_site_id
):
    round_id = open_round(team, closes_on=day(7), title="The audit")
    other_caller.save(round_id, 0, {"A4": "1"})
    for _ in range(2):
        send_reminders(engine)
    assert reminders(databases) == [
        (
            {
                "round_id": round_id,
                "title": "The audit",
                "kind": "7",
                "last_day": day(7),
                "is_begun": begun,
            },
            str(site),
        )
        for site, begun in sorted(((site_id, False), (other_site_id, True)))
    ]


def test_nobody_is_reminded_who_has_submitted_or_is_not_asked_or_not_to_be(
    team, caller, other_caller, hear, databases, engine, other_site_id
):
    round_id = open_round(team, closes_on=day(7))
    open_round(team, "quiet", closes_on=day(7), reminds=False)
    open_round(team, "over", closes_on=day(-1))
    open_round(team, "planned", opens_on=day(2))
    caller.answer_whole(round_id, SHORT)
    hear(make_site_event(other_site_id, 2, state="suspended"))
    send_reminders(engine)
    assert reminders(databases) == []


def test_the_audit_team_reminds_by_hand_once_a_day(team, caller, databases):
    round_id = open_round(team, closes_on=day(20))
    path = f"/rounds/{round_id}/reminders"
    assert caller("POST", path).status_code == 403
    assert (team("POST", path).json, team("POST", path).json) == ({"sites": 1}, {"sites": 0})
    assert [data["kind"] for data, _ in reminders(databases)] == ["asked"]
    team("POST", f"/rounds/{round_id}/closing", json=WHY)
    assert team("POST", path).json["code"] == "round_closed"
