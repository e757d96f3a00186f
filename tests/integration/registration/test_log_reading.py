"""Who reads which lines of the log."""

from __future__ import annotations

import csv
import io
from typing import Any

from tests.integration.registration.test_throttling import attempt


def whats(answer: Any) -> list[str]:
    return [line["what"] for line in answer.json["items"]]


def test_a_lead_reads_the_own_site_and_the_audit_team_all(
    site: Any, other_site: Any, team: Any
) -> None:
    own = site.lead("GET", "/log?page_size=100").json
    assert own["total"] > 0
    sites = {line["site_name"] for line in own["items"]}
    every = team("GET", "/log?page_size=100").json
    assert len(sites) == 1 and every["total"] > own["total"]
    assert {line["site_name"] for line in every["items"]} > sites
    narrowed = team("GET", f"/log?page_size=100&site_id={site.site_id}").json
    assert narrowed["total"] == own["total"]
    assert site.lead("GET", f"/log?site_id={other_site.site_id}").status_code == 404


def test_the_log_is_narrowed_by_deed_and_days(site: Any, team: Any) -> None:
    assert set(whats(team("GET", "/log?what=signed_in"))) == {"signed_in"}
    assert team("GET", "/log?until=2020-01-01").json["total"] == 0
    assert team("GET", "/log?since=2020-01-01").json["total"] > 0
    assert team("GET", "/log?since=nonsense").status_code == 422


def test_a_wrong_password_and_a_wrong_code_are_seen_by_the_lead(
    visitor: Any, site: Any, look: Any
) -> None:
    attempt(visitor, site.email)
    attempt(visitor, "nobody@example.org")
    assert whats(site.lead("GET", "/log?what=sign_in_refused")) == ["sign_in_refused"]
    assert look.value("SELECT count(*) FROM audit_log WHERE what = 'sign_in_refused'") == 1


def test_the_log_is_downloaded_and_no_cell_is_a_formula(
    site: Any, team: Any, look: Any, add_person: Any
) -> None:
    add_person(site, "site_reader", email="reader@example.org")
    look.rows("UPDATE account SET name = '=1+1' WHERE email = 'reader@example.org'")
    for path in ("/log/export", "/log/export?what=signed_in"):
        answer = site.lead("GET", path)
        assert answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/csv")
        rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
        assert rows[0][0] == "number"
        assert not [cell for row in rows for cell in row if cell.startswith("=")]
    assert any("'=1+1" in row for row in rows)
    assert len(rows) - 1 == site.lead("GET", "/log?what=signed_in").json["total"]
