"""Measures the records service's part of an import: rows staged and applied in a second.

Run: python -m tests.load.bench_records [rows]. Handlers are called one after the other in one
process, each in its own transaction, on a private PostgreSQL; batches of 5,000 rows are sealed
beforehand. Measured are: staging of new rows, comparing, applying new ones, the same file once
more (all same), and a file in which every row changes something.
"""

from __future__ import annotations

import base64
import gc
import json
import os
import platform
import sys
import tempfile
import time
import zlib
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import orjson
import psycopg
from sqlalchemy import Engine, text

from dataset.engine import check_texts
from dataset.fields import FIELDS
from dataset.findings import is_error
from dataset.sample import sample_rows
from dataset.wire import FINE, wire_from_column
from deploy.local.servers import start_postgres
from deploy.postgres.bootstrap import bootstrap, url_for
from services.records import migrations
from services.records.actions import applying, sites, staging
from services.records.actions.applying_fresh import apply_fresh_slice
from services.records.keys import Keys
from services.shared.db import make_engine, transaction
from services.shared.migrate import upgrade
from services.shared.sealing import HashKeys, Keyring

BATCH_ROWS = 5_000
_TODAY = date(2026, 9, 30)
_PASSWORDS = {"records": {"owner": "owner", "service": "service", "maintenance": "maintenance"}}


def run(rows: int, *, admin_url: str | None = None) -> dict[str, Any]:
    """Stages, compares and applies that many rows three times: new, same, changed.

    Args:
        admin_url: a server to use; by default a private one is started and removed.

    Returns:
        Figures with their units in their names.
    """
    if admin_url is not None:
        return _measure(rows, admin_url)
    with tempfile.TemporaryDirectory() as folder:
        server = start_postgres(Path(folder) / "postgres")
        try:
            return _measure(rows, server.url)
        finally:
            server.stop(remove=True)


def _measure(rows: int, admin_url: str) -> dict[str, Any]:
    name = f"bench_{uuid4().hex[:8]}"
    bootstrap(admin_url, _PASSWORDS, {"records": name})
    upgrade(migrations, url_for(admin_url, "records_owner", "owner", name))
    engine = make_engine(
        url_for(admin_url, "records_service", "service", name), application_name="bench"
    )
    try:
        return _journeys(engine, rows)
    finally:
        engine.dispose()
        with psycopg.connect(admin_url, autocommit=True) as server:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[arg-type]


def _journeys(engine: Engine, rows: int) -> dict[str, Any]:
    keys = bench_keys()
    site_id = uuid4()
    with transaction(engine, site_id=site_id) as session:
        sites.take_site(session, site_id=site_id, version=1, facts=_SITE)
    table = checked_rows(rows)
    changed = [{**row, "height_cm": "171.0", "smoker": "1"} for row in table]
    # The rows of the benchmark itself are no garbage: the collector need not walk them each time.
    gc.freeze()
    figures: dict[str, Any] = {"rows": len(table)}
    for name, wanted in (("new", table), ("same", table), ("changed", changed)):
        figures |= {
            f"{name}_{step}": value
            for step, value in _import(engine, keys, site_id, wanted).items()
        }
    return figures | {"cores": _cores(), "python": platform.python_version()}


