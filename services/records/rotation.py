"""Wraps every key anew with the current master key: `python -m services.records.rotation`.

Rotating the master key touches keys alone, never what they seal. How to do it: add the new key to
FLS_MASTER_KEYS of all records processes beside the old one, make it the current one, start them
anew, run this program, and take the old key out once it says that nothing needs it.

It may be stopped at any line and run again: each step is a transaction of its own that wraps a
few hundred keys, and what is done is told from what is not by the key id that stands in front of a
wrapped key. Records goes on working meanwhile, because both keys open.

It works as the maintenance role, which sees keys of all sites and none of what they seal.
Source: architecture, patient data at rest.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import environ
from sqlalchemy import Engine, RowMapping, text

from services.shared.db import make_engine, transaction
from services.shared.sealing import Keyring
from services.shared.settings import json_object, load

STEP_KEYS = 500
"""Keys wrapped in one transaction: some milliseconds of locks, never more."""

Told = Callable[[str, int], None]


@environ.config(prefix="FLS", frozen=True)
class RotationSettings:
    """What this program reads; the master keys as records has them."""

    maintenance_database_url: str = environ.var(help="PostgreSQL address, maintenance role.")
    master_keys: dict[str, str] = environ.var(
        converter=json_object,
        help="JSON object: key id -> base64 of 32 bytes. The old keys and the new one.",
    )
    master_key_id: str = environ.var(help="Which of the master keys wraps from now on.")


@dataclass(frozen=True, slots=True)
class _Place:
    """A table with wrapped keys.

    Attributes:
        owner: column whose UUID a key is bound to.
        key: the columns of the primary key, in order; walked through in this order.
    """

    table: str
    owner: str
    key: tuple[str, ...]

    def __str__(self) -> str:
        return self.table.replace("_", " ")


# Staging first: an import that is applied meanwhile carries its keys over to patients.
_PLACES = (
    _Place("staged_row", "patient_id", ("import_id", "row_number")),
    _Place("entry", "record_id", ("record_id",)),
    _Place("patient_key", "patient_id", ("patient_id",)),
)

# The length of the key id stands in the first byte, the key id behind it (`sealing.Keyring.seal`).
_OLD = (
    "wrapped_key IS NOT NULL AND "
    "substring(wrapped_key FROM 2 FOR get_byte(wrapped_key, 0)) <> :current"
)


def rotate(
    engine: Engine,
    master: Keyring,
    *,
    tell: Told = lambda table, done: None,
    step_keys: int = STEP_KEYS,
) -> int:
    """Wraps anew every key that another master key than the current one has wrapped.

    Goes over all tables until a whole round finds nothing: a process that was not started anew yet
    may have wrapped with the old key meanwhile.

    Args:
        engine: as the maintenance role.
        tell: called after each step with the table and how many of its keys are done.

    Returns:
        How many keys were wrapped anew.

    Raises:
        sealing.CannotOpen: a key was wrapped by a master key that is not in the settings.
    """
    total = 0
    while found := sum(_rotate_table(engine, master, place, tell, step_keys) for place in _PLACES):
        total += found
    return total


def _rotate_table(
    engine: Engine, master: Keyring, place: _Place, tell: Told, step_keys: int
) -> int:
    done, after = 0, None
    while True:
        wrapped, after = _step(engine, master, place, after, step_keys)
        done += wrapped
        if wrapped:
            tell(str(place), done)
        if after is None:
            return done


def _step(
    engine: Engine, master: Keyring, place: _Place, after: tuple[object, ...] | None, step_keys: int
) -> tuple[int, tuple[object, ...] | None]:
    """Wraps the next keys of a table anew; returns how many, and the last row (None at the end)."""
    key = ", ".join(place.key)
    owner = place.owner
    beyond = f"AND ({key}) > ({', '.join(f':{name}' for name in place.key)})" if after else ""
    values = dict(zip(place.key, after, strict=True)) if after else {}
    select = text(
        f"SELECT {key}, {owner} AS owner_id, wrapped_key FROM {place.table} "
        f"WHERE {_OLD} {beyond} ORDER BY {key} LIMIT :step"
    )
    same = " AND ".join(f"{name} = :{name}" for name in place.key)
    # A key that was erased, or whose import has ended meanwhile, is simply not there any more.
    update = text(
        f"UPDATE {place.table} SET wrapped_key = :wrapped WHERE {same} AND wrapped_key = :before"
    )
    with transaction(engine) as session:
        current = {"current": master.current_id.encode(), "step": step_keys}
        rows = session.execute(select, {**values, **current}).all()
        if rows:
            session.execute(update, [_wrapped_anew(master, place, row._mapping) for row in rows])
    last = tuple(rows[-1][: len(place.key)]) if len(rows) == step_keys else None
    return len(rows), last


def _wrapped_anew(master: Keyring, place: _Place, row: RowMapping) -> dict[str, object]:
    owner: UUID = row["owner_id"]
    before: bytes = row["wrapped_key"]
    wrapped = master.seal(master.open(before, owner.bytes), owner.bytes)
    return {**{name: row[name] for name in place.key}, "wrapped": wrapped, "before": before}


def main() -> None:
    """Rotates with a line of progress for each step."""
    settings = load(RotationSettings)
    engine = make_engine(
        settings.maintenance_database_url, application_name="records.rotation", pool_size=1
    )
    master = Keyring.from_json(settings.master_keys, settings.master_key_id)

    def tell(table: str, done: int) -> None:
        print(f"{table}: {done:,} keys", file=sys.stderr, flush=True)

    total = rotate(engine, master, tell=tell)
    print(f"{total:,} keys wrapped anew; every key is wrapped by {settings.master_key_id!r} now")


if __name__ == "__main__":
    main()
