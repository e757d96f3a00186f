"""Real servers for the integration tests: containers where an engine answers, private ones else.

`databases` is a PostgreSQL with all four services' databases, migrated; `broker_url` a RabbitMQ
with all queues. Both start once for the whole run. `clean(service)` empties a service's tables.
"""

from __future__ import annotations

import importlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from deploy.postgres.bootstrap import LOGINS, SERVICES, bootstrap, url_for
from services.shared.migrate import upgrade
from services.shared.topology import declare

ROOT = Path(__file__).resolve().parents[2]
_PASSWORDS = {s: {login: f"{s}-{login}-only-for-tests" for login in LOGINS} for s in SERVICES}


@dataclass(frozen=True)
class Databases:
    """The four databases of one server."""

    admin_url: str

    def url(self, service: str, login: str = "service") -> str:
        """The address of a service's database with one of its roles."""
        return url_for(self.admin_url, f"{service}_{login}", _PASSWORDS[service][login], service)

    def superuser_url(self, service: str) -> str:
        """The same database as superuser, to look behind row-level security."""
        return self.admin_url.rpartition("/")[0] + f"/{service}"


def _engine_answers() -> bool:
    """Whether containers can be run here; FLSDB_TEST_SERVERS=private says not to try."""
    if os.environ.get("FLSDB_TEST_SERVERS") == "private":
        return False
    try:
        import docker

        client = docker.from_env(timeout=5)
        client.ping()
        for image in (_postgres_image(), _rabbitmq_image()):
            if not client.images.list(name=image):
                client.images.pull(image)
    except Exception as error:
        print(f"no containers here ({type(error).__name__}): using private servers")
        return False
    return True


def _postgres_image() -> str:
    return os.environ.get("POSTGRES_IMAGE", "postgres:17")


def _rabbitmq_image() -> str:
    return os.environ.get("RABBITMQ_IMAGE", "rabbitmq:4-management")


@pytest.fixture(scope="session")
def containers() -> bool:
    """True where servers come from containers."""
    return _engine_answers()


@pytest.fixture(scope="session")
def postgres_admin_url(containers: bool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server with a superuser."""
    if containers:
        from testcontainers.community.postgres import PostgresContainer

        with PostgresContainer(
            _postgres_image(), username="postgres", password="only-for-tests", dbname="postgres"
        ) as server:
            host, port = server.get_container_host_ip(), server.get_exposed_port(5432)
            yield f"postgresql://postgres:only-for-tests@{host}:{port}/postgres"
        return
    from deploy.local.servers import start_postgres

    server = start_postgres(tmp_path_factory.mktemp("postgres"))
    yield server.url
    server.stop(remove=True)


@pytest.fixture(scope="session")
def databases(postgres_admin_url: str) -> Databases:
    """The four databases, with roles and migrations, empty of data."""
    bootstrap(postgres_admin_url, _PASSWORDS)
    made = Databases(postgres_admin_url)
    for service in SERVICES:
        upgrade(
            importlib.import_module(f"services.{service}.migrations"), made.url(service, "owner")
        )
    return made


@pytest.fixture(scope="session")
def broker_url(containers: bool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A RabbitMQ server with all exchanges and queues declared."""
    topology = json.loads((ROOT / "deploy" / "rabbitmq" / "topology.json").read_text())
    if containers:
        from testcontainers.community.rabbitmq import RabbitMqContainer

        with RabbitMqContainer(_rabbitmq_image()) as server:
            host, port = server.get_container_host_ip(), server.get_exposed_port(server.port)
            url = f"amqp://{server.username}:{server.password}@{host}:{port}/%2F"
            declare(url, topology)
            yield url
        return
    from deploy.local.servers import start_rabbitmq

    server = start_rabbitmq(tmp_path_factory.mktemp("rabbitmq"))
    declare(server.url, topology)
    yield server.url
    server.stop(remove=True)


@pytest.fixture
def clean(databases: Databases) -> Callable[[str], None]:
    """Empties all tables of a service's database but alembic's own."""

    def empty(service: str) -> None:
        with psycopg.connect(databases.superuser_url(service), autocommit=True) as database:
            rows = database.execute(
                "SELECT tablename FROM pg_tables "
                "WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
            ).fetchall()
            if rows:
                tables = sql.SQL(", ").join(sql.Identifier(row[0]) for row in rows)
                database.execute(sql.SQL("TRUNCATE {} CASCADE").format(tables))

    return empty
