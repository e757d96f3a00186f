"""What a rule is, and how the functions of this folder become rules.

Source: domain notes 1.10.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from dataset.fields import FIELD_BY_KEY
from dataset.findings import Finding, Level
from dataset.values import Record

Check = Callable[[Record, date], Iterator[Finding]]
Suspects = Callable[..., Iterable[int]]

ERROR: tuple[Level, ...] = ("error",)
WARNING: tuple[Level, ...] = ("warning",)
BOTH: tuple[Level, ...] = ("error", "warning")


@dataclass(frozen=True, slots=True)
class RuleText:
    """What there is to say about a rule.

    Args:
        number: its code in findings, "V02".
        levels: what its findings can be, "error" before "warning".
        fields: keys of all fields the rule reads.
        reason: one sentence or two in plain words.
        source: where it comes from.
    """

    number: str
    levels: tuple[Level, ...]
    fields: tuple[str, ...]
    reason: str
    source: str


@dataclass(frozen=True, slots=True)
class Rule(RuleText):
    """A rule and how to run it over many records.

    Args:
        check: yields the findings of one record; what is blank is not a key of it.
        suspects: given one list of values per field (in the order of `fields`; blank is None or
            CLEAR, both false) and `today=`, the places of all records about which `check` could
            say something, in order. It may name too many, never too few.
    """

    check: Check
    suspects: Suspects


REGISTERED: list[Rule] = []
"""Every rule, as the modules of this folder are imported; `dataset.rules.RULES` is in order."""


def any_given(*columns: Sequence[Any], today: date) -> Iterable[int]:
    """The default suspects: records where at least one of the fields is given."""
    del today
    return [i for i, values in enumerate(zip(*columns, strict=True)) if any(values)]


def rule(
    number: str, *fields: str, levels: tuple[Level, ...], suspects: Suspects = any_given
) -> Callable[[Check], Check]:
    """Registers the function below as a rule; reason and source are those of its docstring."""

    def register(check: Check) -> Check:
        reason, source = _told_by(check.__doc__ or "")
        REGISTERED.append(Rule(number, levels, fields, reason, source, check, suspects))
        return check

    return register


def _told_by(docstring: str) -> tuple[str, str]:
    """The reason and the source that a docstring gives."""
    reason, _, source = docstring.partition("Source:")
    return " ".join(reason.split()), " ".join(source.split())


def error(code: str, field: str, message: str, *others: str) -> Finding:
    """A finding that keeps the record out."""
    return Finding(code, "error", field, message, others)


def warning(code: str, field: str, message: str, *others: str) -> Finding:
    """A finding that a person has to confirm."""
    return Finding(code, "warning", field, message, others)


def no_of(key: str) -> str:
    """How messages name a field: "1.07", or its label if the audit gives it no number."""
    field = FIELD_BY_KEY[key]
    return field.no if field.no[0].isdigit() else field.label


def named(key: str) -> str:
    """A field in a sentence: "the date of the scan (3.03)" has its number behind it.

    >>> named("dxa_date"), named("date_of_death")
    ('Date of the scan (3.03)', 'Date of death')
    """
    field = FIELD_BY_KEY[key]
    return f"{field.label} ({field.no})" if field.no[0].isdigit() else field.label
