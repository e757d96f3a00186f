"""What a form and a record say together: typed texts laid over stored answers. Pure.

A text is read by the same reader as a cell of a file. One that cannot be read, or must not be
stored yet, waits; what waits counts as said, so that findings speak of what a person sees.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from dataset.engine import check_record
from dataset.fields import FIELD_BY_KEY, FIELDS
from dataset.findings import Finding, is_error
from dataset.reading import read_cell
from dataset.values import CLEAR, Record, Value
from dataset.writing import write_cell

FORM_KEYS: frozenset[str] = frozenset(FIELD_BY_KEY) - {"service_code"}
"""Fields that can be typed; the service code follows from the sign-in."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A text that could not be read, without the blanks around it."""

    text: str


Said = Value | Unread


@dataclass(frozen=True, slots=True)
class Statement:
    """What is said about a record.

    Attributes:
        values: stored answers with the typed ones laid over them; an unreadable one is blank.
        unreadable: keys whose text could not be read.
        findings: what is wrong with those texts, in template order.
    """

    values: dict[str, Value]
    unreadable: frozenset[str]
    findings: tuple[Finding, ...]


def read_text(key: str, text: str) -> tuple[Said, Finding | None]:
    """What a typed text says, and the error if it cannot be read; a blank says None.

    >>> read_text("smoker", " yes ")
    ('1', None)
    >>> read_text("dxa_date", "31/2/2024")[0]
    Unread(text='31/2/2024')
    """
    value, finding = read_cell(FIELD_BY_KEY[key], text)
    if finding is not None and is_error(finding):
        return Unread(text.strip()), finding
    return None if value is CLEAR else value, None


def text_of(key: str, said: Said) -> str:
    """The text that says it: as typed where it could not be read."""
    return said.text if isinstance(said, Unread) else write_cell(FIELD_BY_KEY[key], said)


def says(stored: Record, typed: Mapping[str, str]) -> Statement:
    """Typed texts laid over stored answers.

    >>> says({"smoker": "1", "dxa": "0"}, {"smoker": "", "dxa": "1"}).values
    {'smoker': None, 'dxa': '1'}
    """
    values = dict(stored)
    unreadable: set[str] = set()
    findings: list[Finding] = []
    for field in FIELDS:
        if field.key not in typed:
            continue
        said, finding = read_text(field.key, typed[field.key])
        if isinstance(said, Unread):
            unreadable.add(field.key)
            values[field.key] = None
        else:
            values[field.key] = said
        if finding is not None:
            findings.append(finding)
    return Statement(values, frozenset(unreadable), tuple(findings))


def findings_of(statement: Statement, *, today: date) -> list[Finding]:
    """All findings about what is said: texts first, then as `engine.check_record` orders them."""
    checked = check_record(statement.values, today=today, unreadable=statement.unreadable)
    return [*statement.findings, *checked]


def said_by(stored: Record, typed: Mapping[str, str]) -> dict[str, Said]:
    """What is said of each field, an unreadable text as such."""
    said: dict[str, Said] = dict(stored)
    for key, text in typed.items():
        said[key] = read_text(key, text)[0]
    return said
