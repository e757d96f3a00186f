"""What 200 wrong passwords a second do to everybody else: to pages' reads and to honest sign-ins.

Run: `./flsdb bench sign-in [--json]`. A private system with one site. First 30 reads of one's own
account and one honest sign-in a second are timed in quiet, then again while another process sends
200 wrong passwords a second: from 200 addresses of this machine, for 1,000 e-mail addresses, one in
ten of them the lead's. Budget: the others are slowed by no more than 2 x.
"""

from __future__ import annotations

import json
import multiprocessing
import random
import sys
import threading
import time
from dataclasses import dataclass
from typing import Any

import httpx

from deploy.local.demo_sites import APPLICATION, LEAD_EMAIL, demo_accounts
from deploy.local.signing_in import sign_in
from tests.load.hammer import Answers, get_request, post_request, steady
from tests.load.live import Bench, percentile, private_system, surroundings

SECONDS = 20.0
READS_A_SECOND = 30
WRONG_A_SECOND = 200
ATTACKERS = 200
_SESSIONS = "/api/registration/v1/sessions"


@dataclass
class _Others:
    """How long everybody else waited."""

    reads: Answers
    sign_ins: Answers


def run(rows: int = 0) -> dict[str, Any]:
    """Measures the others in quiet and beside the attack.

    Args:
        rows: Of no meaning here; every benchmark takes it.

    Returns:
        Figures with their units in their names.
    """
    del rows
    with private_system("sign-in") as bench:
        lead = bench.demo_lead()
        session = str(lead.headers["Authorization"]).removeprefix("Bearer ")
        password = str(demo_accounts(bench.layout)["site_lead"]["password"])
        bench.say("in quiet")
        device = _device(bench)
        _others(bench, session, password, device, 3.0)
        quiet = _others(bench, session, password, device, SECONDS)
        bench.say(f"beside {WRONG_A_SECOND} wrong passwords a second")
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            attack = pool.apply_async(_attack, (*_gateway(bench), SECONDS + 6.0))
            time.sleep(4.0)
            beside = _others(bench, session, password, device, SECONDS)
            attacked = attack.get(timeout=120)
        versions = surroundings()
    figures: dict[str, Any] = {}
    for name in ("reads", "sign_ins"):
        before, after = getattr(quiet, name).seconds, getattr(beside, name).seconds
        one = name.removesuffix("s")
        for percent in (50, 95):
            figures[f"{one}_p{percent}_quiet_milliseconds"] = _milliseconds(before, percent)
            figures[f"{one}_p{percent}_attacked_milliseconds"] = _milliseconds(after, percent)
        figures[f"{one}_p50_ratio"] = round(percentile(after, 50) / percentile(before, 50), 2)
        figures[f"{one}_p95_ratio"] = round(percentile(after, 95) / percentile(before, 95), 2)
    return {
        **figures,
        "reads_failed": beside.reads.failures,
        "sign_ins_turned_away": beside.sign_ins.statuses[429],
        "wrong_passwords_a_second": round(attacked.rate, 1),
        "wrong_passwords_hashed": attacked.statuses[401],
        "wrong_passwords_turned_away": attacked.statuses[429],
        **versions,
    }


def _others(bench: Bench, session: str, password: str, device: str, seconds: float) -> _Others:
    """Reads and honest sign-ins at a steady rate; the lead's browser is known to the account."""
    host, port = _gateway(bench)
    name = bench.system.host("gateway")
    reads = [get_request(name, "/api/registration/v1/me", session)]
    honest = {"email": APPLICATION["lead_email"], "password": password}
    body = honest | {"device": device}
    sign_ins = [post_request(name, _SESSIONS, body, cookie=f"fls_device={device}")]
    done: dict[str, Answers] = {}

    def sign_in() -> None:
        done["sign_ins"] = steady(
            host, port, sign_ins, connections=4, seconds=seconds, rate=1.0, sources=["127.0.0.2"]
        )

    thread = threading.Thread(target=sign_in)
    thread.start()
    answers = steady(host, port, reads, connections=16, seconds=seconds, rate=READS_A_SECOND)
    thread.join()
    return _Others(answers, done["sign_ins"])


def _device(bench: Bench) -> str:
    """What the lead's browser is known by, from a real sign-in."""
    account = demo_accounts(bench.layout)["site_lead"]
    with httpx.Client(base_url=bench.address, timeout=60) as client:
        opened = sign_in(client, account, code_of=bench.operator.code_of)
    assert opened is not None
    return str(opened["device"])


def _attack(host: str, port: int, seconds: float) -> Answers:
    """Sends wrong passwords at a steady rate, from many addresses, for many e-mail addresses."""
    name = f"{host}:{port}"
    emails = [
        LEAD_EMAIL if number % 10 == 0 else f"somebody{number}@elsewhere.example"
        for number in range(1_000)
    ]
    # In no order: every tenth that gets through the edge would be the lead's, and held off as such.
    random.Random(1).shuffle(emails)  # noqa: S311 - an order, not a secret
    requests = [
        post_request(name, _SESSIONS, {"email": email, "password": "wrong words here"})
        for email in emails
    ]
    sources = [f"127.1.0.{number + 1}" for number in range(ATTACKERS)]
    return steady(
        host,
        port,
        requests,
        connections=ATTACKERS,
        seconds=seconds,
        rate=WRONG_A_SECOND,
        sources=sources,
    )


def _gateway(bench: Bench) -> tuple[str, int]:
    host, _, port = bench.system.host("gateway").partition(":")
    return host, int(port)


def _milliseconds(seconds: list[float], percent: int) -> float:
    return round(percentile(seconds, percent) * 1000, 1)


if __name__ == "__main__":
    json.dump(run(), sys.stdout, indent=2)
