"""The annotated copy: the file's own rows with what was found, to be mended and sent again."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from openpyxl import load_workbook

from services.imports.domain.annotating import ADDED
from tests.factories.imports import KEYS, csv_bytes, make_row
from tests.integration.imports.conftest import RIGHTS, Api, World

BAD = csv_bytes(
    [
        make_row(0),
        make_row(1, gender="perhaps", local_id="=1+1"),
        make_row(2),
        make_row(3, date_of_birth="30/02/1940"),
    ]
)
FORMS = {
    "commas": BAD,
    "tabs": BAD.replace(b",", b"\t"),
    "UTF-16": BAD.decode().encode("utf-16"),
    "title lines": b"Fracture audit\r\n\r\n" + BAD,
}


@pytest.fixture
def api(world: World) -> Api:
    return world.api(world.site("BNT"))


def checked(world: World, api: Api, data: bytes) -> str:
    import_id = str(api.upload(data).json["import_id"])
    world.run()
    return import_id


def copy(api: Api, import_id: str, **query: Any) -> bytes:
    answer = api("GET", f"/imports/{import_id}/copy", query_string=query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.data


def rows_of(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("data", FORMS.values(), ids=FORMS)
def test_the_copy_has_the_rows_of_the_file_with_what_was_found(
    world: World, api: Api, data: bytes
) -> None:
    import_id = checked(world, api, data)
    headings, *rows = rows_of(copy(api, import_id))
    assert headings[-3:] == list(ADDED)
    first = 4 if data.startswith(b"Fracture") else 2
    assert [row[-3] for row in rows] == [str(first + at) for at in range(4)]
    assert [bool(row[-2]) for row in rows] == [False, True, False, True]
    assert "T03 1.03 Gender" in rows[1][-2]
    assert rows[1][0] == "'=1+1"
    assert rows[1][3] == "perhaps"
    only = rows_of(copy(api, import_id, rows="rejected"))
    assert only == [headings, rows[1], rows[3]]


def test_a_mended_copy_is_taken_as_it_is(world: World, api: Api) -> None:
    import_id = checked(world, api, BAD)
    mended = copy(api, import_id, rows="rejected")
    mended = mended.replace(b"perhaps", b"2").replace(b"30/02/1940", b"28/02/1940")
    again = api.get(f"/imports/{checked(world, api, mended)}")
    assert (again["state"], again["file_findings"]) == ("checked", [])
    assert (again["counts"]["received"], again["counts"]["rejected"]) == (2, 0)
    headings = rows_of(copy(api, again["import_id"]))[0]
    assert headings[-3:] == list(ADDED) and len(headings) == len(KEYS) + 3


def test_the_copy_as_a_workbook_keeps_every_text(world: World, api: Api) -> None:
    import_id = checked(world, api, BAD)
    book = load_workbook(io.BytesIO(copy(api, import_id, format="xlsx")))
    rows = [["" if c is None else c for c in row] for row in book.active.values]
    assert rows == rows_of(copy(api, import_id))
    again = api.get(f"/imports/{checked(world, api, copy(api, import_id, format='xlsx'))}")
    assert (again["state"], again["counts"]["received"]) == ("checked", 4)


def test_who_takes_a_copy_stands_in_the_history(world: World, api: Api) -> None:
    import_id = checked(world, api, BAD)
    copy(api, import_id)
    line = api.get(f"/imports/{import_id}")["history"][-1]
    assert (line["kind"], line["by"]) == ("downloaded", str(api.actor.account_id))  # type: ignore[union-attr]


def test_a_copy_is_for_who_may_upload_at_the_site_of_the_file(world: World, api: Api) -> None:
    import_id = checked(world, api, BAD)
    path = f"/imports/{import_id}/copy"
    assert world.api(world.site("XYZ"))("GET", path).status_code == 404
    reader = world.api(api.actor.site_id, RIGHTS - {"records.import"})  # type: ignore[union-attr]
    assert reader("GET", path).status_code == 403


def test_there_is_no_copy_before_the_file_was_read_or_after_it_was_deleted(
    world: World, api: Api
) -> None:
    import_id = str(api.upload(BAD).json["import_id"])
    path = f"/imports/{import_id}/copy"
    assert api("GET", path).status_code == 409
    world.run()
    api("POST", f"/imports/{import_id}/cancellation")
    answer = api("GET", path)
    assert answer.status_code == 404
    assert "not kept" in answer.json["detail"]
