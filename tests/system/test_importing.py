"""A hospital's own workbook, from a refusal to stored and back again, as people do it."""

from __future__ import annotations

import io
import json
from pathlib import Path

from openpyxl import Workbook, load_workbook
from playwright.sync_api import Page, expect

from deploy.local.receipts import published_keys
from services.imports.domain.receipts import verify
from tests.factories.imports import csv_bytes, make_row
from tests.system.conftest import Live, assert_accessible, go_back

OWN = {
    "Hospital no": "local_id",
    "NHS": "nhs_number",
    "Born": "date_of_birth",
    "Sex of patient": "gender",
    "Fracture found": "date_index_diagnosed",
    "Bone": "site_1",
    "Consultant": "pass",
}
_PATIENCE = 60_000


def own_workbook(first: int, rows: int) -> bytes:
    book = Workbook()
    sheet = book.active
    sheet.append(["Fracture list of our system"])
    sheet.append(list(OWN))
    for at in range(first, first + rows):
        row = make_row(at, gender="W")
        sheet.append([row.get(key, "Dr Grey") for key in OWN.values()])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def send(page: Page, data: bytes, name: str = "january.xlsx") -> None:
    page.goto("/imports/new")
    page.locator('input[type="file"]').set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": data}
    )
    page.get_by_role("button", name="Upload and check").click()


def state_is(page: Page, text: str) -> None:
    expect(page.locator("#status .nhsuk-tag").first).to_have_text(text, timeout=_PATIENCE)


