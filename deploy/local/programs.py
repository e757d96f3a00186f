"""One program to run: its command, environment and account; starting it and stopping it.

A program gets a session of its own, so that Ctrl-C in a terminal never reaches it and what it left
behind can be ended with it. A process is known by its id *and* its start time, so that an id that
the system has given to somebody else is never signalled.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]

STOP_SECONDS = 15.0
"""How long a program may take to end by itself before it is killed."""


@dataclass(frozen=True)
class Program:
    """What to start.

    Attributes:
        name: Names its log and state file; unique in the system.
        argv: The command and its arguments.
        env: Added to the few variables every program gets (`base_environment`).
        folder: The working directory.
        uid: Account to run as; None to stay who we are.
        gid: Group of that account.
        stop_signal: What asks this program to end (PostgreSQL wants SIGINT: SIGTERM waits for
            every client to leave).
        grace_seconds: How long it may take after `stop_signal`.
        kind: `server`, `service` or `edge`; for people and for the order of stopping.
    """

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    folder: str = "/"
    uid: int | None = None
    gid: int | None = None
    stop_signal: str = "SIGTERM"
    grace_seconds: float = STOP_SECONDS
    kind: str = "service"

    def as_json(self) -> dict[str, Any]:
        """Returns a JSON-able dict; `Program.from_json` reads it back."""
        return asdict(self) | {"argv": list(self.argv), "env": dict(self.env)}

    @staticmethod
    def from_json(data: dict[str, Any]) -> Program:
        """Reads what `as_json` wrote."""
        return Program(**(data | {"argv": tuple(data["argv"])}))


def base_environment() -> dict[str, str]:
    """Returns what every program gets: a search path, a UTF-8 locale, and the machine's proxies.

    Nothing else is handed on, so a stray variable of the caller's shell never configures a service.
    """
    kept = ("PATH", "TZ", "TMPDIR", "SSL_CERT_FILE", "LD_LIBRARY_PATH")
    env = {name: os.environ[name] for name in kept if name in os.environ}
    env.setdefault("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
    # Each thread of glibc's allocator would keep memory of its own. Threads of Python take turns.
    return env | {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "1"}


def spawn(program: Program, log: Path) -> subprocess.Popen[bytes]:
    """Starts a program with its output appended to `log`."""
    account: dict[str, Any] = {}
    if program.uid is not None:
        account = {"user": program.uid, "group": program.gid, "extra_groups": []}
    with open(log, "ab") as output:
        return subprocess.Popen(
            program.argv,
            env=base_environment() | dict(program.env),
            cwd=program.folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **account,
        )


def started_at(pid: int) -> float | None:
    """Returns when the living process `pid` started (seconds since 1970), None if there is none."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return float(process.create_time())
    except psutil.Error:
        return None


def is_same_process(pid: int, start: float) -> bool:
    """True if `pid` lives and is the process that started at `start`, not a later one of its id."""
    now = started_at(pid)
    # The kernel counts start times in hundredths of a second.
    return now is not None and abs(now - start) < 0.05


def stop_process(pid: int, start: float, *, stop_signal: str, grace_seconds: float) -> bool:
    """Asks one process to end, waits, kills it if it does not; then ends what is left of its group.

    Returns:
        False if it had to be killed.
    """
    if not is_same_process(pid, start):
        return True
    _signal(pid, getattr(signal, stop_signal))
    gentle = _wait_gone(pid, start, grace_seconds)
    if not gentle:
        _signal_group(pid, signal.SIGKILL)
        _wait_gone(pid, start, 5)
    return gentle


def end_group(pid: int) -> None:
    """Kills what is left of the session that `pid` led; call it before `pid` is reaped."""
    _signal_group(pid, signal.SIGKILL)


def _wait_gone(pid: int, start: float, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if not is_same_process(pid, start):
            return True
        time.sleep(0.05)
    return not is_same_process(pid, start)


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _signal_group(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)
