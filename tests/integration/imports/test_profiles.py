"""Set up once, then quick: a file's own headings and answers, remembered for the next file."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from services.imports.handlers import sweeper
from tests.factories.imports import csv_bytes, make_row
from tests.integration.imports.conftest import RIGHTS, Api, World

OWN = ["Hospital no", "NHS", "Born", "Sex of patient", "Fracture found", "Bone", "Consultant"]
KEYS = ("local_id", "nhs_number", "date_of_birth", "gender", "date_index_diagnosed", "site_1")
SETUP: dict[str, Any] = {
    "name": "PAS export",
    "columns": {str(place): key for place, key in enumerate((*KEYS, ""))},
    "values": {"gender": {"W": "2", "Man": "1"}, "site_1": {"Wr": "1"}},
}


@pytest.fixture
def api(world: World) -> Api:
    return world.api(world.site("BNT"))


def own_file(*, first: int = 0, rows: int = 3, headings: list[str] = OWN) -> bytes:
    """A file as a hospital's own system writes it: no heading and no answer of ours."""
    made = [
        make_row(at, gender="W" if at % 2 else "man", site_1="wr") | {"x": "Dr Grey"}
        for at in range(first, first + rows)
    ]
    return csv_bytes(made, keys=[*KEYS, "x"], headings=headings)


def sent(world: World, api: Api, data: bytes) -> dict[str, Any]:
    import_id = api.upload(data).json["import_id"]
    world.run()
    found: dict[str, Any] = api.get(f"/imports/{import_id}")
    return found


def set_up(world: World, api: Api, import_id: str, **changes: Any) -> dict[str, Any]:
    answer = api("PUT", f"/imports/{import_id}/setup", json={**SETUP, **changes})
    assert answer.status_code == 200, answer.text
    again = api("POST", f"/imports/{import_id}/again")
    assert again.status_code == 201, again.text
    world.run()
    found: dict[str, Any] = api.get(f"/imports/{again.json['import_id']}")
    return found


def test_the_page_is_offered_headings_and_answers_beside_ours(world: World, api: Api) -> None:
    refused = sent(world, api, own_file(headings=["Local ID no", *OWN[1:]]))
    assert (refused["state"], refused["file_kept"]) == ("refused", True)
    answer = api.get(f"/imports/{refused['import_id']}/setup")
    assert answer["profile"] is None
    columns = answer["columns"]
    assert [column["heading"] for column in columns] == ["Local ID no", *OWN[1:]]
    assert columns[0]["proposed"] == "local_id"
    assert columns[3]["values"] == ["man", "W"]
    assert all(text.startswith("•") for text in columns[0]["values"])


def test_a_file_that_was_set_up_is_checked_again_and_the_next_without_a_question(
    world: World, api: Api
) -> None:
    refused = sent(world, api, own_file())
    found = set_up(world, api, refused["import_id"])
    assert (found["state"], found["counts"]["new"], found["counts"]["rejected"]) == (
        "checked",
        3,
        0,
    )
    assert found["profile_version"] == 1
    following = sent(world, api, own_file(first=3, rows=4))
    assert (following["state"], following["counts"]["new"]) == ("checked", 4)
    assert following["profile_id"] == found["profile_id"]
    assert following["file_findings"] == []
    answer = api.get(f"/imports/{following['import_id']}/setup")
    assert (answer["profile"]["name"], answer["profile"]["version"]) == ("PAS export", 1)
    assert [column["key"] for column in answer["columns"]] == [*KEYS, None]
    assert all(column["not_known"] == {} for column in answer["columns"])


def test_a_set_up_is_the_sites_and_of_one_shape_of_file(world: World, api: Api) -> None:
    set_up(world, api, sent(world, api, own_file())["import_id"])
    colleague = world.api(api.actor.site_id)  # type: ignore[union-attr]
    assert sent(world, colleague, own_file(first=5))["state"] == "checked"
    stranger = world.api(world.site("XYZ"))
    assert sent(world, stranger, own_file(first=5))["state"] == "refused"
    assert stranger.get("/profiles")["items"] == []
    other = [*OWN[:-1], "Nurse"]
    assert sent(world, api, own_file(first=9, headings=other))["state"] == "refused"
    assert sent(world, api, own_file(first=9, headings=[h.upper() for h in OWN]))["state"] == (
        "checked"
    )


def test_what_is_left_open_stays_an_error_until_it_is_set_up_anew(world: World, api: Api) -> None:
    refused = sent(world, api, own_file())
    found = set_up(world, api, refused["import_id"], values={"gender": {"W": "2"}})
    assert found["counts"]["rejected"] == 3
    asked = api.get(f"/imports/{found['import_id']}/setup")["columns"]
    assert asked[3]["not_known"] == {"man": "1"}
    again = set_up(world, api, found["import_id"])
    assert (again["counts"]["rejected"], again["profile_version"]) == (0, 2)
    before = api.get(f"/imports/{found['import_id']}")
    assert (before["state"], before["file_kept"]) == ("cancelled", False)
    assert [profile["version"] for profile in api.get("/profiles")["items"]] == [2]


