"""Seeded records as texts, right and wrong in every way a cell can be; fast, thousands a second."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from dataset.fields import FIELD_BY_KEY, FIELDS, Field
from dataset.findings import is_error
from dataset.nhs_number import check_digit
from dataset.reading import read_cell
from dataset.sample import sample_rows
from dataset.writing import write_cell

TYPED = tuple(field for field in FIELDS if field.key != "service_code")
KEYED = frozenset({"nhs_number", "local_id"})
"""What names a record: each door has its own, so that they do not meet."""

Texts = dict[str, str]


def nhs_numbers() -> Iterator[str]:
    """Valid numbers of the 999 range, each once."""
    for index in range(1_000_000):
        digit = check_digit(f"999{index:06d}")
        if digit is not None and index != 999_999:
            yield f"999{index:06d}{digit}"


def plausible(count: int, *, seed: int, today: date) -> Iterator[Texts]:
    """Records without an error, as `dataset.writing` writes them; blanks left out."""
    rows = sample_rows(count, seed, service_code="", bad_share=0, today=today)
    next(rows)
    for row in rows:
        texts = {}
        for field, cell in zip(FIELDS, row, strict=True):
            value, finding = read_cell(field, cell)
            if value is not None and (finding is None or not is_error(finding)):
                texts[field.key] = write_cell(field, value)
        texts.pop("service_code", None)
        yield texts


def varied(texts: Texts, random: Random, *, readable: bool = False) -> Texts:
    """The record with up to six answers changed, some emptied, some nonsense.

    Args:
        readable: only such as can be read, however wrong by the rules.
    """
    changed = dict(texts)
    for field in random.sample(TYPED, random.choice((0, 1, 1, 2, 3, 6))):
        changed[field.key] = answer(field, random, readable=readable)
    return changed


def answer(field: Field, random: Random, *, readable: bool = False) -> str:
    """A text for a field: mostly an answer of it, else blank or (if wanted) unreadable."""
    if random.random() < 0.15:
        return ""
    if not readable and random.random() < 0.15:
        return random.choice(_UNREADABLE[field.kind])
    return _answer(field, random)


def _answer(field: Field, random: Random) -> str:
    codes = [option.code for option in field.options]
    if field.kind == "multi":
        chosen = random.sample(codes, random.choice((1, 1, 2, 3)))
        return ";".join(code for code in codes if code in chosen)
    if codes:
        return random.choice(codes)
    if field.kind == "date":
        return write_cell(field, date(2016, 1, 1) + timedelta(days=random.randint(-9000, 4500)))
    if field.kind == "decimal":
        low, high = field.minimum or Decimal(0), field.maximum or Decimal(0)
        return write_cell(field, Decimal(random.randint(int(low * 10), int(high * 10))).scaleb(-1))
    if field.kind == "nhs_number":
        return random.choice(("NOT_UK", "UNTRACED", "9990000019", "123", "1111111111"))
    if field.kind == "postcode":
        return random.choice(("AA1 1AA", "ZZ99 3VZ", "NOT A CODE", "A"))
    return f"L{random.randrange(10**9)}"


_UNREADABLE: dict[str, tuple[str, ...]] = {
    "date": ("31/02/2024", "1/2/24", "45321", "soon"),
    "decimal": ("1600", "tall", "1.7E+02"),
    "integer": ("12", "many", "-1"),
    "single": ("99", "nonsense", "1;2"),
    "multi": ("99", "1;nonsense"),
    "nhs_number": ("9.99E+09", "-"),
    "postcode": ("x" * 60,),
    "text": ("x" * 60, "1.2E+09"),
}


def is_readable(key: str, text: str) -> bool:
    """Whether a text can be read as an answer of its field."""
    finding = read_cell(FIELD_BY_KEY[key], text)[1]
    return finding is None or not is_error(finding)
