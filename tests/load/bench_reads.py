"""An API read of one record through the gateway, its read-log row included, beside the bare limit.

Run: `./flsdb bench reads [--rows N] [--json]`. A private system is filled with records. Then 32
connections read records of the demo site as fast as answers come; and a bare Flask route, which
does one SELECT by primary key and one committed INSERT through SQLAlchemy, takes the place of the
records service behind the same nginx with the same cached `auth_request`. The two take turns, so
that what else the machine does meets both. Last, 100 reads a second, whatever the answers do.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import replace
from importlib.metadata import version
from typing import Any

import httpx

from deploy.local.control import is_running, read_wanted, want
from tests.load.hammer import Answers, get_request, saturate, steady
from tests.load.live import (
    Bench,
    median,
    percentile,
    postgres_version,
    private_system,
    surroundings,
)

ROWS = 40_000
RUNS = 3
CONNECTIONS = 32
SECONDS = 8.0
WARM_SECONDS = 2.0
STEADY_RATE = 100
STEADY_SECONDS = 20.0
_PAGES = 10

_BARE_TABLES = (
    "DROP TABLE IF EXISTS bench_bare, bench_bare_read",
    "CREATE TABLE bench_bare AS SELECT * FROM fls_record",
    "ALTER TABLE bench_bare ADD PRIMARY KEY (record_id)",
    "CREATE TABLE bench_bare_read (position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "
    "record_id uuid NOT NULL, at timestamptz NOT NULL DEFAULT now())",
    "GRANT SELECT ON bench_bare TO records_service",
    "GRANT INSERT ON bench_bare_read TO records_service",
)
"""For `tests.load.bare_read`: the same records in a plain table, and a plain log."""


def run(rows: int = ROWS) -> dict[str, Any]:
    """Measures reads and the bare route in turns, then reads at a steady rate.

    Returns:
        Figures with their units in their names; medians of `RUNS`.
    """
    with private_system("reads") as bench:
        bench.fill(rows)
        lead = bench.demo_lead()
        requests = _requests(bench, lead)
        with bench.records_database() as database:
            for statement in _BARE_TABLES:
                database.execute(statement)
            database.execute("VACUUM (ANALYZE)")
        ours, bare = [], []
        for number in range(RUNS):
            bench.say(f"run {number + 1} of {RUNS}")
            ours.append(_saturated(bench, requests))
            with _Bare(bench):
                bare.append(_saturated(bench, requests))
        bench.say(f"{STEADY_RATE} reads a second")
        slow = _steady(bench, requests)
        logged = _logged(bench)
        versions = surroundings(
            postgres=postgres_version(bench), flask=version("flask"), gunicorn=version("gunicorn")
        )
    ratios = [own.rate / other.rate for own, other in zip(ours, bare, strict=True)]
    rate, bare_rate = median([a.rate for a in ours]), median([a.rate for a in bare])
    return {
        "reads_per_second": round(rate),
        "bare_reads_per_second": round(bare_rate),
        "ratio_to_bare": round(median(ratios), 3),
        "read_p50_milliseconds": _milliseconds([s for a in ours for s in a.seconds], 50),
        "read_p99_milliseconds": _milliseconds([s for a in ours for s in a.seconds], 99),
        "steady_reads_per_second": round(slow.rate, 1),
        "steady_read_p50_milliseconds": _milliseconds(slow.seconds, 50),
        "steady_read_p99_milliseconds": _milliseconds(slow.seconds, 99),
        "steady_read_slowest_milliseconds": _milliseconds(slow.seconds, 100),
        "reads_logged": logged,
        "connections": CONNECTIONS,
        "rows": rows,
        "runs": RUNS,
        **versions,
    }


def _requests(bench: Bench, lead: httpx.Client) -> list[bytes]:
    token = bench.token(lead)
    ids: list[str] = []
    for page in range(1, _PAGES + 1):
        answer = lead.get("/api/records/v1/records", params={"page": page, "page_size": 100})
        ids += [item["record_id"] for item in answer.raise_for_status().json()["items"]]
    host = bench.system.host("gateway")
    return [get_request(host, f"/api/records/v1/records/{one}", token) for one in ids]


def _saturated(bench: Bench, requests: list[bytes]) -> Answers:
    host, port = _gateway(bench)
    saturate(host, port, requests, connections=CONNECTIONS, seconds=WARM_SECONDS)
    return _good(saturate(host, port, requests, connections=CONNECTIONS, seconds=SECONDS))


def _steady(bench: Bench, requests: list[bytes]) -> Answers:
    host, port = _gateway(bench)
    saturate(host, port, requests, connections=4, seconds=WARM_SECONDS)
    return _good(
        steady(
            host,
            port,
            requests,
            connections=CONNECTIONS,
            seconds=STEADY_SECONDS,
            rate=STEADY_RATE,
        )
    )


def _gateway(bench: Bench) -> tuple[str, int]:
    host, _, port = bench.system.host("gateway").partition(":")
    return host, int(port)


def _good(answers: Answers) -> Answers:
    if answers.failures:
        raise RuntimeError(f"{answers.failures} of {len(answers.seconds)} reads were not answered")
    return answers


class _Bare:
    """Puts the bare route in the place of the records service for a while."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._usual = read_wanted(bench.layout)

    def __enter__(self) -> None:
        self._switch(
            [
                replace(
                    program,
                    argv=(*program.argv[:-1], "tests.load.bare_read:app"),
                    env={**program.env, "FLSDB_CODE": "bare"},
                )
                if program.name == "records-web"
                else program
                for program in self._usual
            ]
        )

    def __exit__(self, *_: object) -> None:
        self._switch(self._usual)

    def _switch(self, programs: list[Any]) -> None:
        want(self._bench.layout, programs)
        (web,) = (program for program in programs if program.name == "records-web")
        until = time.monotonic() + 60
        url = f"http://{self._bench.system.host('records-web')}/health/ready"
        while True:
            try:
                if is_running(self._bench.layout, web) and httpx.get(url).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            if time.monotonic() > until:
                raise RuntimeError(f"{web.argv[-1]} did not start within a minute")
            time.sleep(0.1)


def _logged(bench: Bench) -> int:
    """How many openings the read log has: every one of ours, or a read was not logged."""
    with bench.records_database() as database:
        return int(database.execute("SELECT count(*) FROM read_log").fetchone()[0])  # type: ignore[index]


def _milliseconds(seconds: list[float], percent: int) -> float:
    return round(percentile(seconds, percent) * 1000, 1)


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)))
