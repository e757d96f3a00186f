"""How a site's own file is read: its headings to fields, its answers to codes. Set up once.

A set-up belongs to the headings of a file, in their order (`fingerprint`): the next file with the
same headings is read by it without a question. What it says comes before what the dataset knows.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from difflib import get_close_matches
from typing import Any

from dataset.fields import COLUMN_BY_KEY, FIELD_BY_KEY, FIELDS, KEY_FIELDS
from dataset.headings import OUR_OWN, match_headings
from dataset.lists import spelling_of
from dataset.reading import read_cell
from services.imports.domain.findings import masked

LEAVE, CLEAR = "leave", "clear"
BLANKS = (LEAVE, CLEAR)
MOST_VALUES = 30
"""Different answers of a column that people are shown."""
_NEVER_CLEARED = frozenset(each.key for each in KEY_FIELDS) | {"service_code", "acknowledged"}
_CLEAR_TEXT = "#CLEAR"


@dataclass(frozen=True, slots=True)
class Setup:
    """What a site has said about files with these headings.

    Attributes:
        headings: heading as `spelling_of` has it -> key of a field, "" to pass the column over.
        values: key of a field with a list -> answer as `spelling_of` has it -> code.
        date_order: the order of dates in columns that leave it open; None: not said.
        blank: what an empty cell means: leave what is stored, or empty it.
    """

    headings: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    date_order: str | None = None
    blank: str = LEAVE

    def to_json(self) -> dict[str, Any]:
        """For the database."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Setup:
        """From the database."""
        return cls(data["headings"], data["values"], data["date_order"], data["blank"])

    def read_headings(self, headings: Sequence[str]) -> list[str]:
        """The headings as the dataset knows them, where this set-up says so."""
        return [self._heading(heading) for heading in headings]

    def _heading(self, heading: str) -> str:
        key = self.headings.get(spelling_of(heading))
        if key is None:
            return heading
        return COLUMN_BY_KEY[key].heading if key in COLUMN_BY_KEY else f"{OUR_OWN}passed over"

    def read_texts(self, key: str, texts: Sequence[str]) -> Sequence[str]:
        """The cells of a column as the dataset reads them."""
        codes = self.values.get(key)
        if codes:
            texts = [self._text(codes, text) for text in texts]
        if self.blank == CLEAR and key not in _NEVER_CLEARED:
            texts = [text if text.strip() else _CLEAR_TEXT for text in texts]
        return texts

    @staticmethod
    def _text(codes: Mapping[str, str], text: str) -> str:
        whole = codes.get(spelling_of(text))
        if whole is not None:
            return whole
        if ";" not in text:
            return text
        return ";".join(codes.get(spelling_of(part), part) for part in text.split(";"))


def fingerprint(headings: Sequence[str]) -> bytes:
    """By which a set-up is found again: the headings in their order, however they are spelt."""
    own = [h for h in headings if not h.strip().upper().startswith(OUR_OWN)]
    return hashlib.sha256("\n".join(map(spelling_of, own)).encode()).digest()


@dataclass(frozen=True, slots=True)
class ShownColumn:
    """A column of a file beside what it could mean.

    Attributes:
        key: the field it is taken for; None if it is passed over.
        proposed: the field it might be, where it is taken for none.
        values: different texts of its first rows, the most frequent first; of identifiers the
            last three characters.
        not_known: of a field with a list, those that are no answer of it -> the code they might
            mean, "" if none comes near.
    """

    position: int
    heading: str
    key: str | None
    proposed: str | None
    values: list[str]
    not_known: dict[str, str]


def show_columns(
    headings: Sequence[str], rows: Sequence[Sequence[str]], setup: Setup
) -> list[ShownColumn]:
    """The columns of a file as they are read by a set-up, with proposals where they are not."""
    match = match_headings(setup.read_headings(headings), update_only=True)
    taken = {column.key for column in match.columns if column is not None}
    shown = []
    for position, (heading, column) in enumerate(zip(headings, match.columns, strict=True)):
        if heading.strip().upper().startswith(OUR_OWN):
            continue
        texts = Counter(row[position].strip() for row in rows if position < len(row))
        texts.pop("", None)
        key = column.key if column else None
        said = spelling_of(heading) in setup.headings
        proposed = None if key or said else _proposed(heading, taken)
        values = [masked(key or proposed, t) or "" for t, _ in texts.most_common(MOST_VALUES)]
        unknown = _unknown(key or proposed, texts, setup)
        shown.append(ShownColumn(position, heading, key, proposed, values, unknown))
        taken.add(proposed or "")
    return shown


_NAMES = {
    spelling_of(name): each.key
    for each in FIELDS
    for name in (
        each.key.replace("_", " "),
        each.heading.partition(" ")[2] or each.heading,
        each.label,
        *each.aliases,
    )
}


def _proposed(heading: str, taken: set[str]) -> str | None:
    near = get_close_matches(spelling_of(heading.replace("_", " ")), _NAMES, n=3, cutoff=0.6)
    return next((_NAMES[name] for name in near if _NAMES[name] not in taken), None)


def _unknown(key: str | None, texts: Counter[str], setup: Setup) -> dict[str, str]:
    """Texts of a field with a list that are no answer of it, with a proposal for each."""
    found = FIELD_BY_KEY.get(key or "")
    if found is None or not found.options:
        return {}
    known = setup.values.get(found.key, {})
    labels = {spelling_of(option.label): option.code for option in found.options}
    unknown = {}
    for text, _ in texts.most_common(200):
        parts = text.split(";") if found.kind == "multi" else [text]
        for part in map(str.strip, parts):
            if not part or spelling_of(part) in known or not read_cell(found, part)[1]:
                continue
            near = get_close_matches(spelling_of(part), labels, n=1, cutoff=0.5)
            unknown[part] = labels[near[0]] if near else ""
    return dict(list(unknown.items())[:MOST_VALUES])
