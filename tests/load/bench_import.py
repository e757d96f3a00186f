"""An import from upload to ledger through the whole system, beside the bare limit of the database.

Run: `./flsdb bench import [--rows N] [--json]`. A private system with two import workers is started
in a temporary folder, a site is registered, and a sample is uploaded with an API token and
`confirm=automatic`; the clock runs from the upload's answer to the state `applied` with findings
readable. Then the same rows go into a plain table of the same database server: one COPY, one
upsert, no check, no seal, no history. Memory is the highest of the import workers (VmHWM).
"""

from __future__ import annotations

import csv
import json
import statistics
import sys
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import psycopg

from dataset.fields import FIELDS
from dataset.sample import sample_rows
from deploy.local.asking import expect
from deploy.local.control import program_states
from deploy.local.layout import Layout
from deploy.postgres.bootstrap import with_database
from tests.load.live import Bench, postgres_version, private_system, surroundings

ROWS = 100_000
RUNS = 3
_PATIENCE_SECONDS = 1_800
_TELL_SECONDS = 5
_FORM = {
    "organisation_kind": "hospital",
    "nation": "england",
    "has_fls": True,
    "lead_name": "Bench Lead",
    "statements_accepted": True,
}


def run(rows: int | None = None) -> dict[str, Any]:
    """Measures `RUNS` imports, each by a site of its own, and as many bare upserts.

    Returns:
        Figures with their units in their names; medians, and the slowest and fastest run.
    """
    count = rows or ROWS
    seconds: list[float] = []
    bare: list[float] = []
    with private_system("import") as bench, tempfile.TemporaryDirectory() as folder:
        for number in range(RUNS):
            bench.say(
                f"run {number + 1} of {RUNS}: a site of its own, and its file of {count:,} rows"
            )
            client = make_site(bench, number)
            code = client.get("/api/registration/v1/me").json()["site"]["code"]
            file = Path(folder) / f"{code}.csv"
            write_sample(file, count, number, code)
            seconds.append(import_file(bench, client, file, count))
            bench.say(f"applied in {seconds[-1]:.1f} s; now the bare upsert")
            bare.append(_bare_upsert(bench.system.postgres_url, file))
        memory = worker_memory(bench.layout)
        workers = bench.system.workers
        versions = surroundings(postgres=postgres_version(bench))
    rate = count / statistics.median(seconds)
    bare_rate = count / statistics.median(bare)
    return {
        "rows_per_second": round(rate),
        "slowest_rows_per_second": round(count / max(seconds)),
        "fastest_rows_per_second": round(count / min(seconds)),
        "upload_to_applied_seconds": round(statistics.median(seconds), 2),
        "bare_upsert_rows_per_second": round(bare_rate),
        "ratio_to_bare_upsert": round(rate / bare_rate, 3),
        "worker_memory_megabytes": round(memory / 1e6),
        "rows": count,
        "columns": len(FIELDS),
        "workers": workers,
        "runs": RUNS,
        **versions,
    }


def make_site(bench: Bench, number: int) -> httpx.Client:
    """Registers and approves a site, and returns a client with an API token of its own."""
    form = {
        **_FORM,
        "organisation_name": f"Bench Hospital {number}",
        "ods_code": f"R{chr(65 + number // 26)}{chr(65 + number % 26)}",
        "lead_email": f"bench{number}@sites.example",
    }
    with closing(bench.lead(form, f"bench pass phrase {number}")) as lead:
        token = bench.token(lead)
    return httpx.Client(
        base_url=bench.address, timeout=120, headers={"Authorization": f"Bearer {token}"}
    )


def write_sample(file: Path, rows: int, seed: int, code: str) -> None:
    today = datetime.now(UTC).date()
    with file.open("w", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows(sample_rows(rows, seed, service_code=code, today=today))


def import_file(bench: Bench, client: httpx.Client, file: Path, rows: int) -> float:
    """Uploads the file; returns the seconds from its acceptance to applied, findings readable."""
    answer = client.post(
        "/api/imports/v1/imports",
        params={"file_name": file.name, "confirm": "automatic"},
        content=file.open("rb"),
        headers={"Content-Type": "text/csv", "Content-Length": str(file.stat().st_size)},
    )
    path = f"/api/imports/v1/imports/{expect(answer, 'uploading', 200, 201)['import_id']}"
    began = told = time.perf_counter()
    while True:
        import_ = expect(client.get(path), "reading the import", 200)
        if time.perf_counter() - told > _TELL_SECONDS:
            told = time.perf_counter()
            checked, applied = (import_.get(f"rows_{step}") or 0 for step in ("checked", "applied"))
            bench.say(f"{import_['state']}: {checked:,} rows checked, {applied:,} applied")
        if import_["state"] == "applied":
            client.get(f"{path}/findings").raise_for_status()
            break
        if import_["state"] in ("failed", "refused") or (
            time.perf_counter() - began > _PATIENCE_SECONDS
        ):
            raise RuntimeError(f"the import did not end well: {import_['state']}")
        # Ten looks a second would take a twentieth of both cores.
        time.sleep(0.25)
    counts = import_["counts"]
    parts = ("new", "changed", "same", "rejected", "held")
    if counts["received"] != rows or sum(counts[part] for part in parts) != rows:
        raise RuntimeError(f"the ledger does not add up: {counts}")
    return time.perf_counter() - began


def _bare_upsert(admin_url: str, file: Path) -> float:
    """The same rows, once COPY and once INSERT ... ON CONFLICT, in a plain table of the server."""
    columns = ", ".join(f"c{number} text" for number in range(len(FIELDS)))
    names = ", ".join(f"c{number}" for number in range(len(FIELDS)))
    update = ", ".join(f"c{n} = excluded.c{n}" for n in range(len(FIELDS)))
    with psycopg.connect(with_database(admin_url, "postgres"), autocommit=True) as database:
        database.execute("DROP TABLE IF EXISTS bench_bare")
        database.execute(f"CREATE TABLE bench_bare ({columns}, PRIMARY KEY (c1))")
        with file.open(newline="", encoding="utf-8") as text:
            lines = [row for row in csv.reader(text) if len(row) == len(FIELDS)][1:]
        block = "".join("\t".join(cell or "\\N" for cell in row) + "\n" for row in lines).encode()
        began = time.perf_counter()
        with database.transaction():
            database.execute(f"CREATE TEMP TABLE bench_staged ({columns}) ON COMMIT DROP")
            with database.cursor() as cursor, cursor.copy("COPY bench_staged FROM STDIN") as copy:
                copy.write(block)
            database.execute(
                f"INSERT INTO bench_bare SELECT DISTINCT ON (c1) {names} FROM bench_staged "
                f"WHERE c1 IS NOT NULL ON CONFLICT (c1) DO UPDATE SET {update}"
            )
        seconds = time.perf_counter() - began
        database.execute("DROP TABLE bench_bare")
    return seconds


def worker_memory(layout: Layout) -> int:
    """The highest resident memory of any import worker so far, in bytes."""
    highest = 0
    for name, state in program_states(layout).items():
        if name.startswith("imports-worker") and state.pid:
            status = Path(f"/proc/{state.pid}/status").read_text()
            line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
            highest = max(highest, int(line.split()[1]) * 1024)
    return highest


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]) if len(sys.argv) > 1 else None)))
