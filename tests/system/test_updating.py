"""A site sends a file whose cells are mostly blank: its records are updated, blanks leave."""

from __future__ import annotations

import csv
import io

from dataset.fields import FIELD_BY_KEY
from tests.system.conftest import Live, sample_file

KEYS = ("local_id", "nhs_number", "date_index_diagnosed", "weight_kg")


def test_a_file_of_nothing_but_weights_updates_records_and_makes_none(live: Live) -> None:
    lead = live.new_site("Partial Infirmary")
    # Without planted mistakes: what a wrong row has in common with a right one is chance.
    whole = sample_file(200, 47, lead.site_code, bad_share=0.0)
    stored = live.import_whole(lead, whole)["counts"]["new"]
    names = {key: FIELD_BY_KEY[key].heading for key in KEYS}
    reader = csv.DictReader(io.StringIO(whole.decode()))
    headings = list(reader.fieldnames or ())
    rows = [{each: row[each] for each in names.values()} for row in reader]
    rows.append({names["local_id"]: "NOT-THERE"})
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, headings, restval="")
    writer.writeheader()
    writer.writerows({**row, names["weight_kg"]: "71.5"} for row in rows)
    done = live.import_whole(lead, text.getvalue().encode())
    counts = done["counts"]
    assert counts["received"] == 201
    assert counts["changed"] + counts["same"] == stored
    assert counts["changed"] > stored * 0.9
    assert counts["new"] == 0
    path = f"/api/imports/v1/imports/{done['import_id']}/findings"
    found = lead.client.get(path, params={"level": "error", "page_size": 100}).json()["items"]
    errors = {each["row"] for each in found}
    assert 202 in errors and len(errors) == counts["rejected"]
