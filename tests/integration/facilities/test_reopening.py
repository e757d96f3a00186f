"""All sites' answers: read by auditors and the audit team, opened again by the audit team alone."""

import json

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from tests.factories.facilities import COMPLETE

WHY = {"reason": "The number of people was of the whole region"}


@pytest.fixture
def auditor(make_caller):
    return make_caller(None, frozenset({"facilities.read_national"}))


def read(someone, round_id, site_id):
    return someone("GET", f"/rounds/{round_id}/sites/{site_id}/answers")


def reopen(someone, round_id, site_id, body=WHY):
    return someone("POST", f"/rounds/{round_id}/sites/{site_id}/reopening", json=body)


def submitted(caller, round_id):
    caller.answer_whole(round_id, COMPLETE)


def test_an_auditor_reads_every_sites_answers_and_progress(
    auditor, caller, other_caller, site_id, other_site_id, round_id
):
    caller.save(round_id, 0, {"A4": "1"})
    other_caller.save(round_id, 0, {"A4": "2"})
    mine, other = (read(auditor, round_id, each).json for each in (site_id, other_site_id))
    assert (mine["answers"], other["answers"]) == ({"A4": "1"}, {"A4": "2"})
    assert (mine["state"], other["site"]["name"]) == ("in_progress", "Barnet")
    assert auditor("GET", f"/rounds/{round_id}/progress").json["counts"]["in_progress"] == 2
    for path in ("", "/current", f"/{round_id}", f"/{round_id}/questionnaire"):
        assert auditor("GET", f"/rounds{path}").status_code == 200


def test_an_auditor_changes_nothing(auditor, caller, site_id, round_id):
    submitted(caller, round_id)
    assert reopen(auditor, round_id, site_id).status_code == 403
    assert auditor.save(round_id, 0, {"A4": "1"}).status_code == 403
    assert auditor.submit(round_id, 1).status_code == 403
    assert auditor("GET", f"/rounds/{round_id}/answers").status_code == 403


def test_a_site_reads_and_reopens_nothing_here_not_even_its_own(caller, site_id, round_id):
    submitted(caller, round_id)
    assert read(caller, round_id, site_id).status_code == 403
    assert reopen(caller, round_id, site_id).status_code == 403


def test_reopened_answers_are_changed_and_submitted_again(team, caller, site_id, round_id):
    submitted(caller, round_id)
    signed = caller.read(round_id)
    assert reopen(team, round_id, site_id).status_code == 204
    page = caller.read(round_id)
    assert (page["state"], page["version"]) == ("in_progress", signed["version"] + 1)
    assert page["answers"] == signed["answers"] and page["submitted_at"] is None
    saved = caller.save(round_id, page["version"], {"A4": "2"})
    caller.confirm_all(round_id)
    assert caller.submit(round_id, saved.json["version"]).json["state"] == "submitted"
    assert read(team, round_id, site_id).json["answers"]["A4"] == "2"


def test_what_was_signed_first_and_the_reason_are_kept(
    team, caller, other_caller, site_id, round_id, databases
):
    submitted(caller, round_id)
    submitted(other_caller, round_id)
    reopen(team, round_id, site_id)
    page = caller.read(round_id)
    caller.submit(round_id, page["version"])
    with psycopg.connect(databases.superuser_url("facilities")) as database:
        rows = database.execute(
            "SELECT version FROM submission WHERE site_id = %s ORDER BY version", (site_id,)
        ).fetchall()
        assert rows == [(page["version"] - 1,), (page["version"] + 1,)]
        kept = database.execute("SELECT site_id, reason, reopened_by FROM reopening").fetchall()
    assert kept == [(site_id, WHY["reason"], team.actor.account_id)]
    assert other_caller.read(round_id)["state"] == "submitted"


def test_there_is_nothing_to_reopen_before_a_submission_or_twice(team, caller, site_id, round_id):
    assert reopen(team, round_id, site_id).json["code"] == "not_submitted"
    submitted(caller, round_id)
    assert reopen(team, round_id, site_id).status_code == 204
    assert reopen(team, round_id, site_id).status_code == 409


def test_an_unknown_site_or_round_is_not_found(team, auditor, site_id, round_id):
    for someone in (team, auditor):
        assert read(someone, round_id, round_id).status_code == 404
        assert read(someone, site_id, site_id).status_code == 404
    assert reopen(team, round_id, round_id).status_code == 404


@pytest.mark.parametrize(
    "body", [{}, {"reason": ""}, {"reason": None}, {"reason": "x" * 301}, {"reason": "a\nb"}]
)
def test_reopening_wants_a_reason_on_one_line(team, caller, site_id, round_id, body):
    submitted(caller, round_id)
    answer = reopen(team, round_id, site_id, body)
    assert answer.status_code == 422 and "reason" in json.dumps(answer.json["errors"])
    assert caller.read(round_id)["state"] == "submitted"


@pytest.mark.parametrize(
    "statement", ["UPDATE reopening SET reason = 'x'", "DELETE FROM reopening"]
)
def test_a_reopening_cannot_be_unsaid(databases, statement):
    with (
        psycopg.connect(databases.url("facilities")) as database,
        pytest.raises(InsufficientPrivilege),
    ):
        database.execute(statement)
