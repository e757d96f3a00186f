"""Private PostgreSQL and RabbitMQ servers in any folder, for tests and benchmarks.

    from deploy.local.servers import start_postgres, start_rabbitmq

    postgres = start_postgres(tmp_path / "pg")      # a free port; about 3 s
    postgres.url    # postgresql://postgres:...@127.0.0.1:PORT/postgres, superuser
    postgres.stop()

    rabbitmq = start_rabbitmq(tmp_path / "mq")      # about 6 s
    rabbitmq.url    # amqp://flsdb:...@127.0.0.1:PORT/%2F, administrator
    rabbitmq.kill() # SIGKILL, as a crash; then rabbitmq.start() again with the same data
    rabbitmq.stop()

Both handles are context managers (`with start_postgres(folder) as postgres:`) and stop at the end
of the process whatever happens. Works as root and not. RabbitMQ must be installed, or we must be
root on Debian or Ubuntu. As root the data may lie below /var/lib, where the folder cannot be
reached by the account the server runs as (pytest's temporary folders are such): `handle.place` says
where. `stop(remove=True)` deletes it, and so does the end of the process where the folder asked for
is a temporary one.
"""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from deploy.local import postgres as pg
from deploy.local import rabbitmq as mq
from deploy.local.accounts import remove_outside
from deploy.local.ports import free_port
from deploy.local.programs import Program, end_group, spawn

PASSWORD = "only-for-tests"  # noqa: S105


class ServerHandle:
    """One running private server (for RabbitMQ: with its epmd).

    Attributes:
        url: How to connect as its administrator.
        port: On 127.0.0.1.
        place: Where its data lies.
        log: Its output.
    """

    def __init__(
        self,
        folder: Path,
        programs: Sequence[Program],
        url: str,
        port: int,
        wait: Callable[[str], None],
    ) -> None:
        self.url = url
        self.port = port
        self.place = Path(programs[-1].folder)
        self.log = self.place / "server.log"
        self._programs = programs
        self._wait = wait
        self._running: list[tuple[Program, subprocess.Popen[bytes]]] = []
        # Below /var/lib nobody would come upon what a temporary folder's server left.
        remove = _is_temporary(folder) and self.place != folder
        atexit.register(self.stop, remove=remove)

    @property
    def pid(self) -> int:
        """The server's process id."""
        return self._running[-1][1].pid

    def start(self) -> None:
        """Starts it (again, after `stop` or `kill`) on its data and waits until it answers."""
        self._running = [(program, spawn(program, self.log)) for program in self._programs]
        try:
            self._wait(self.url)
        except BaseException as error:
            self.stop()
            tail = self.log.read_text(errors="replace")[-2000:]
            raise RuntimeError(f"{self._programs[-1].name} did not start: {tail}") from error

    def stop(self, *, remove: bool = False) -> None:
        """Ends it as an operator would; harmless twice. `remove` deletes its data too."""
        for program, process in reversed(self._running):
            if process.poll() is None:
                process.send_signal(getattr(signal, program.stop_signal))
                try:
                    process.wait(program.grace_seconds)
                except subprocess.TimeoutExpired:
                    end_group(process.pid)
                    process.wait()
        self._running = []
        if remove:
            remove_outside(self.place)

    def kill(self) -> None:
        """Ends it at once, as a crash would; `start` brings it back on the same data."""
        for _, process in reversed(self._running):
            end_group(process.pid)
            process.wait()
        self._running = []

    def __enter__(self) -> ServerHandle:
        return self

    def __exit__(self, *_: Any) -> None:
        self.stop()


def start_postgres(folder: str | os.PathLike[str], port: int | None = None) -> ServerHandle:
    """Starts a private PostgreSQL and returns once it answers.

    Args:
        folder: For its data; one that was used before is used again.
        port: On 127.0.0.1; None for a free one.
    """
    port = port or free_port()
    place = Path(folder).resolve()
    program = pg.prepare_postgres(place, port=port, password=PASSWORD)
    handle = ServerHandle(place, [program], pg.url_of(port, PASSWORD), port, pg.wait_for_postgres)
    handle.start()
    return handle


def start_rabbitmq(folder: str | os.PathLike[str], port: int | None = None) -> ServerHandle:
    """Starts a private RabbitMQ node with its own epmd and returns once it lets its user in.

    Args:
        folder: For its data; one that was used before is used again.
        port: AMQP, on 127.0.0.1; None for a free one.
    """
    script = mq.ensure_rabbitmq(say=lambda line: print(line, file=sys.stderr))
    ports = [port or free_port()]
    while len(ports) < 4:
        ports.append(free_port(ports))
    place = Path(folder).resolve()
    programs = mq.prepare_rabbitmq(
        place,
        script,
        port=ports[0],
        epmd_port=ports[1],
        dist_port=ports[2],
        metrics_port=ports[3],
        user="flsdb",
        password=PASSWORD,
    )
    url = mq.url_of(ports[0], "flsdb", PASSWORD)
    handle = ServerHandle(place, programs, url, ports[0], mq.wait_for_rabbitmq)
    handle.start()
    return handle


def _is_temporary(folder: Path) -> bool:
    return folder.is_relative_to(Path(tempfile.gettempdir()).resolve())
