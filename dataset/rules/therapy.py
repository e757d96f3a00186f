"""V12, V13 and V17: drugs that were recommended and taken, and answers that exclude each other.

Source: domain notes 1.9, 1.10 and 5.2.1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from dataset.fields import FIELD_BY_KEY, FIELDS
from dataset.findings import Finding
from dataset.options import DRUG_CODES
from dataset.rules.registry import ERROR, WARNING, error, rule, warning
from dataset.values import Record, Value

Answers = Sequence[tuple[str, ...] | None]

_DRUGS = frozenset(DRUG_CODES)
_NOT_RECOMMENDED = frozenset({"42", "43"})
_NOT_STARTED = frozenset({"44"})


def _rows_with(wanted: Iterable[tuple[str, ...] | None], column: Answers) -> list[int]:
    """Where a column has one of these sets of answers; a column has few different ones."""
    odd = {answers for answers in wanted if answers}
    return [i for i, answers in enumerate(column) if answers in odd] if odd else []


def _says(answers: Value, codes: frozenset[str]) -> bool:
    """Whether a set of answers has at least one of these codes."""
    return isinstance(answers, tuple) and not codes.isdisjoint(answers)


# --- V12: answers that stand alone -----------------------------------------------------------

_ALONE = {field.key: frozenset(field.exclusive) for field in FIELDS if field.exclusive}


def _mixed_answers(*columns: Answers, today: date) -> Iterable[int]:
    del today
    found: set[int] = set()
    for alone, column in zip(_ALONE.values(), columns, strict=True):
        mixed = (answers for answers in set(column) if answers and _is_mixed(answers, alone))
        found.update(_rows_with(mixed, column))
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


# --- V13: several drugs ----------------------------------------------------------------------


def _several(column: Answers, *, today: date) -> list[int]:
    del today
    return _rows_with((answers for answers in set(column) if answers and len(answers) > 1), column)


@rule("V13", "therapy_recommended", levels=WARNING, suspects=_several)
def v13_one_drug_recommended(record: Record, today: date) -> Iterator[Finding]:
    """Two or more drugs recommended at once (4.01) are unlikely.

    Source: domain notes 1.10 V13.
    """
    del today
    answers = record.get("therapy_recommended")
    if isinstance(answers, tuple) and len(_DRUGS.intersection(answers)) > 1:
        yield warning(
            "V13",
            "therapy_recommended",
            "More than one drug is recommended in 4.01. If that is right, confirm it; otherwise "
            "keep the one that was.",
        )


# --- V17: drugs taken that were not recommended or not started ---------------------------------


def _drugs_unlooked_for(
    recommended: Answers, first: Answers, second: Answers, *, today: date
) -> list[int]:
    del today
    drugs, refused, late = _DRUGS, _NOT_RECOMMENDED, _NOT_STARTED
    return [
        i
        for i, (r, a, b) in enumerate(zip(recommended, first, second, strict=True))
        if a
        and (
            (r and not refused.isdisjoint(r) and not drugs.isdisjoint(a))
            or (b and not late.isdisjoint(a) and not drugs.isdisjoint(b))
        )
    ]


@rule(
    "V17",
    "therapy_recommended",
    "therapy_16w",
    "therapy_52w",
    levels=WARNING,
    suspects=_drugs_unlooked_for,
)
def v17_drugs_taken_were_recommended(record: Record, today: date) -> Iterator[Finding]:
    """A drug taken at 16 weeks was not called inappropriate or declined before (4.01).

    Likewise a drug taken at 52 weeks (7.05) is unlikely if none was started at 16 weeks (6.05);
    it may have been started late.

    Source: domain notes 1.10 V17.
    """
    del today
    first = record.get("therapy_16w")
    if _says(first, _DRUGS) and _says(record.get("therapy_recommended"), _NOT_RECOMMENDED):
        yield warning(
            "V17",
            "therapy_16w",
            "A drug is taken at 16 weeks (6.05) that 4.01 calls inappropriate or declined. If the "
            "patient takes it all the same, confirm it; otherwise correct 4.01 or 6.05.",
            "therapy_recommended",
        )
    if _says(record.get("therapy_52w"), _DRUGS) and _says(first, _NOT_STARTED):
        yield warning(
            "V17",
            "therapy_52w",
            "A drug is taken at 52 weeks (7.05) that had not been started at 16 weeks (6.05). If "
            "it was started later, confirm it; otherwise correct 6.05 or 7.05.",
            "therapy_16w",
        )
