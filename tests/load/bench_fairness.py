"""A small file beside a very large one: how long it takes while the large one is under way.

Run: `./flsdb bench fairness [--rows N] [--json]`. A private system with two import workers; one
site uploads N rows (300,000), and while they are checked and then stored, another one uploads files
of 200 rows, each confirmed by itself, one after the other. Told are the times from each small
upload's acceptance to applied, by what the large import was doing; and the highest memory of any
worker.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

from deploy.local.asking import expect
from tests.load.bench_import import make_site, worker_memory, write_sample
from tests.load.live import percentile, postgres_version, private_system, surroundings

ROWS = 300_000
SMALL_ROWS = 200
_PATIENCE_SECONDS = 1_800.0
_PATH = "/api/imports/v1/imports"


def run(rows: int | None = None) -> dict[str, Any]:
    """Measures small imports beside a large one.

    Returns:
        Figures with their units in their names.
    """
    count = rows or ROWS
    by_stage: dict[str, list[float]] = {}
    with private_system("fairness") as bench, tempfile.TemporaryDirectory() as folder:
        large, small = make_site(bench, 0), make_site(bench, 1)
        codes = [c.get("/api/registration/v1/me").json()["site"]["code"] for c in (large, small)]
        file = Path(folder) / "large.csv"
        write_sample(file, count, 1, codes[0])
        path = _upload(large, file)
        bench.say(f"{count:,} rows are under way; small files begin")
        began, number = time.perf_counter(), 2
        while (stage := _import(large, path)["stage"]) != "ended":
            if time.perf_counter() - began > _PATIENCE_SECONDS:
                raise RuntimeError("the large import does not end")
            each = Path(folder) / f"{number}.csv"
            write_sample(each, SMALL_ROWS, number, codes[1])
            by_stage.setdefault(stage, []).append(_seconds(small, each))
            number += 1
        memory = worker_memory(bench.layout)
        versions = surroundings(postgres=postgres_version(bench))
    times = [seconds for of_stage in by_stage.values() for seconds in of_stage]
    return {
        "small_applied_p50_seconds": round(percentile(times, 50), 2),
        "small_applied_p95_seconds": round(percentile(times, 95), 2),
        "small_applied_slowest_seconds": round(max(times), 2),
        **{
            f"slowest_while_{stage}_seconds": round(max(seconds), 2)
            for stage, seconds in sorted(by_stage.items())
        },
        "worker_memory_megabytes": round(memory / 1e6),
        "large_rows": count,
        "small_rows": SMALL_ROWS,
        "runs": len(times),
        **versions,
    }


def _upload(client: httpx.Client, file: Path) -> str:
    answer = client.post(
        _PATH,
        params={"file_name": file.name, "confirm": "automatic"},
        content=file.open("rb"),
        headers={"Content-Type": "text/csv", "Content-Length": str(file.stat().st_size)},
    )
    return f"{_PATH}/{expect(answer, 'uploading', 200, 201)['import_id']}"


def _import(client: httpx.Client, path: str) -> dict[str, Any]:
    found: dict[str, Any] = expect(client.get(path), "reading the import", 200)
    return found


def _seconds(client: httpx.Client, file: Path) -> float:
    path = _upload(client, file)
    began = time.perf_counter()
    while (state := _import(client, path)["state"]) != "applied":
        if state in ("failed", "refused") or time.perf_counter() - began > _PATIENCE_SECONDS:
            raise RuntimeError(f"a small import did not end well: {state}")
        time.sleep(0.05)
    return time.perf_counter() - began


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]) if len(sys.argv) > 1 else None)))
