"""Processes die at any moment: the import ends applied, its ledger adds up, nothing is doubled."""

from __future__ import annotations

import os
import signal
import time

import httpx

from tests.system.conftest import Live, Person, sample_file

LEDGER = ("new", "changed", "same", "rejected", "held")


def _kill(live: Live, name: str) -> None:
    os.kill(live.pid(name), signal.SIGKILL)


def _count(person: Person) -> int:
    answer = Live.patiently(lambda: person.client.get("/api/records/v1/records"))
    return int(answer.json()["total"])


def _progress(person: Person, import_id: str) -> int:
    try:
        answer = person.client.get(f"/api/imports/v1/imports/{import_id}")
        return int(answer.json()["rows_checked"] or 0)
    except (httpx.HTTPError, KeyError):
        return 0


def test_workers_and_broker_killed_in_the_middle_of_an_import(live: Live) -> None:
    person = live.new_site("Killed Workers Hospital")
    content = sample_file(20_000, 4, person.site_code)
    import_id = live.upload(person, content).json()["import_id"]
    for name in ("imports-worker-1", "imports-worker-2"):
        live.until(lambda: _progress(person, import_id) > 0)
        _kill(live, name)
    _kill(live, "rabbitmq")
    checked = live.follow(person, import_id, "checked", "failed", "refused")
    assert checked["state"] == "checked"
    live.confirm(person, import_id)
    time.sleep(0.3)
    for name in ("records-consumer", "rabbitmq", "imports-consumer", "records-relay"):
        _kill(live, name)
    applied = live.follow(person, import_id, "applied", "failed")
    counts = applied["counts"]
    assert applied["state"] == "applied"
    assert counts["received"] == 20_000
    assert sum(counts[name] for name in LEDGER) == 20_000
    assert _count(person) == counts["new"]
    # The same file once more adds nothing: each row that was stored is found as it was sent.
    again = live.upload(person, content, again="true").json()["import_id"]
    assert again != import_id
    second = live.follow(person, again, "checked", "failed")["counts"]
    assert second["new"] == 0
    assert second["changed"] == 0
    assert second["same"] == counts["new"] + counts["same"]
    assert second["rejected"] == counts["rejected"]
