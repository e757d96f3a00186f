"""Keeps the wanted programs running: starts them, starts again what dies, stops them at the end.

    python -m deploy.local.supervisor HOME

One process for each local system. What is wanted stands in `run/wanted.json`; SIGHUP makes it read
that file again, SIGTERM makes it stop everything, in the reverse order of starting. It tells what
it did in `run/<name>.json`, one file for each program. If it is killed itself, those files say
exactly which processes it left, and the next supervisor (or `./flsdb down`) ends them first.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import resource
import select
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from deploy.local.layout import Layout
from deploy.local.private_files import read_json, write_private
from deploy.local.programs import (
    Program,
    end_group,
    is_same_process,
    spawn,
    started_at,
    stop_process,
)

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
STEADY_SECONDS = 60.0
"""A program that ran this long has recovered: its next death is a first one again."""


@dataclass
class Slot:
    """One wanted program and what became of it."""

    program: Program
    process: subprocess.Popen[bytes] | None = None
    began: float = 0.0
    deaths: int = 0
    restarts: int = 0
    again_at: float = 0.0
    last_end: str = ""


def pause_seconds(deaths: int) -> float:
    """Returns how long to wait before starting a program again after `deaths` deaths in a row.

    >>> [pause_seconds(n) for n in (1, 2, 3, 20)]
    [0.5, 1.0, 2.0, 30.0]
    """
    return min(FIRST_PAUSE_SECONDS * 2.0 ** min(deaths - 1, 16), LONGEST_PAUSE_SECONDS)


def digest_of(program: Program) -> str:
    """Returns what tells two versions of a program's command and environment apart."""
    text = json.dumps(program.as_json(), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class Supervisor:
    """The wanted programs of one local system as child processes."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._slots: dict[str, Slot] = {}

    def read_wanted(self) -> None:
        """Reads `wanted.json`: starts what is new, stops what is gone, restarts what changed."""
        content = read_json(self._layout.run / "wanted.json")
        wanted = [Program.from_json(item) for item in content.get("programs", [])]
        names = {program.name for program in wanted}
        self._stop_together([slot for name, slot in self._slots.items() if name not in names])
        changed = [
            self._slots[program.name]
            for program in wanted
            if program.name in self._slots and self._slots[program.name].program != program
        ]
        self._stop_together(changed)
        for name in [name for name in self._slots if name not in names]:
            del self._slots[name]
            (self._layout.run / f"{name}.json").unlink(missing_ok=True)
        # In the file's order, which is the order of starting.
        kept = self._slots
        self._slots = {program.name: kept.get(program.name) or Slot(program) for program in wanted}
        for program in wanted:
            slot = self._slots[program.name]
            if slot.program != program:
                self._slots[program.name] = slot = Slot(program)
            if slot.process is None:
                self._start(slot)

    def look_after(self) -> float:
        """Notices deaths and starts again what is due; returns how many seconds it may sleep."""
        now = time.monotonic()
        sleep = 60.0
        for slot in self._slots.values():
            if slot.process is not None and self._has_ended(slot):
                self._note_death(slot, now)
            if slot.process is None:
                if slot.again_at <= now:
                    slot.restarts += 1
                    self._start(slot)
                else:
                    sleep = min(sleep, slot.again_at - now)
        return sleep

    def stop_all(self) -> None:
        """Stops the edge, then the services together, then each server, the last started first."""
        slots = [slot for slot in self._slots.values() if slot.process is not None]
        for kind in ("edge", "service"):
            self._stop_together([slot for slot in slots if slot.program.kind == kind])
        for slot in reversed([slot for slot in slots if slot.program.kind == "server"]):
            self._stop_together([slot])

    def _start(self, slot: Slot) -> None:
        program = slot.program
        log = self._layout.logs / f"{program.name}.log"
        if slot.restarts == 0 and log.exists():
            log.replace(log.with_name(log.name + ".1"))
        try:
            slot.process = spawn(program, log)
        except OSError as error:
            slot.deaths += 1
            slot.last_end = f"could not be started: {error}"
            slot.again_at = time.monotonic() + pause_seconds(slot.deaths)
            self._say(slot, slot.last_end)
            return
        slot.began = time.monotonic()
        self._write_state(slot, "running")

    def _has_ended(self, slot: Slot) -> bool:
        """True once the program has ended; ends what it left in its session, then reaps it.

        The order matters: until it is reaped its id belongs to nobody else.
        """
        process = slot.process
        assert process is not None
        ended = os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if ended is None:
            return False
        end_group(process.pid)
        process.wait()
        return True

    def _note_death(self, slot: Slot, now: float) -> None:
        assert slot.process is not None
        if now - slot.began > STEADY_SECONDS:
            slot.deaths = 0
        slot.deaths += 1
        pause = pause_seconds(slot.deaths)
        slot.again_at = now + pause
        slot.last_end = _how_it_ended(slot.process.returncode)
        slot.process = None
        self._say(slot, f"{slot.last_end}; starting it again in {pause:g} s")
        self._write_state(slot, "waiting")

    def _stop_together(self, slots: list[Slot]) -> None:
        running = [slot for slot in slots if slot.process is not None]
        for slot in running:
            assert slot.process is not None
            # Not Popen.send_signal, which would reap it first: see _has_ended. A signal to a child
            # that has ended and is not reaped yet goes nowhere.
            os.kill(slot.process.pid, getattr(signal, slot.program.stop_signal))
        begun = time.monotonic()
        for slot in running:
            assert slot.process is not None
            while not self._has_ended(slot):
                if time.monotonic() - begun > slot.program.grace_seconds:
                    self._say(slot, "did not end when asked and was killed")
                    end_group(slot.process.pid)
                time.sleep(0.02)
            slot.process = None
            (self._layout.run / f"{slot.program.name}.json").unlink(missing_ok=True)

    def _write_state(self, slot: Slot, state: str) -> None:
        pid = slot.process.pid if slot.process else None
        content = {
            "name": slot.program.name,
            "kind": slot.program.kind,
            "state": state,
            "pid": pid,
            "started": started_at(pid) if pid else None,
            "stop_signal": slot.program.stop_signal,
            "grace_seconds": slot.program.grace_seconds,
            "restarts": slot.restarts,
            "last_end": slot.last_end,
            "program": digest_of(slot.program),
        }
        write_private(self._layout.run / f"{slot.program.name}.json", content)

    def _say(self, slot: Slot, text: str) -> None:
        at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        line = f"{at} flsdb: {slot.program.name} {text}\n"
        for name in (slot.program.name, "supervisor"):
            with open(self._layout.logs / f"{name}.log", "a") as file:
                file.write(line)


def stop_leftovers(layout: Layout) -> list[str]:
    """Ends what a killed supervisor left running, servers last; returns the names."""
    states = [read_json(path) for path in layout.run.glob("*.json")]
    left = [
        state
        for state in states
        if state.get("pid")
        and state.get("started")
        and "stop_signal" in state
        and is_same_process(state["pid"], state["started"])
    ]
    order = {"edge": 0, "service": 1, "server": 2}
    left.sort(key=lambda state: (order.get(state["kind"], 1), -state["started"]))
    for state in left:
        stop_process(
            state["pid"],
            state["started"],
            stop_signal=state["stop_signal"],
            grace_seconds=state["grace_seconds"],
        )
    for state in states:
        if "stop_signal" in state:
            (layout.run / f"{state['name']}.json").unlink(missing_ok=True)
    return [state["name"] for state in left]


def main(home: str) -> int:
    """Runs until SIGTERM; a second supervisor of the same home ends at once."""
    layout = Layout(Path(home))
    lock = open(layout.run / "supervisor.lock", "w")  # noqa: SIM115  (held until we end)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return 0
    # Erlang sets up a table for every file it might open; containers often allow a milliard.
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = 65536 if hard == resource.RLIM_INFINITY else min(65536, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
    asked: set[int] = set()
    reader = _wake_on_signals(asked)
    stop_leftovers(layout)
    own = {"pid": os.getpid(), "started": started_at(os.getpid())}
    write_private(layout.run / "supervisor.json", own)
    supervisor = Supervisor(layout)
    supervisor.read_wanted()
    while not asked & {signal.SIGTERM, signal.SIGINT}:
        sleep = supervisor.look_after()
        select.select([reader], [], [], sleep)
        _drain(reader)
        if signal.SIGHUP in asked:
            asked.discard(signal.SIGHUP)
            supervisor.read_wanted()
    supervisor.stop_all()
    (layout.run / "supervisor.json").unlink(missing_ok=True)
    return 0


def _wake_on_signals(asked: set[int]) -> socket.socket:
    """Notes signals in `asked`; each (also a child's end) makes the returned socket readable."""
    reader, writer = socket.socketpair()
    reader.setblocking(False)
    writer.setblocking(False)
    _KEPT_OPEN.append(writer)
    signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(number, lambda got, _: asked.add(got))
    return reader


_KEPT_OPEN: list[socket.socket] = []


def _drain(reader: socket.socket) -> None:
    try:
        while reader.recv(4096):
            pass
    except BlockingIOError:
        pass


def _how_it_ended(code: int) -> str:
    if code >= 0:
        return f"ended with code {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
