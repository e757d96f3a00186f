"""Every table that belongs to a site shows nothing to a transaction that names no site."""

from __future__ import annotations

import psycopg
import pytest

from deploy.postgres.bootstrap import QUIET, SERVICES
from tests.integration.conftest import Databases

GLOBAL = {
    "registration": {
        # Looked up before anybody's site is known; registration's README says why for each.
        "account_role": "who may act for which site: read while signing in",
        "application": "forms of visitors, who have no site yet; the audit team reads them",
        "audit_log": "written about every site, by visitors and the audit team too",
        "organisation_code": "codes must be unique among all sites",
        "participation_change": "written and read by the audit team, who is at no site",
        "people_confirmation": "read by a timer that reminds the leads of all sites",
        "session": "looked up to find out whose it is",
        "site": "the list of sites is registration's own",
        "visit": "looked up with the session, to find out for which site it acts",
    },
    "records": {"site": "our copy of the list of sites, read by timers"},
    "imports": {"site": "our copy of the list of sites, read by timers"},
    "facilities": {},
}
"""Tables with a site's id that are not a site's own, each with its reason."""

_TABLES = """
    SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity,
           has_table_privilege(%(role)s, c.oid, 'SELECT, UPDATE, DELETE')
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'site_id' AND NOT a.attisdropped
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') ORDER BY 1
"""


def _tables(databases: Databases, service: str) -> list[tuple[str, bool, bool, bool]]:
    """Name, row-level security enabled, forced, and whether the service's role may read it."""
    with psycopg.connect(databases.superuser_url(service)) as database:
        return database.execute(_TABLES, {"role": f"{service}_service"}).fetchall()


@pytest.mark.parametrize("service", SERVICES)
def test_every_table_of_a_site_is_under_row_level_security(
    databases: Databases, service: str
) -> None:
    # PostgreSQL cannot COPY into a table under row-level security: rows are staged in one that the
    # service may only add to, and it reads them through a view of its own site.
    open_tables = {
        name
        for name, enabled, forced, readable in _tables(databases, service)
        if readable and not (enabled and forced) and name not in GLOBAL[service]
    }
    assert open_tables == set()


@pytest.mark.parametrize("service", SERVICES)
def test_a_reason_is_given_only_for_tables_that_exist(databases: Databases, service: str) -> None:
    names = {name for name, *_ in _tables(databases, service)}
    assert set(GLOBAL[service]) - names - {"site"} == set()


@pytest.mark.parametrize("service", SERVICES)
def test_the_services_own_role_owns_nothing_and_cannot_pass_by(
    databases: Databases, service: str
) -> None:
    with psycopg.connect(databases.superuser_url(service)) as database:
        owned = database.execute(
            "SELECT tablename FROM pg_tables WHERE tableowner = %s", (f"{service}_service",)
        ).fetchall()
        assert owned == []
        role = database.execute(
            "SELECT rolsuper, rolbypassrls, rolinherit FROM pg_roles WHERE rolname = %s",
            (f"{service}_service",),
        ).fetchone()
    assert role == (False, False, False)


@pytest.mark.parametrize("service", SERVICES)
def test_no_service_can_open_another_services_database(databases: Databases, service: str) -> None:
    for other in SERVICES:
        if other != service:
            url = databases.url(service).rpartition("/")[0] + f"/{other}"
            with pytest.raises(psycopg.OperationalError, match="permission denied"):
                psycopg.connect(url)


UNSEEN_BY_ALL_SITES = {
    "registration": ["account", "api_token", "mail", "password_link", "session", "visit"],
    # What its extract needs of patient and patient_key: tests/integration/records/test_exporting.
    "records": [
        "record_identity",
        "record_change",
        "staged_batch",
        "entry",
        "opt_out",
    ],
    "imports": ["upload_part", "finding", "file_finding", "import_event"],
    "facilities": [],
}


@pytest.mark.parametrize("service", SERVICES)
def test_the_national_reader_sees_no_identifiers_secrets_or_files(
    databases: Databases, service: str
) -> None:
    with psycopg.connect(databases.superuser_url(service)) as database:
        for table in UNSEEN_BY_ALL_SITES[service]:
            question = "SELECT has_any_column_privilege(%s, %s, 'SELECT')"
            answer = database.execute(question, (f"{service}_reader", table)).fetchone()
            assert answer == (False,), table


def test_the_sweeper_of_imports_sees_neither_file_names_nor_keys(databases: Databases) -> None:
    with psycopg.connect(databases.url("imports"), autocommit=True) as database:
        database.execute("SET ROLE imports_reader")
        database.execute("SELECT import_id, site_id, state, asked_at, asks FROM import")
        for column in ("file_name", "wrapped_key", "sha256", "outcome"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                database.execute(f"SELECT {column} FROM import")


@pytest.mark.parametrize("service", SERVICES)
def test_the_log_of_the_server_quotes_no_rows(databases: Databases, service: str) -> None:
    for login in ("service", "owner", "maintenance"):
        with psycopg.connect(databases.url(service, login), autocommit=True) as database:
            for setting, wanted in QUIET.items():
                assert database.execute(f"SHOW {setting}").fetchone() == (wanted,), setting
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                database.execute("SET log_error_verbosity = 'default'")
