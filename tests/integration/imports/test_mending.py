"""Cells mended on the page: the file goes on with them, and it is kept who changed what."""

from __future__ import annotations

import io
from typing import Any

import pytest
from openpyxl import Workbook

from tests.factories.imports import KEYS, csv_bytes, make_row
from tests.integration.imports.conftest import RIGHTS, Api, World

ROWS = [
    make_row(0),
    make_row(1, gender="perhaps"),
    make_row(2),
    make_row(3, date_of_birth="30/02/1940", gender="never"),
]
BAD = csv_bytes(ROWS)


def as_workbook() -> bytes:
    book = Workbook()
    book.active.append(["Fracture list"])
    book.active.append([])
    book.active.append(BAD.decode().splitlines()[0].split(","))
    for row in ROWS:
        book.active.append([row[key] for key in KEYS])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.fixture
def api(world: World) -> Api:
    return world.api(world.site("BNT"))


def checked(world: World, api: Api, data: bytes = BAD) -> dict[str, Any]:
    import_id = api.upload(data).json["import_id"]
    world.run()
    found: dict[str, Any] = api.get(f"/imports/{import_id}")
    assert found["state"] == "checked"
    return found


def mended(world: World, api: Api, import_id: str, *cells: tuple[int, str, str]) -> dict[str, Any]:
    body = {"corrections": [{"row": r, "field": f, "value": v} for r, f, v in cells]}
    answer = api("POST", f"/imports/{import_id}/corrections", json=body)
    assert answer.status_code == 201, answer.text
    world.run()
    found: dict[str, Any] = api.get(f"/imports/{answer.json['import_id']}")
    return found


def test_cells_with_errors_are_shown_as_they_are_written(world: World, api: Api) -> None:
    before = checked(world, api)
    page = api.get(f"/imports/{before['import_id']}/mendable", page_size=1)
    assert page["total"] == 2
    ((cell,),) = (row["cells"] for row in page["items"])
    assert (cell["field"], cell["heading"], cell["value"]) == ("gender", "1.03 Gender", "perhaps")
    assert cell["messages"][0].startswith("T03: ")
    (row,) = api.get(f"/imports/{before['import_id']}/mendable", page=2, page_size=1)["items"]
    assert [(row["row"], cell["field"]) for cell in row["cells"]] == [
        (5, "date_of_birth"), (5, "gender"),
    ]  # fmt: skip


def test_what_a_rule_compares_is_shown_too_and_can_be_the_cell_that_is_mended(
    world: World, api: Api
) -> None:
    rows = [make_row(0), make_row(1, date_of_birth="13/03/1990"), make_row(2, gender="x")]
    found = checked(world, api, csv_bytes(rows))
    items = api.get(f"/imports/{found['import_id']}/mendable")["items"]
    first, second = items
    assert [(c["field"], c["value"], bool(c["messages"])) for c in first["cells"]] == [
        ("date_of_birth", "13/03/1990", True),
        ("date_index_diagnosed", rows[1]["date_index_diagnosed"], False),
    ]
    assert [cell["field"] for cell in second["cells"]] == ["gender"]
    new = mended(world, api, found["import_id"], (3, "date_index_diagnosed", "14/05/2045"))
    assert new["counts"]["rejected"] == 2, "a day after today is another error"


@pytest.mark.parametrize(
    ("data", "first"),
    [
        (BAD, 2),
        (BAD.replace(b",", b";"), 2),
        (b"Fracture list\r\n\r\n" + BAD, 4),
        (BAD.replace(b"H00002", b"\r\n\r\nH00002"), 2),
        (as_workbook(), 4),
    ],
    ids=["commas", "semicolons", "title lines", "blank rows", "workbook"],
)
def test_the_file_goes_on_with_what_was_mended(
    world: World, api: Api, data: bytes, first: int
) -> None:
    before = checked(world, api, data)
    assert before["counts"]["rejected"] == 2
    found = api.get(f"/imports/{before['import_id']}/findings", level="error")["items"]
    rows = sorted({each["row"] for each in found})
    after = mended(
        world, api, before["import_id"], (rows[0], "gender", "2"), (rows[1], "gender", "1")
    )
    assert (after["state"], after["corrects"]) == ("checked", before["import_id"])
    assert (after["counts"]["received"], after["counts"]["rejected"]) == (4, 1)
    (left,) = api.get(f"/imports/{after['import_id']}/findings", level="error")["items"]
    assert (left["row"], left["field"]) == (rows[1], "date_of_birth")
    assert api.get(f"/imports/{before['import_id']}")["state"] == "cancelled"
    last = mended(world, api, after["import_id"], (rows[1], "date_of_birth", "28/02/1940"))
    assert last["counts"]["rejected"] == 0
    corrections = api.get(f"/imports/{last['import_id']}/corrections")["items"]
    assert [(c["row"], c["field"], c["old"], c["new"]) for c in corrections] == [
        (rows[1], "date_of_birth", "•••••••940", "•••••••940"),
        (rows[0], "gender", "perhaps", "2"),
        (rows[1], "gender", "never", "1"),
    ]
    assert {c["by"] for c in corrections} == {str(api.actor.account_id)}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("row", "field", "code"),
    [(1, "gender", 422), (99, "gender", 422), (3, "smoker", 422), (0, "gender", 422)],
)
def test_what_is_not_there_cannot_be_corrected_and_nothing_changes(
    world: World, api: Api, row: int, field: str, code: int
) -> None:
    before = checked(world, api)
    body = {"corrections": [{"row": row, "field": field, "value": "2"}]}
    answer = api("POST", f"/imports/{before['import_id']}/corrections", json=body)
    assert answer.status_code == code
    assert api.get(f"/imports/{before['import_id']}")["state"] == "checked"
    assert api.get("/imports")["total"] == 1


def test_only_what_waits_is_mended_and_by_who_may_upload(world: World, api: Api) -> None:
    before = checked(world, api)
    path = f"/imports/{before['import_id']}/corrections"
    body = {"corrections": [{"row": 3, "field": "gender", "value": "2"}]}
    reader = world.api(api.actor.site_id, RIGHTS - {"records.import"})  # type: ignore[union-attr]
    assert reader("POST", path, json=body).status_code == 403
    assert world.api(world.site("XYZ"))("POST", path, json=body).status_code == 404
    assert world.api(world.site("XYZ"))("GET", path).status_code == 404
    api("POST", f"/imports/{before['import_id']}/confirmation")
    assert api("POST", path, json=body).status_code == 409


def test_it_is_noted_who_was_shown_identifiers(world: World, api: Api) -> None:
    def noted(found: dict[str, Any]) -> list[str | None]:
        history = api.get(f"/imports/{found['import_id']}")["history"]
        return [line["by"] for line in history if line["kind"] == "cells_opened"]

    bad = checked(world, api)
    for _ in range(2):
        api.get(f"/imports/{bad['import_id']}/mendable")
    assert noted(bad) == [str(api.actor.account_id)]  # type: ignore[union-attr]
    world.look.rows("UPDATE import_event SET at = at - interval '11 minutes'")
    api.get(f"/imports/{bad['import_id']}/mendable")
    assert len(noted(bad)) == 2
    other = checked(world, api, csv_bytes([make_row(5), make_row(6, gender="x")]))
    api.get(f"/imports/{other['import_id']}/mendable")
    assert noted(other) == [], "nothing was shown that identifies anybody"
