"""Hypothesis strategies for canonical values and records, shared by the tests of this folder."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from dataset.fields import FIELDS, Field
from dataset.nhs_number import check_digit
from dataset.values import CLEAR

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
        return st.sampled_from(["AA1 1AA", "ZZ99 3VZ", "NOT A CODE"])
    return st.sampled_from(["A1", "H12345", "X 7"])


def records(*, clear: bool = True) -> st.SearchStrategy[dict[str, Any]]:
    """Records with any mixture of given, blank, absent and (if wanted) cleared values."""
    blanks = [st.none(), st.just(CLEAR)] if clear else [st.none()]
    usual = {"nhs_number", "date_of_birth", "gender", "date_index_diagnosed", "site_1"}
    return st.fixed_dictionaries(
        {f.key: st.one_of(values_of(f), *blanks) for f in FIELDS if f.key in usual},
        optional={f.key: st.one_of(values_of(f), *blanks) for f in FIELDS if f.key not in usual},
    )
