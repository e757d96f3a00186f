"""The last hour of a round: 400 sites confirm and submit the facilities audit, all at the end.

Run: `./flsdb bench last-hour [--rows N] [--json]`, N sites. A private system with N sites, half of
them with a fracture liaison service. The hour is pressed into five minutes: each site comes at its
time, opens its answers, saves and confirms section by section, submits, and reads its receipt,
through nginx with a token of its own. Meanwhile one person goes through the pages of a section.
At the end every receipt is held against what was sent: no answer may be missing or another. It ends
by itself when the last site has its receipt.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from string import ascii_uppercase
from typing import Any
from uuid import UUID

import httpx
import psycopg
from psycopg.types.json import Jsonb
from uuid_utils.compat import uuid7

from deploy.local.asking import expect
from deploy.postgres.bootstrap import with_database
from services.facilities.domain.questionnaires import FACILITIES_2026
from services.registration.domain.credentials import digest, new_token
from tests.factories.facilities import COMPLETE, SHORT
from tests.load.live import Bench, percentile, postgres_version, private_system, surroundings

ROWS = 400
"""How many sites there are, unless `--rows` says otherwise."""
SECONDS = 300.0
AT_ONCE = 40
_BASE = "/api/facilities/v1/rounds"
_LETTERS = ascii_uppercase
_RIGHTS = ["facilities.read", "facilities.answer", "facilities.submit"]


@dataclass
class Times:
    """How long each request took, in seconds, by what it does."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, what: str, seconds: float) -> None:
        """Note one request."""
        with self.lock:
            self.seconds.setdefault(what, []).append(seconds)


@dataclass(frozen=True)
class Respondent:
    """A site that answers: its token and what it will say."""

    token: str
    answers: dict[str, Any]


def run(rows: int | None = None) -> dict[str, Any]:
    """Measures one last hour.

    Args:
        rows: how many sites there are.

    Returns:
        Figures with their units in their names.
    """
    sites = rows or ROWS
    with private_system("last-hour") as bench:
        lead = bench.demo_lead()
        bench.say(f"making {sites} sites")
        respondents = _make_sites(bench, sites)
        round_id = expect(lead.get(f"{_BASE}/current"), "the round", 200)["round_id"]
        bench.say(f"they answer within {SECONDS:.0f} seconds")
        times, stop = Times(), threading.Event()
        began = time.perf_counter()
        with ThreadPoolExecutor(AT_ONCE + 1) as pool:
            pages = pool.submit(_look_at_pages, bench, lead, round_id, times, stop)
            done = [
                pool.submit(_answer, bench, round_id, each, times, began, SECONDS * n / sites)
                for n, each in enumerate(respondents)
            ]
            lost = sum(each.result() for each in done)
            stop.set()
            pages.result()
        seconds = time.perf_counter() - began
        submitted = _submitted(bench, round_id)
        versions = surroundings(postgres=postgres_version(bench))
        lead.close()
    everything = [s for name, each in times.seconds.items() if name != "page" for s in each]
    return {
        "request_p95_milliseconds": _p(everything, 95),
        "request_p50_milliseconds": _p(everything, 50),
        **{
            f"{what}_p95_milliseconds": _p(each, 95) for what, each in sorted(times.seconds.items())
        },
        "answers_lost": lost,
        "sites_submitted": submitted,
        "sites": sites,
        "requests": len(everything),
        "requests_per_second": round(len(everything) / seconds, 1),
        "seconds": round(seconds, 1),
        "runs": 1,
        **versions,
    }


def _p(seconds: list[float], percent: int) -> float:
    return round(percentile(seconds, percent) * 1000, 1)


def _make_sites(bench: Bench, sites: int) -> list[Respondent]:
    """Sites with a token each, made in the databases: registering is not what is measured."""
    made = []
    url = bench.system.postgres_url
    registration = psycopg.connect(with_database(url, "registration"))
    facilities = psycopg.connect(with_database(url, "facilities"))
    with registration, facilities:
        (account,) = registration.execute(
            "SELECT account_id FROM account_role WHERE role = 'site_lead' LIMIT 1"
        ).fetchone() or (None,)
        for number in range(sites):
            site_id, has_fls, token = uuid7(), number % 2 == 0, new_token()
            first, rest = divmod(number, 676)
            code = f"{_LETTERS[16 + first]}{_LETTERS[rest // 26]}{_LETTERS[rest % 26]}"
            _insert_site(registration, facilities, site_id, code, has_fls)
            _insert_token(registration, account, site_id, token)
            made.append(Respondent(token, COMPLETE if has_fls else SHORT))
    return made


