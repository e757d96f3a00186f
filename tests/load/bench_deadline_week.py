"""The week before a deadline: many sites upload at once while one sends a very large file.

Run: `./flsdb bench deadline-week [--rows N] [--json]`. A private system with two import workers; 75
sites send 2,000 rows each, spread over five minutes, beside one site that begins with a file of N
rows (100,000). Small files are confirmed as soon as they are ready. Told are the times from a small
upload's acceptance to ready-to-confirm and to applied, and how long a page of records took
meanwhile. It ends by itself when all is applied, or after twenty minutes with an error.
"""

from __future__ import annotations

import json
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx

from deploy.local.asking import expect
from tests.load.bench_import import make_site, write_sample
from tests.load.live import percentile, postgres_version, private_system, surroundings

ROWS = 100_000
SITES = 75
SMALL_ROWS = 2_000
SPREAD_SECONDS = 300.0
_PATIENCE_SECONDS = 1_200.0
_PATH = "/api/imports/v1/imports"


def run(rows: int | None = None, *, sites: int = SITES) -> dict[str, Any]:
    """Measures one deadline week.

    Returns:
        Figures with their units in their names.
    """
    count = rows or ROWS
    with private_system("deadline-week") as bench, tempfile.TemporaryDirectory() as folder:
        bench.say(f"registering {sites + 1} sites and writing their files")
        clients = [make_site(bench, number) for number in range(sites + 1)]
        files = []
        for number, client in enumerate(clients):
            code = client.get("/api/registration/v1/me").json()["site"]["code"]
            file = Path(folder) / f"{number}.csv"
            write_sample(file, count if number == 0 else SMALL_ROWS, number, code)
            files.append(file)
        began = time.perf_counter()
        stop = threading.Event()
        with ThreadPoolExecutor(sites + 2) as pool:
            pages = pool.submit(_read_on, clients[1], stop)
            large = pool.submit(_whole, clients[0], files[0], 0.0)
            small = [
                pool.submit(_whole, client, file, number * SPREAD_SECONDS / sites)
                for number, (client, file) in enumerate(zip(clients[1:], files[1:], strict=True))
            ]
            times = [each.result() for each in small]
            large_times = large.result()
            stop.set()
            reads = pages.result()
        seconds = time.perf_counter() - began
        versions = surroundings(postgres=postgres_version(bench))
        for client in clients:
            client.close()
    ready, applied = ([each[at] for each in times] for at in (0, 1))
    return {
        "small_ready_p50_seconds": round(percentile(ready, 50), 1),
        "small_ready_p95_seconds": round(percentile(ready, 95), 1),
        "small_ready_slowest_seconds": round(max(ready), 1),
        "small_applied_p95_seconds": round(percentile(applied, 95), 1),
        "large_applied_seconds": round(large_times[1], 1),
        "read_p95_milliseconds": round(percentile(reads, 95) * 1000),
        "all_applied_seconds": round(seconds, 1),
        "rows_applied": count + sites * SMALL_ROWS,
        "sites": sites,
        "small_rows": SMALL_ROWS,
        "large_rows": count,
        "runs": 1,
        **versions,
    }


def _whole(client: httpx.Client, file: Path, wait_seconds: float) -> tuple[float, float]:
    """One upload at its time: seconds from its acceptance to ready, and to applied."""
    time.sleep(wait_seconds)
    answer = client.post(
        _PATH,
        params={"file_name": file.name},
        content=file.open("rb"),
        headers={"Content-Type": "text/csv", "Content-Length": str(file.stat().st_size)},
    )
    path = f"{_PATH}/{expect(answer, 'uploading', 200, 201)['import_id']}"
    began = time.perf_counter()
    _until(client, path, "checked", began)
    ready = time.perf_counter() - began
    expect(client.post(f"{path}/confirmation"), "confirming", 200)
    counts = _until(client, path, "applied", began)["counts"]
    parts = ("new", "changed", "same", "rejected", "held")
    if sum(counts[part] for part in parts) != counts["received"]:
        raise RuntimeError(f"the ledger does not add up: {counts}")
    return ready, time.perf_counter() - began


def _until(client: httpx.Client, path: str, state: str, began: float) -> dict[str, Any]:
    while True:
        import_: dict[str, Any] = expect(client.get(path), "reading the import", 200)
        if import_["state"] == state:
            return import_
        if import_["state"] in ("failed", "refused", "cancelled") or (
            time.perf_counter() - began > _PATIENCE_SECONDS
        ):
            raise RuntimeError(f"an import did not become {state}: {import_['state']}")
        time.sleep(0.5)


def _read_on(client: httpx.Client, stop: threading.Event) -> list[float]:
    """Reads a page of records once a second; seconds of each."""
    seconds = []
    while not stop.wait(1):
        began = time.perf_counter()
        expect(client.get("/api/records/v1/records"), "reading records", 200)
        seconds.append(time.perf_counter() - began)
    return seconds


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]) if len(sys.argv) > 1 else None)))
