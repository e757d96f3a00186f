"""The whole system as a list of programs: servers, services, workers, the edge, in this order."""

from __future__ import annotations

import hashlib
import os
import secrets
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from deploy.environment import environment_for
from deploy.local import nginx, postgres, rabbitmq
from deploy.local.jobs import Job
from deploy.local.layout import ROOT, Layout
from deploy.local.ports import keep_ports
from deploy.local.private_files import read_json, write_private
from deploy.local.programs import Program
from deploy.postgres.bootstrap import SERVICES
from deploy.secrets import make_secrets, with_newer_secrets

GATEWAY_PORT = 8080
DEFAULT_WORKERS = 2
"""Import workers of a new system: one for each core of a small machine."""
MOST_WORKERS = 32
BROKER_USER = "flsdb"
SERVER_PORTS = ("postgres", "rabbitmq", "rabbitmq-epmd", "rabbitmq-dist", "rabbitmq-metrics")


@dataclass(frozen=True)
class System:
    """One local system.

    Attributes:
        layout: Where its files lie.
        ports: Port of each listening thing, on 127.0.0.1.
        secrets: `services` holds what `deploy.secrets` made; beside it the passwords of the
            private servers.
        workers: How many import workers are wanted.
        own_postgres: Address of the user's own server; None for a private one.
        own_broker: Address of the user's own broker; None for a private one.
    """

    layout: Layout
    ports: Mapping[str, int]
    secrets: Mapping[str, Any]
    workers: int
    own_postgres: str | None
    own_broker: str | None

    @property
    def address(self) -> str:
        """What to open in a browser."""
        return f"http://localhost:{self.ports['gateway']}"

    @property
    def postgres_url(self) -> str:
        """The superuser's address of the database server."""
        private = postgres.url_of(self.ports["postgres"], self.secrets["postgres_password"])
        return self.own_postgres or private

    @property
    def broker_url(self) -> str:
        """The address of the broker."""
        password = self.secrets["broker_password"]
        return self.own_broker or rabbitmq.url_of(self.ports["rabbitmq"], BROKER_USER, password)

    def host(self, name: str) -> str:
        """Returns `host:port` of a listening thing."""
        return f"127.0.0.1:{self.ports[name]}"


def load_system(
    layout: Layout, *, in_use: bool, say: Callable[[str], None] | None = None
) -> System:
    """Reads ports, secrets and choices; makes those that are missing.

    Args:
        layout: Where they lie.
        in_use: True while the system runs: its ports are then taken by itself.
        say: Told of each port that could not be had.
    """
    workers = wanted_workers(layout)
    wish = {"gateway": GATEWAY_PORT}
    ports = keep_ports(layout.ports, _port_names(workers), wish, in_use=in_use, say=say)
    return System(
        layout=layout,
        ports=ports,
        secrets=_load_secrets(layout),
        workers=workers,
        own_postgres=os.environ.get("FLSDB_POSTGRES_URL") or None,
        own_broker=os.environ.get("FLSDB_BROKER_URL") or None,
    )


def wanted_workers(layout: Layout) -> int:
    """Returns how many import workers were chosen."""
    return int(read_json(layout.choices).get("workers", DEFAULT_WORKERS))


def processes(workers: int) -> list[str]:
    """Returns the names of all our own processes; the pages' is `gateway-web`."""
    parts = ("relay", "consumer", "web")
    names = [f"{service}-{part}" for service in SERVICES for part in parts]
    names += [f"imports-worker-{number}" for number in range(1, workers + 1)]
    return [*names, "gateway-web"]


def server_programs(system: System, rabbitmq_script: Path | None) -> list[Program]:
    """Returns the private servers, their folders prepared, in the order of starting."""
    home, ports = system.layout.home, system.ports
    programs = [_mail_program(system)]
    if system.own_postgres is None:
        password = system.secrets["postgres_password"]
        programs.append(
            postgres.prepare_postgres(home / "postgres", port=ports["postgres"], password=password)
        )
    if system.own_broker is None and rabbitmq_script is not None:
        programs += rabbitmq.prepare_rabbitmq(
            home / "rabbitmq",
            rabbitmq_script,
            port=ports["rabbitmq"],
            epmd_port=ports["rabbitmq-epmd"],
            dist_port=ports["rabbitmq-dist"],
            metrics_port=ports["rabbitmq-metrics"],
            user=BROKER_USER,
            password=system.secrets["broker_password"],
        )
    return programs


def service_programs(system: System) -> list[Program]:
    """Returns the processes of the services, the import workers and the pages."""
    code = {name: code_digest(name) for name in (*SERVICES, "gateway")}
    return [
        Program(
            name=process,
            argv=_command(process),
            # Changed code makes another program of it: `up` starts that process anew.
            env=_environment(system, process) | {"FLSDB_CODE": code[process.partition("-")[0]]},
            folder=str(ROOT),
            # gunicorn lets requests finish for 20 s before it ends its workers.
            grace_seconds=15,
        )
        for process in processes(system.workers)
    ]


def edge_program(system: System, binary: Path) -> Program:
    """Returns nginx, its configuration written and checked."""
    variables = {
        "GATEWAY_PAGES": system.host("gateway-web"),
        **{service.upper(): system.host(f"{service}-web") for service in SERVICES},
        "LISTEN": system.host("gateway"),
        "RESOLVER": "",
        "CACHE_PATH": str(nginx.cache_folder(system.layout.home)),
        "STATIC_PATH": str(ROOT / "gateway" / "static" / "build"),
    }
    return nginx.prepare_nginx(system.layout.home / "nginx", binary, variables)


