"""The copy of the sites, and what the database itself refuses."""

import psycopg
import pytest

from tests.factories.facilities import COMPLETE, make_counts_event, make_site_event

TABLES_OF_A_SITE = (
    "site",
    "answer_set",
    "answer",
    "answer_change",
    "submission",
    "section_state",
    "section_event",
    "comment",
    "extension",
    "reminder",
    "site_counts",
)
HISTORIES = ("answer_change", "submission", "section_event", "comment", "extension", "reminder")


def stored_site(databases, site_id):
    with psycopg.connect(databases.superuser_url("facilities")) as database:
        query = "SELECT name, state, version, organisation_codes FROM site WHERE site_id = %s"
        return database.execute(query, (site_id,)).fetchone()


def test_hearing_of_a_site_twice_is_hearing_once(databases, hear, site_id):
    event = make_site_event(site_id, 2, name="Airedale and Wharfedale")
    hear(event)
    first = stored_site(databases, site_id)
    hear(event)
    assert stored_site(databases, site_id) == first
    codes = [{"scheme": "ods", "code": "RCF"}]
    assert first == ("Airedale and Wharfedale", "approved", 2, codes)


def test_an_older_word_about_a_site_changes_nothing(databases, hear, site_id, other_site_id):
    hear(make_site_event(site_id, 3, state="suspended"))
    hear(make_site_event(site_id, 2, state="approved", name="Old name"))
    assert stored_site(databases, site_id)[:3] == ("Airedale", "suspended", 3)
    assert stored_site(databases, other_site_id)[:3] == ("Barnet", "approved", 1)


@pytest.fixture
def two_sites_with_answers(caller, other_caller, team, hear, site_id, other_site_id, round_id):
    """Two sites, each with a row in every table that belongs to a site."""
    rounds = f"/rounds/{round_id}"
    assert team("POST", f"{rounds}/reminders").json == {"sites": 2}
    for each in (caller, other_caller):
        assert each.save(round_id, 0, COMPLETE).status_code == 200
        each("PUT", f"{rounds}/sections/B/owner", json={"owner": str(each.actor.account_id)})
        each("POST", f"{rounds}/comments", json={"question": "B2", "words": "Vacant"})
        each.confirm_all(round_id)
        assert each.submit(round_id, 1).status_code == 200
    team("POST", f"{rounds}/closing", json={"reason": "Over"})
    for each in (site_id, other_site_id):
        hear(make_counts_event(each, {}))
        body = {"until_on": "2099-01-01", "reason": "More time"}
        assert team("POST", f"{rounds}/sites/{each}/extension", json=body).status_code == 204


def count_rows(database, table, site_id=None):
    """Counts in a transaction of its own on a connection that is used again and again."""
    with database.transaction():
        if site_id is not None:
            database.execute("SELECT set_config('app.site_id', %s, true)", (str(site_id),))
        return database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


@pytest.mark.parametrize("table", TABLES_OF_A_SITE)
def test_without_a_site_the_service_sees_no_row(databases, two_sites_with_answers, site_id, table):
    with psycopg.connect(databases.url("facilities")) as database:
        assert count_rows(database, table) == 0
        own = count_rows(database, table, site_id)
        # A pooled connection remembers an empty string where a site was set before.
        assert count_rows(database, table) == 0
    with psycopg.connect(databases.superuser_url("facilities")) as database:
        assert own > 0 and count_rows(database, table) == 2 * own


@pytest.mark.parametrize("table", TABLES_OF_A_SITE)
def test_the_owner_is_bound_too(databases, two_sites_with_answers, table):
    with psycopg.connect(databases.url("facilities", "owner")) as database:
        assert count_rows(database, table) == 0


def test_a_row_cannot_be_written_for_another_site(
    databases, two_sites_with_answers, site_id, other_site_id
):
    with psycopg.connect(databases.url("facilities")) as database:
        database.execute("SELECT set_config('app.site_id', %s, true)", (str(site_id),))
        query = "UPDATE answer SET value = '1' WHERE site_id = %s"
        assert database.execute(query, (other_site_id,)).rowcount == 0
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
            database.execute("UPDATE answer_set SET site_id = %s", (other_site_id,))


@pytest.mark.parametrize("table", HISTORIES)
@pytest.mark.parametrize("statement", ["UPDATE {} SET round_id = NULL", "DELETE FROM {}"])
def test_history_cannot_be_changed(databases, two_sites_with_answers, site_id, table, statement):
    with psycopg.connect(databases.url("facilities")) as database:
        database.execute("SELECT set_config('app.site_id', %s, true)", (str(site_id),))
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied"):
            database.execute(statement.format(table))


def test_the_national_reader_sees_all_sites_and_writes_nothing(databases, two_sites_with_answers):
    with psycopg.connect(databases.url("facilities"), autocommit=True) as database:
        database.execute("SET ROLE facilities_reader")
        assert count_rows(database, "answer_set") == 2
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            database.execute("UPDATE answer_set SET version = 9")
