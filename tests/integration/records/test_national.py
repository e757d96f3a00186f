"""National counts: over all sites, without a record, as a role that reads no identifier."""

from __future__ import annotations

import pytest
from flask import Flask

from services.records.today import today_in_london
from tests.factories.records import Imports, make_row
from tests.integration.records.conftest import Caller


@pytest.fixture
def auditor(app: Flask) -> Caller:
    return Caller(app, None, frozenset({"records.aggregate"}))


def test_counts_by_site_month_and_state(imports: Imports, other_site, auditor: Caller) -> None:
    imports.store(
        make_row(1, date_index_diagnosed="2024-01-01"),
        make_row(2, date_index_diagnosed="2024-01-31"),
        make_row(3, date_index_diagnosed="2024-12-31"),
        make_row(4, date_index_diagnosed="2023-12-31"),
        make_row(5, date_index_diagnosed="2024-12-30"),
    )
    other_site.store(make_row(6, date_index_diagnosed="2024-01-15"))
    imports.act("UPDATE fls_record SET state = 'invalid' WHERE date_index_diagnosed = '2024-12-31'")
    imports.act(
        "UPDATE fls_record SET state = 'deleted', deleted_reason = 'other' "
        "WHERE date_index_diagnosed = '2024-12-30'"
    )
    answer = auditor.get("/national/counts?year=2024").json
    assert answer["year"] == 2024
    assert [tuple(item.values()) for item in answer["items"]] == [
        ("ABC", "2024-01", "valid", 2),
        ("ABC", "2024-12", "invalid", 1),
        ("XYZ", "2024-01", "valid", 1),
    ]


def test_without_a_year_it_is_the_present_one(imports: Imports, auditor: Caller) -> None:
    imports.store(make_row(1, date_index_diagnosed="2024-01-01"))
    answer = auditor.get("/national/counts").json
    assert answer == {"year": today_in_london().year, "items": []}


@pytest.mark.parametrize("year", ["2015", "2101", "x", "-1"])
def test_a_year_without_an_audit_is_refused(auditor: Caller, engine, year: str) -> None:
    assert auditor.get(f"/national/counts?year={year}").status_code == 422


def test_sites_do_not_see_national_counts(imports: Imports, caller: Caller) -> None:
    assert caller.get("/national/counts").status_code == 403


def test_the_audit_team_sees_counts_and_no_list(imports: Imports, auditor: Caller) -> None:
    imports.store(make_row(1))
    for path in ("/records", "/worklists"):
        assert auditor.get(path).status_code == 403
