"""What each column of the blank template takes, for a workbook that helps while it is filled in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dataset.downloads.words import limit_words, only_in
from dataset.fields import FIELDS, Field

PREPARED_ROWS = 2_000
MOST_PROMPT = 255
"""Characters of a message that spreadsheet programs show beside a cell."""
MOST_TITLE = 32

Takes = Literal["text", "date", "number", "list"]

_BY_KIND: dict[str, Takes] = {"date": "date", "decimal": "number", "single": "list"}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the template.

    Attributes:
        takes: what a cell holds; of a list one of `choices`.
        choices: labels to choose from; empty unless it takes one of a list.
        title, prompt: what is shown beside a cell while it is filled in.
    """

    field: Field
    takes: Takes
    choices: tuple[str, ...]
    title: str
    prompt: str


def columns() -> tuple[Column, ...]:
    """All columns, in the order of the template."""
    return tuple(map(_column, FIELDS))


def _column(field: Field) -> Column:
    takes = "list" if field.kind == "integer" else _BY_KIND.get(field.kind, "text")
    choices = tuple(option.label for option in field.options) if takes == "list" else ()
    return Column(field, takes, choices, _title(field), _prompt(field))


def _title(field: Field) -> str:
    """Number and label; the label alone, or cut, where that would be too long."""
    whole = f"{field.no} {field.label}"
    if len(whole) <= MOST_TITLE:
        return whole
    if len(field.label) <= MOST_TITLE:
        return field.label
    return f"{_short(whole, MOST_TITLE - 1)}…"


def _prompt(field: Field) -> str:
    """The help, then how to write it; what would be too long is left to the code book."""
    parts = [field.help]
    if field.asked_when and not field.asked_when.startswith("needed "):
        parts.append(f"Asked {_when(field.asked_when)}.")
    if field.kind == "multi":
        parts.append('Write several answers with ";" between them. The code book lists them.')
    elif field.kind == "date":
        parts.append("As 31/01/2024.")
    elif limit_words(field) and field.kind == "decimal":
        parts.append(f"{field.minimum} to {field.maximum} {field.unit or ''}".rstrip() + ".")
    parts += [
        f"{option.label}: {only_in(option.versions)}."
        for option in field.options
        if only_in(option.versions)
    ]
    text = parts[0]
    for part in parts[1:]:
        if len(text) + 1 + len(part) <= MOST_PROMPT:
            text = f"{text} {part}"
    return _short(text, MOST_PROMPT)


def _when(condition: str) -> str:
    return condition if condition.startswith("from ") else f"when {condition}"


def _short(text: str, most: int) -> str:
    """At most so many characters, cut at a word.

    >>> _short("one two three", 9)
    'one two'
    """
    if len(text) <= most:
        return text
    return text[: most + 1].rpartition(" ")[0]
