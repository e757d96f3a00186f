"""The log: written with each deed, and never again."""

from __future__ import annotations

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from services.registration.actions.log import write_log
from services.shared.db import transaction
from services.shared.identity import Actor


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_log SET what = 'nothing'",
        "DELETE FROM audit_log",
        "TRUNCATE audit_log",
        "ALTER TABLE audit_log DISABLE TRIGGER ALL",
        "DROP TABLE audit_log",
    ],
)
@pytest.mark.parametrize("login", ["service", "maintenance"])
def test_nobody_but_the_owner_can_change_the_log(team, databases, statement, login) -> None:
    with (
        psycopg.connect(databases.url("registration", login)) as database,
        pytest.raises(InsufficientPrivilege),
    ):
        database.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM account",
        "DELETE FROM application",
        "DELETE FROM session",
        "DELETE FROM api_token",
        "UPDATE account_role SET role = 'audit_team', site_id = NULL",
        "ALTER TABLE api_token DISABLE ROW LEVEL SECURITY",
        "SET ROLE registration_owner",
    ],
)
def test_the_services_role_has_no_more_rights_than_it_needs(databases, statement) -> None:
    with (
        psycopg.connect(databases.url("registration")) as database,
        pytest.raises(InsufficientPrivilege),
    ):
        database.execute(statement)


def test_the_whole_life_of_a_site_is_in_the_log(site, team, look) -> None:
    made = site.lead("POST", "/tokens", json={"name": "x", "expires_in_days": 1}).json
    site.lead("DELETE", f"/tokens/{made['token_id']}")
    account_id = look.value("SELECT account_id FROM account WHERE email = %s", site.email)
    team("POST", f"/accounts/{account_id}/switch-off")
    lines = look.rows("SELECT * FROM audit_log ORDER BY entry_id")
    assert [line["what"] for line in lines] == [
        "account_opened",
        "password_set_by_operator",
        "second_factor_set_up",
        "signed_in",
        "application_submitted",
        "account_opened",
        "application_approved",
        "password_chosen",
        "second_factor_set_up",
        "signed_in",
        "token_made",
        "token_revoked",
        "account_switched_off",
    ]
    assert [line["actor_kind"] for line in lines[:5]] == [
        "operator",
        "operator",
        "account",
        "account",
        "visitor",
    ]
    assert lines[6]["site_id"] == site.site_id
    assert all(line["credential_id"] for line in lines if line["actor_kind"] == "account")
    assert site.email not in str(lines)


def test_a_deed_that_fails_leaves_no_line(engine, look) -> None:
    from uuid import uuid4

    actor = Actor(uuid4(), None, frozenset(), "s", "c")
    with pytest.raises(RuntimeError), transaction(engine) as session:
        write_log(session, by=actor, what="x", subject_kind="account", subject_id=None)
        raise RuntimeError
    assert look.count("audit_log") == 0
