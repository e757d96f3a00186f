"""Talks to the supervisor: starts it, tells it what is wanted, stops it, asks what is running."""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from deploy.local.layout import ROOT, Layout
from deploy.local.private_files import read_json, write_private
from deploy.local.programs import Program, is_same_process
from deploy.local.supervisor import digest_of, stop_leftovers


@dataclass(frozen=True)
class ProgramState:
    """What the supervisor last said about one program, and whether it is true now."""

    name: str
    kind: str
    state: str
    pid: int | None
    started: float | None
    restarts: int
    last_end: str
    digest: str


def supervisor_pid(layout: Layout) -> int | None:
    """Returns the process id of this system's supervisor, None where none runs."""
    own = read_json(layout.run / "supervisor.json")
    if own and is_same_process(own["pid"], own["started"]):
        return int(own["pid"])
    return None


def read_wanted(layout: Layout) -> list[Program]:
    """Returns the programs that the supervisor was last told to run, in the order of starting."""
    items = read_json(layout.run / "wanted.json").get("programs", [])
    return [Program.from_json(item) for item in items]


def want(layout: Layout, programs: Iterable[Program]) -> None:
    """Tells the supervisor what should run; starts it first where it does not run.

    Returns when the supervisor has started, not when the programs are ready.
    """
    content = {"programs": [program.as_json() for program in programs]}
    for folder in (layout.run, layout.logs):
        folder.mkdir(parents=True, exist_ok=True)
    write_private(layout.run / "wanted.json", content)
    pid = supervisor_pid(layout)
    if pid is not None:
        os.kill(pid, signal.SIGHUP)
        return
    with open(layout.logs / "supervisor.log", "a") as log:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "deploy.local.supervisor", str(layout.home)],
            cwd="/",
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    _SUPERVISORS.append(process)
    until = time.monotonic() + 30
    try:
        while supervisor_pid(layout) is None:
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"the supervisor did not start: see {layout.logs}")
            time.sleep(0.02)
    except BaseException:
        process.terminate()
        raise


_SUPERVISORS: list[subprocess.Popen[bytes]] = []
"""Those that we started: an ended one is reaped, a running one outlives us on purpose."""


@atexit.register
def _let_go() -> None:
    for process in _SUPERVISORS:
        if process.poll() is None:
            # Or Python would warn of a process that still runs.
            process.returncode = 0


def program_states(layout: Layout) -> dict[str, ProgramState]:
    """Returns the state of each program by name; one that has died since is not `running`."""
    states = {}
    for path in sorted(layout.run.glob("*.json")):
        raw = read_json(path)
        if "program" not in raw:
            continue
        states[raw["name"]] = _checked(raw)
    return states


def is_running(layout: Layout, program: Program) -> bool:
    """True if exactly this program, with this command and environment, runs now."""
    state = program_states(layout).get(program.name)
    return state is not None and state.state == "running" and state.digest == digest_of(program)


def stop_system(layout: Layout, *, say: Callable[[str], None]) -> list[str]:
    """Stops exactly what was started, in reverse order; returns the names of what ran."""
    before = [state.name for state in program_states(layout).values() if state.pid]
    pid = supervisor_pid(layout)
    if pid is not None:
        os.kill(pid, signal.SIGTERM)
        _wait_for_end(layout, before, say)
    left = stop_leftovers(layout)
    for process in _SUPERVISORS:
        process.poll()
    for path in (layout.run / "wanted.json", layout.run / "supervisor.json"):
        path.unlink(missing_ok=True)
    for path in layout.run.glob("*.live"):
        path.unlink()
    return sorted({*before, *left})


def _wait_for_end(layout: Layout, names: list[str], say: Callable[[str], None]) -> None:
    until = time.monotonic() + 120
    told = time.monotonic()
    while (pid := supervisor_pid(layout)) is not None:
        if time.monotonic() > until:
            # It should have killed everything long ago; what it leaves is ended by its state files.
            os.kill(pid, signal.SIGKILL)
            return
        if time.monotonic() - told > 3:
            told = time.monotonic()
            left = [name for name in names if (layout.run / f"{name}.json").exists()]
            names_left = ", ".join(left) if len(left) < 6 else f"{len(left)} programs"
            say(f"waiting for {names_left or 'the supervisor'}")
        time.sleep(0.05)


def _checked(raw: dict[str, Any]) -> ProgramState:
    state = str(raw["state"])
    alive = raw["pid"] and raw["started"] and is_same_process(raw["pid"], raw["started"])
    if state == "running" and not alive:
        state = "died"
    return ProgramState(
        name=raw["name"],
        kind=raw["kind"],
        state=state,
        pid=raw["pid"] if alive else None,
        started=raw["started"],
        restarts=raw["restarts"],
        last_end=raw["last_end"],
        digest=raw["program"],
    )
