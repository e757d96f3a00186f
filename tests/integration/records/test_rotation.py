"""Rotation of the master key: every key wrapped anew, whatever happens in between."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError

from services.records.identifiers import open_identifier, patient_key
from services.records.keys import Keys
from services.records.rotation import rotate
from services.shared.db import make_engine, transaction
from services.shared.sealing import CannotOpen, HashKeys, Keyring
from tests.factories.records import Imports, make_row
from tests.integration.records.conftest import BATCH_KEYS, HASH_KEYS, MASTER_KEYS

NEW_KEY = {"m2": base64.b64encode(b"n" * 32).decode()}
BOTH = Keyring.from_json({**MASTER_KEYS, **NEW_KEY}, "m2")
OLD_ALONE = Keyring.from_json(MASTER_KEYS, "m1")
NEW_ALONE = Keyring.from_json(NEW_KEY, "m2")


@pytest.fixture
def maintenance(databases: Any, engine: Engine) -> Iterator[Engine]:
    made = make_engine(databases.url("records", "maintenance"), application_name="test")
    yield made
    made.dispose()


@pytest.fixture
def filled(imports: Imports, other_site: Imports) -> Imports:
    """Four patients at two sites, and an import of the first that is not applied yet."""
    imports.store(make_row(1), make_row(2), make_row(3))
    other_site.store(make_row(1))
    return imports


def _wrapped(superuser: psycopg.Connection[Any], table: str = "patient_key") -> list[Any]:
    query = f"SELECT patient_id, wrapped_key FROM {table} WHERE wrapped_key IS NOT NULL"
    return superuser.execute(query).fetchall()  # type: ignore[arg-type]


def _opens(master: Keyring, rows: list[Any]) -> int:
    """How many of the keys a keyring opens."""
    opened = 0
    for patient_id, wrapped in rows:
        try:
            opened += len(master.open(wrapped, patient_id.bytes)) == 32
        except CannotOpen:
            continue
    return opened


def test_every_key_of_every_site_is_wrapped_anew(filled, superuser, maintenance) -> None:
    before = {p: OLD_ALONE.open(w, p.bytes) for p, w in _wrapped(superuser)}
    assert rotate(maintenance, BOTH) == 4
    rows = _wrapped(superuser)
    assert {p: NEW_ALONE.open(w, p.bytes) for p, w in rows} == before
    assert _opens(OLD_ALONE, rows) == 0
    assert rotate(maintenance, BOTH) == 0


def test_what_the_keys_seal_is_not_touched_and_opens_with_the_new_key(
    filled, superuser, maintenance
) -> None:
    query = "SELECT patient_id, nhs_sealed FROM patient ORDER BY patient_id"
    before = superuser.execute(query).fetchall()
    rotate(maintenance, BOTH)
    assert superuser.execute(query).fetchall() == before
    hashes, batches = HashKeys.from_json(HASH_KEYS, "h1"), Keyring.from_json(BATCH_KEYS, "b1")
    keys = Keys(NEW_ALONE, hashes, batches, b"s" * 32)
    wrapped = dict(_wrapped(superuser))
    for patient_id, sealed in before:
        data_key = patient_key(keys, patient_id, wrapped[patient_id])
        assert open_identifier(data_key, patient_id, "nhs_number", sealed).startswith("999")


@pytest.mark.parametrize("stop_after", [1, 2, 3])
def test_stopped_at_any_step_it_goes_on_and_never_does_twice(
    filled, superuser, maintenance, stop_after
) -> None:
    steps = []

    def stop(table: str, done: int) -> None:
        steps.append(done)
        if len(steps) == stop_after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotate(maintenance, BOTH, tell=stop, step_keys=1)
    rows = _wrapped(superuser)
    assert (_opens(NEW_ALONE, rows), _opens(OLD_ALONE, rows)) == (stop_after, 4 - stop_after)
    assert _opens(BOTH, rows) == 4
    assert rotate(maintenance, BOTH, step_keys=1) == 4 - stop_after
    assert _opens(NEW_ALONE, _wrapped(superuser)) == 4


def test_a_key_that_an_old_process_wraps_meanwhile_is_found_in_the_next_round(
    filled: Imports, superuser, maintenance
) -> None:
    told = []

    def store_one_more(table: str, done: int) -> None:
        if not told:
            filled.store(make_row(4))
        told.append(done)

    assert rotate(maintenance, BOTH, tell=store_one_more) == 5
    assert _opens(NEW_ALONE, _wrapped(superuser)) == 5


def test_an_import_that_was_staged_before_is_applied_with_the_new_key(
    filled: Imports, superuser, maintenance
) -> None:
    import_id = filled.check([make_row(5), make_row(6)])
    assert rotate(maintenance, BOTH) == 6
    assert _opens(NEW_ALONE, _wrapped(superuser, "staged_row")) == 2
    filled.apply(import_id)
    rows = _wrapped(superuser)
    assert (len(rows), _opens(NEW_ALONE, rows)) == (6, 6)


def test_a_key_of_a_master_key_that_is_not_there_stops_it_with_nothing_lost(
    filled, superuser, maintenance
) -> None:
    before = _wrapped(superuser)
    with pytest.raises(CannotOpen):
        rotate(maintenance, NEW_ALONE)
    assert _wrapped(superuser) == before


@pytest.mark.parametrize(
    "query",
    [
        "SELECT nhs_sealed FROM patient",
        "SELECT birth_sealed FROM record_identity",
        "SELECT sealed FROM entry",
        "SELECT nhs_sealed FROM staged_row",
        "UPDATE patient_key SET patient_id = patient_id",
        "DELETE FROM patient_key",
    ],
)
def test_its_role_sees_keys_and_none_of_what_they_seal(filled, maintenance, query) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), transaction(maintenance) as s:
        s.execute(text(query))
