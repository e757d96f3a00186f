"""Sections: owners, confirmations, comments; and several people at once in one grid."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.factories.facilities import COMPLETE, SHORT


@pytest.fixture
def respondent(make_caller, site_id):
    return make_caller(site_id, frozenset({"facilities.read", "facilities.answer"}))


def sections(caller, round_id):
    return {each["section"]: each for each in caller.read(round_id)["sections"]}


def own(someone, round_id, section, owner):
    body = {"owner": str(owner) if owner else None}
    return someone("PUT", f"/rounds/{round_id}/sections/{section}/owner", json=body)


def test_a_section_is_taken_and_given_back_and_the_lead_gives_it_to_anybody(
    caller, respondent, other_caller, round_id
):
    me, lead = respondent.actor.account_id, caller.actor.account_id
    assert own(respondent, round_id, "B", me).status_code == 204
    assert own(respondent, round_id, "B", me).status_code == 204
    assert sections(caller, round_id)["B"]["owner"] == str(me)
    assert own(respondent, round_id, "C", lead).status_code == 403
    assert own(caller, round_id, "C", lead).status_code == 204
    assert own(respondent, round_id, "C", me).status_code == 403
    assert own(respondent, round_id, "C", None).status_code == 403
    assert own(caller, round_id, "C", me).status_code == 204
    assert own(respondent, round_id, "B", None).status_code == 204
    owners = {name: each["owner"] for name, each in sections(caller, round_id).items()}
    assert (owners["B"], owners["C"]) == (None, str(me))
    assert {each["owner"] for each in sections(other_caller, round_id).values()} == {None}


def test_a_section_that_is_not_there_is_not_found(caller, round_id):
    assert own(caller, round_id, "Z", None).status_code == 404
    assert caller.confirm(round_id, "Z", 0).status_code == 404


def test_an_incomplete_section_cannot_be_confirmed_and_says_why(caller, round_id):
    caller.save(round_id, 0, {**COMPLETE, "E2_weeks": "soon", "E1": None})
    answer = caller.confirm(round_id, "E", 1)
    assert answer.status_code == 422 and set(answer.json["errors"]) == {"E1", "E2_weeks"}
    assert sections(caller, round_id)["E"]["state"] == "in_progress"


def test_a_section_that_is_not_asked_cannot_be_confirmed(caller, round_id):
    caller.save(round_id, 0, COMPLETE)
    answer = caller.confirm(round_id, "K", 1)
    assert answer.status_code == 422 and "leave this section out" in answer.json["detail"]


def test_a_confirmation_lasts_until_an_answer_of_the_section_changes(caller, respondent, round_id):
    caller.save(round_id, 0, COMPLETE)
    first, again = respondent.confirm(round_id, "D", 1), respondent.confirm(round_id, "D", 1)
    assert (first.status_code, again.status_code) == (200, 200)
    confirmed = sections(caller, round_id)["D"]
    assert confirmed["state"] == "confirmed"
    assert confirmed["confirmed_by"] == str(respondent.actor.account_id)
    caller.save(round_id, 1, {"E1": ["1"]})
    assert sections(caller, round_id)["D"]["state"] == "confirmed"
    caller.save(round_id, 2, {"D1": ["1"]})
    assert sections(caller, round_id)["D"] | {"owner": None} == {
        **confirmed,
        "state": "ready",
        "confirmed_at": None,
        "confirmed_by": None,
    }


def test_what_somebody_changed_meanwhile_is_not_confirmed_unseen(caller, respondent, round_id):
    caller.save(round_id, 0, COMPLETE)
    respondent.save(round_id, 1, {"D1": ["1"], "E1": ["1"]})
    answer = caller.confirm(round_id, "D", 1)
    assert (answer.status_code, answer.json["code"]) == (409, "version_moved")
    assert caller.confirm(round_id, "F", 1).status_code == 200


def test_a_confirmation_is_withdrawn(caller, round_id):
    caller.save(round_id, 0, COMPLETE)
    caller.confirm(round_id, "D", 1)
    path = f"/rounds/{round_id}/sections/D/confirmation"
    assert caller("DELETE", path).status_code == 204
    assert caller("DELETE", path).status_code == 204
    assert sections(caller, round_id)["D"]["state"] == "ready"


def test_nothing_is_submitted_while_a_section_is_not_confirmed(caller, round_id):
    caller.save(round_id, 0, SHORT)
    assert caller.confirm(round_id, "A", 1).status_code == 200
    answer = caller.submit(round_id, 1)
    assert answer.status_code == 422
    assert answer.json["errors"] == {
        "section.K": ["Confirm the section “Without a fracture liaison service” first."]
    }
    assert caller.confirm(round_id, "K", 1).status_code == 200
    assert caller.submit(round_id, 1).json["state"] == "submitted"


def test_submitted_sections_stand(caller, round_id):
    caller.answer_whole(round_id, SHORT)
    assert own(caller, round_id, "A", None).json["code"] == "submitted"
    assert caller.confirm(round_id, "A", 2).json["code"] == "submitted"


def test_two_people_fill_in_two_cells_of_one_grid_from_the_same_old_page(
    caller, respondent, round_id
):
    caller.save(round_id, 0, {"A3": "1", "B2.nurse.6": 1})
    assert caller.save(round_id, 1, {"B2.nurse.7": "0.6"}).status_code == 200
    assert respondent.save(round_id, 1, {"B2.administrator.3": 0.5}).status_code == 200
    clash = respondent.save(round_id, 1, {"B2.nurse.7": 1})
    assert clash.json["conflicts"] == {"B2.nurse.7": {"theirs": 0.6, "yours": 1.0}}
    page = caller.read(round_id)
    assert {key: page["answers"][key] for key in page["answers"] if key.startswith("B2")} == {
        "B2.nurse.6": 1.0,
        "B2.nurse.7": 0.6,
        "B2.administrator.3": 0.5,
    }
    assert page["derived"]["B3_all"] == 2.1


def test_many_people_in_one_grid_at_once_lose_nothing(make_caller, site_id, round_id):
    cells = [f"B2.{role}.{band}" for role in ("nurse", "radiographer") for band in "34567"]

    def save(number):
        return make_caller(site_id).save(round_id, 0, {cells[number]: number + 1}).status_code

    with ThreadPoolExecutor(10) as people:
        assert set(people.map(save, range(10))) == {200}
    answers = make_caller(site_id).read(round_id)["answers"]
    assert answers == {cell: float(number + 1) for number, cell in enumerate(cells)}


def test_comments_stand_beside_their_question_with_who_and_when(
    caller, respondent, other_caller, round_id
):
    path = f"/rounds/{round_id}/comments"
    body = {"question": "B2", "words": "One post\nis vacant"}
    assert respondent("POST", path, json=body).status_code == 201
    caller("POST", path, json={"question": "B2", "words": "Leave it out then"})
    other_caller("POST", path, json={"question": "B2", "words": "Another site"})
    found = caller("GET", path).json["items"]
    assert [each["words"] for each in found] == ["One post\nis vacant", "Leave it out then"]
    assert found[0]["written_by"] == str(respondent.actor.account_id)
    assert found[0]["written_at"].endswith("Z")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"question": "Z9", "words": "x"}, 404),
        ({"question": "B2", "words": ""}, 422),
        ({"question": "B2", "words": "x" * 1001}, 422),
        ({"question": "B2", "words": "nul \x00"}, 422),
        ({"question": "B2", "words": "As for 999 000 0018"}, 422),
        ({"question": "B2"}, 422),
    ],
)
def test_a_comment_that_is_none_is_refused(caller, round_id, body, status):
    assert caller("POST", f"/rounds/{round_id}/comments", json=body).status_code == status
    assert caller("GET", f"/rounds/{round_id}/comments").json["items"] == []
