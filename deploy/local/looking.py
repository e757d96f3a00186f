"""The commands that only look: `status`, `logs` and `mail`."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from deploy.local.control import ProgramState, program_states, read_wanted, supervisor_pid
from deploy.local.layout import Layout
from deploy.local.mail_sink import read_mails
from deploy.local.programs import Program
from deploy.local.reporting import Reporter, fail


def show_status(layout: Layout, reporter: Reporter, *, address: str | None) -> int:
    """Prints every wanted program with its state and memory; returns 0 if all of them run."""
    wanted = read_wanted(layout)
    pid = supervisor_pid(layout)
    if not wanted and pid is None:
        reporter.print("nothing is running (./flsdb up starts it)")
        return 3
    states = program_states(layout)
    used = {name: memory_bytes(state.pid) for name, state in states.items() if state.pid}
    rows = [_status_row(program, states.get(program.name), used) for program in wanted]
    if pid is not None:
        used["supervisor"] = memory_bytes(pid, alone=True)
        rows.append(["supervisor", "running", str(pid), _megabytes(used["supervisor"]), "", ""])
    columns = ("program", "state", "process>", "memory MB>", "for", "restarts>")
    reporter.table("", columns, rows)
    reporter.print(f"memory of all: {_megabytes(sum(used.values()))} MB")
    if address:
        reporter.print(f"address: {address}")
    troubled = [state for state in states.values() if state.state != "running"]
    for state in troubled:
        reporter.print(f"\n{state.name}: {state.last_end or 'has died'}; its log ends with:")
        for line in last_lines(layout.logs / f"{state.name}.log", 8):
            reporter.print(f"  {line}")
    missing = [program for program in wanted if program.name not in states]
    return 1 if troubled or missing or pid is None else 0


def memory_bytes(pid: int | None, *, alone: bool = False) -> int:
    """Returns the memory of a process and, unless `alone`, its descendants.

    Pages that several processes share are counted once.

    That is the proportional set size; where the kernel does not tell it, the resident size.
    """
    if pid is None:
        return 0
    total = 0
    try:
        process = psutil.Process(pid)
        family = [] if alone else process.children(recursive=True)
        for member in [process, *family]:
            try:
                total += member.memory_full_info().pss
            except psutil.AccessDenied:
                total += member.memory_info().rss
            except psutil.NoSuchProcess:
                continue
    except psutil.NoSuchProcess:
        return 0
    return total


def show_logs(layout: Layout, name: str | None, *, follow: bool) -> int:
    """Prints the end of one program's log, or a little of everybody's; goes on with `follow`."""
    paths = _log_paths(layout, name)
    many = len(paths) > 1
    places = {}
    for path in paths:
        for line in last_lines(path, 5 if many else 100):
            print(f"{path.stem:24} {line}" if many else line)
        places[path] = path.stat().st_size
    while follow:
        time.sleep(0.3)
        for path in _log_paths(layout, name):
            places[path] = _print_news(path, places.get(path, 0), many)
    return 0


def last_lines(path: Path, count: int) -> list[str]:
    """Returns the last lines of a log, [] where there is none."""
    try:
        with path.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - 300 * 1024))
            return file.read().decode(errors="replace").splitlines()[-count:]
    except FileNotFoundError:
        return []


def show_mails(layout: Layout, number: int | None, reporter: Reporter) -> int:
    """Lists the mails that the system sent, or prints one."""
    mails = read_mails(layout.mail)
    if number is None:
        rows = [
            [
                str(mail.number),
                str(mail.message["Date"] or ""),
                str(mail.message["To"] or ""),
                str(mail.message["Subject"] or ""),
            ]
            for mail in mails
        ]
        if not rows:
            reporter.print("no mail yet")
            return 0
        reporter.table("", ("mail>", "sent", "to", "subject"), rows)
        reporter.print("./flsdb mail NUMBER shows one")
        return 0
    for mail in mails:
        if mail.number == number:
            for name in ("From", "To", "Date", "Subject"):
                reporter.print(f"{name}: {mail.message[name]}")
            reporter.print(f"\n{mail.text}")
            return 0
    fail(f"there is no mail {number}; ./flsdb mail lists them")
    return 1


def _status_row(program: Program, state: ProgramState | None, used: dict[str, int]) -> list[str]:
    if state is None:
        return [program.name, "not started", "", "", "", ""]
    since = ""
    if state.started and state.pid:
        begun = datetime.fromtimestamp(state.started, UTC)
        since = _duration((datetime.now(UTC) - begun).total_seconds())
    memory = _megabytes(used[program.name]) if program.name in used else ""
    restarts = str(state.restarts) if state.restarts else ""
    return [program.name, state.state, str(state.pid or ""), memory, since, restarts]


def _duration(seconds: float) -> str:
    """Returns a length of time as people say it.

    >>> _duration(59), _duration(200), _duration(9000)
    ('59 s', '3 min', '2 h 30 min')
    """
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = int(seconds // 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def _megabytes(count: int) -> str:
    return f"{count / 1_000_000:.0f}"


def _log_paths(layout: Layout, name: str | None) -> list[Path]:
    paths = sorted(layout.logs.glob("*.log"))
    if name is None:
        return paths
    # `imports-worker` names all of them.
    chosen = [path for path in paths if path.stem == name] or [
        path for path in paths if path.stem.startswith(name)
    ]
    if not chosen:
        known = ", ".join(path.stem for path in paths) or "none"
        fail(f"there is no log {name}; there are: {known}")
    return chosen


def _print_news(path: Path, place: int, many: bool) -> int:
    size = path.stat().st_size
    if size < place:
        place = 0
    if size > place:
        with path.open("rb") as file:
            file.seek(place)
            news = file.read()
        _print_lines(news.decode(errors="replace").splitlines(), path.stem if many else None)
        place += len(news)
    return place


def _print_lines(lines: Iterable[str], name: str | None) -> None:
    for line in lines:
        print(f"{name:24} {line}" if name else line, flush=True)
