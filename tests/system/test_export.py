"""A site takes its records out in a browser, and sends the file back: nothing changes."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page

from deploy.local.private_files import read_json
from services.records.domain.exporting import EXPORT_HEADINGS, EXTRACT_HEADINGS
from tests.system.conftest import Live, Person, assert_accessible, sample_file

ROWS = 300


@pytest.fixture(scope="module")
def site(live: Live) -> Person:
    """The lead of a site with records."""
    lead = live.new_site("Export General")
    done = live.import_whole(lead, sample_file(ROWS, 31, lead.site_code))
    assert done["counts"]["new"] > ROWS * 0.9
    return lead


def downloaded(page: Page, folder: Path) -> tuple[str, bytes]:
    """Presses the button and takes what comes: its name and its bytes."""
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download").click()
    path = folder / "file"
    waiting.value.save_as(path)
    return waiting.value.suggested_filename, path.read_bytes()


def stored(live: Live, site: Person) -> int:
    """How many records the site has."""
    return int(site.client.get("/api/records/v1/records").json()["total"])


def test_what_a_site_takes_out_it_can_send_again(
    live: Live, site: Person, page: Page, tmp_path: Path
) -> None:
    live.enter(page, site.email, site.password, "/records")
    page.get_by_role("button", name="Export").click()
    assert_accessible(page)
    sheets: dict[tuple[str, str], list[list[str]]] = {}
    for answers in ("Codes", "Labels"):
        # Opened anew: two presses of a button within a second count as one.
        page.goto("/records/export")
        page.get_by_label("CSV").check()
        page.get_by_label(answers).check()
        name, data = downloaded(page, tmp_path)
        assert name.startswith("records-") and name.endswith(".csv")
        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
        assert tuple(rows[0]) == EXPORT_HEADINGS
        assert len(rows) - 1 == stored(live, site)
        counts = live.import_whole(site, data)["counts"]
        assert counts == counts | {"received": len(rows) - 1, "same": len(rows) - 1, "rejected": 0}
        sheets[answers, "csv"] = rows
    page.goto("/records/export")
    page.get_by_label("Excel").check()
    name, data = downloaded(page, tmp_path)
    assert name.endswith(".xlsx")
    rows = list(load_workbook(io.BytesIO(data)).active.iter_rows(values_only=True))
    numbers = [row[2] for row in sheets["Labels", "csv"]]
    assert [row[2] for row in rows] == numbers, "NHS numbers with all their digits"


def test_filters_and_mistakes_are_answered_on_the_page(
    live: Live, site: Person, page: Page, tmp_path: Path
) -> None:
    live.enter(page, site.email, site.password, "/records/export")
    first = page.get_by_role("group", name="Diagnosed on or after")
    first.get_by_label("Day").fill("31")
    first.get_by_label("Month").fill("2")
    first.get_by_label("Year").fill("2024")
    page.get_by_role("button", name="Download").click()
    assert page.get_by_role("alert").get_by_role("link").count() == 1
    assert_accessible(page)
    first.get_by_label("Day").fill("1")
    _, data = downloaded(page, tmp_path)
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    days = [row["1.09 Date Index Frac Diagnosed"] for row in rows]
    assert days and min(days) >= "2024-02-01"


def test_the_audit_team_takes_an_extract_that_names_nobody(
    live: Live, site: Person, page: Page, tmp_path: Path
) -> None:
    team = read_json(live.layout.demo)["audit_team"]
    live.enter(page, team["email"], team["password"], "/extract")
    assert_accessible(page)
    name, data = downloaded(page, tmp_path)
    assert name.startswith("extract-")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert tuple(rows[0]) == EXTRACT_HEADINGS
    assert site.site_code in {row[0] for row in rows}
    exported = site.client.get("/api/records/v1/export").content.decode("utf-8-sig")
    numbers = {row["1.01 NHSNumber"] for row in csv.DictReader(io.StringIO(exported, newline=""))}
    assert numbers and not [number for number in numbers if number.encode() in data]


def test_who_may_not_take_records_out_gets_no_file(live: Live, site: Person) -> None:
    team = live.audit_team()
    assert team.client.get("/api/records/v1/export").status_code == 403
    assert site.client.get("/api/records/v1/extract").status_code == 403
    with live.client() as visitor:
        assert visitor.get("/api/records/v1/export").status_code == 401
        led = visitor.get("/records/export/file")
        assert led.headers["Location"] == "/records/export?problem=signed_out"
