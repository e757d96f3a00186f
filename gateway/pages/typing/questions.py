"""The questions of a page as its template shows them, made from the dataset's fields alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Literal, NamedTuple

from dataset.conditions import Condition
from dataset.fields import FIELD_BY_KEY, Field, Option
from dataset.reading import read_cell
from dataset.values import Record, is_blank
from dataset.versions import VERSIONS
from gateway.pages.typing.conditions import as_json
from gateway.pages.typing.forms import first_id, values_from

Widget = Literal["date", "radios", "checkboxes", "nhs_number", "input"]
Item = dict[str, Any]

_WIDGETS: dict[str, Widget] = {
    "date": "date",
    "single": "radios",
    "multi": "checkboxes",
    "nhs_number": "nhs_number",
}
_WIDTHS = {"decimal": 5, "integer": 2, "postcode": 10, "text": 20, "nhs_number": 10}
_LONG_LIST = 8
"""From so many answers on a list is shown in columns."""
_ONE_LINE = 40
"""Letters. Answers that together are no longer stand beside each other."""


@dataclass(frozen=True)
class Doubt:
    """A warning: something unlikely, with who has confirmed it.

    Attributes:
        token: names it when it is acknowledged; None where there is nothing to confirm.
        by, at: who acknowledged it and when; None while nobody has.
    """

    message: str
    token: str | None
    by: str | None = None
    at: str | None = None


class Beneath(NamedTuple):
    """What is stored beneath a text that was typed.

    Attributes:
        answer: in words; blank for nothing.
        drafted: whether the text only waits to be saved; else it waits to be mended.
    """

    answer: str
    drafted: bool


@dataclass(frozen=True)
class Question:
    """One question of a page.

    Attributes:
        id: of the field that a link leads to.
        no: the audit's number, blank for the three columns without one.
        items: the answers of a list, as `templates/typing/widgets.html` wants them.
        long, inline: shown in columns, because they are many; in one line, because they are short.
        beneath: what is stored, where something else was typed.
    """

    key: str
    id: str
    no: str
    label: str
    hint: str
    widget: Widget
    items: Sequence[Item] = ()
    long: bool = False
    inline: bool = False
    unit: str | None = None
    width: int | None = None
    inputmode: str | None = None
    beneath: Beneath | None = None
    warnings: Sequence[Doubt] = ()


@dataclass(frozen=True)
class Group:
    """Questions with the same condition.

    Attributes:
        condition: as data for the script; None if they are always asked.
        words: the condition in words.
        holds: whether it holds for what is stored and typed.
        answered: whether one of the questions has an answer; then they are never hidden.
    """

    questions: Sequence[Question]
    condition: str | None = None
    words: str = ""
    holds: bool = True
    answered: bool = False

    @property
    def is_hidden(self) -> bool:
        """Whether the script hides it to begin with."""
        return not self.holds and not self.answered


@dataclass(frozen=True)
class Said:
    """What is said of a record's fields: key -> warnings, key -> what is stored beneath a text."""

    warnings: Mapping[str, Sequence[Doubt]] = field(default_factory=dict)
    beneath: Mapping[str, Beneath] = field(default_factory=dict)


def groups_of(
    fields: Iterable[Field], texts: Mapping[str, str], version: str | None, said: Said
) -> list[Group]:
    """The questions of a page, those with the same condition together.

    Args:
        texts: of the whole record, as it would be with what was typed.
        version: of the dataset, whose answers are offered; None if the date of diagnosis is not
            known yet.
    """
    record = _record(texts)
    groups = []
    for condition, members in groupby(fields, key=lambda f: f.shown_if):
        fields_ = list(members)
        questions = [_question(f, texts.get(f.key, ""), version, said) for f in fields_]
        groups.append(_group(condition, fields_, questions, record, texts))
    return groups


def _group(
    condition: Condition | None,
    fields: Sequence[Field],
    questions: Sequence[Question],
    record: Record,
    texts: Mapping[str, str],
) -> Group:
    if condition is None:
        return Group(questions)
    return Group(
        questions,
        as_json(condition),
        fields[0].asked_when or "",
        condition.holds(record),
        any(texts.get(f.key, "") for f in fields),
    )


def _record(texts: Mapping[str, str]) -> Record:
    values = {key: read_cell(FIELD_BY_KEY[key], text)[0] for key, text in texts.items()}
    return {key: value for key, value in values.items() if not is_blank(value)}


def _question(field: Field, text: str, version: str | None, said: Said) -> Question:
    return Question(
        key=field.key,
        id=first_id(field),
        no="" if field.no.startswith("L") else field.no,
        label=f"{field.label} (optional)" if field.required == "o" else field.label,
        hint=field.help,
        widget=_WIDGETS.get(field.kind, "input"),
        items=_items(field, text, version) if field.kind in ("single", "multi") else (),
        long=len(field.options) >= _LONG_LIST,
        inline=sum(len(option.label) for option in _offered(field, version)) <= _ONE_LINE,
        unit=field.unit,
        width=_WIDTHS.get(field.kind),
        inputmode=_inputmode(field),
        beneath=said.beneath.get(field.key),
        warnings=said.warnings.get(field.key, ()),
    )


def _inputmode(field: Field) -> str | None:
    # The number pads of telephones have no minus sign, and no letter for "U".
    if field.kind == "decimal" and (field.minimum is None or field.minimum >= 0):
        return "decimal"
    return None


def _items(field: Field, text: str, version: str | None) -> list[Item]:
    """The answers offered, and what is stored or typed although it is not."""
    offered = _offered(field, version)
    together = [_item(o.code, o.label) for o in offered if o.code not in field.exclusive]
    alone = [_item(o.code, o.label) | {"alone": True} for o in offered if o.code in field.exclusive]
    codes = {item["value"] for item in (*together, *alone)}
    strays = [part for part in _codes(field, text) if part not in codes]
    items = together + [_stray(field, part) for part in strays]
    if alone:
        items += [{"divider": "or"}, *alone]
    if field.kind == "single" and field.required != "K":
        items.append(_item("", "No answer") | {"id": f"{field.key}-none", "none": True})
    return items


def _offered(field: Field, version: str | None) -> tuple[Option, ...]:
    return field.offered(version or VERSIONS[-1].name)


def _item(code: str, label: str) -> Item:
    return {"value": code, "text": label}


def _codes(field: Field, text: str) -> list[str]:
    value = values_from({field.key: text}, (field,))[field.key]
    codes = value if isinstance(value, list) else [value]
    return [code for code in codes if code]


def _stray(field: Field, text: str) -> Item:
    """An answer that is not on offer: kept visible, so that it is not lost unseen."""
    known = any(option.code == text for option in field.options)
    label = field.label_of(text)
    reason = "not offered for fractures of this date" if known else "not an answer of the list"
    return _item(text, f"“{label}” ({reason})")
