"""Fills a running system with records through its own doors: sites registered, files imported.

A client of the API. Repeated, it finds the sites that are there, waits for imports under way and
uploads only what is missing. What is stored is counted by the records service itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import httpx

from deploy.local.asking import expect, patiently
from deploy.local.demo_sites import (
    APPLICATION,
    demo_accounts,
    lead_session,
    site_password,
    wait_for_site,
)
from deploy.local.layout import Layout
from deploy.local.private_files import write_private
from deploy.local.reporting import Reporter
from deploy.local.sample import write_sample
from deploy.local.signing_in import Operator
from deploy.local.uploading import (
    ENDED,
    WAITS_FOR_A_PERSON,
    follow_import,
    refuse_unapplied,
    upload_file,
)

DEMO_ROWS = 20_000
"""Records of the demo site: a busy site after some years."""
MOST_ROWS, MOST_SITES = 2_000_000, 200
AT_ONCE = 4
"""Files on their way at a time."""
PATIENCE_SECONDS = 1800
"""How long one of them may make no progress, while the others do."""
ROUNDS = 3
"""Files that a site uploads at most in one run: rows of one may turn out to be stored already."""


@dataclass(frozen=True)
class Share:
    """What one site is to hold. `number` 0 is the demo site."""

    number: int
    rows: int

    @property
    def application(self) -> dict[str, Any]:
        """What the site's registration form sends."""
        if self.number == 0:
            return APPLICATION
        return {
            **APPLICATION,
            "organisation_name": f"Demo Hospital {self.number}",
            "ods_code": f"ZY{self.number:03d}",
            "fls_name": f"Fracture liaison service {self.number}",
            "lead_name": f"Lee Demo {self.number}",
            "lead_email": f"fls.lead.{self.number}@demo.example",
        }


@dataclass(frozen=True)
class Stocked:
    """What a site held before and holds now."""

    code: str
    name: str
    before: int
    now: int


