"""`./flsdb up` ends with the ledger of the sample, and finds it there the second time."""

from __future__ import annotations

import json
from pathlib import Path

from deploy.local.signing_in import sign_in
from tests.system.conftest import Live, flsdb

LEDGER = ("new", "changed", "same", "rejected", "held")


def test_the_ledger_of_the_sample_adds_up(live: Live) -> None:
    assert live.outcome["received"] == 5000
    assert sum(live.outcome[name] for name in LEDGER) == 5000
    assert live.outcome["new"] > 4800
    assert live.outcome["rejected"] > 20


def test_up_again_finds_what_is_there(live: Live, system_home: Path) -> None:
    run = flsdb(system_home, "up", "--json")
    assert run.returncode == 0, run.stderr
    again = json.loads(run.stdout.splitlines()[-1])
    assert again["import_id"] == live.outcome["import_id"]
    assert {n: again[n] for n in LEDGER} == {n: live.outcome[n] for n in LEDGER}


def test_status_says_that_all_runs_and_where(live: Live, system_home: Path) -> None:
    run = flsdb(system_home, "status")
    assert run.returncode == 0, run.stdout
    assert str(live.address.rpartition(":")[2]) in run.stdout


def test_idle_it_takes_at_most_one_and_a_half_gigabytes(live: Live) -> None:
    """Proportional memory (PSS) of every process, so that shared pages count once.

    Taken when the tests began, after the main job: what they use later is not idle.
    """
    assert 200e6 < live.idle_bytes <= 1.5e9, f"{live.idle_bytes / 1e6:.0f} MB"


def test_the_code_that_an_app_would_show_can_be_had(live: Live, system_home: Path) -> None:
    team = live.audit_team()

    def code_of(email: str) -> str:
        run = flsdb(system_home, "code", email)
        assert run.returncode == 0, run.stderr
        return run.stdout.strip()

    account = {"email": team.email, "password": team.password}
    opened = sign_in(live.client(), account, code_of=code_of)
    assert opened is not None and opened["account"]["email"] == team.email


def test_workers_can_be_added_and_removed_while_it_runs(live: Live, system_home: Path) -> None:
    assert flsdb(system_home, "workers", "3").returncode == 0
    live.pid("imports-worker-3")
    assert flsdb(system_home, "workers", "2").returncode == 0
    live.until(lambda: live._pid("imports-worker-3") is None)


def test_the_first_mail_is_listed_without_its_link(live: Live, system_home: Path) -> None:
    run = flsdb(system_home, "mail")
    assert run.returncode == 0
    assert "fls.lead@demo.example" in run.stdout
    assert "/set-password/" not in run.stdout
