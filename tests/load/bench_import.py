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
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import psycopg

from dataset.fields import FIELDS
from dataset.sample import sample_rows
from deploy.local.control import program_states
from deploy.local.layout import ROOT, Layout
from deploy.local.private_files import read_json
from deploy.local.system import load_system
from deploy.postgres.bootstrap import with_database

ROWS = 100_000
RUNS = 3
_PATIENCE_SECONDS = 900
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
    with _system() as (layout, address), tempfile.TemporaryDirectory() as folder:
        system = load_system(layout, in_use=True)
        for number in range(RUNS):
            _say(f"run {number + 1} of {RUNS}: a site of its own, and its file of {count:,} rows")
            client = _site(address, layout, number)
            code = client.get("/api/registration/v1/me").json()["site"]["code"]
            file = Path(folder) / f"{code}.csv"
            _write(file, count, number, code)
            seconds.append(_import(client, file, count))
            _say(f"applied in {seconds[-1]:.1f} s; now the bare upsert")
            bare.append(_bare_upsert(system.postgres_url, file))
        memory = _worker_memory(layout)
        workers = system.workers
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
        "cores": os.cpu_count(),
        "python": platform.python_version(),
    }


@contextmanager
def _system() -> Iterator[tuple[Layout, str]]:
    """A private system without the sample, stopped and removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="flsdb-bench-") as folder:
        env = {**os.environ, "FLSDB_HOME": folder}
        up = [str(ROOT / "flsdb"), "up", "--no-sample", "--json"]
        _say("starting a private system")
        try:
            done = subprocess.run(up, env=env, stdout=subprocess.PIPE, text=True, check=True)
            address = json.loads(done.stdout.splitlines()[-1])["address"]
            yield Layout(Path(folder)), address.replace("localhost", "127.0.0.1")
        finally:
            _say("stopping it and removing its data")
            subprocess.run([up[0], "down", "--delete-data"], env=env, stdout=subprocess.DEVNULL)


def _site(address: str, layout: Layout, number: int) -> httpx.Client:
    """Registers and approves a site, and returns a client with an API token of its own."""
    from deploy.local.main_job import mailed_link

    password = f"bench pass phrase {number}"
    team = _team(address, layout)
    email = f"bench{number}@sites.example"
    form = {
        **_FORM,
        "organisation_name": f"Bench Hospital {number}",
        "ods_code": f"RX{number}",
        "lead_email": email,
    }
    application = _json(team.post("/api/registration/v1/applications", json=form))
    path = f"/api/registration/v1/applications/{application['application_id']}/approval"
    _json(team.post(path, json={}))
    body = {"link": mailed_link(layout, email), "password": password}
    team.post("/api/registration/v1/passwords", json=body).raise_for_status()
    lead = _sign_in(address, email, password)
    token = _json(
        lead.post("/api/registration/v1/tokens", json={"name": "bench", "expires_in_days": 1})
    )["token"]
    client = httpx.Client(
        base_url=address, timeout=120, headers={"Authorization": f"Bearer {token}"}
    )
    _wait(lambda: client.get("/api/imports/v1/imports").status_code == 200)
    _wait(lambda: client.get("/api/records/v1/records").status_code == 200)
    return client


def _team(address: str, layout: Layout) -> httpx.Client:
    account = read_json(layout.demo).get("bench_team")
    if account is None:
        account = {"email": "bench.team@demo.example", "password": "bench team pass phrase"}
        secret = layout.run / "bench-password"
        secret.write_text(account["password"])
        subprocess.run(
            [
                str(ROOT / "flsdb"),
                *("admin", "create", account["email"], "--password-file", str(secret)),
            ],
            env={**os.environ, "FLSDB_HOME": str(layout.home)},
            stdout=subprocess.DEVNULL,
            check=True,
        )
        layout.demo.write_text(json.dumps({"bench_team": account}))
    return _sign_in(address, account["email"], account["password"])


def _sign_in(address: str, email: str, password: str) -> httpx.Client:
    client = httpx.Client(base_url=address, timeout=120)
    body = {"email": email, "password": password}
    answer = client.post("/api/registration/v1/sessions", json=body)
    client.headers["Authorization"] = f"Bearer {_json(answer)['session']}"
    return client


def _json(answer: httpx.Response) -> dict[str, Any]:
    answer.raise_for_status()
    return dict(answer.json())


def _write(file: Path, rows: int, seed: int, code: str) -> None:
    today = datetime.now(UTC).date()
    with file.open("w", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows(sample_rows(rows, seed, service_code=code, today=today))


def _import(client: httpx.Client, file: Path, rows: int) -> float:
    """Uploads the file; returns the seconds from its acceptance to applied, findings readable."""
    answer = client.post(
        "/api/imports/v1/imports",
        params={"file_name": file.name, "confirm": "automatic"},
        content=file.open("rb"),
        headers={"Content-Type": "text/csv", "Content-Length": str(file.stat().st_size)},
    )
    path = f"/api/imports/v1/imports/{_json(answer)['import_id']}"
    began = told = time.perf_counter()
    while True:
        import_ = _json(client.get(path))
        if time.perf_counter() - told > _TELL_SECONDS:
            told = time.perf_counter()
            checked, applied = (import_.get(f"rows_{step}") or 0 for step in ("checked", "applied"))
            _say(f"{import_['state']}: {checked:,} rows checked, {applied:,} applied")
        if import_["state"] == "applied":
            client.get(f"{path}/findings").raise_for_status()
            break
        if import_["state"] in ("failed", "refused") or (
            time.perf_counter() - began > _PATIENCE_SECONDS
        ):
            raise RuntimeError(f"the import did not end well: {import_['state']}")
        time.sleep(0.1)
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


def _worker_memory(layout: Layout) -> int:
    """The highest resident memory of any import worker so far, in bytes."""
    highest = 0
    for name, state in program_states(layout).items():
        if name.startswith("imports-worker") and state.pid:
            status = Path(f"/proc/{state.pid}/status").read_text()
            line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
            highest = max(highest, int(line.split()[1]) * 1024)
    return highest


def _say(text: str) -> None:
    print(f"bench import: {text}", file=sys.stderr, flush=True)


def _wait(look: Any) -> None:
    deadline = time.monotonic() + 60
    while not look():
        if time.monotonic() > deadline:
            raise RuntimeError("the new site did not become known within a minute")
        time.sleep(0.2)


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]) if len(sys.argv) > 1 else None)))