def plan_shares(rows: int, sites: int) -> list[Share]:
    """Divides records among sites.

    The demo site gets 20,000, or half where there are few; the others share the rest evenly.

    >>> [share.rows for share in plan_shares(50_000, 4)]
    [20000, 10000, 10000, 10000]

    Raises:
        ValueError: More than we would store, or a site would get none.
    """
    if not 1 <= sites <= MOST_SITES:
        raise ValueError(f"the number of sites is 1 to {MOST_SITES}")
    if not 2 * sites <= rows <= MOST_ROWS:
        raise ValueError(f"{sites} sites can hold {2 * sites} to {MOST_ROWS:,} records")
    first = rows if sites == 1 else min(DEMO_ROWS, rows // 2)
    rest, others = rows - first, sites - 1
    return [
        Share(0, first),
        *(Share(n, rest // others + (n <= rest % others)) for n in range(1, sites)),
    ]


def seed_of(number: int, part: int) -> int:
    """The seed of a site's file: other patients at each site, other local ids in each file.

    Local ids of the sample begin with the last three digits of its seed.
    """
    return (number + 1) * 1000 + part % 1000


def fill_store(
    layout: Layout,
    base_url: str,
    shares: Sequence[Share],
    *,
    operator: Operator,
    reporter: Reporter,
) -> list[Stocked]:
    """Sees that each site exists and holds its share of records.

    Args:
        layout: Where accounts, mails and, for a while, the files lie.
        base_url: The gateway's address.

    Raises:
        StepFailed: A step did not work; what was stored so far stays, and repeating goes on.
    """
    work = _Work(layout, base_url, operator, reporter, demo_accounts(layout))
    total = sum(share.rows for share in shares)
    with reporter.progress(f"storing {total:,} records", total) as show:
        work.done = _Sum(show)
        pool = ThreadPoolExecutor(AT_ONCE)
        try:
            return list(pool.map(work.fill_site, shares))
        finally:
            work.stopped = True
            pool.shutdown(cancel_futures=True)


class _Sum:
    """Adds up what several threads have done so far, and shows it."""

    def __init__(self, show: Callable[[int], None]) -> None:
        self._show = show
        self._lock = threading.Lock()
        self._done: dict[int, int] = {}

    def set(self, number: int, done: int) -> None:
        """Site `number` has stored so many by now."""
        with self._lock:
            self._done[number] = done
            self._show(sum(self._done.values()))


class _Work:
    """What the threads share: one site at a time is registered, several files are on their way."""

    def __init__(
        self,
        layout: Layout,
        base_url: str,
        operator: Operator,
        reporter: Reporter,
        demo: dict[str, Any],
    ) -> None:
        self._layout, self._base_url = layout, base_url
        self._operator, self._reporter, self._demo = operator, reporter, demo
        self._registering = threading.Lock()
        self.done = _Sum(lambda _: None)
        self.stopped = False

    def fill_site(self, share: Share) -> Stocked:
        """Makes a site if it is missing, and uploads what it lacks."""
        with httpx.Client(base_url=self._base_url, timeout=60) as client:
            site = self._sign_in(client, share)
            parts = _wait_for_imports(client)
            before = stored = stored_records(client)
            for part in range(parts + 1, parts + 1 + ROUNDS):
                self.done.set(share.number, min(stored, share.rows))
                if stored >= share.rows or self.stopped:
                    break
                self._import(client, share, site["code"], stored, part)
                stored, last = stored_records(client), stored
                if stored == last:
                    break
            client.delete("/api/registration/v1/sessions/current")
        return Stocked(site["code"], site["name"], before, stored)

    def _sign_in(self, client: httpx.Client, share: Share) -> dict[str, Any]:
        with self._registering:
            session = lead_session(
                client,
                self._layout,
                share.application,
                password=site_password(self._layout, self._demo, share.number),
                team=self._demo["audit_team"],
                operator=self._operator,
                reporter=self._reporter,
            )
            site: dict[str, Any] = session["account"]["site"]
            if share.number == 0 and self._demo.get("site_code") != site["code"]:
                self._demo["site_code"] = site["code"]
                write_private(self._layout.demo, self._demo)
        client.headers["Authorization"] = f"Bearer {session['session']}"
        wait_for_site(client)
        return site

    def _import(
        self, client: httpx.Client, share: Share, code: str, stored: int, part: int
    ) -> None:
        rows = share.rows - stored
        path = self._layout.home / f"sample-{code}-{part}-{rows}.csv"
        try:
            write_sample(
                path, rows=rows, seed=seed_of(share.number, part), service_code=code, bad_share=0
            )
            answer, _ = upload_file(client, path, confirm="automatic", show=lambda _: None)
        finally:
            path.unlink(missing_ok=True)

        def show(now: dict[str, Any]) -> None:
            self.done.set(share.number, stored + int(now.get("rows_applied") or 0))

        refuse_unapplied(
            follow_import(client, answer["import_id"], show=show, patience_seconds=PATIENCE_SECONDS)
        )


def _wait_for_imports(client: httpx.Client) -> int:
    """Waits for imports that an earlier run left on their way; returns how many there were ever."""
    path = "/api/imports/v1/imports?page_size=100"
    answer = expect(patiently(lambda: client.get(path)), "reading imports", 200)
    for item in answer["items"]:
        if item["state"] not in (*ENDED, WAITS_FOR_A_PERSON):
            follow_import(
                client,
                item["import_id"],
                until=(WAITS_FOR_A_PERSON,),
                show=lambda _: None,
                patience_seconds=PATIENCE_SECONDS,
            )
    return int(answer["total"])


def stored_records(client: httpx.Client) -> int:
    """How many records the caller's site holds."""
    path = "/api/records/v1/records?page_size=1"
    return int(expect(patiently(lambda: client.get(path)), "counting records", 200)["total"])
