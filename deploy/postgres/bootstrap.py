"""Makes the four databases and their roles; harmless when repeated.

For each service four roles: `<service>_owner` owns the database and runs migrations,
`<service>_service` is what the processes use, `<service>_maintenance` is for timers that delete
what has expired, and `<service>_reader` (no login) reads all sites, taken with `SET ROLE`.
Nobody else may connect to a service's database.

Program: `python -m deploy.postgres.bootstrap` with FLS_POSTGRES_ADMIN_URL and, for each service,
FLS_<SERVICE>_OWNER_PASSWORD, FLS_<SERVICE>_SERVICE_PASSWORD, FLS_<SERVICE>_MAINTENANCE_PASSWORD.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

SERVICES = ("registration", "records", "imports", "facilities")
LOGINS = ("owner", "service", "maintenance")

QUIET = {
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
"""The server's log must not quote rows, COPY lines, statements or their parameters on an error.

Only a superuser may set these; a service's role cannot take them back.
"""


def bootstrap(
    admin_url: str,
    passwords: Mapping[str, Mapping[str, str]],
    databases: Mapping[str, str] | None = None,
) -> None:
    """Makes what is missing and sets the passwords.

    Args:
        admin_url: address of the server with a role that may create roles and databases.
        passwords: service -> `owner`, `service`, `maintenance` -> password.
        databases: service -> name of its database; by default the service's own name.
    """
    names = {service: (databases or {}).get(service, service) for service in passwords}
    with psycopg.connect(admin_url, autocommit=True, connect_timeout=5) as server:
        for service, of_service in passwords.items():
            _roles(server, service, of_service)
            _database(server, service, names[service])
    for service, name in names.items():
        with psycopg.connect(with_database(admin_url, name), autocommit=True) as database:
            _rights(database, service, name)


def url_for(admin_url: str, role: str, password: str, database: str) -> str:
    """The address of a database on the same server, with another role."""
    parts = urlsplit(admin_url)
    host = parts.netloc.rpartition("@")[2]
    netloc = f"{quote(role)}:{quote(password, safe='')}@{host}"
    return urlunsplit((parts.scheme, netloc, f"/{database}", parts.query, ""))


def with_database(admin_url: str, database: str) -> str:
    """The same address with another database."""
    return urlunsplit(urlsplit(admin_url)._replace(path=f"/{database}"))


def _roles(server: psycopg.Connection[Any], service: str, passwords: Mapping[str, str]) -> None:
    reader = f"{service}_reader"
    if not _has_role(server, reader):
        server.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(reader)))
    for login in LOGINS:
        role = f"{service}_{login}"
        # NOINHERIT: the service's own role must take the reader's rights by SET ROLE, or the
        # reader's policies, which show all sites, would hold for it at all times.
        verb = "ALTER" if _has_role(server, role) else "CREATE"
        server.execute(
            sql.SQL(verb + " ROLE {} LOGIN NOINHERIT NOBYPASSRLS PASSWORD {}").format(
                sql.Identifier(role), sql.Literal(passwords[login])
            )
        )
    how = " WITH INHERIT FALSE, SET TRUE" if server.info.server_version >= 160000 else ""
    server.execute(
        sql.SQL("GRANT {} TO {}" + how).format(
            sql.Identifier(reader), sql.Identifier(f"{service}_service")
        )
    )


def _database(server: psycopg.Connection[Any], service: str, name: str) -> None:
    exists = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone()
    owner = sql.Identifier(f"{service}_owner")
    if exists:
        return
    # Only a member of the owner's role may give it a database; a superuser is one of every role.
    server.execute(
        sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8'").format(
            sql.Identifier(name), owner
        )
    )


def _rights(database: psycopg.Connection[Any], service: str, name: str) -> None:
    roles = sql.SQL(", ").join(sql.Identifier(f"{service}_{login}") for login in LOGINS)
    reader = sql.Identifier(f"{service}_reader")
    owner = sql.Identifier(f"{service}_owner")
    target = sql.Identifier(name)
    for statement in (
        sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(target),
        sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(target, roles),
        sql.SQL("REVOKE CREATE ON SCHEMA public FROM PUBLIC"),
        sql.SQL("GRANT USAGE ON SCHEMA public TO {}, {}").format(roles, reader),
        # PostgreSQL 15 gives it to the database's owner by a membership, and ours is NOINHERIT.
        sql.SQL("GRANT CREATE ON SCHEMA public TO {}").format(owner),
        sql.SQL("ALTER DATABASE {} SET statement_timeout = '10min'").format(target),
        sql.SQL("ALTER DATABASE {} SET timezone = 'UTC'").format(target),
    ):
        database.execute(statement)
    _quieten(database, target, name)


def _quieten(database: psycopg.Connection[Any], target: sql.Identifier, name: str) -> None:
    statement = sql.SQL("ALTER DATABASE {} SET {} = {}")
    try:
        for setting, value in QUIET.items():
            database.execute(statement.format(target, sql.Identifier(setting), sql.Literal(value)))
    except psycopg.errors.InsufficientPrivilege:
        # A managed server keeps its log settings to itself; then its operator must see to it.
        wanted = ", ".join(f"{setting}={value}" for setting, value in QUIET.items())
        print(f"flsdb: the log of {name} may quote rows: set {wanted}", file=sys.stderr)


def _has_role(server: psycopg.Connection[Any], role: str) -> bool:
    return bool(server.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone())


def main() -> None:
    """Reads addresses and passwords from the environment; waits two minutes for the server."""
    names = {
        service: {login: f"FLS_{service}_{login}_PASSWORD".upper() for login in LOGINS}
        for service in SERVICES
    }
    wanted = ["FLS_POSTGRES_ADMIN_URL"] + [n for of in names.values() for n in of.values()]
    missing = [name for name in wanted if not os.environ.get(name)]
    if missing:
        print(f"flsdb: set {', '.join(missing)} in the environment", file=sys.stderr)
        raise SystemExit(2)
    passwords = {s: {k: os.environ[n] for k, n in of.items()} for s, of in names.items()}
    deadline = time.monotonic() + 120
    while True:
        try:
            bootstrap(os.environ["FLS_POSTGRES_ADMIN_URL"], passwords)
            break
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline:
                print(f"flsdb: PostgreSQL does not answer: {error}", file=sys.stderr)
                raise SystemExit(1) from None
            time.sleep(1)
    print(f"databases and roles are ready: {', '.join(SERVICES)}")


if __name__ == "__main__":
    main()
