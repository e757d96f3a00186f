"""The supervisor starts what is wanted, starts again what dies, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.local.control import is_running, program_states, stop_system, supervisor_pid, want
from deploy.local.layout import Layout
from deploy.local.programs import Program, started_at
from deploy.local.supervisor import pause_seconds


def until(condition: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def say_nothing(_: str) -> None:
    return None


@pytest.fixture
def layout(tmp_path: Path) -> Iterator[Layout]:
    layout = Layout(tmp_path)
    yield layout
    stop_system(layout, say=say_nothing)


def sleeper(name: str, *, kind: str = "service", seconds: int = 300) -> Program:
    return Program(name, ("sleep", str(seconds)), kind=kind)


def pid_of(layout: Layout, name: str) -> int | None:
    state = program_states(layout).get(name)
    return state.pid if state else None


def test_what_is_wanted_runs_and_what_is_not_any_more_is_stopped(layout: Layout) -> None:
    want(layout, [sleeper("a"), sleeper("b")])
    until(lambda: pid_of(layout, "a") and pid_of(layout, "b"))
    kept, gone = pid_of(layout, "a"), pid_of(layout, "b")
    want(layout, [sleeper("a"), sleeper("c")])
    until(lambda: pid_of(layout, "c"))
    assert pid_of(layout, "a") == kept
    assert gone is not None and started_at(gone) is None
    assert pid_of(layout, "b") is None


def test_a_changed_program_is_started_anew(layout: Layout) -> None:
    want(layout, [sleeper("a")])
    until(lambda: pid_of(layout, "a"))
    first = pid_of(layout, "a")
    want(layout, [sleeper("a", seconds=301)])
    until(lambda: is_running(layout, sleeper("a", seconds=301)))
    assert pid_of(layout, "a") != first


def test_a_killed_program_is_started_again(layout: Layout) -> None:
    want(layout, [sleeper("a")])
    until(lambda: pid_of(layout, "a"))
    first = pid_of(layout, "a")
    assert first is not None
    os.kill(first, signal.SIGKILL)
    until(lambda: pid_of(layout, "a") not in (None, first))
    state = program_states(layout)["a"]
    assert state.restarts == 1
    assert "SIGKILL" in (layout.logs / "a.log").read_text()


def test_what_a_killed_program_left_in_its_session_is_ended(layout: Layout) -> None:
    family = Program("family", ("sh", "-c", "sleep 302 & echo $! ; wait"))
    want(layout, [family])
    log = layout.logs / "family.log"
    until(lambda: log.exists() and log.read_text().strip())
    child = int(log.read_text().split()[0])
    first = pid_of(layout, "family")
    assert first is not None
    os.kill(first, signal.SIGKILL)
    until(lambda: started_at(child) is None)


def test_stopping_ends_everything(layout: Layout) -> None:
    want(layout, [sleeper("server", kind="server"), sleeper("a"), sleeper("edge", kind="edge")])
    until(lambda: all(pid_of(layout, name) for name in ("server", "a", "edge")))
    pids = [pid_of(layout, name) for name in ("server", "a", "edge")]
    assert stop_system(layout, say=say_nothing) == ["a", "edge", "server"]
    assert all(started_at(pid) is None for pid in pids if pid)
    assert supervisor_pid(layout) is None
    assert not list(layout.run.glob("*.json"))


def test_stopping_works_when_the_supervisor_was_killed(layout: Layout) -> None:
    want(layout, [sleeper("a")])
    until(lambda: pid_of(layout, "a"))
    left, supervisor = pid_of(layout, "a"), supervisor_pid(layout)
    assert left is not None and supervisor is not None
    os.kill(supervisor, signal.SIGKILL)
    until(lambda: supervisor_pid(layout) is None)
    assert started_at(left) is not None
    stop_system(layout, say=say_nothing)
    assert started_at(left) is None


def test_a_program_that_cannot_be_started_is_reported(layout: Layout) -> None:
    want(layout, [Program("none", ("/nowhere/at/all",)), sleeper("a")])
    until(lambda: pid_of(layout, "a"))
    assert "could not be started" in (layout.logs / "none.log").read_text()


def test_a_log_is_kept_for_one_more_start(layout: Layout) -> None:
    talker = Program("talker", ("sh", "-c", "echo first; sleep 303"))
    want(layout, [talker])
    until(lambda: (layout.logs / "talker.log").exists() and pid_of(layout, "talker"))
    until(lambda: "first" in (layout.logs / "talker.log").read_text())
    stop_system(layout, say=say_nothing)
    want(layout, [Program("talker", ("sh", "-c", "echo second; sleep 303"))])
    until(lambda: "second" in (layout.logs / "talker.log").read_text())
    assert (layout.logs / "talker.log.1").read_text() == "first\n"


@pytest.mark.parametrize(("deaths", "seconds"), [(1, 0.5), (2, 1), (3, 2), (7, 30), (1000, 30)])
def test_the_pause_doubles_up_to_half_a_minute(deaths: int, seconds: float) -> None:
    assert pause_seconds(deaths) == seconds
