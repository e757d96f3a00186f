"""A private system for a benchmark, and people in it. No benchmark by itself."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg

from deploy.local.asking import expect
from deploy.local.demo_sites import APPLICATION, demo_accounts, lead_session, wait_for_site
from deploy.local.layout import ROOT, Layout
from deploy.local.operating import operator_of
from deploy.local.reporting import Reporter
from deploy.local.signing_in import Operator
from deploy.local.stocking import fill_store, plan_shares
from deploy.local.system import System, load_system
from deploy.postgres.bootstrap import with_database

ROWS_OF_A_SITE = 20_000


@dataclass(frozen=True)
class Bench:
    """A private system that runs for one benchmark.

    Attributes:
        name: of the benchmark, for what is told meanwhile.
        address: of the gateway.
    """

    name: str
    system: System
    address: str
    operator: Operator

    @property
    def layout(self) -> Layout:
        """Where its files lie."""
        return self.system.layout

    def say(self, text: str) -> None:
        """Tells how far the benchmark is, beside its figures."""
        say(self.name, text)

    def lead(self, application: dict[str, Any], password: str) -> httpx.Client:
        """A client with the session of a site's lead; the site is made if there is none."""
        client = httpx.Client(base_url=self.address, timeout=120)
        session = lead_session(
            client,
            self.layout,
            application,
            password=password,
            team=demo_accounts(self.layout)["audit_team"],
            operator=self.operator,
            reporter=Reporter(quiet_stdout=True),
        )
        client.headers["Authorization"] = f"Bearer {session['session']}"
        wait_for_site(client)
        return client

    def demo_lead(self) -> httpx.Client:
        """A client with the session of the demo site's lead."""
        password = str(demo_accounts(self.layout)["site_lead"]["password"])
        return self.lead(APPLICATION, password)

    def token(self, lead: httpx.Client) -> str:
        """A new API token of a lead's site."""
        body = {"name": "bench", "expires_in_days": 1}
        answer = lead.post("/api/registration/v1/tokens", json=body)
        return str(expect(answer, "making a token", 201)["token"])

    def fill(self, rows: int) -> int:
        """Stores so many records, 20,000 at the demo site; returns how many sites there are.

        Then the database is tidied up, as it would have been by itself in the time that so many
        records take to come together.
        """
        sites = min(max(rows // ROWS_OF_A_SITE, 1), 25)
        self.say(f"storing {rows:,} records at {sites} sites")
        fill_store(
            self.layout,
            self.address,
            plan_shares(rows, sites),
            operator=self.operator,
            reporter=Reporter(quiet_stdout=True),
        )
        with self.records_database() as database:
            database.execute("VACUUM (ANALYZE)")
            database.execute("CHECKPOINT")
        return sites

    def records_database(self) -> psycopg.Connection[Any]:
        """A connection to the database of records as superuser."""
        url = with_database(self.system.postgres_url, "records")
        return psycopg.connect(url, autocommit=True)


@contextmanager
def private_system(name: str) -> Iterator[Bench]:
    """A private system without the sample, stopped and removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="flsdb-bench-") as folder:
        env = {**os.environ, "FLSDB_HOME": folder}
        up = [str(ROOT / "flsdb"), "up", "--no-sample", "--json"]
        say(name, "starting a private system")
        try:
            done = subprocess.run(up, env=env, stdout=subprocess.PIPE, text=True, check=True)
            address = json.loads(done.stdout.splitlines()[-1])["address"]
            system = load_system(Layout(Path(folder)), in_use=True)
            yield Bench(
                name, system, address.replace("localhost", "127.0.0.1"), operator_of(system)
            )
        finally:
            say(name, "stopping it and removing its data")
            subprocess.run([up[0], "down", "--delete-data"], env=env, stdout=subprocess.DEVNULL)


def say(name: str, text: str) -> None:
    """Tells how far a benchmark is; standard output is for its figures."""
    print(f"bench {name}: {text}", file=sys.stderr, flush=True)


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that so many per cent of the values do not exceed (nearest rank).

    >>> percentile([4.0, 1.0, 2.0, 3.0], 50), percentile([1.0, 2.0], 99)
    (2.0, 2.0)
    """
    ordered = sorted(values)
    return ordered[max(-(-len(ordered) * percent // 100), 1) - 1]


def surroundings(**versions: str) -> dict[str, Any]:
    """What a figure depends on beside the code: cores and versions."""
    return {"cores": os.cpu_count(), "python": platform.python_version(), **versions}


def postgres_version(bench: Bench) -> str:
    """The version of the database server."""
    with bench.records_database() as database:
        return f"{database.info.server_version // 10_000}"


def median(values: Sequence[float]) -> float:
    """The middle of several runs."""
    return statistics.median(values)
