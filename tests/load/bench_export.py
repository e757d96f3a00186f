"""Measures exports: records a second and the memory they take, as CSV and Excel, and the extract.

Run: python -m tests.load.bench_export [rows]. A site's records are made by one import of a few
thousand and multiplied in the database, each with identifiers that open. Each file is then made and
thrown away in a process of its own, whose memory is looked at before and at its highest.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg

from deploy.local.servers import start_postgres
from deploy.postgres.bootstrap import bootstrap, url_for, with_database
from services.records import migrations
from services.records.domain.exporting import EXPORT_HEADINGS, EXTRACT_HEADINGS, Filters
from services.records.exporting.extract import table_of_all_sites
from services.records.exporting.own import table_of_site
from services.records.exporting.workbook import workbook_blocks
from services.shared.db import make_engine, transaction
from services.shared.migrate import upgrade
from services.shared.sheets.csv_file import csv_blocks
from tests.factories.records import Imports
from tests.load.bench_records import bench_keys, checked_rows

SEED_ROWS = 5_000
FILES = ("csv-codes", "csv-labels", "xlsx-codes", "xlsx-labels", "extract")
_PASSWORDS = {"records": {"owner": "owner", "service": "service", "maintenance": "maintenance"}}


def run(rows: int, *, admin_url: str | None = None) -> dict[str, Any]:
    """Makes each file of that many records.

    Args:
        rows: rounded to thousands.
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
    with _database(admin_url) as name:
        url = url_for(admin_url, "records_service", "service", name)
        site_id = _fill(url, with_database(admin_url, name), rows)
        figures: dict[str, Any] = {}
        for file in FILES:
            # A process of its own: its highest memory is that of this file alone.
            command = [sys.executable, "-m", __spec__.name, "--one", file, url, str(site_id)]
            said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            stem = file.replace("-", "_")
            figures |= {f"{stem}_{key}": value for key, value in json.loads(said).items()}
        return figures


@contextmanager
def _database(admin_url: str) -> Iterator[str]:
    name = f"bench_{uuid4().hex[:8]}"
    bootstrap(admin_url, _PASSWORDS, {"records": name})
    upgrade(migrations, url_for(admin_url, "records_owner", "owner", name))
    try:
        yield name
    finally:
        with psycopg.connect(admin_url, autocommit=True) as server:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[arg-type]


def _fill(url: str, superuser_url: str, rows: int) -> UUID:
    """Stores the records of one site; returns its id."""
    engine = make_engine(url, application_name="bench")
    imports = Imports(engine, bench_keys(), uuid4(), deliveries=1)
    imports.site_changed()
    imports.store(*checked_rows(min(rows, SEED_ROWS)))
    engine.dispose()
    times = max(rows // SEED_ROWS - 1, 0)
    with psycopg.connect(superuser_url, autocommit=True) as database:
        # A copy belongs to the same patient, whose key opens its identifiers. The look-up hash of a
        # local identifier is unique at a site.
        database.execute(
            "CREATE TEMP TABLE copy AS SELECT record_id, gen_random_uuid() AS new_id "
            "FROM fls_record CROSS JOIN generate_series(1, %s)",
            (times,),
        )
        for table, changed in (
            ("fls_record", {"record_id": "c.new_id"}),
            ("record_identity", {"record_id": "c.new_id", "local_id_hash": "NULL"}),
        ):
            names = [
                row[0]
                for row in database.execute(
                    "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass "
                    "AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
                    (table,),
                )
            ]
            values = ", ".join(changed.get(name, f"t.{name}") for name in names)
            database.execute(
                f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} "  # type: ignore[arg-type]
                f"FROM {table} t JOIN copy c USING (record_id)"
            )
        database.execute("ANALYZE fls_record, record_identity, patient, patient_key")  # type: ignore[arg-type]
    return imports.site_id


def _one(file: str, url: str, site_id: UUID) -> dict[str, Any]:
    """Makes one file and throws it away."""
    engine, keys = make_engine(url, application_name="bench"), bench_keys()
    kind, _, answers = file.partition("-")
    before = _most_memory_mb()
    began, cpu_began, rows, size = time.perf_counter(), time.process_time(), 0, 0
    national = kind == "extract"

    def counted(table: Any) -> Any:
        nonlocal rows
        for part in table:
            rows += len(part[0])
            yield part

    role = "records_reader" if national else None
    with transaction(
        engine, site_id=None if national else site_id, read_only=True, role=role
    ) as session:
        table = (
            table_of_all_sites(session, keys, filters=Filters())
            if national
            else table_of_site(
                session,
                keys,
                site_id=site_id,
                site_code="ABC",
                filters=Filters(),
                labels=answers == "labels",
            )
        )
        make = workbook_blocks if kind == "xlsx" else csv_blocks
        headings = EXTRACT_HEADINGS if national else EXPORT_HEADINGS
        for block in make(headings, counted(table)):
            size += len(block)
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu_began
    return {
        "rows": rows,
        "rows_per_second": round(rows / seconds),
        "seconds": round(seconds, 1),
        "python_cpu_microseconds_per_row": round(cpu / rows * 1e6, 1),
        "file_mb": round(size / 1024 / 1024, 1),
        "memory_before_mb": before,
        "memory_at_most_mb": _most_memory_mb(),
    }


def _most_memory_mb() -> int:
    # Not getrusage: a program begins with the highest memory of whoever started it.
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) // 1024


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(_one(sys.argv[2], sys.argv[3], UUID(sys.argv[4]))))
    else:
        print(json.dumps(run(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000), indent=2))
