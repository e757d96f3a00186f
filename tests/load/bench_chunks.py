"""Measures imports' own part of an import: rows a second read, cut, checked, sealed and recorded.

Run: python -m tests.load.bench_chunks [rows]. The sample file (57 columns, 2 % bad) is stored as an
upload on a private PostgreSQL; then the worker's handlers are called one after the other in one
process, each in its own transaction. The pure part of both is measured beside it: the same work
without database and sealing.
"""

from __future__ import annotations

import csv
import gc
import io
import json
import os
import platform
import resource
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Engine, text

from dataset.sample import sample_rows
from deploy.local.servers import start_postgres
from deploy.postgres.bootstrap import bootstrap, url_for
from services.imports import migrations
from services.imports.actions.checking import check_wanted_chunk
from services.imports.actions.preparing import prepare_import
from services.imports.actions.sites import copy_site
from services.imports.actions.uploads import Upload, receive_upload
from services.imports.domain.checking import batch_of, check_chunk
from services.imports.domain.preparing import prepare
from services.imports.domain.sources import InMemory
from services.imports.domain.splitting import records_of
from services.imports.domain.uploads import PART_BYTES, Choices
from services.shared.db import make_engine, transaction
from services.shared.identity import Actor
from services.shared.migrate import upgrade
from services.shared.sealing import Keyring

_TODAY = date(2026, 9, 30)
_CODE = "ABC"
_PASSWORDS = {"imports": {"owner": "owner", "service": "service", "maintenance": "maintenance"}}


def run(rows: int, *, admin_url: str | None = None) -> dict[str, Any]:
    """Prepares and checks a sample of that many rows.

    Args:
        admin_url: a server to use; by default a private one is started and removed.

    Returns:
        Figures with their units in their names.
    """
    data = _sample(rows)
    # As a worker does.
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
    figures = _pure(data)
    if admin_url is not None:
        figures |= _stored(data, admin_url)
    else:
        with tempfile.TemporaryDirectory() as folder:
            server = start_postgres(Path(folder) / "postgres")
            try:
                figures |= _stored(data, server.url)
            finally:
                server.stop(remove=True)
    return {
        **figures,
        "rows": rows,
        "file_bytes": len(data),
        "most_memory_kilobytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
        "runs": 1,
        "cores": os.cpu_count(),
        "python": platform.python_version(),
    }


def _sample(rows: int) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(sample_rows(rows, 1, service_code=_CODE, today=_TODAY))
    return out.getvalue().encode()


def _blocks(data: bytes) -> list[bytes]:
    return [data[at : at + PART_BYTES] for at in range(0, len(data), PART_BYTES)]


def _pure(data: bytes) -> dict[str, Any]:
    """The rules alone, one core."""
    source = InMemory(data)
    began = time.perf_counter()
    got, _ = prepare(source, mode="add_and_update", date_order=None)
    prepared = time.perf_counter()
    findings = 0
    same, differ = sorted(got.repeats.same), sorted(got.repeats.differ.items())
    for cut in got.cuts:
        chunk = check_chunk(
            records_of(data[cut.byte_start : cut.byte_end]),
            first_row=cut.first_row,
            repeats=cut.repeats_within(same, differ),
            plan=got.plan,
            mode="add_and_update",
            site_code=_CODE,
            today=_TODAY,
        )
        findings += len(chunk.findings)
        batch_of("x", cut.number, chunk)
    ended = time.perf_counter()
    return {
        "pure_prepare_rows_per_second": round(got.rows_total / (prepared - began)),
        "pure_check_rows_per_second": round(got.rows_total / (ended - prepared)),
        "findings": findings,
        "chunks": len(got.cuts),
    }


def _stored(data: bytes, admin_url: str) -> dict[str, Any]:
    """The handlers on a real database, one after the other."""
    bootstrap(admin_url, _PASSWORDS)
    upgrade(migrations, url_for(admin_url, "imports_owner", "owner", "imports"))
    engine = make_engine(
        url_for(admin_url, "imports_service", "service", "imports"), application_name="bench"
    )
    keyring = Keyring({"k": os.urandom(32)}, "k")
    site_id = uuid4()
    with transaction(engine, site_id=site_id) as session:
        facts = {"code": _CODE, "name": "Bench", "state": "approved", "patient_audit": True}
        copy_site(session, version=1, data={"site_id": site_id, **facts})
    import_id, upload_seconds = _upload(engine, site_id, keyring, data)
    began = time.perf_counter()
    with transaction(engine, site_id=site_id) as session:
        row = prepare_import(session, import_id, keyring=keyring, window=10**6)
        assert row is not None
        assert row.rows_total is not None
        total = row.rows_total
    prepared = time.perf_counter()
    with transaction(engine, site_id=site_id) as session:
        numbers = session.scalars(text("SELECT number FROM chunk ORDER BY number")).all()
    checking = time.perf_counter()
    for number in numbers:
        with transaction(engine, site_id=site_id) as session:
            check_wanted_chunk(
                session, import_id, number, keyring=keyring, batch_keys=keyring, today=_TODAY
            )
    ended = time.perf_counter()
    engine.dispose()
    return {
        "upload_megabytes_per_second": round(len(data) / 1e6 / upload_seconds, 1),
        "prepare_rows_per_second": round(total / (prepared - began)),
        "check_rows_per_second": round(total / (ended - checking)),
    }


def _upload(engine: Engine, site_id: UUID, keyring: Keyring, data: bytes) -> tuple[UUID, float]:
    actor = Actor(uuid4(), site_id, frozenset({"records.import"}), "s", "c")
    began = time.perf_counter()
    with transaction(engine, site_id=site_id) as session:
        upload = Upload(iter(_blocks(data)), "sample.csv", Choices())
        import_id = receive_upload(session, upload, by=actor, site_id=site_id, keyring=keyring)
    return import_id, time.perf_counter() - began


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000), indent=2))
