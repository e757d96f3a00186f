"""Answers: drafts, history, conflicts, submission, and who may see and write them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest

from services.facilities.today import today_in_london
from tests.factories.facilities import COMPLETE, make_site_event


def test_before_the_first_save_there_is_nothing_but_what_is_asked(caller, round_id):
    page = caller.read(round_id)
    assert (page["state"], page["version"], page["answers"]) == ("not_started", 0, {})
    assert page["proposals"] == {
        "A1": {"value": "RCF", "source": "registration"},
        "A3": {"value": "1", "source": "registration"},
    }
    assert page["asked"][:5] == ["A1", "A3", "A2", "A4", "A5"]
    assert {finding["code"] for finding in page["findings"]} == {"missing", "to_confirm"}


def test_a_draft_is_kept_with_what_is_wrong_in_it(caller, other_caller, round_id):
    saved = caller.save(round_id, 0, {"A3": "1", "A8": "about 300", "A2": "  The service "})
    assert saved.status_code == 200
    page = caller.read(round_id)
    assert saved.json == {**page, "changed": ["A3", "A8", "A2"]}
    assert (page["state"], page["version"]) == ("in_progress", 1)
    assert page["answers"] == {"A3": "1", "A8": "about 300", "A2": "The service"}
    assert ("A8", "not_a_number") in {(f["question"], f["code"]) for f in page["findings"]}
    assert other_caller.read(round_id)["answers"] == {}


def test_what_is_not_sent_stays_and_null_takes_back(caller, round_id):
    caller.save(round_id, 0, {"A1": "RCF", "A4": "1"})
    page = caller.save(round_id, 1, {"A4": None}).json
    assert page["answers"] == {"A1": "RCF"} and page["version"] == 2


def test_saving_a_page_unchanged_changes_nothing(caller, round_id):
    caller.save(round_id, 0, COMPLETE)
    assert caller.save(round_id, 1, COMPLETE).json["version"] == 1
    assert caller("GET", f"/rounds/{round_id}/answers/history").json["total"] == len(COMPLETE)


def test_every_change_is_remembered_with_who_old_and_new(
    caller, other_caller, make_caller, site_id, round_id
):
    colleague = make_caller(site_id)
    caller.save(round_id, 0, {"A4": "1"})
    colleague.save(round_id, 1, {"A4": "2"})
    caller.save(round_id, 2, {"A4": ""})
    other_caller.save(round_id, 0, {"A4": "3"})
    history = caller("GET", f"/rounds/{round_id}/answers/history?page_size=2").json
    assert history["total"] == 3
    assert [(h["old"], h["new"], h["version"]) for h in history["items"]] == [
        ("2", None, 3),
        ("1", "2", 2),
    ]
    assert history["items"][1]["changed_by"] == str(colleague.actor.account_id)


def test_an_older_page_cannot_undo_a_newer_answer(caller, make_caller, site_id, round_id):
    colleague = make_caller(site_id)
    caller.save(round_id, 0, {"A4": "1", "A8": 200000})
    colleague.save(round_id, 1, {"A8": 210000})
    answer = caller.save(round_id, 1, {"A4": "2", "A8": 220000})
    assert answer.status_code == 409
    assert answer.json["code"] == "version_moved" and answer.json["version"] == 2
    assert answer.json["conflicts"] == {"A8": {"theirs": 210000, "yours": 220000}}
    assert caller.read(round_id)["answers"] == {"A4": "1", "A8": 210000}


def test_an_older_form_that_sends_all_its_fields_undoes_nothing_that_it_did_not_touch(
    caller, make_caller, site_id, round_id
):
    caller.save(round_id, 0, {"A4": "1", "A8": 200000, "A7": "1"})
    make_caller(site_id).save(round_id, 1, {"A8": 210000, "A7": None})
    answer = caller.save(round_id, 1, {"A4": "2", "A8": 200000, "A7": "1"})
    assert answer.status_code == 200 and answer.json["changed"] == ["A4"]
    assert answer.json["answers"] == {"A4": "2", "A8": 210000}


def test_a_form_that_saves_itself_meanwhile_does_not_get_in_its_own_way(
    caller, make_caller, site_id, round_id
):
    caller.save(round_id, 0, {"A4": "1", "A8": 200000})
    first = caller.save(round_id, 1, {"A4": "1", "A8": 220000})
    seen = dict.fromkeys(first.json["changed"], first.json["version"])
    make_caller(site_id).save(round_id, 2, {"A4": "3"})
    body = {"version": 1, "seen": seen, "answers": {"A4": "1", "A8": 200000}}
    again = caller("PUT", f"/rounds/{round_id}/answers", json=body)
    assert again.json["changed"] == ["A8"]
    assert again.json["answers"] == {"A4": "3", "A8": 200000}


def test_an_older_page_may_answer_what_nobody_touched(caller, make_caller, site_id, round_id):
    caller.save(round_id, 0, {"A4": "1"})
    make_caller(site_id).save(round_id, 1, {"A8": 210000})
    answer = caller.save(round_id, 1, {"A4": "2"})
    assert answer.status_code == 200
    assert answer.json["answers"] == {"A4": "2", "A8": 210000}


def test_twelve_people_saving_at_once_lose_nothing(make_caller, site_id, round_id):
    questions = list(COMPLETE)

    def save(number):
        question = questions[number % len(questions)]
        answer = make_caller(site_id).save(round_id, 0, {question: COMPLETE[question]})
        return answer.status_code

    with ThreadPoolExecutor(12) as people:
        outcomes = list(people.map(save, range(2 * len(questions))))
    page = make_caller(site_id).read(round_id)
    assert set(outcomes) == {200}
    assert page["answers"] == COMPLETE and page["version"] == len(COMPLETE)


def test_of_people_changing_one_answer_at_once_exactly_one_wins(make_caller, site_id, round_id):
    def save(number):
        return make_caller(site_id).save(round_id, 0, {"A2": f"Name {number}"})

    with ThreadPoolExecutor(8) as people:
        answers = list(people.map(save, range(8)))
    winners = [answer for answer in answers if answer.status_code == 200]
    assert len(winners) == 1
    kept = make_caller(site_id).read(round_id)["answers"]["A2"]
    assert kept == winners[0].json["answers"]["A2"]
    losers = [
        answer.json["conflicts"]["A2"]["theirs"]
        for answer in answers
        if answer.json != winners[0].json
    ]
    assert losers == [kept] * 7


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"version": 0},
        {"version": -1, "answers": {}},
        {"version": "1", "answers": {}},
        {"version": 0, "answers": []},
        {"version": 0, "answers": {"A1": {"x": 1}}},
        {"version": 0, "answers": {"A1": True}},
        {"version": 0, "answers": {"A1": [1]}},
        {"version": 0, "answers": {"Z9": "1"}},
        {"version": 0, "answers": {"A1\u0000": "1"}},
        {"version": 0, "answers": {}, "more": 1},
    ],
)
def test_a_body_of_another_shape_is_refused_and_nothing_stored(caller, round_id, body):
    answer = caller("PUT", f"/rounds/{round_id}/answers", json=body)
    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json" and answer.json["errors"]
    assert caller.read(round_id)["state"] == "not_started"


@pytest.mark.parametrize("value", ["x" * 100_000, "\x00", "1" * 3000, 10**300, -1])
def test_no_value_makes_it_fall_over(caller, round_id, value):
    assert caller.save(round_id, 0, {"A8": value, "A2": value}).status_code == 200
    assert caller.read(round_id)["state"] in {"in_progress", "not_started"}


@pytest.mark.parametrize("value", ["\ud800", 10**400], ids=["half a pair", "endless number"])
def test_a_value_that_json_should_not_carry_is_refused(caller, round_id, value):
    assert caller.save(round_id, 0, {"A2": value}).status_code == 400
    assert caller.read(round_id)["state"] == "not_started"


def test_an_incomplete_answer_set_is_not_submitted(caller, round_id):
    caller.save(round_id, 0, {**COMPLETE, "A8": "many", "A1": None})
    answer = caller.submit(round_id, 1)
    assert answer.status_code == 422
    assert set(answer.json["errors"]) == {"A1", "A8"}
    assert caller.read(round_id)["state"] == "in_progress"


def test_nothing_saved_is_not_submitted(caller, round_id):
    assert caller.submit(round_id, 0).status_code == 422
    assert caller.read(round_id)["state"] == "not_started"


def test_a_submitted_answer_set_is_locked(caller, other_caller, round_id):
    caller.save(round_id, 0, COMPLETE)
    caller.confirm_all(round_id)
    submitted = caller.submit(round_id, 1)
    assert submitted.status_code == 200 and submitted.json["state"] == "submitted"
    assert submitted.json["submitted_at"].endswith("Z")
    late = caller.save(round_id, 2, {"A4": "2"})
    assert (late.status_code, late.json["code"]) == (409, "submitted")
    assert caller.read(round_id)["answers"] == COMPLETE
    assert other_caller.read(round_id)["state"] == "not_started"


def test_submitting_twice_is_submitting_once(caller, make_caller, site_id, round_id, databases):
    caller.save(round_id, 0, COMPLETE)
    caller.confirm_all(round_id)
    first, again = caller.submit(round_id, 1), caller.submit(round_id, 1)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json == again.json
    assert make_caller(site_id).submit(round_id, 1).json["code"] == "submitted"
    with psycopg.connect(databases.superuser_url("facilities")) as database:
        assert database.execute("SELECT count(*) FROM submission").fetchone() == (1,)


def test_what_somebody_saved_since_is_not_signed_unseen(caller, make_caller, site_id, round_id):
    caller.save(round_id, 0, COMPLETE)
    make_caller(site_id).save(round_id, 1, {"A8": 230000})
    answer = caller.submit(round_id, 1)
    assert (answer.status_code, answer.json["code"]) == (409, "version_moved")


def test_hidden_answers_are_kept_in_the_draft_and_never_submitted(caller, round_id, databases):
    caller.save(round_id, 0, {**COMPLETE, "A7": "5", "A7_other": "A grant"})
    caller.save(round_id, 1, {"A3": "3", "K1": ["2"], "K3": 0})
    assert caller.read(round_id)["answers"]["A7_other"] == "A grant"
    caller.confirm_all(round_id)
    page = caller.submit(round_id, 2).json
    assert page["proposals"] == {}
    assert set(page["answers"]) == {"A1", "A3", "A4", "A6", "A9_name", "A9_email", "K1", "K3"}
    with psycopg.connect(databases.superuser_url("facilities")) as database:
        (signed,) = database.execute("SELECT answers FROM submission").fetchone()
    assert signed == page["answers"]


@pytest.mark.parametrize("state", ["suspended", "closed"])
def test_a_site_that_is_not_approved_can_read_and_not_answer(
    caller, hear, site_id, round_id, state
):
    caller.save(round_id, 0, COMPLETE)
    hear(make_site_event(site_id, 2, state=state))
    refused = caller.save(round_id, 1, {"A4": "2"})
    assert refused.status_code == 403 and state in refused.json["detail"]
    assert caller.submit(round_id, 1).status_code == 403
    assert caller.read(round_id)["answers"] == COMPLETE


def test_a_site_that_we_have_not_heard_of_is_asked_to_wait(make_caller, round_id):
    answer = make_caller(uuid4()).save(round_id, 0, {"A4": "1"})
    assert answer.status_code == 503 and answer.headers["Retry-After"] == "5"


def test_a_closed_round_takes_no_answers(caller, team):
    today = today_in_london()
    for name, opens, closes, code in (
        ("closed", -9, -1, "round_closed"),
        ("planned", 1, 9, "round_not_open"),
    ):
        dates = {
            "opens_on": (today + timedelta(opens)).isoformat(),
            "closes_on": (today + timedelta(closes)).isoformat(),
        }
        body = {"year": 2026, "name": name, **dates}
        round_id = team("POST", "/rounds", json=body).json["round_id"]
        for answer in (caller.save(round_id, 0, COMPLETE), caller.submit(round_id, 0)):
            assert (answer.status_code, answer.json["code"]) == (409, code)


def test_each_right_opens_its_own_door_only(make_caller, site_id, team, round_id):
    reader = make_caller(site_id, frozenset({"facilities.read"}))
    writer = make_caller(site_id, frozenset({"facilities.answer"}))
    assert reader("GET", f"/rounds/{round_id}/answers").status_code == 200
    assert reader.save(round_id, 0, {}).status_code == 403
    assert writer.save(round_id, 0, {"A4": "1"}).status_code == 200
    assert writer.submit(round_id, 1).status_code == 403
    assert writer("GET", f"/rounds/{round_id}/answers").status_code == 403
    assert team("GET", f"/rounds/{round_id}/answers").status_code == 403


def test_an_account_of_no_site_has_no_answers(make_caller, round_id):
    nowhere = make_caller(None)
    assert nowhere("GET", f"/rounds/{round_id}/answers").status_code == 403


def test_a_visitor_sees_the_description_of_the_api_and_nothing_else(app, round_id):
    visitor = app.test_client()
    assert visitor.get("/api/facilities/v1/openapi.json").status_code == 200
    for path in ("", "/current", f"/{round_id}/answers", f"/{round_id}/progress"):
        assert visitor.get(f"/api/facilities/v1/rounds{path}").status_code == 401
