"""Patient data at rest: row-level security, history that stays, nothing in the clear."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from psycopg import errors
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from services.records.identifiers import patient_key
from services.records.tables import Base
from services.shared.db import transaction
from services.shared.sealing import CannotOpen
from tests.factories.records import Imports, make_row

OF_A_SITE = [
    "site",
    "patient",
    "patient_key",
    "fls_record",
    "record_identity",
    "record_change",
    "read_log",
    "staged_import",
    "staged_batch",
    "staged_decision",
    "import_effect",
    "own_staged_row",
]


@pytest.fixture
def filled(imports: Imports, caller) -> Imports:
    """A site with something in every table."""
    imports.store(make_row(1), make_row(2))
    imports.store(make_row(1, postcode="B2 2BB", smoker="0"))
    record_id = imports.all("SELECT record_id FROM fls_record")[0][0]
    assert caller.get(f"/records/{record_id}").status_code == 200
    imports.check([make_row(1, nhs_number="9990000107"), make_row(3)])
    return imports


@pytest.mark.parametrize("table", OF_A_SITE)
def test_without_a_site_a_pooled_connection_sees_nothing(filled: Imports, table) -> None:
    assert filled.one(f"SELECT count(*) FROM {table}") > 0
    with transaction(filled.engine) as session:
        assert session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() == 0


@pytest.mark.parametrize("table", OF_A_SITE)
def test_another_site_sees_nothing(filled: Imports, other_site: Imports, table) -> None:
    expected = 1 if table == "site" else 0
    assert other_site.one(f"SELECT count(*) FROM {table}") == expected


def test_staged_rows_are_read_through_the_view_alone(filled: Imports) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction(filled.engine, site_id=filled.site_id) as session,
    ):
        session.execute(text("SELECT count(*) FROM staged_row"))


def test_rows_cannot_be_staged_for_another_site(filled: Imports, other_site: Imports) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction(filled.engine, site_id=filled.site_id) as session,
    ):
        session.execute(
            text("INSERT INTO staged_row (import_id, row_number, site_id) VALUES (:i, 1, :i)"),
            {"i": other_site.site_id},
        )


@pytest.mark.parametrize("table", ["record_change", "read_log", "import_effect"])
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET site_id = site_id"])
def test_history_and_logs_can_only_be_added_to(filled: Imports, table, statement) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction(filled.engine, site_id=filled.site_id) as session,
    ):
        session.execute(text(statement.format(table)))


@pytest.mark.parametrize("table", ["fls_record", "patient", "record_identity"])
def test_the_service_deletes_no_patient_and_no_record(filled: Imports, table) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction(filled.engine, site_id=filled.site_id) as session,
    ):
        session.execute(text(f"DELETE FROM {table}"))


def test_the_service_owns_nothing_and_cannot_switch_the_policies_off(
    databases: Any, filled: Imports
) -> None:
    with psycopg.connect(databases.url("records")) as connection:
        owned = connection.execute(
            "SELECT relname FROM pg_class WHERE relowner = 'records_service'::regrole"
        ).fetchall()
        assert owned == []
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute("ALTER TABLE patient DISABLE ROW LEVEL SECURITY")


def test_the_national_reader_sees_answers_and_no_identifiers(filled: Imports) -> None:
    with transaction(filled.engine, read_only=True, role="records_reader") as session:
        assert session.execute(text("SELECT count(*) FROM fls_record")).scalar_one() == 2
    for column in ("nhs_hash FROM patient", "site_id FROM patient_key"):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            transaction(filled.engine, read_only=True, role="records_reader") as session,
        ):
            session.execute(text(f"SELECT {column}"))
    for table in ("record_identity", "staged_row"):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            transaction(filled.engine, read_only=True, role="records_reader") as session,
        ):
            session.execute(text(f"SELECT count(*) FROM {table}"))


CANARIES = {
    "nhs_number": "9990000093",
    "date_of_birth": "1947-11-23",
    "postcode": "CA7 4RY",
    "local_id": "CANARY-LOCAL-77",
}


def test_no_identifier_lies_anywhere_in_the_clear(imports: Imports, superuser, caller) -> None:
    imports.store(make_row(8, **CANARIES), make_row(1))
    imports.store(make_row(1, **{**CANARIES, "nhs_number": None}, smoker="0"), mode="update_only")
    waiting = make_row(8, **CANARIES, date_index_diagnosed="2024-09-09")
    imports.check([waiting, make_row(1, local_id="CANARY-LOCAL-77")])
    record_id = imports.one("SELECT record_id FROM fls_record LIMIT 1")
    caller.get(f"/records/{record_id}")
    everything = _all_bytes(superuser)
    assert b"EX50" in everything  # the outward postcode may be read: the search does find texts
    for value in CANARIES.values():
        for form in (value, value.replace(" ", ""), value.replace("-", "")):
            assert form.encode() not in everything, form
            assert form.encode().hex().encode() not in everything, form


def _all_bytes(superuser: psycopg.Connection[Any]) -> bytes:
    """Every row of every table as text, and bytea columns once more as the bytes they hold."""
    tables = superuser.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    ).fetchall()
    parts = []
    for (table,) in tables:
        for row in superuser.execute(f"SELECT t.*, t::text FROM {table} t").fetchall():  # type: ignore[arg-type]
            parts += [v if isinstance(v, bytes) else str(v).encode() for v in row]
    return b"\n".join(parts)


def test_without_the_key_row_nothing_of_a_patient_opens(imports: Imports, superuser, caller):
    imports.store(make_row(1))
    record_id = imports.one("SELECT record_id FROM fls_record")
    superuser.execute("DELETE FROM patient_key")
    answer = caller.get(f"/records/{record_id}").json
    assert not {"nhs_number", "date_of_birth", "postcode", "local_id"} & set(answer["values"])
    item = caller.get("/records").json["items"][0]
    assert (item["nhs_number_masked"], item["local_id"]) == ("erased", None)


def test_a_key_opens_for_its_own_patient_only(imports: Imports, keys) -> None:
    imports.store(make_row(1), make_row(2))
    (first, wrapped), (second, _) = imports.all("SELECT patient_id, wrapped_key FROM patient_key")
    patient_key(keys, first, wrapped)
    with pytest.raises(CannotOpen):
        patient_key(keys, second, wrapped)


LEFT_FOR_THE_RELEASE_BEFORE = {
    "staged_import": {"slice_ends", "same_patient_rows"},  # until a release after 0015
}


def test_the_tables_in_code_are_those_of_the_database(superuser) -> None:
    rows = superuser.execute(
        "SELECT table_name, column_name, is_nullable FROM information_schema.columns "
        "WHERE table_schema = 'public'"
    ).fetchall()
    found = {(t, c): n == "YES" for t, c, n in rows}
    for table in Base.metadata.sorted_tables:
        columns = {c: nullable for (t, c), nullable in found.items() if t == table.name}
        left = LEFT_FOR_THE_RELEASE_BEFORE.get(table.name, set())
        assert set(columns) - left == {c.name for c in table.columns}, table.name
        for column in table.columns:
            assert columns[column.name] == column.nullable, (table.name, column.name)


def test_clinical_columns_have_the_types_of_the_dataset(superuser) -> None:
    from services.records.domain.columns import CLINICAL

    for table in ("fls_record", "staged_row"):
        rows = superuser.execute(
            "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute "
            "WHERE attrelid = %s::regclass AND attnum > 0",
            (table,),
        ).fetchall()
        types = dict(rows)
        assert {c.key: c.sql_type for c in CLINICAL}.items() <= types.items()
