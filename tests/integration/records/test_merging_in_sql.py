"""The SQL that merges rows says what `dataset.merging` says, and history leads back exactly."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any
from uuid import uuid4

import pytest

from dataset.engine import check_record
from dataset.fields import FIELD_BY_KEY
from dataset.findings import is_error
from dataset.merging import merge
from dataset.values import CLEAR as CLEAR_VALUE
from dataset.wire import record_from_wire, wire_from_record
from services.records.actions.answering import record_answer
from services.records.domain.columns import CLINICAL_KEYS
from services.shared.db import transaction
from tests.factories.records import CLEAR, Imports, make_row

RECORDS = 60
_TODAY = date(2026, 9, 30)
# These decide which record a row is about, or whether a record can be at all.
_FIXED = {"gender", "site_1", "site_2", "site_3", "date_index_diagnosed", "date_of_death"}
# These decide which others may be answered: each record has them, so that no rule refuses the rest.
_ASKING: dict[str, Any] = {
    "dxa": "1",
    "dxa_not_ordered": None,
    "falls_assessed": "1",
    "fu16_done": "1",
    "fu52_done": "1",
    "fu52_date": "2025-01-05",
    "refracture_count": "3",
}
_NEVER_EMPTY = ("dxa_date", "fu16_date", *(f"refracture_{n}_site" for n in (1, 2, 3)))


def random_value(key: str, random: Random) -> Any:
    """A value of a field in wire form, "don't know" often among them."""
    field = FIELD_BY_KEY[key]
    if field.kind == "date":
        return f"2024-{random.randint(2, 12):02d}-{random.randint(1, 28):02d}"
    if field.kind == "decimal":
        low, high = field.minimum or 0, field.maximum or 100
        return f"{random.uniform(float(low), float(high)):.{field.decimals}f}"
    codes = [option.code for option in field.options if option.code != "7"]
    if "U" in codes and random.random() < 0.3:
        return ["U"] if field.kind == "multi" else "U"
    if field.kind == "multi":
        together = [code for code in codes if code not in field.exclusive]
        return sorted(random.sample(together, random.randint(1, 2)), key=codes.index)
    return random.choice(codes)


def random_row(number: int, random: Random, *, share: float, clear: float) -> dict[str, Any]:
    """A row of one record in which some fields are given and some are to be emptied."""
    row = make_row(
        number,
        nhs_number="NOT_UK",
        postcode=random.choice(["EX50 1AA", "B2 2BB", None]),
        smoker=None,
        height_cm=None,
        therapy_recommended=None,
        **_ASKING,
    )
    row |= {key: random_value(key, random) for key in _NEVER_EMPTY}
    for key in CLINICAL_KEYS:
        if key not in (*_FIXED, *_ASKING, *_NEVER_EMPTY) and random.random() < share:
            row[key] = CLEAR if random.random() < clear else random_value(key, random)
    return row


@pytest.mark.parametrize("overwrite_unknown", [False, True])
@pytest.mark.parametrize("seed", [1, 2])
def test_sql_and_dataset_merge_alike(imports: Imports, overwrite_unknown, seed) -> None:
    random = Random(seed)
    imports.deliveries = 1
    first = [random_row(n, random, share=0.6, clear=0) for n in range(RECORDS)]
    imports.store(*first)
    states = [stored_records(imports)]
    for _ in range(2):
        rows = [random_row(n, random, share=0.5, clear=0.2) for n in range(RECORDS)]
        imports.store(*rows, overwrite_unknown=overwrite_unknown)
        expected = {
            row["local_id"]: merged(states[-1][row["local_id"]], row, overwrite_unknown)
            for row in rows
        }
        states.append(stored_records(imports))
        assert states[-1] == expected
    assert len({len(state) for state in states}) == 1
    assert_history_leads_back(imports, states)


def stored_records(imports: Imports) -> dict[str, dict[str, Any]]:
    """All records of the site as they are opened, by local id."""
    found = {}
    for (record_id,) in imports.all("SELECT record_id FROM fls_record"):
        with transaction(imports.engine, site_id=imports.site_id, read_only=True) as session:
            record = record_answer(
                session,
                imports.keys,
                site_id=imports.site_id,
                record_id=record_id,
                account_id=uuid4(),
                today=_TODAY,
            )
        found[record["values"]["local_id"]] = record["values"]
    return found


def merged(stored: dict[str, Any], row: dict[str, Any], overwrite_unknown: bool) -> dict[str, Any]:
    """What the dataset makes of a stored record and a row, in wire form."""
    incoming: dict[str, Any] = dict(record_from_wire({k: v for k, v in row.items() if v != CLEAR}))
    incoming |= {key: CLEAR_VALUE for key, value in row.items() if value == CLEAR}
    after = merge(record_from_wire(stored), incoming, overwrite_unknown=overwrite_unknown)
    if any(map(is_error, check_record(after, today=date.today()))):  # noqa: DTZ011
        return stored
    return wire_from_record(after)


def assert_history_leads_back(imports: Imports, states: list[dict[str, dict[str, Any]]]) -> None:
    """Undoing the changes of each record from the newest back gives its first state."""
    changes = imports.all(
        "SELECT record_id, changes FROM record_change WHERE kind = 'updated' "
        "ORDER BY record_id, version DESC"
    )
    assert changes
    clinical = {
        record_id: values
        for record_id, values in (
            (row[0], dict(row[1]))
            for row in imports.all(
                "SELECT record_id, jsonb_strip_nulls(to_jsonb(r)) FROM fls_record r"
            )
        )
    }
    for record_id, changed in changes:
        for key, (old, new) in changed.items():
            if key in CLINICAL_KEYS:
                assert same(clinical[record_id].pop(key, None), new), key
                if old is not None:
                    clinical[record_id][key] = old
    firsts = list(states[0].values())
    for values in clinical.values():
        kept = {k: v for k, v in values.items() if k in CLINICAL_KEYS}
        assert any(
            set(kept) == set(first) & set(CLINICAL_KEYS)
            and all(same(value, first[key]) for key, value in kept.items())
            for first in firsts
        )


def same(value: Any, other: Any) -> bool:
    """Equal, whether a decimal is written as number or as text."""
    if isinstance(value, (int, float)) and isinstance(other, str):
        return value == float(other)
    if isinstance(other, (int, float)) and isinstance(value, str):
        return other == float(value)
    return bool(value == other)
