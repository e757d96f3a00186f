"""Pages and lists with many records stored: how long one person waits for each, on the server.

Run: `./flsdb bench pages [--rows N] [--json]`. A private system is filled with 500,000 records at
25 sites through its own doors, 20,000 of them at the demo site. Then one person of the demo site
opens each kind of page some hundred times, one after the other, each time another record, page or
filter: through nginx, the pages and the services. Beside the pages stand the parts of the API that
they ask.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import httpx

from services.records.domain.lists import BY_URGENCY, SORTS, WORKLISTS
from tests.load.live import Bench, percentile, postgres_version, private_system, surroundings

ROWS = 500_000
LOOKS = 150
WARM_LOOKS = 10
_IDS_ASKED = 20

Look = Callable[[], httpx.Response]


def run(rows: int = ROWS) -> dict[str, Any]:
    """Opens every kind of page `LOOKS` times.

    Returns:
        Figures with their units in their names: of each page the middle and the slowest twentieth.
    """
    with private_system("pages") as bench:
        sites = bench.fill(rows)
        lead = bench.demo_lead()
        figures, missing = _measure(bench, lead)
        versions = surroundings(postgres=postgres_version(bench))
    pages = [
        value for name, value in figures.items() if name.startswith("page_") and "_p95" in name
    ]
    return {
        "slowest_page_p95_milliseconds": max(pages),
        **figures,
        "not_there": ", ".join(missing) or "nothing",
        "rows": rows,
        "sites": sites,
        "runs": LOOKS,
        **versions,
    }


def _measure(bench: Bench, lead: httpx.Client) -> tuple[dict[str, float], list[str]]:
    random = Random(1)
    total, ids, numbers = _known(lead, random)
    session = lead.headers["Authorization"].removeprefix("Bearer ")
    pages = httpx.Client(
        base_url=bench.address, timeout=60, headers={"Cookie": f"fls_session={session}"}
    )
    figures: dict[str, float] = {}
    missing: list[str] = []
    with pages:
        for name, look in _looks(pages, lead, random, total, ids, numbers).items():
            bench.say(name)
            seconds = _time(look)
            if seconds is None:
                missing.append(name)
                continue
            for percent in (50, 95):
                value = round(percentile(seconds, percent) * 1000, 1)
                figures[f"{name}_p{percent}_milliseconds"] = value
    return figures, missing


def _looks(
    pages: httpx.Client,
    api: httpx.Client,
    random: Random,
    total: int,
    ids: Sequence[str],
    numbers: Sequence[str],
) -> dict[str, Look]:
    """What is opened, by the name of its figures; each call opens another one."""

    def page() -> int:
        return random.randint(1, max(total // 25, 1))

    def one() -> str:
        return random.choice(ids)

    def worklist() -> str:
        return random.choice(WORKLISTS)

    records, worklists = "/api/records/v1/records", "/api/records/v1/worklists"
    return {
        "page_home": lambda: pages.get("/"),
        "page_list": lambda: pages.get("/records", params={"page": page()}),
        "page_list_filtered": lambda: pages.get("/records", params=_filters(random)),
        "page_worklist": lambda: pages.get(f"/worklists/{worklist()}"),
        "page_record": lambda: pages.get(f"/records/{one()}"),
        "page_record_form": lambda: pages.get(f"/records/{one()}/sections/{random.randint(1, 7)}"),
        "page_history": lambda: pages.get(f"/records/{one()}/history"),
        "api_list": lambda: api.get(records, params={"page": page()}),
        "api_list_filtered": lambda: api.get(records, params=_filters(random)),
        "api_list_by_updated_at": lambda: api.get(
            records, params={"sort": "-updated_at", "page": page()}
        ),
        "api_search": lambda: api.post(f"{records}/search", json={"query": random.choice(numbers)}),
        "api_worklist_counts": lambda: api.get(worklists),
        "api_worklist_next": lambda: api.get(f"{worklists}/{worklist()}/next"),
        "api_record": lambda: api.get(f"{records}/{one()}"),
    }


def _filters(random: Random) -> dict[str, str]:
    """A list narrowed in some way that people would."""
    year = random.randint(2022, 2026)
    filters = {
        "state": random.choice(BY_URGENCY),
        "diagnosed_from": f"{year}-01-01",
        "site_of_fracture": random.choice("123456"),
        "section_state": random.choice(("complete", "incomplete")),
    }
    wanted = random.sample(sorted(filters), random.randint(1, 3))
    chosen = {name: filters[name] for name in wanted}
    if "section_state" in chosen:
        chosen["section"] = str(random.randint(1, 7))
    if "diagnosed_from" in chosen:
        chosen["diagnosed_to"] = f"{year}-12-31"
    return {**chosen, "sort": random.choice(("", "-")) + random.choice(SORTS)}


def _known(lead: httpx.Client, random: Random) -> tuple[int, list[str], list[str]]:
    """How many records the site has, ids of some, and what some people would search for."""
    first = lead.get("/api/records/v1/records").raise_for_status().json()
    items: list[dict[str, Any]] = []
    for _ in range(_IDS_ASKED):
        page = random.randint(1, max(first["total"] // 25, 1))
        items += lead.get("/api/records/v1/records", params={"page": page}).json()["items"]
    numbers = []
    for item in items[:: len(items) // _IDS_ASKED]:
        answer = lead.get(f"/api/records/v1/records/{item['record_id']}").raise_for_status()
        numbers += [answer.json()["values"]["nhs_number"], item["local_id"]]
    return first["total"], [item["record_id"] for item in items], numbers


def _time(look: Look) -> list[float] | None:
    """Seconds of each look; None where there is no such page."""
    seconds = []
    for number in range(WARM_LOOKS + LOOKS):
        began = time.perf_counter()
        answer = look()
        taken = time.perf_counter() - began
        if answer.status_code == 404:
            return None
        if answer.status_code != 200:
            raise RuntimeError(f"{answer.request.url.path} answered {answer.status_code}")
        if number >= WARM_LOOKS:
            seconds.append(taken)
    return seconds


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)))
