"""What all sites answered: tables, files, and one's own site beside the others."""

import csv
import io

import pytest

from tests.factories.facilities import COMPLETE, SHORT, make_site_event


@pytest.fixture
def auditor(make_caller):
    return make_caller(None, frozenset({"facilities.read_national"}))


@pytest.fixture
def both_submitted(caller, other_caller, hear, other_site_id, round_id):
    hear(make_site_event(other_site_id, 2, code="BNT", name="=Barnet", nation="wales", region=""))
    caller.answer_whole(round_id, COMPLETE)
    other_caller.answer_whole(round_id, SHORT)


def counts(results, question):
    (found,) = [
        each for section in results["sections"] for each in section["questions"]
        if each["id"] == question
    ]  # fmt: skip
    return {line["code"]: line["count"] for line in found["lines"] if line["count"]}


def rows_of(answer):
    assert answer.content_type.startswith("text/csv")
    return list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))


def test_all_sites_are_counted_or_one_part_of_them(team, auditor, both_submitted, round_id):
    everyone = auditor("GET", f"/rounds/{round_id}/results").json
    assert (everyone["sites"], everyone["is_final"]) == (2, False)
    assert counts(everyone, "A3") == {"1": 1, "3": 1}
    assert (everyone["nations"], everyone["regions"]) == (["england", "wales"], ["West Yorkshire"])
    wales = team("GET", f"/rounds/{round_id}/results?nation=wales").json
    assert (wales["sites"], counts(wales, "A3")) == (1, {"3": 1})
    for part in ("region=West%20Yorkshire", "kind=hospital&nation=england"):
        assert team("GET", f"/rounds/{round_id}/results?{part}").json["sites"] == 1
    assert team("GET", f"/rounds/{round_id}/results?kind=network").json["sites"] == 0
    assert team("GET", f"/rounds/{round_id}/results?colour=red").status_code == 422


def test_a_draft_and_reopened_answers_are_not_counted(
    team, caller, other_caller, site_id, round_id
):
    caller.answer_whole(round_id, COMPLETE)
    other_caller.save(round_id, 0, SHORT)
    path = f"/rounds/{round_id}/results"
    assert team("GET", path).json["sites"] == 1
    reopening = f"/rounds/{round_id}/sites/{site_id}/reopening"
    assert team("POST", reopening, json={"reason": "A slip"}).status_code == 204
    assert team("GET", path).json["sites"] == 0


def test_a_site_sees_itself_beside_all_once_it_has_submitted(caller, other_caller, team, round_id):
    path = f"/rounds/{round_id}/own-results"
    other_caller.answer_whole(round_id, SHORT)
    refused = caller("GET", path)
    assert (refused.status_code, refused.json["code"]) == (409, "not_submitted")
    mine = other_caller("GET", path).json
    assert mine["answers"] == SHORT and counts(mine, "A3") == {"3": 1}
    assert caller("GET", f"/rounds/{round_id}/results").status_code == 403
    team("POST", f"/rounds/{round_id}/closing", json={"reason": "Over"})
    assert caller("GET", path).json["is_final"] is True


def test_the_data_and_their_definitions_fit_together(team, auditor, both_submitted, round_id):
    data = rows_of(team("GET", f"/rounds/{round_id}/data.csv"))
    definitions = rows_of(auditor("GET", f"/rounds/{round_id}/definitions.csv"))
    assert [line[1] for line in definitions[1:]] == data[0]
    first, second = (dict(zip(data[0], line, strict=True)) for line in data[1:])
    assert (first["site_code"], first["A3"], first["B3_nurse"]) == ("AHX", "Yes", "1.6")
    assert (second["site_name"], second["A3"], second["K3"]) == ("'=Barnet", "No", "320")
    assert "sam@example.nhs.uk" not in team("GET", f"/rounds/{round_id}/data.csv").text


def test_sites_have_no_data_of_others(caller, both_submitted, round_id):
    assert caller("GET", f"/rounds/{round_id}/data.csv").status_code == 403
    assert caller("GET", f"/rounds/{round_id}/definitions.csv").status_code == 200
