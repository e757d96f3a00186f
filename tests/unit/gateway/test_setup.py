"""Setting a site's own file up: what is proposed, and what a file that needs it says."""

from __future__ import annotations

import re

import pytest

from gateway.pages.imports.presenters import view_of
from gateway.pages.imports.setup import name_from
from tests.fakes import services as fakes
from tests.fakes.services import IMPORT_ID, FakeServices
from tests.unit.gateway.conftest import Person

ADDRESS = f"/imports/{IMPORT_ID}/setup"
SETUP = "GET", f"/imports/v1/imports/{IMPORT_ID}/setup"
MENDABLE = "GET", f"/imports/v1/imports/{IMPORT_ID}/mendable"


@pytest.mark.parametrize(
    ("file_name", "name"),
    [
        ("Fracture list 2026-01.csv", "Fracture list"),
        ("ward_7.export (3).xlsx", "ward 7 export"),
        ("20260131.csv", ""),
        ("liste", "liste"),
        ("long " * 40 + ".csv", "long " * 15 + "long"),
    ],
)
def test_a_set_up_is_named_after_the_file_without_what_is_new_each_time(
    file_name: str, name: str
) -> None:
    assert name_from(file_name) == name


def test_a_first_set_up_is_filled_in_with_what_most_want(
    lead: Person, services: FakeServices
) -> None:
    services.replies[SETUP] = fakes.SETUP | {"profile": None}
    text = lead.get(ADDRESS).text
    proposed = name_from(str(fakes.IMPORT["file_name"]))
    assert proposed
    assert re.search(rf'id="name"[^>]*value="{re.escape(proposed)}"', text)
    chosen = re.findall(r'name="(date_order|blank)"[^>]*value="(\w*)"[^>]*checked', text)
    assert chosen == [("date_order", ""), ("blank", "leave")]


def test_what_every_record_needs_and_no_column_is_is_said(lead: Person) -> None:
    missing = "Still without a column: 1.01 NHSNumber, 1.02 DateOfBirth"
    assert f"{missing}, 1.11 SiteFirstFrac. New records need them" in lead.get(ADDRESS).text
    chosen = {"column-0": "gender", "column-1": "date_index_diagnosed", "column-2": "site_1"}
    text = lead.post(ADDRESS, chosen).text
    assert "Give the set-up a name." in text
    assert f"{missing}. New records need them" in text


@pytest.mark.parametrize(("rows", "said"), [(2, False), (3, True)])
def test_an_answer_that_is_wrong_in_many_rows_leads_from_mending_to_the_set_up(
    lead: Person, services: FakeServices, rows: int, said: bool
) -> None:
    items = [fakes.MENDABLE | {"row": 17 + place} for place in range(rows)]
    services.replies[MENDABLE] = {"items": items, "page": 1, "page_size": 20, "total": rows}
    text = lead.get(f"/imports/{IMPORT_ID}/mend").text
    # Numbers and identifiers are told one by one; only a list's answers mean the same everywhere.
    assert ("“perhaps” in 1.03 Gender stands in several rows." in text) == said
    assert (f'href="{ADDRESS}"' in text) == said


@pytest.mark.parametrize(
    ("kept", "code", "words"),
    [
        (True, "H02", "Say once what its headings mean"),
        (True, "T01", "needs mending first"),
        (False, "F01", "needs mending first"),
    ],
)
def test_a_file_that_can_be_set_up_is_not_said_to_be_wrong(
    kept: bool, code: str, words: str
) -> None:
    import_ = {"state": "refused", "file_kept": kept, "file_findings": [{"code": code}]}
    assert words in view_of(import_).stage
