"""Words for what the fields hold as data: kinds, needs, limits, versions."""

from __future__ import annotations

from datetime import date, timedelta

from dataset.fields import Field
from dataset.versions import VERSION_BY_NAME, VERSIONS, Version

NEEDED = {
    "K": "always, to save a record",
    "C": "for a complete section",
    "c": "when asked",
    "o": "optional",
}
_KINDS = {
    "service_code": "service code",
    "text": "text",
    "nhs_number": "NHS number: 10 digits, or NOT_UK or UNTRACED",
    "date": "date: dd/mm/yyyy or yyyy-mm-dd, the same way in the whole column",
    "postcode": "UK postcode",
    "single": "one answer: code or label",
    "multi": 'any number of answers: codes or labels with ";" between them',
    "decimal": "number",
    "integer": "whole number 0 to 9, or U",
}


def day(on: date) -> str:
    """A date as people write it.

    >>> day(date(2024, 1, 1))
    '1 January 2024'
    """
    return f"{on.day} {on:%B %Y}"


def joined(words: tuple[str, ...] | list[str], last: str = "and") -> str:
    """Words in a sentence.

    >>> joined(["a", "b", "c"]), joined(["a"], "or")
    ('a, b and c', 'a')
    """
    return f" {last} ".join(filter(None, (", ".join(words[:-1]), words[-1]))) if words else ""


def kind_words(field: Field) -> str:
    """What an answer of this field is."""
    words = _KINDS[field.kind]
    if field.kind == "decimal":
        words += f" in {field.unit}" if field.unit else ""
        words += f", {field.decimals} digit behind the point is kept"
    return words


def limit_words(field: Field) -> str:
    """The limits of a number or text, blank if it has none."""
    if field.max_length:
        return f"at most {field.max_length} characters"
    if field.minimum is None or field.maximum is None:
        return ""
    unit = f" {field.unit}" if field.unit else ""
    words = f"{field.minimum} to {field.maximum}{unit}"
    if field.warn_minimum is not None and field.warn_maximum is not None:
        words += f"; below {field.warn_minimum} or above {field.warn_maximum} is unlikely"
    return words


def version_words(version: Version) -> str:
    """When a version holds.

    >>> version_words(VERSIONS[0])
    'v3: fractures diagnosed from 1 January 2016 to 31 December 2023'
    """
    until = f" to {day(version.valid_to)}" if version.valid_to else " on"
    return f"{version.name}: fractures diagnosed from {day(version.valid_from)}{until}"


def only_in(versions: tuple[str, ...]) -> str:
    """Which fractures something is for, blank if it is for all.

    >>> only_in(("v3",))
    'only for fractures diagnosed before 1 January 2024'
    """
    if len(versions) == len(VERSIONS):
        return ""
    if len(versions) > 1:
        return f"only in {joined(versions)}"
    version = VERSION_BY_NAME[versions[0]]
    if version.valid_to is None:
        return f"only for fractures diagnosed from {day(version.valid_from)} on"
    if version is VERSIONS[0]:
        after = version.valid_to + timedelta(days=1)
        return f"only for fractures diagnosed before {day(after)}"
    return f"only for fractures diagnosed from {day(version.valid_from)} to {day(version.valid_to)}"
