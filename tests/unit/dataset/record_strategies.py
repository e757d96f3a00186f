"""Canonical values and records for properties, shared by the tests of this folder.

Hypothesis draws and shrinks a few at a time (`records`); where thousands are wanted, a plain
generator makes them (`drawn_records`).
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from hypothesis import strategies as st

from dataset.fields import FIELDS, Field
from dataset.nhs_number import check_digit
from dataset.values import CLEAR
from tests.unit.dataset.whole_records import FULL

DATES = st.dates(date(1890, 1, 1), date(2027, 12, 31))
# Near the limits of the audit, so that rules about time are met often.
RECENT = st.dates(date(2015, 12, 1), date(2026, 12, 31))


def _nhs_number(index: int) -> str:
    digit = check_digit(f"999{index:06d}")
    return f"999{index:06d}{digit}" if digit is not None else "9990000018"


NHS_NUMBERS = st.one_of(
    st.integers(0, 999_998).map(_nhs_number),
    st.sampled_from(["NOT_UK", "UNTRACED", "9990000019", "9876543210", "123", "1111111111"]),
)


def values_of(field: Field) -> st.SearchStrategy[Any]:
    """Canonical values of a field, right and wrong by the rules, never blank."""
    codes = [option.code for option in field.options]
    if field.kind == "multi":
        chosen = st.sets(st.sampled_from(codes), min_size=1, max_size=3)
        return chosen.map(lambda found: tuple(code for code in codes if code in found))
    if codes:
        return st.sampled_from(codes)
    if field.kind == "date":
        return RECENT if field.key == "date_index_diagnosed" else DATES
    if field.kind == "decimal":
        low, high = int((field.minimum or 0) * 10), int((field.maximum or 0) * 10)
        return st.integers(low, high).map(lambda n: Decimal(n).scaleb(-1))
    if field.kind == "nhs_number":
        return NHS_NUMBERS
    if field.kind == "postcode":
        return st.sampled_from(_POSTCODES)
    return st.sampled_from(["A1", "H12345", "X 7"])


def records(*, clear: bool = True) -> st.SearchStrategy[dict[str, Any]]:
    """Records with any mixture of given, blank, absent and (if wanted) cleared values."""
    blanks = [st.none(), st.just(CLEAR)] if clear else [st.none()]
    usual = {"nhs_number", "date_of_birth", "gender", "date_index_diagnosed", "site_1"}
    return st.fixed_dictionaries(
        {f.key: st.one_of(values_of(f), *blanks) for f in FIELDS if f.key in usual},
        optional={f.key: st.one_of(values_of(f), *blanks) for f in FIELDS if f.key not in usual},
    )


# --- many records, drawn quickly ---------------------------------------------------------------

# Days from the diagnosis, at and beside the limits that rules know; and years from birth to it.
_NEAR_DAYS = (-1, 0, 1, 83, 84, 112, 113, 335, 336, 365, 366, 392, 393)
_NEAR_YEARS = (17, 18, 49, 50, 77, 105, 106, 120, 121)
_POSTCODES = ("EX50 1AA", "AA1 1AA", "ZZ99 3VZ", "NOT A CODE", "EX1 1CA")
_NUMBERS = ("NOT_UK", "UNTRACED", "9990000019", "9876543210", "123", "1111111111")


def drawn_records(number: int, seed: int = 1) -> list[dict[str, Any]]:
    """So many records that break every rule there is, the same each time.

    A third are any mixture of answers, a third have dates near the limits that rules know, and a
    third are full records with a few changes.
    """
    random = Random(seed)
    return [_drawn(random, place % 3) for place in range(number)]


def _drawn(random: Random, kind: int) -> dict[str, Any]:
    if kind == 2:
        return FULL | {f.key: _value(random, f) for f in random.choices(FIELDS, k=5)}
    keys = {"nhs_number", "date_of_birth", "gender", "date_index_diagnosed", "site_1"}
    record = {
        field.key: _value(random, field)
        for field in FIELDS
        if field.key in keys or random.random() < 0.4
    }
    diagnosed_on = record["date_index_diagnosed"]
    if kind == 1 and diagnosed_on:
        for field in FIELDS:
            if field.kind == "date" and record.get(field.key) and field.key not in keys:
                record[field.key] = diagnosed_on + timedelta(random.choice(_NEAR_DAYS))
        first_of_month = diagnosed_on.replace(day=1)
        record["date_of_birth"] = first_of_month.replace(
            year=first_of_month.year - random.choice(_NEAR_YEARS)
        )
    return record


def _value(random: Random, field: Field) -> Any:
    """A value, right or wrong by the rules; sometimes a blank."""
    if random.random() < 0.08:
        return random.choice((None, CLEAR))
    codes = [option.code for option in field.options]
    if field.kind == "multi":
        chosen = set(random.choices(codes, k=random.choice((1, 1, 2, 3))))
        return tuple(code for code in codes if code in chosen)
    if codes:
        return random.choice(codes)
    if field.kind == "date":
        first = date(2015, 12, 1) if field.key == "date_index_diagnosed" else date(1890, 1, 1)
        days = (date(2027, 1, 31) - first).days
        return first + timedelta(random.randrange(days))
    if field.kind == "decimal":
        low, high = int((field.minimum or 0) * 10), int((field.maximum or 0) * 10)
        return Decimal(random.randint(low, high)).scaleb(-1)
    if field.kind == "nhs_number":
        is_odd = random.random() < 0.3
        return random.choice(_NUMBERS) if is_odd else _nhs_number(random.randrange(999_000))
    if field.kind == "postcode":
        return random.choice(_POSTCODES)
    return random.choice(("A1", "H12345", "X 7"))