def test_a_workbook_is_set_up_once_stored_and_taken_back(live: Live, page: Page) -> None:
    lead = live.new_site("Set Up Infirmary")
    live.enter(page, lead.email, lead.password)
    send(page, own_workbook(0, 5))
    state_is(page, "Refused")
    assert_accessible(page)
    page.get_by_role("link", name="Set up what your headings mean").click()
    assert_accessible(page)
    page.get_by_label("Name of the set-up").fill("Our system")
    for heading, key in OWN.items():
        page.get_by_label(f"What is {heading}?").select_option(key)
    page.get_by_role("button", name="Save and check the file again").click()
    # The answers of a column show once it is known what the column is.
    state_is(page, "Ready to confirm")
    expect(page.locator("#ledger-rejected")).to_contain_text("5")
    page.get_by_role("link", name="Set up what they mean").click()
    assert_accessible(page)
    page.get_by_label("W", exact=True).select_option("2")
    page.get_by_role("button", name="Save and check the file again").click()
    state_is(page, "Ready to confirm")
    expect(page.locator("#ledger-new")).to_contain_text("5")
    assert_accessible(page)
    page.get_by_role("button", name="Confirm and store").click()
    state_is(page, "Stored")

    # The next file with the same headings needs no question.
    send(page, own_workbook(5, 3))
    state_is(page, "Ready to confirm")
    expect(page.locator("#ledger-new")).to_contain_text("3")
    page.get_by_role("button", name="Confirm and store").click()
    state_is(page, "Stored")
    page.get_by_role("link", name="Receipt", exact=True).click()
    assert_accessible(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the receipt").click()
    signed = json.loads(Path(download.value.path()).read_text("utf-8"))
    address = live.address
    assert verify(signed, published_keys(address))["ledger"]["new"] == 3
    go_back(page)
    page.get_by_role("link", name="Undo this import").click()
    assert_accessible(page)
    expect(page.get_by_text("3 records that it added go.")).to_be_visible()
    page.get_by_role("button", name="Undo this import").click()
    state_is(page, "Undone")
    expect(page.get_by_text("3 records that it had added are gone")).to_be_visible()
    assert_accessible(page)
    page.goto("/records")
    expect(page.get_by_text("5 records of your site")).to_be_visible()


def test_rejected_rows_are_taken_home_and_sent_again_mended(live: Live, page: Page) -> None:
    lead = live.new_site("Mending Infirmary")
    live.enter(page, lead.email, lead.password)
    rows = [make_row(0), make_row(1, gender="perhaps")]
    keys = list(make_row(0))
    send(page, csv_bytes(rows, keys=keys), "rows.csv")
    state_is(page, "Ready to confirm")
    page.get_by_role("button", name="Confirm and store").click()
    state_is(page, "Stored")
    with page.expect_download() as download:
        page.get_by_role("link", name="Rejected rows alone (Excel)").click()
    book = load_workbook(io.BytesIO(Path(download.value.path()).read_bytes()))
    (headings, row) = list(book.active.values)
    assert "T03" in str(row[-2])
    place = list(headings).index("1.03 Gender")
    book.active.cell(2, place + 1, "2")
    mended = io.BytesIO()
    book.save(mended)
    send(page, mended.getvalue(), "mended.xlsx")
    state_is(page, "Ready to confirm")
    expect(page.locator("#ledger-new")).to_contain_text("1")
    expect(page.locator("#ledger-rejected")).to_contain_text("0")


def test_a_cell_is_mended_on_the_page(live: Live, page: Page) -> None:
    lead = live.new_site("Correcting Infirmary")
    live.enter(page, lead.email, lead.password)
    rows = [make_row(0), make_row(1, gender="perhaps", date_of_birth="30/02/1940")]
    send(page, csv_bytes(rows), "rows.csv")
    state_is(page, "Ready to confirm")
    page.get_by_role("link", name="Mend cells here").click()
    assert_accessible(page)
    page.get_by_role("button", name="Save and check again").click()
    expect(page.get_by_text("Nothing was changed yet.").first).to_be_visible()
    page.get_by_label("1.03 Gender, row 3").select_option("2")
    page.get_by_label("1.02 DateOfBirth, row 3").fill("28/02/1940")
    page.get_by_role("button", name="Save and check again").click()
    state_is(page, "Ready to confirm")
    expect(page.locator("#ledger-new")).to_contain_text("2")
    page.get_by_role("link", name="corrected on the page").click()
    expect(page.get_by_text("perhaps")).to_be_visible()
    assert_accessible(page)


def test_a_row_that_was_set_aside_is_decided_about(live: Live, page: Page) -> None:
    lead = live.new_site("Deciding Infirmary")
    live.enter(page, lead.email, lead.password)
    live.import_whole(lead, csv_bytes([make_row(0), make_row(1)]))
    near = {"local_id": "OTHER-1", "smoker": "1"}
    again = [
        make_row(0, date_index_diagnosed="15/01/2024", **near),
        make_row(1, **{**near, "local_id": "OTHER-2", "date_index_diagnosed": "16/02/2024"}),
    ]
    send(page, csv_bytes(again, keys=[*make_row(0), "smoker"]), "again.csv")
    state_is(page, "Ready to confirm")
    expect(page.locator("#ledger-held")).to_contain_text("2")
    page.get_by_role("link", name="Look at 2 rows set aside").click()
    expect(page.get_by_text("decide once the import is stored")).to_be_visible()
    go_back(page)
    page.get_by_role("button", name="Confirm and store").click()
    state_is(page, "Stored")
    page.get_by_role("link", name="Decide about 2 rows set aside").click()
    assert_accessible(page)
    page.get_by_role("button", name="Start with the first").click()
    expect(page.locator('[data-field="smoker"]')).to_contain_text("Yes")
    assert_accessible(page)
    page.get_by_label("It is this fracture: update the record").check()
    page.get_by_role("button", name="Decide").click()
    expect(page.get_by_text("The row before has updated its record.")).to_be_visible()
    page.get_by_label("It is another fracture: add it as a record").check()
    page.get_by_role("button", name="Decide").click()
    expect(page.get_by_text("No row waits for a decision.")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="Back to the import").click()
    expect(page.locator("#ledger-held")).to_contain_text("0")
    expect(page.locator("#ledger-new")).to_contain_text("1")
    expect(page.locator("#ledger-changed")).to_contain_text("1")
    page.goto("/records")
    expect(page.get_by_text("3 records of your site")).to_be_visible()