def bootstrap_job(system: System) -> Job:
    """Returns what makes databases and roles."""
    env = {"FLS_POSTGRES_ADMIN_URL": system.postgres_url, **_environment(system, "bootstrap")}
    return Job("bootstrap", "deploy.postgres.bootstrap", env)


def migration_jobs(system: System) -> list[Job]:
    """Returns what brings each service's database to the newest version."""
    return [
        Job(name, f"services.{service}.migrations", _environment(system, name))
        for service, name in ((service, f"{service}-migrations") for service in SERVICES)
    ]


def topology_job(system: System) -> Job:
    """Returns what declares exchange and queues."""
    arguments = [str(ROOT / "deploy" / "rabbitmq" / "topology.json")]
    env = {"FLS_BROKER_URL": system.broker_url}
    return Job("topology", "services.shared.topology", env, arguments)


def round_job(system: System) -> Job:
    """Returns what opens this year's round of the facilities audit; an open one stays as it is."""
    year = str(datetime.now(ZoneInfo("Europe/London")).year)
    env = _environment(system, "facilities-web")
    return Job("round", "services.facilities.rounds", env, ["open", "--year", year])


def admin_job(
    system: System,
    email: str,
    name: str | None,
    password_file: Path | None,
    role: str = "audit_team",
) -> Job:
    """Returns what makes a national account."""
    arguments = ["create", email, "--role", role]
    if name:
        arguments += ["--name", name]
    if password_file:
        arguments += ["--password-file", str(password_file)]
    env = _environment(system, "registration-consumer")
    return Job("admin", "services.registration.admin", env, arguments)


def code_job(system: System, email: str) -> Job:
    """Returns what prints the next code of an account, as its authenticator app would."""
    env = _environment(system, "registration-web")
    return Job("code", "services.registration.admin", env, ["code", email], is_logged=False)


def verify_log_job(system: System, head: str | None) -> Job:
    """Returns what goes through the log and says whether it is as it was written."""
    arguments = ["verify-log", *(["--head", head] if head else [])]
    env = _environment(system, "registration-consumer")
    return Job("verify-log", "services.registration.admin", env, arguments)


def rotation_job(system: System) -> Job:
    """Returns what wraps the patients' keys anew with the current master key."""
    name = "records-rotation"
    return Job(name, "services.records.rotation", _environment(system, name))


def code_digest(name: str) -> str:
    """Returns what tells two states of a service's code apart (the pages' too: `gateway`)."""
    own = "gateway" if name == "gateway" else f"services/{name}"
    digest = hashlib.sha256()
    for folder in (own, "services/shared", "dataset"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".py", ".html", ".json") and "node_modules" not in path.parts:
                status = path.stat()
                digest.update(f"{path}\0{status.st_size}\0{status.st_mtime_ns}\0".encode())
    return digest.hexdigest()[:16]


def _port_names(workers: int) -> list[str]:
    names = ["gateway", "mail", *SERVER_PORTS]
    for process in processes(workers):
        names.append(f"{process}-metrics")
        if process.endswith("-web"):
            names.append(process)
    return names


def _load_secrets(layout: Layout) -> dict[str, Any]:
    kept = read_json(layout.secrets)
    if not kept:
        kept = {
            # Without signs that an address would have to escape.
            "postgres_password": secrets.token_hex(20),
            "broker_password": secrets.token_hex(20),
            "services": make_secrets(),
        }
        write_private(layout.secrets, kept)
    whole = with_newer_secrets(kept["services"])
    if whole != kept["services"]:
        kept["services"] = whole
        write_private(layout.secrets, kept)
    return kept


def _mail_program(system: System) -> Program:
    folder, port = str(system.layout.mail), str(system.ports["mail"])
    return Program(
        name="mail",
        argv=(sys.executable, "-m", "deploy.local.mail_sink", folder, port),
        folder=str(ROOT),
        kind="server",
    )


def _command(process: str) -> tuple[str, ...]:
    service, _, part = process.partition("-")
    if part == "web":
        module = "gateway.wsgi" if service == "gateway" else f"services.{service}.wsgi"
        # As a module: the command's own first line breaks when the repository is moved.
        gunicorn = (sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py")
        return (*gunicorn, f"{module}:app")
    return (sys.executable, "-m", f"services.{service}.{part.partition('-')[0]}")


def _environment(system: System, process: str) -> dict[str, str]:
    """Returns a process's settings: its secrets and addresses, and where its metrics are."""
    env = environment_for(process, system.secrets["services"], _addresses(system))
    if f"{process}-metrics" in system.ports:
        env["FLS_METRICS_HOST"] = "127.0.0.1"
        env["FLS_METRICS_PORT"] = str(system.ports[f"{process}-metrics"])
        env["FLS_LIVE_FILE"] = str(system.layout.run / f"{process}.live")
    if process.endswith("-web"):
        env["FLS_HTTP_BIND"] = system.host(process)
    if process == "imports-web":
        # A slow sender holds a thread for as long as its file takes.
        env["FLS_THREADS"] = "16"
    if process == "records-web":
        # Two of them may be held by downloads of records.
        env["FLS_THREADS"] = "6"
    return env


def _addresses(system: System) -> dict[str, str]:
    return {
        "postgres": system.postgres_url,
        "broker": system.broker_url,
        "smtp": f"smtp://127.0.0.1:{system.ports['mail']}",
        "public": system.address,
        **{service: f"http://{system.host(f'{service}-web')}" for service in SERVICES},
    }
