"""Only what we started is stopped: a process is its id and its start time."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.layout import Layout
from deploy.local.private_files import write_private
from deploy.local.programs import Program, is_same_process, spawn, started_at, stop_process
from deploy.local.supervisor import stop_leftovers


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(["sleep", "60"], start_new_session=True)
    yield process
    process.kill()
    process.wait()


def state_of(process: subprocess.Popen[bytes], started: float) -> dict[str, object]:
    return {
        "name": "sleeper",
        "kind": "service",
        "state": "running",
        "pid": process.pid,
        "started": started,
        "stop_signal": "SIGTERM",
        "grace_seconds": 5,
        "restarts": 0,
        "last_end": "",
        "program": "x",
    }


def test_a_process_is_the_same_with_its_start_time(sleeper: subprocess.Popen[bytes]) -> None:
    start = started_at(sleeper.pid)
    assert start is not None
    assert is_same_process(sleeper.pid, start)


def test_a_recycled_id_is_another_process(sleeper: subprocess.Popen[bytes]) -> None:
    start = started_at(sleeper.pid)
    assert start is not None
    assert not is_same_process(sleeper.pid, start - 3600)


def test_a_zombie_is_not_alive() -> None:
    process = subprocess.Popen(["true"])
    time.sleep(0.2)
    assert started_at(process.pid) is None
    process.wait()


def test_stopping_a_recycled_id_signals_nobody(sleeper: subprocess.Popen[bytes]) -> None:
    start = started_at(sleeper.pid) or 0
    stop_process(sleeper.pid, start - 3600, stop_signal="SIGTERM", grace_seconds=1)
    assert sleeper.poll() is None


def test_a_program_that_ignores_the_question_is_killed(tmp_path: Path) -> None:
    deaf = "trap '' TERM; echo deaf; while true; do sleep 0.1; done"
    log = tmp_path / "log"
    process = spawn(Program("deaf", ("sh", "-c", deaf)), log)
    while not log.read_text():
        time.sleep(0.05)
    start = started_at(process.pid) or 0
    assert not stop_process(process.pid, start, stop_signal="SIGTERM", grace_seconds=0.3)
    assert process.wait() == -9


def test_leftovers_are_ended_but_not_who_has_their_id_now(
    tmp_path: Path, sleeper: subprocess.Popen[bytes]
) -> None:
    layout = Layout(tmp_path)
    start = started_at(sleeper.pid) or 0
    write_private(layout.run / "sleeper.json", state_of(sleeper, start - 3600))
    assert stop_leftovers(layout) == []
    assert sleeper.poll() is None
    write_private(layout.run / "sleeper.json", state_of(sleeper, start))
    assert stop_leftovers(layout) == ["sleeper"]
    assert sleeper.wait(5) == -15
    assert not (layout.run / "sleeper.json").exists()


def test_a_program_survives_being_written_down() -> None:
    program = Program("a", ("b", "c"), env={"D": "e"}, uid=1, gid=2, kind="edge")
    assert Program.from_json(program.as_json()) == program


def test_a_program_gets_nothing_of_the_callers_environment_but_what_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLS_DATABASE_URL", "somebody else's")
    log = tmp_path / "log"
    spawn(Program("env", ("env",), env={"OWN": "1"}), log).wait()
    assert "FLS_DATABASE_URL" not in log.read_text()
    assert "OWN=1" in log.read_text()
