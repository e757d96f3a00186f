"""Records in a list, as its table shows them; work-lists and the search use the same rows."""

from __future__ import annotations

from typing import Any, NamedTuple

from dataset.fields import FIELD_BY_KEY, SECTIONS
from gateway.pages import states
from gateway.pages.finding.filters import SORTS


class SectionMark(NamedTuple):
    """A section of a record in a list: its number, what a screen reader hears, its state."""

    number: int
    words: str
    state: str


class Heading(NamedTuple):
    """The heading of a column that can be sorted by.

    Attributes:
        then: the order that its link leads to.
        sorted: "ascending" or "descending" where the list is in its order, else blank.
    """

    text: str
    then: str
    sorted: str


def rows_of(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of a list of records, or of entries that are none yet."""
    site = FIELD_BY_KEY["site_1"]
    return [
        {
            **item,
            "site_1": site.label_of(item["site_1"]) if item.get("site_1") else "",
            "state": states.shown(states.RECORD, item.get("state") or "unfinished"),
            "sections": _marks(item.get("sections") or {}),
        }
        for item in items
    ]


def headings_of(sort: str) -> dict[str, Heading]:
    """The columns that can be sorted by; the one in force leads to the other way round."""
    headings = {}
    for name, text in SORTS.items():
        here = sort.removeprefix("-") == name
        order = ("descending" if sort.startswith("-") else "ascending") if here else ""
        headings[name] = Heading(text, name if order == "descending" else f"-{name}", order)
    return headings


def _marks(sections: dict[str, str]) -> list[SectionMark]:
    return [
        SectionMark(
            number,
            f"{number} {title}: {states.shown(states.SECTION, state).text.lower()}",
            state if state in states.SECTION else "",
        )
        for number, title in SECTIONS.items()
        if (state := sections.get(str(number)))
    ]
