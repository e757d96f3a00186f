"""A site sends part of what it knows, in a file of the usual kind: its records are updated."""

from __future__ import annotations

import csv
import io

from dataset.fields import FIELD_BY_KEY
from tests.system.conftest import Live, sample_file

KEYS = ("local_id", "nhs_number", "date_index_diagnosed", "weight_kg")


def test_a_file_with_four_columns_updates_records_and_makes_none(live: Live) -> None:
    lead = live.new_site("Partial Infirmary")
    whole = sample_file(200, 47, lead.site_code)
    stored = live.import_whole(lead, whole)["counts"]["new"]
    headings = [FIELD_BY_KEY[key].heading for key in KEYS]
    rows = [
        {**{name: row[name] for name in headings}, headings[3]: "71.5"}
        for row in csv.DictReader(io.StringIO(whole.decode()))
    ]
    rows.append(dict.fromkeys(headings, "") | {headings[0]: "NOT-THERE", headings[3]: "71.5"})
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, headings)
    writer.writeheader()
    writer.writerows(rows)
    done = live.import_whole(lead, text.getvalue().encode())
    counts = done["counts"]
    assert counts["received"] == 201
    assert counts["changed"] + counts["same"] == stored
    assert counts["changed"] > stored * 0.9
    assert counts["new"] == 0
    path = f"/api/imports/v1/imports/{done['import_id']}/findings"
    found = lead.client.get(path, params={"page_size": 200}).json()["items"]
    errors = {each["row"] for each in found if each["level"] == "error"}
    assert 202 in errors and len(errors) == counts["rejected"]