def test_empty_cells_may_mean_that_an_answer_is_cleared(world: World, api: Api) -> None:
    data = csv_bytes([make_row(0)], keys=[*KEYS, "smoker"], headings=[*OWN[:-1], "Smokes"])
    refused = sent(world, api, data)
    columns = {str(place): key for place, key in enumerate((*KEYS, "smoker"))}
    found = set_up(world, api, refused["import_id"], columns=columns, values={}, blank="clear")
    ((row,),) = world.records.batches[UUID(found["import_id"])].values()
    assert row[2] == ["smoker"]


def test_dates_are_read_as_the_set_up_says(world: World, api: Api) -> None:
    rows = [
        make_row(at, date_of_birth="03/14/1950", date_index_diagnosed="02/03/2024")
        for at in range(2)
    ]
    data = csv_bytes(rows, keys=KEYS, headings=OWN[:-1])
    refused = sent(world, api, data)
    columns = {str(place): key for place, key in enumerate(KEYS)}
    found = set_up(world, api, refused["import_id"], columns=columns, values={}, date_order="mdy")
    assert found["state"] == "checked"
    assert {(d["order"], d["settled_by"]) for d in found["dates"]} == {("mdy", "profile")}


@pytest.mark.parametrize(
    "wrong",
    [
        {"columns": {"0": "gender", "1": "gender"}},
        {"columns": {"0": "no_field"}},
        {"columns": {"99": "gender"}},
        {"values": {"gender": {"W": "7"}}},
        {"values": {"nhs_number": {"W": "1"}}},
        {"name": ""},
        {"blank": "perhaps"},
    ],
)
def test_what_makes_no_sense_is_not_saved(world: World, api: Api, wrong: dict[str, Any]) -> None:
    refused = sent(world, api, own_file())
    path = f"/imports/{refused['import_id']}/setup"
    assert api("PUT", path, json={**SETUP, **wrong}).status_code == 422
    assert api.get("/profiles")["items"] == []


def test_setting_up_is_for_who_may_upload_at_the_site_of_the_file(world: World, api: Api) -> None:
    path = f"/imports/{sent(world, api, own_file())['import_id']}"
    stranger = world.api(world.site("XYZ"))
    reader = world.api(api.actor.site_id, RIGHTS - {"records.import"})  # type: ignore[union-attr]
    for caller, code in ((stranger, 404), (reader, 403)):
        assert caller("GET", f"{path}/setup").status_code == code
        assert caller("PUT", f"{path}/setup", json=SETUP).status_code == code
        assert caller("POST", f"{path}/again").status_code == code


def test_a_stored_file_is_not_checked_again(world: World, api: Api) -> None:
    found = set_up(world, api, sent(world, api, own_file())["import_id"])
    api("POST", f"/imports/{found['import_id']}/confirmation")
    world.run()
    assert api("POST", f"/imports/{found['import_id']}/again").status_code == 409


def test_files_are_deleted_when_their_time_is_over_and_ledgers_stay(world: World, api: Api) -> None:
    bad = csv_bytes([make_row(0, gender="perhaps"), make_row(1)], keys=KEYS)
    old = api.upload(bad, confirm="automatic").json["import_id"]
    waiting = api.upload(own_file()).json["import_id"]
    forgotten = api.upload(csv_bytes([make_row(3)], keys=KEYS)).json["import_id"]
    world.run()
    fresh = api.upload(csv_bytes([make_row(4)], keys=KEYS)).json["import_id"]
    world.run()
    world.look.rows(
        "UPDATE import SET ended_at = ended_at - interval '31 days', "
        "asked_at = asked_at - interval '31 days' WHERE import_id <> %s RETURNING 1",
        fresh,
    )
    for _ in range(2):
        sweeper(world.settings)(world.engine)
    states = {each: api.get(f"/imports/{each}") for each in (old, waiting, forgotten, fresh)}
    assert [each["file_kept"] for each in states.values()] == [False, False, False, True]
    assert states[forgotten]["state"] == "cancelled"
    assert "Nobody confirmed" in states[forgotten]["failure"]
    assert states[old]["counts"]["received"] == 2
    assert [line["kind"] for line in states[old]["history"]][-1] == "file_deleted"
    (finding,) = api.get(f"/imports/{old}/findings")["items"]
    assert (finding["code"], finding["value_masked"]) == ("T03", None)
    assert api("GET", f"/imports/{old}/copy").status_code == 404
    assert api("GET", f"/imports/{waiting}/setup").status_code == 404
    assert world.look.count("upload_part") == 1
