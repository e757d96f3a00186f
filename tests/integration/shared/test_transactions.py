"""A transaction sees its own site only, commits only when its block ends well."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError

from services.shared.db import make_engine, transaction

_INSERT = text("INSERT INTO thing (id, site_id) VALUES (:id, :site)")


def test_a_site_sees_and_writes_its_own_rows_only(engine: Engine) -> None:
    ours, theirs = uuid4(), uuid4()
    for site in (ours, theirs):
        with transaction(engine, site_id=site) as session:
            session.execute(_INSERT, {"id": 1, "site": site})
    with transaction(engine, site_id=ours) as session:
        assert session.execute(text("SELECT site_id FROM thing")).scalars().all() == [ours]
        assert session.execute(text("DELETE FROM thing")).rowcount == 1
    with pytest.raises(DBAPIError), transaction(engine, site_id=ours) as session:
        session.execute(_INSERT, {"id": 2, "site": theirs})
    with transaction(engine, site_id=theirs) as session:
        assert session.execute(text("SELECT count(*) FROM thing")).scalar_one() == 1


def test_a_pooled_connection_remembers_no_site(plumbing_url: str) -> None:
    engine = make_engine(plumbing_url, application_name="test", pool_size=1)
    site = uuid4()
    with transaction(engine, site_id=site) as session:
        session.execute(_INSERT, {"id": 1, "site": site})
        first = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
    with transaction(engine) as session:
        assert session.execute(text("SELECT pg_backend_pid()")).scalar_one() == first
        assert session.execute(text("SELECT * FROM thing")).all() == []
    engine.dispose()


def test_a_read_only_transaction_cannot_write(engine: Engine) -> None:
    site = uuid4()
    with (
        pytest.raises(DBAPIError, match="read-only"),
        transaction(engine, site_id=site, read_only=True) as session,
    ):
        session.execute(_INSERT, {"id": 1, "site": site})


def test_the_national_reader_sees_all_sites_and_writes_nothing(engine: Engine) -> None:
    site = uuid4()
    with transaction(engine, site_id=site) as session:
        session.execute(_INSERT, {"id": 77, "site": site})
    with transaction(engine, role="plumbing_reader") as session:
        rows = session.execute(text("SELECT site_id FROM thing WHERE id = 77")).scalars().all()
        assert site in rows
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction(engine, role="plumbing_reader") as session,
    ):
        session.execute(text("DELETE FROM thing"))


def test_transactions_follow_each_other_on_one_connection(engine: Engine) -> None:
    ours, theirs = uuid4(), uuid4()
    with engine.connect() as connection:
        with transaction(connection, site_id=ours) as session:
            session.execute(_INSERT, {"id": 1, "site": ours})
            first = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
        # Committed, and seen by others, before the next one begins.
        with transaction(engine, site_id=ours) as session:
            assert session.execute(text("SELECT count(*) FROM thing")).scalar_one() == 1
        with transaction(connection, site_id=theirs, read_only=True) as session:
            assert session.execute(text("SELECT pg_backend_pid()")).scalar_one() == first
            assert session.execute(text("SELECT count(*) FROM thing")).scalar_one() == 0
        with pytest.raises(DBAPIError), transaction(connection, site_id=ours) as session:
            session.execute(text("SELECT 1 / 0"))
        with transaction(connection, site_id=ours) as session:
            assert session.execute(text("SELECT count(*) FROM thing")).scalar_one() == 1


def test_a_site_that_is_no_id_gets_into_no_statement(engine: Engine) -> None:
    with pytest.raises(ValueError, match="badly formed"), transaction(engine, site_id="x'; --"):
        pass


def test_a_connection_that_was_cut_is_the_database_being_down(engine: Engine) -> None:
    with engine.connect() as connection:
        with transaction(connection) as session:
            pid = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with transaction(engine) as session:
            session.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        with pytest.raises(OperationalError), transaction(connection):
            pass
    with transaction(engine) as session:
        assert session.execute(text("SELECT 1")).scalar_one() == 1
