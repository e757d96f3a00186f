"""Last round's answers, to be confirmed; what is held against the patient audit; the receipt."""

import hashlib
from datetime import date

import orjson
import pytest

from services.facilities.domain.comparing import months_before
from services.facilities.today import today_in_london
from tests.factories.facilities import (
    COMPLETE,
    IN_2019,
    SHORT,
    make_counts_event,
    make_site_event,
)


@pytest.fixture
def earlier(make_round):
    return make_round("2019", "facilities-2019", opens_on=date(2019, 9, 1))


def test_last_rounds_answers_are_proposed_exactly_and_count_once_confirmed(
    caller, other_caller, earlier, round_id
):
    caller.answer_whole(earlier, IN_2019)
    page = caller.read(round_id)
    proposed = {key: each["value"] for key, each in page["proposals"].items()}
    assert proposed == IN_2019 | {"A1": "RCF"}
    assert page["proposals"]["B2.nurse.6"]["source"] == "Facilities audit 2019"
    assert (page["answers"], page["answered_count"], page["state"]) == ({}, 0, "not_started")
    assert "B2" in page["asked"]
    caller.save(round_id, 0, {"D1": IN_2019["D1"], "D2": ["1"], "D3": None, "D4": ""})
    page = caller.read(round_id)
    assert page["answers"] == {"D1": ["2"], "D2": ["1"]}
    # What is turned down is not proposed again, and is still to be answered.
    assert {"D1", "D2", "D3", "D4"}.isdisjoint(page["proposals"])
    assert {f["code"] for f in page["findings"] if f["question"] in ("D3", "D4")} == {"missing"}
    assert "D1" not in other_caller.read(round_id)["proposals"]


def test_a_proposal_is_confirmed_by_saving_it_and_taken_away_for_good(caller, earlier, round_id):
    caller.answer_whole(earlier, IN_2019)
    caller.save(round_id, 0, {"A8": 210000})
    page = caller.save(round_id, 1, {"A8": None}).json
    assert "A8" not in page["answers"] and "A8" not in page["proposals"]


def test_what_changed_since_last_time_is_told(caller, earlier, round_id):
    assert caller("GET", f"/rounds/{round_id}/last-time").status_code == 404
    caller.answer_whole(earlier, IN_2019)
    untouched = caller("GET", f"/rounds/{round_id}/last-time").json
    assert untouched["differences"] == [] and untouched["answers"] == IN_2019
    assert {c["question"] for c in untouched["questions"] if c["kind"] == "changed"} == {
        "B2",
        "C1",
        "D4",
        "F1",
    }
    caller.save(round_id, 0, COMPLETE)
    told = caller("GET", f"/rounds/{round_id}/last-time").json["differences"]
    assert {each["key"]: (each["then"], each["now"]) for each in told} == {
        key: (IN_2019.get(key), COMPLETE.get(key))
        for key in IN_2019.keys() | COMPLETE.keys()
        if IN_2019.get(key) != COMPLETE.get(key)
    }


def test_nothing_is_carried_over_from_a_later_round_or_another_series(caller, make_round, round_id):
    later = make_round("2027", opens_on=date(2026, 2, 1))
    extra = make_round("sprint", "vertebral-2026", opens_on=date(2025, 1, 1))
    caller.answer_whole(later, COMPLETE)
    caller.answer_whole(extra, {"A3": "1", "D4": ["0"], "D5": ["3"]})
    assert {key for key in caller.read(round_id)["proposals"]} == {"A1", "A3"}


def test_answers_that_contradict_the_records_have_to_be_explained(
    caller, other_caller, hear, site_id, other_site_id, round_id
):
    month = months_before(today_in_london(), 3)
    hear(make_counts_event(site_id, {month: {"records": 40, "hip": 0, "falls_assessed": 40}}))
    hear(make_counts_event(other_site_id, {}))
    caller.save(round_id, 0, COMPLETE)
    found = [f for f in caller.read(round_id)["findings"] if f["level"] == "contradiction"]
    assert [(f["code"], f["question"]) for f in found] == [("P03", "C1")]
    refused = caller.confirm(round_id, "C", 1)
    assert refused.status_code == 422 and "40 fractures" in refused.json["errors"]["C1"][0]
    caller.save(round_id, 1, {"why.P03": "Hips are recorded by our other site."})
    caller.confirm_all(round_id)
    page = caller.submit(round_id, 2).json
    assert page["explanations"] == {"P03": "Hips are recorded by our other site."}
    other_caller.save(round_id, 0, SHORT)
    assert not [f for f in other_caller.read(round_id)["findings"] if f["level"] != "error"]


def test_newer_counts_take_the_place_of_older_ones_and_not_the_other_way(
    caller, hear, site_id, round_id
):
    month = months_before(today_in_london(), 3)
    caller.save(round_id, 0, COMPLETE)
    hear(make_counts_event(site_id, {month: {"records": 9}}, version=2))
    hear(make_counts_event(site_id, {}, version=1))
    hear(make_counts_event(site_id, {}, version=2))
    assert not [f for f in caller.read(round_id)["findings"] if f["level"] == "contradiction"]
    hear(make_counts_event(site_id, {}, version=3))
    found = [f for f in caller.read(round_id)["findings"] if f["level"] == "contradiction"]
    assert [f["code"] for f in found] == ["P01"]


def test_a_site_outside_the_patient_audit_is_compared_with_nothing(caller, hear, site_id, round_id):
    hear(make_site_event(site_id, 2, patient_audit=False))
    hear(make_counts_event(site_id, {}))
    caller.save(round_id, 0, COMPLETE)
    assert caller.read(round_id)["findings"] == []


def test_the_receipt_says_what_was_signed_and_its_digest_can_be_worked_out(
    caller, other_caller, round_id
):
    path = f"/rounds/{round_id}/receipt"
    assert caller("GET", path).status_code == 404
    caller.answer_whole(round_id, COMPLETE)
    receipt = caller("GET", path).json
    assert receipt["reference"] == "2026-AHX-2" and receipt["answers"] == COMPLETE
    assert receipt["submitted_by"] == str(caller.actor.account_id)
    names = ("reference", "questionnaire_id", "answers", "explanations", "derived")
    signed = orjson.dumps({n: receipt[n] for n in names}, option=orjson.OPT_SORT_KEYS)
    assert receipt["sha256"] == hashlib.sha256(signed).hexdigest()
    assert other_caller("GET", path).status_code == 404


def test_an_unknown_explanation_is_refused(caller, round_id):
    assert caller.save(round_id, 0, {"why.P99": "Because"}).status_code == 422