def _insert_site(
    registration: psycopg.Connection[Any],
    facilities: psycopg.Connection[Any],
    site_id: UUID,
    code: str,
    has_fls: bool,
) -> None:
    row = (
        site_id,
        code,
        f"Hospital {code}",
        "hospital",
        "england",
        "approved",
        has_fls,
        False,
        True,
    )
    columns = (
        "site_id, code, name, kind, nation, state, has_fls, patient_audit, facilities_audit, "
        "version"
    )
    values = "(%s, %s, %s, %s, %s, %s, %s, %s, %s, 1"
    registration.execute(f"INSERT INTO site ({columns}, approved_at) VALUES {values}, now())", row)
    facilities.execute(
        f"INSERT INTO site ({columns}, organisation_codes) VALUES {values}, %s)",
        (*row, Jsonb([{"scheme": "ods", "code": "RCF"}])),
    )


def _insert_token(
    registration: psycopg.Connection[Any], account: UUID | None, site_id: UUID, token: str
) -> None:
    registration.execute(
        "INSERT INTO account_role (account_role_id, account_id, role, site_id, granted_at) "
        "VALUES (%s, %s, 'site_lead', %s, now())",
        (uuid7(), account, site_id),
    )
    now = datetime.now(UTC)
    registration.execute(
        "INSERT INTO api_token (api_token_id, site_id, account_id, secret_sha256, name, rights, "
        "created_at, expires_at) VALUES (%s, %s, %s, %s, 'bench', %s, %s, %s)",
        (uuid7(), site_id, account, digest(token), _RIGHTS, now, now + timedelta(days=1)),
    )


def _answer(
    bench: Bench,
    round_id: str,
    respondent: Respondent,
    times: Times,
    began: float,
    at_seconds: float,
) -> int:
    """One site from its first look to its receipt; how many answers the receipt lacks."""
    time.sleep(max(began + at_seconds - time.perf_counter(), 0))
    base = f"{_BASE}/{round_id}"
    headers = {"Authorization": f"Bearer {respondent.token}"}
    with httpx.Client(base_url=bench.address, timeout=60, headers=headers) as client:

        def ask(what: str, method: str, path: str, body: Any = None) -> dict[str, Any]:
            start = time.perf_counter()
            answer = client.request(method, f"{base}{path}", json=body)
            times.add(what, time.perf_counter() - start)
            found: dict[str, Any] = expect(answer, what, 200)
            return found

        version = ask("open", "GET", "/answers")["version"]
        for section in FACILITIES_2026.sections:
            keys = [key for question in section.questions for key in question.keys]
            part = {key: respondent.answers[key] for key in keys if key in respondent.answers}
            if part:
                body = {"version": version, "answers": part}
                version = ask("save", "PUT", "/answers", body)["version"]
                path = f"/sections/{section.id}/confirmation"
                ask("confirm", "PUT", path, {"version": version})
        ask("submit", "POST", "/submission", {"version": version})
        kept = ask("receipt", "GET", "/receipt")["answers"]
    keys = kept.keys() | respondent.answers.keys()
    return sum(kept.get(key) != respondent.answers.get(key) for key in keys)


def _look_at_pages(
    bench: Bench, lead: httpx.Client, round_id: str, times: Times, stop: threading.Event
) -> None:
    """Somebody of the demo site goes through the sections, a page every half second."""
    session = lead.headers["Authorization"].removeprefix("Bearer ")
    cookie = {"Cookie": f"fls_session={session}"}
    with httpx.Client(base_url=bench.address, timeout=60, headers=cookie) as pages:
        number = 0
        while not stop.wait(0.5):
            section = "ABCDEFGHIJ"[number % 10]
            start = time.perf_counter()
            answer = pages.get(f"/facilities/{round_id}/sections/{section}")
            times.add("page", time.perf_counter() - start)
            if answer.status_code != 200:
                raise RuntimeError(f"a page answered {answer.status_code}")
            number += 1


def _submitted(bench: Bench, round_id: str) -> int:
    with psycopg.connect(with_database(bench.system.postgres_url, "facilities")) as database:
        query = "SELECT count(*) FROM answer_set WHERE round_id = %s AND submitted_at IS NOT NULL"
        (count,) = database.execute(query, (round_id,)).fetchone() or (0,)
    return int(count)


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]) if len(sys.argv) > 1 else None)))
