"""V12: answers about drugs and other lists that exclude each other.

Source: domain notes 1.10 and 5.2.1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from dataset.fields import FIELD_BY_KEY, FIELDS
from dataset.findings import Finding
from dataset.rules.registry import ERROR, error, rule
from dataset.values import Record

_ALONE = {field.key: frozenset(field.exclusive) for field in FIELDS if field.exclusive}


def _mixed_answers(*columns: Sequence[tuple[str, ...] | None], today: date) -> Iterable[int]:
    del today
    found: set[int] = set()
    for alone, column in zip(_ALONE.values(), columns, strict=True):
        # A column has few different sets of answers, so each is looked at once.
        mixed = {answers for answers in set(column) if answers and _is_mixed(answers, alone)}
        if mixed:
            found.update(i for i, answers in enumerate(column) if answers in mixed)
    return sorted(found)


def _is_mixed(answers: tuple[str, ...], alone: frozenset[str]) -> bool:
    return len(answers) > 1 and not alone.isdisjoint(answers)


@rule("V12", *_ALONE, levels=ERROR, suspects=_mixed_answers)
def v12_answers_that_stand_alone(record: Record, today: date) -> Iterator[Finding]:
    """An answer such as None, Don't know or Informed decline has no other beside it.

    Source: domain notes 1.10 V12 and 5.2.1 (holds for every list with exclusive answers).
    """
    del today
    for key, alone in _ALONE.items():
        answers = record.get(key)
        if isinstance(answers, tuple) and _is_mixed(answers, alone):
            field = FIELD_BY_KEY[key]
            offender = next(code for code in answers if code in alone)
            yield error(
                "V12",
                key,
                f'"{field.label_of(offender)}" stands alone in {field.no}, but other answers '
                "are given beside it. Keep one or the others.",
            )
