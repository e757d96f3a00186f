"""Matches the headings of a file to the questions of the dataset.

The number of the question decides first, then its key, heading or another known name, without
regard to case, spaces and punctuation. What could mean two questions is asked, never guessed.

Source: domain notes 5.2 (headings) and 5.2.1 (7.07 to 7.09, "1.1" and "5.1", key columns).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dataset.fields import COMPANIONS, FIELD_BY_KEY, FIELDS, KEY_FIELDS, Field
from dataset.findings import Finding

_NUMBER = re.compile(r"([0-9]{1,2}[.,][0-9]{1,2})(?![0-9])[\s:_-]*(.*)", re.DOTALL)
_POSTCODE = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}", re.IGNORECASE)
_AGES = frozenset({"ageatfracture", "agefracdiagnosed"})
_ASKED = {
    "1.1": ("1.01", "1.10"),
    "5.1": ("5.01", "5.10"),
}
OUR_OWN = "FLSDB "
"""How the columns begin that an annotated copy adds; in a file they are passed over unsaid."""
_WORDS_OF_DATE = ("date", "when")
_WORDS_OF_SITE = ("site", "where")


@dataclass(frozen=True, slots=True)
class Question:
    """A heading that could mean several questions; a person has to say which.

    Args:
        position: place of the column, from 0.
        candidates: what it could mean.
    """

    position: int
    candidates: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class HeadingMatch:
    """What the columns of a file are.

    Args:
        columns: for each column the question it answers (or the companion it is), None where it
            is passed over.
        findings: H01, H02 and H03; an error among them stops the file.
        positions: place of the column (from 0) that each finding is about, None for a missing
            one; parallel to `findings`.
        questions: headings to ask about; each also has an H01 of level error.
    """

    columns: list[Field | None]
    findings: list[Finding]
    positions: list[int | None]
    questions: list[Question]

    @property
    def known(self) -> int:
        """How many columns were recognised; few or none means this is no row of headings."""
        return sum(column is not None for column in self.columns)


def _plain(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


def _names() -> dict[str, Field]:
    """Every name a column may have, in plain form -> its field."""
    names: dict[str, Field] = {}
    for field in (*FIELDS, *COMPANIONS):
        short = field.heading.removeprefix(f"{field.no} ")
        for name in (field.key, field.heading, short, *field.aliases):
            names.setdefault(_plain(name), field)
    return names


_FIELD_OF_NAME = _names()
_FIELDS_OF_NUMBER: dict[str, list[Field]] = {}
for _field in FIELDS:
    _FIELDS_OF_NUMBER.setdefault(_field.no, []).append(_field)


def match_headings(headings: Sequence[str], *, update_only: bool = False) -> HeadingMatch:
    """Which question each column answers, and what is wrong with the headings.

    Args:
        headings: texts of the first row, left to right.
        update_only: only a row key has to be there (local identifier, or NHS number and date of
            diagnosis), since no new record can arise.

    >>> [field and field.key for field in match_headings(["1.03", "Sex at birth"]).columns]
    ['gender', None]
    """
    match = HeadingMatch([], [], [], [])
    taken: dict[str, int] = {}
    for position, heading in enumerate(headings):
        field, finding, candidates = _match_one(position, heading)
        if field is not None and field.key in taken:
            first = taken[field.key] + 1
            finding = _heading_finding(
                "H03",
                "error",
                f"{_named(position, heading)} has the same meaning as column {first}. "
                "Keep one of them.",
                field.key,
            )
            field = None
        if field is not None:
            taken[field.key] = position
        if candidates:
            match.questions.append(Question(position, candidates))
        if finding is not None:
            match.findings.append(finding)
            match.positions.append(position)
        match.columns.append(field)
    missing = _missing(taken, update_only=update_only)
    match.findings.extend(missing)
    match.positions.extend([None] * len(missing))
    return match


def _match_one(
    position: int, heading: str
) -> tuple[Field | None, Finding | None, tuple[Field, ...]]:
    """The field of one heading, or what to say about it and what to ask."""
    text = " ".join(heading.replace("\ufeff", "").split())
    if text.startswith('="') and text.endswith('"'):
        text = text[2:-1].strip()
    plain = _plain(text)
    if text.upper().startswith(OUR_OWN):
        return None, None, ()
    if not plain:
        message = f"Column {position + 1} has no heading and is passed over."
        return None, _heading_finding("H01", "warning", message), ()
    numbered = _NUMBER.fullmatch(text)
    if numbered:
        number, rest = numbered[1].replace(",", "."), _plain(numbered[2])
        candidates = _candidates(number, rest)
        if len(candidates) == 1:
            return candidates[0], None, ()
        if candidates:
            return None, _ask(position, heading, candidates), tuple(candidates)
        plain = rest or plain
    # A name in plain form may begin with the digits of the number: "1.1 TypeOfFracture".
    field = _FIELD_OF_NAME.get(plain)
    if field is not None:
        return field, None, ()
    return None, _unknown(position, heading, plain), ()


def _candidates(number: str, rest: str) -> list[Field]:
    """The fields a number (and the name behind it) can mean; empty if it is no number of ours."""
    if number in _ASKED and not rest:
        return [_FIELDS_OF_NUMBER[other][0] for other in _ASKED[number]]
    fields = _FIELDS_OF_NUMBER.get(number, [])
    if len(fields) < 2:
        return fields
    named = _FIELD_OF_NAME.get(rest)
    if named in fields:
        return [named] if named else []
    is_date = any(word in rest for word in _WORDS_OF_DATE)
    is_site = any(word in rest for word in _WORDS_OF_SITE)
    if is_date == is_site:
        return fields
    return [field for field in fields if (field.kind == "date") == is_date]


def _ask(position: int, heading: str, candidates: Iterable[Field]) -> Finding:
    could = " or ".join(f'"{field.heading}"' for field in candidates)
    message = f"{_named(position, heading)} could mean {could}. Write one of these."
    return _heading_finding("H01", "error", message)


def _unknown(position: int, heading: str, plain: str) -> Finding:
    named = _named(position, heading)
    if plain in _AGES:
        why = "The age is worked out from the date of birth; the column is passed over."
        return _heading_finding("H01", "warning", f"{named} is not needed. {why}")
    return _heading_finding("H01", "warning", f"{named} is not known and is passed over.")


def _missing(taken: dict[str, int], *, update_only: bool) -> list[Finding]:
    if not update_only:
        return [
            _heading_finding("H02", "error", f'The column "{field.heading}" is missing.', field.key)
            for field in KEY_FIELDS
            if field.key not in taken
        ]
    if "local_id" in taken or {"nhs_number", "date_index_diagnosed"} <= taken.keys():
        return []
    wanted = [
        FIELD_BY_KEY[key].heading for key in ("local_id", "nhs_number", "date_index_diagnosed")
    ]
    message = (
        f'To find the records to update, add the column "{wanted[0]}", or both "{wanted[1]}" and '
        f'"{wanted[2]}".'
    )
    return [_heading_finding("H02", "error", message, "local_id")]


def _heading_finding(code: str, level: str, message: str, field: str | None = None) -> Finding:
    return Finding(code, "error" if level == "error" else "warning", field, message)


def _named(position: int, heading: str) -> str:
    """The column in words. A file without headings has data here, which is not repeated."""
    text = " ".join(heading.split())
    digits = sum(character.isdigit() for character in text)
    if digits > 4 or len(text) > 60 or not text.isprintable() or _POSTCODE.fullmatch(text):
        return f"Column {position + 1}"
    return f'Column {position + 1} ("{text}")'