def _import(
    engine: Engine, keys: Keys, site_id: UUID, table: list[dict[str, Any]]
) -> dict[str, Any]:
    """One import through all its steps; seconds and rows a second of each."""
    import_id = uuid4()
    bodies = [
        sealed_batch(keys, import_id, number, table[start : start + BATCH_ROWS], start + 2)
        for number, start in enumerate(range(0, len(table), BATCH_ROWS))
    ]
    at: dict[str, Any] = {"site_id": site_id, "import_id": import_id}
    began = time.perf_counter()
    with transaction(engine, site_id=site_id) as session:
        staging.announce_import(
            session,
            keys,
            batches=len(bodies),
            mode="add_and_update",
            overwrite_unknown=False,
            confirm="person",
            **at,
        )
    cpu_began = time.process_time()
    for body in bodies[:-1]:
        with transaction(engine, site_id=site_id) as session:
            staging.receive_batch(session, keys, body=body, **at)
    staged, cpu_staged = time.perf_counter(), time.process_time()
    # The last batch has the import compared: nearly all of its time is the comparison's.
    with transaction(engine, site_id=site_id) as session:
        staging.receive_batch(session, keys, body=bodies[-1], **at)
    compared = time.perf_counter()
    with transaction(engine, site_id=site_id) as session:
        applying.apply_import(session, by=uuid4(), **at)
    # One slice after the other, so that what is told is the work of one process.
    for number in range(1, (_column(engine, site_id, import_id, "fresh_slices") or 0) + 1):
        with transaction(engine, site_id=site_id) as session:
            apply_fresh_slice(session, keys, number=number, **at)
    number = 1
    while _column(engine, site_id, import_id, "state") == "applying":
        with transaction(engine, site_id=site_id) as session:
            applying.apply_slice(session, keys, number=number, **at)
        number += 1
    applied = time.perf_counter()
    counts = _column(engine, site_id, import_id, "applied")
    rows_before_last = max(len(table) - len(table) % BATCH_ROWS - BATCH_ROWS, 1)
    return {
        "staged_rows_per_second": round(rows_before_last / (staged - began)),
        "staged_python_cpu_microseconds_per_row": round(
            (cpu_staged - cpu_began) / rows_before_last * 1e6, 1
        ),
        "compared_rows_per_second": round(len(table) / (compared - staged)),
        "applied_rows_per_second": round(len(table) / (applied - compared)),
        "all_steps_rows_per_second": round(len(table) / (applied - began)),
        "ledger": counts,
    }


def sealed_batch(
    keys: Keys, import_id: UUID, number: int, rows: list[dict[str, Any]], first_row: int
) -> bytes:
    """A batch as imports sends it. `rows`: field key -> wire value."""
    names = [field.key for field in FIELDS if field.key != "service_code"]
    document = {
        "import_id": str(import_id),
        "number": number,
        "row_numbers": list(range(first_row, first_row + len(rows))),
        "verdicts": [FINE] * len(rows),
        "cleared": {},
        "columns": {name: _wire_column([row.get(name) for row in rows]) for name in names},
    }
    packed = zlib.compress(orjson.dumps(document), 1)
    return keys.batches.seal(packed, str(import_id).encode())


def _wire_column(values: list[Any]) -> str | list[Any]:
    if any(isinstance(value, list | tuple) for value in values):
        return values
    return "\n".join(value or "" for value in values)


def checked_rows(rows: int) -> list[dict[str, Any]]:
    """Rows of the sample that have no error, in wire form."""
    sample = sample_rows(rows, 1, service_code="ABC", bad_share=0.0, today=_TODAY)
    next(sample)
    keys = [field.key for field in FIELDS]
    columns = list(zip(*sample, strict=True))
    checked = check_texts(dict(zip(keys, columns, strict=True)), rows, today=_TODAY)
    wrong = {place for place, finding in checked.findings if is_error(finding)}
    names = [key for key in keys if key != "service_code"]
    wires = [wire_from_column(checked.columns[key]) for key in names]
    return [
        dict(zip(names, values, strict=True))
        for place, values in enumerate(zip(*wires, strict=True))
        if place not in wrong
    ]


def _column(engine: Engine, site_id: UUID, import_id: UUID, name: str) -> Any:
    query = text(f"SELECT {name} FROM staged_import WHERE import_id = :import_id")
    with transaction(engine, site_id=site_id) as session:
        return session.execute(query, {"import_id": import_id}).scalar_one()


_SITE: dict[str, Any] = {
    "code": "ABC",
    "name": "Bench",
    "kind": "hospital",
    "nation": "england",
    "state": "approved",
    "has_fls": True,
    "patient_audit": True,
    "facilities_audit": True,
    "organisation_codes": [],
}


def bench_keys() -> Keys:
    key = {"k1": base64.b64encode(b"k" * 32).decode()}
    return Keys(
        Keyring.from_json(key, "k1"),
        HashKeys.from_json(key, "k1"),
        Keyring.from_json(key, "k1"),
        b"s" * 32,
    )


def _cores() -> int:
    return os.cpu_count() or 1


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000), indent=2))
