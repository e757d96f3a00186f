"""Lists with filters and sorts, the states in them, and exact search."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask

from dataset.progress import COUNTED_SECTIONS, follow_up, progress
from dataset.values import Record
from dataset.wire import record_from_wire
from services.records.domain.completeness import PROGRESS_COLUMNS
from services.records.identifiers import hash_identifier
from services.records.queries.staging import load_records
from services.records.today import today_in_london
from services.shared.db import transaction
from tests.factories.records import NHS_NUMBERS, Imports, make_row
from tests.integration.records.conftest import Caller
from tests.integration.records.test_merging_in_sql import random_row


def items(caller: Caller, query: str = "") -> list[dict[str, Any]]:
    """All pages of a list."""
    found: list[dict[str, Any]] = []
    for page in range(1, 10):
        answer = caller.get(f"/records?page_size=50&page={page}{query}")
        assert answer.status_code == 200, answer.text
        found += answer.json["items"]
        if len(found) == answer.json["total"]:
            return found
    raise AssertionError("the total is not what the pages hold")


def local_ids(found: list[dict[str, Any]]) -> list[str]:
    return [item["local_id"] for item in found]


def days_ago(days: int) -> str:
    return (today_in_london() - timedelta(days=days)).isoformat()


@pytest.fixture
def many(imports: Imports) -> dict[str, Record]:
    """Random records around all limits of the windows, some of them as whole as can be."""
    random = Random(7)
    imports.deliveries = 1
    rows = []
    for number in range(120):
        row = random_row(number, random, share=random.choice([0.3, 0.7, 1.0]), clear=0)
        row["date_index_diagnosed"] = days_ago(random.choice([0, 83, 84, 112, 113, 335, 336, 393]))
        row["date_of_death"] = random.choice([None, None, days_ago(0)])
        for key in ("fu16_done", "fu52_done"):
            row[key] = random.choice([None, None, row.get(key), "2"])
        rows.append(row)
    imports.store(*rows)
    return {row["local_id"]: record_from_wire(row) for row in rows}


def test_the_states_in_a_list_are_those_of_the_dataset(many: dict[str, Record], caller) -> None:
    today = today_in_london()
    found = items(caller)
    assert set(local_ids(found)) == many.keys()
    seen = set()
    for item in found:
        record = many[item["local_id"]]
        states = progress(record, today=today).states
        assert item["sections"] == {str(n): state for n, state in states.items()}
        assert item["follow_up"] == {
            "first": follow_up(1, record, today=today).state,
            "second": follow_up(2, record, today=today).state,
        }
        seen |= set(item["sections"].items()) | set(item["follow_up"].items())
    # Each state was met, or this proved nothing.
    for section in ("1", "2", "3", "4", "5", "6", "7"):
        assert {(section, "complete"), (section, "incomplete")} <= seen
    for which in ("first", "second"):
        states_met = ("not_due", "due", "overdue", "done", "not_needed")
        assert {(which, state) for state in states_met} <= seen


def test_a_filter_by_section_finds_what_the_dataset_says(many: dict[str, Record], caller) -> None:
    today = today_in_london()
    states = {key: progress(record, today=today).states for key, record in many.items()}
    for section in COUNTED_SECTIONS:
        for state in ("complete", "incomplete", "not_due"):
            expected = {key for key in many if states[key][section] == state}
            found = items(caller, f"&section={section}&section_state={state}")
            assert set(local_ids(found)) == expected


def test_the_columns_of_stored_records_are_what_the_dataset_says(many, imports: Imports) -> None:
    with transaction(imports.engine, site_id=imports.site_id) as session:
        columns = ", ".join(PROGRESS_COLUMNS)
        flags = {row[0]: row for row in imports.all(f"SELECT record_id, {columns} FROM fls_record")}
        stored = load_records(session, flags)
    for record_id, record in stored.items():
        values = record.values() | {"nhs_number": "NOT_UK", "date_of_birth": date(1950, 3, 1)}
        outward = imports.one(
            "SELECT outward_postcode FROM fls_record WHERE record_id = :r", r=record_id
        )
        values |= {"postcode": None if outward is None else f"{outward} 1AA"}
        states = progress(values, today=today_in_london()).states
        for section in COUNTED_SECTIONS:
            column = getattr(flags[record_id], f"section_{section}_complete")
            assert column is (states[section] == "complete"), (section, values)


def test_a_list_is_narrowed_and_says_to_what(imports: Imports, caller: Caller) -> None:
    imports.store(
        make_row(1, date_index_diagnosed="2024-01-31", site_1="1"),
        make_row(2, date_index_diagnosed="2024-02-01", site_1="2"),
        make_row(3, date_index_diagnosed="2024-02-29", site_1="2"),
        make_row(4, date_index_diagnosed="2024-03-01", site_1="2"),
    )
    february = "&diagnosed_from=2024-02-01&diagnosed_to=2024-02-29&sort=diagnosed_on"
    assert local_ids(items(caller, february)) == ["LOC-0002", "LOC-0003"]
    assert local_ids(items(caller, "&site_of_fracture=1")) == ["LOC-0001"]
    assert items(caller, "&state=invalid") == []
    answer = caller.get(f"/records?state=valid{february}").json
    assert answer["filters"] == {
        "state": "valid",
        "diagnosed_from": "2024-02-01",
        "diagnosed_to": "2024-02-29",
    }
    assert answer["sort"] == "diagnosed_on"


def test_lists_sort_by_age_and_by_urgency(imports: Imports, caller: Caller) -> None:
    imports.store(
        *(make_row(n, date_of_birth=f"{1930 + n}-03-01", nhs_number="NOT_UK") for n in range(5))
    )
    for number, state in enumerate(("valid", "draft", "to_confirm", "duplicate", "invalid")):
        imports.act(
            "UPDATE fls_record SET state = :state WHERE record_id = (SELECT record_id FROM "
            "fls_record ORDER BY age_at_diagnosis DESC OFFSET :n LIMIT 1)",
            state=state,
            n=number,
        )
    ages = [item["age_at_diagnosis"] for item in items(caller, "&sort=age")]
    assert ages == sorted(ages) and len(set(ages)) == 5
    assert [i["age_at_diagnosis"] for i in items(caller, "&sort=-age")] == ages[::-1]
    urgent = [item["state"] for item in items(caller, "&sort=state")]
    assert urgent == ["invalid", "duplicate", "to_confirm", "draft", "valid"]


def test_deleted_records_and_other_sites_are_in_no_list(imports, other_site, caller) -> None:
    imports.store(make_row(1), make_row(2))
    other_site.store(make_row(3))
    imports.act(
        "UPDATE fls_record SET state = 'deleted', deleted_reason = 'other' "
        "WHERE record_id = (SELECT record_id FROM record_identity ORDER BY record_id LIMIT 1)"
    )
    assert len(items(caller)) == 1


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("state=deleted", "state"),
        ("diagnosed_from=10/01/2024", "diagnosed_from"),
        ("site_of_fracture=99", "site_of_fracture"),
        ("section=8&section_state=complete", "section"),
        ("section=1&section_state=done", "section_state"),
        ("section=1", "section_state"),
        ("section_state=complete", "section"),
        ("sort=nhs_number", "sort"),
    ],
)
def test_a_filter_that_makes_no_sense_is_refused(imports, caller, query, field) -> None:
    answer = caller.get(f"/records?{query}")
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == [field]


def found(caller: Caller, query: str) -> list[str]:
    answer = caller.post("/records/search", {"query": query})
    assert answer.status_code == 200, answer.text
    return local_ids(answer.json["items"])


@pytest.mark.parametrize(
    "query",
    ["9990000026", "999 000 0026", " 999-000-0026 ", "'9990000026", "LOC-0001", " LOC-0001"],
)
def test_a_record_is_found_however_its_identifier_is_spelt(imports, caller, query) -> None:
    imports.store(make_row(1), make_row(2))
    assert found(caller, query) == ["LOC-0001"]


@pytest.mark.parametrize("query", ["9990000034", "LOC-0", "LOC", "NOT_UK", "999000002", "%", "*"])
def test_search_is_exact(imports: Imports, caller: Caller, query: str) -> None:
    imports.store(make_row(1), make_row(3, nhs_number="NOT_UK"))
    assert found(caller, query) == []


def test_search_finds_all_records_of_a_patient_the_newest_first(imports, caller) -> None:
    imports.store(
        make_row(1),
        make_row(11, date_index_diagnosed="2025-01-10", nhs_number=NHS_NUMBERS[1]),
    )
    assert found(caller, NHS_NUMBERS[1]) == ["LOC-0011", "LOC-0001"]


def test_search_shows_neither_other_sites_nor_deleted_records(imports, other_site, caller) -> None:
    other_site.store(make_row(1))
    assert found(caller, NHS_NUMBERS[1]) == found(caller, "LOC-0001") == []
    imports.store(make_row(1))
    assert found(caller, NHS_NUMBERS[1]) == ["LOC-0001"]
    imports.act("UPDATE fls_record SET state = 'deleted', deleted_reason = 'other'")
    assert found(caller, NHS_NUMBERS[1]) == found(caller, "LOC-0001") == []


def add_entry(imports: Imports, nhs_hash: bytes | None, *, stored: UUID | None = None) -> str:
    record_id = stored or uuid4()
    imports.act(
        "INSERT INTO entry (record_id, site_id, version, wrapped_key, sealed, keys, nhs_hash, "
        "started_by, updated_by) VALUES (:r, :site, 1, :key, 'x', "
        "ARRAY['nhs_number', 'gender'], :hash, :r, :r)",
        r=record_id,
        site=imports.site_id,
        key=None if stored else b"wrapped",
        hash=nhs_hash,
    )
    return str(record_id)


def test_search_finds_what_was_begun_too(imports, other_site, caller: Caller, keys) -> None:
    hashed = hash_identifier(keys, "nhs_number", "9990000018")
    mine = add_entry(imports, hashed)
    add_entry(imports, hash_identifier(keys, "nhs_number", "9990000026"))
    add_entry(imports, None)
    add_entry(other_site, hashed)
    answer = caller.post("/records/search", {"query": "999 000 0018"}).json
    (entry,) = answer["entries"]
    assert (entry["record_id"], entry["answered"]) == (mine, 2)
    assert answer["items"] == []


def test_a_stored_record_is_found_by_the_number_that_waits_in_its_entry(
    imports: Imports, caller: Caller, keys
) -> None:
    imports.store(make_row(1))
    record_id = imports.one("SELECT record_id FROM fls_record")
    add_entry(imports, hash_identifier(keys, "nhs_number", "9990000018"), stored=record_id)
    answer = caller.post("/records/search", {"query": "9990000018"}).json
    assert local_ids(answer["items"]) == ["LOC-0001"]
    assert answer["entries"] == []


@pytest.fixture
def turned_app(databases: Any, service_engine: Any) -> Iterator[Flask]:
    """The application after the hash keys were turned; the older one is kept for look-up."""
    from services.records.app import create_app
    from services.records.settings import Settings
    from services.shared.settings import load
    from tests.integration.records import conftest as site

    newer = {"h2": base64.b64encode(b"n" * 32).decode()}
    environment = site.environment(databases) | {
        "FLS_HASH_KEYS": json.dumps(site.HASH_KEYS | newer),
        "FLS_HASH_KEY_ID": "h2",
    }
    yield create_app(load(Settings, environment), service_engine)


def test_search_finds_hashes_of_older_keys(imports: Imports, turned_app: Flask) -> None:
    imports.store(make_row(1))
    turned = Caller(turned_app, imports.site_id)
    assert found(turned, NHS_NUMBERS[1]) == found(turned, "LOC-0001") == ["LOC-0001"]


@pytest.mark.parametrize("body", [{}, {"query": ""}, {"query": "x" * 201}, {"query": None}])
def test_a_search_for_nothing_is_refused_without_quoting_it(imports, caller, body) -> None:
    answer = caller.post("/records/search", body)
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == ["query"]


def test_search_logs_no_identifier(imports: Imports, caller: Caller, capsys) -> None:
    imports.store(make_row(1))
    found(caller, NHS_NUMBERS[1])
    out = capsys.readouterr()
    assert NHS_NUMBERS[1] not in out.out + out.err


def test_finding_wants_the_right_and_a_site(imports: Imports, app: Flask) -> None:
    nobody = Caller(app, imports.site_id, frozenset({"facilities.read"}))
    assert nobody.post("/records/search", {"query": "x"}).status_code == 403
    team = Caller(app, None, frozenset({"records.read"}))
    assert team.post("/records/search", {"query": "x"}).status_code == 403
