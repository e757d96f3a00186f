"""`up`: brings the whole system up, part by part, and waits until each part is ready."""

from __future__ import annotations

import fcntl
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from deploy.local import postgres, rabbitmq
from deploy.local.accounts import OUTSIDE
from deploy.local.control import is_running, program_states, read_wanted, supervisor_pid, want
from deploy.local.frontend import build_frontend
from deploy.local.jobs import run_job, run_jobs
from deploy.local.layout import Layout
from deploy.local.looking import last_lines
from deploy.local.nginx import ensure_nginx
from deploy.local.programs import Program
from deploy.local.rabbitmq import ensure_rabbitmq
from deploy.local.reporting import Reporter
from deploy.local.supervisor import stop_leftovers
from deploy.local.system import (
    System,
    bootstrap_job,
    edge_program,
    load_system,
    migration_jobs,
    round_job,
    server_programs,
    service_programs,
    topology_job,
)

READY_SECONDS = 90


class NotReady(Exception):
    """A program did not become ready; the text has the last lines of its log."""


@contextmanager
def one_at_a_time(layout: Layout) -> Iterator[None]:
    """Keeps two commands that change what runs from doing so at the same time."""
    layout.home.mkdir(parents=True, exist_ok=True)
    with open(layout.home / "command.lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            # To standard error: with --json standard output holds the object alone.
            print("flsdb: waiting for another ./flsdb command to finish", file=sys.stderr)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def start_system(layout: Layout, reporter: Reporter) -> System:
    """Starts what is missing and returns when everything answers.

    Raises:
        NotReady: A program does not come up.
        JobFailed: A migration or the like failed.
        PackageMissing: RabbitMQ is missing and may not be installed.
    """
    for folder in (layout.logs, layout.run, layout.mail):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    was_running = supervisor_pid(layout) is not None
    if not was_running and (left := stop_leftovers(layout)):
        reporter.say(f"a killed supervisor had left {len(left)} programs: stopped")
    system = load_system(layout, in_use=was_running, say=reporter.say)
    script = None if system.own_broker else ensure_rabbitmq(say=reporter.say)
    binary = ensure_nginx(say=reporter.say)
    servers = server_programs(system, script)
    outside = sorted({Path(p.folder).parent for p in servers if p.folder.startswith(str(OUTSIDE))})
    if outside:
        reporter.say(f"data lies below {outside[0]}, which the servers' account can reach")
    reporter.say(_servers_text(system, was_running))
    others = [program for program in read_wanted(layout) if program.kind != "server"]
    want(layout, [*servers, *(others if was_running else [])])
    with _in_background(lambda: build_frontend(layout.logs / "frontend.log", say=reporter.say)):
        _prepare_servers(system, reporter)
    edge = edge_program(system, binary)
    services = service_programs(system)
    reporter.say(f"services: {len(services)} processes, {system.workers} of them import workers")
    want(layout, [*servers, *services, edge])
    _wait_for_all(system, [*services, edge], reporter)
    reporter.say(f"everything is ready: {system.address}")
    return system


def want_changed(system: System) -> list[Program]:
    """Has the processes run as their settings say now; returns all but the servers.

    Only those whose settings have changed are started anew.
    """
    wanted = read_wanted(system.layout)
    first = [program for program in wanted if program.kind == "server"]
    last = [program for program in wanted if program.kind == "edge"]
    services = service_programs(system)
    want(system.layout, [*first, *services, *last])
    return [*services, *last]


def restart_changed(system: System, reporter: Reporter) -> None:
    """Starts anew the processes whose settings have changed; returns when all are ready.

    Raises:
        NotReady: A process does not come up.
    """
    _wait_for_all(system, want_changed(system), reporter)


def _servers_text(system: System, was_running: bool) -> str:
    parts = [
        "your PostgreSQL" if system.own_postgres else "PostgreSQL",
        "your RabbitMQ" if system.own_broker else "RabbitMQ",
    ]
    return f"{' and '.join(parts)}: {'looking again' if was_running else 'starting'}"


def _prepare_servers(system: System, reporter: Reporter) -> None:
    """Databases, migrations, queues; the broker comes up meanwhile."""
    logs = system.layout.logs
    try:
        postgres.wait_for_postgres(system.postgres_url)
    except TimeoutError as error:
        raise NotReady(_with_log(system.layout, "postgres", str(error))) from error
    run_job(bootstrap_job(system), logs)
    reporter.say("PostgreSQL answers; databases and migrations")
    run_jobs(migration_jobs(system), logs)
    run_job(round_job(system), logs)
    try:
        rabbitmq.wait_for_rabbitmq(system.broker_url)
    except TimeoutError as error:
        raise NotReady(_with_log(system.layout, "rabbitmq", str(error))) from error
    reporter.say("RabbitMQ answers; declaring queues")
    run_job(topology_job(system), logs)


@contextmanager
def _in_background(work: Callable[[], None]) -> Iterator[None]:
    """Does `work` in a thread while the block runs; its error is raised at the block's end."""
    errors: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    yield
    thread.join()
    if errors:
        raise errors[0]


def _wait_for_all(system: System, programs: Sequence[Program], reporter: Reporter) -> None:
    until = time.monotonic() + READY_SECONDS
    waiting = list(programs)
    with reporter.progress("waiting for processes", len(programs)) as show:
        while waiting:
            waiting = [program for program in waiting if not _is_ready(system, program)]
            show(len(programs) - len(waiting))
            if waiting and time.monotonic() > until:
                _give_up(system.layout, waiting)
            if waiting:
                time.sleep(0.2)


def _is_ready(system: System, program: Program) -> bool:
    """True if the program runs and, where it can be asked, says that it can work."""
    layout = system.layout
    if not is_running(layout, program):
        return False
    if program.kind == "edge":
        return _answers(f"http://{system.host('gateway')}/healthz")
    if program.name.endswith("-web"):
        return _answers(f"http://{system.host(program.name)}/health/ready")
    state = program_states(layout).get(program.name)
    live = Path(program.env["FLS_LIVE_FILE"])
    started = state.started if state else None
    return started is not None and live.exists() and live.stat().st_mtime >= started - 1


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310  (our own address)
            return int(answer.status) == 200
    except (urllib.error.URLError, OSError):
        return False


def _give_up(layout: Layout, waiting: Sequence[Program]) -> None:
    texts = [_with_log(layout, program.name, "is not ready") for program in waiting[:3]]
    more = f"\n(and {len(waiting) - 3} more)" if len(waiting) > 3 else ""
    raise NotReady("\n".join(texts) + more)


def _with_log(layout: Layout, name: str, text: str) -> str:
    lines = "\n".join(f"  {line}" for line in last_lines(layout.logs / f"{name}.log", 8))
    return f"{name}: {text}; its log ends with:\n{lines}"
