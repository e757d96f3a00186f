"""The pages that ask questions of a record: seven sections, and a quick form for each follow-up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from dataset.fields import SECTIONS, Field
from gateway.pages.typing.forms import fields_of_page
from gateway.worklists import Step

LAST_SECTION = max(SECTIONS)


@dataclass(frozen=True)
class Place:
    """A page that asks some of a record's questions.

    Attributes:
        name: the end of its address, below that of the record.
        context: keys of other sections' questions whose answers one needs to see here.
    """

    name: str
    title: str
    caption: str
    section: int
    fields: tuple[Field, ...]
    context: tuple[str, ...] = ()


def _section(number: int) -> Place:
    caption = f"Section {number} of {LAST_SECTION}"
    fields = fields_of_page(number)
    return Place(f"sections/{number}", SECTIONS[number], caption, number, fields)


SECTION_PLACES: dict[int, Place] = {number: _section(number) for number in SECTIONS if number > 0}

_RECOMMENDED = ("therapy_recommended", "calcium_vit_d_recommended", "falls_referrals")
FOLLOW_UP_PLACES: dict[int, Place] = {
    16: Place(
        "follow-up/16", SECTIONS[6], "Quick form", 6, fields_of_page(6), (*_RECOMMENDED,)
    ),
    52: Place(
        "follow-up/52",
        SECTIONS[7],
        "Quick form",
        7,
        fields_of_page(7),
        (*_RECOMMENDED, "fu16_done", "fu16_date", "therapy_16w"),
    ),
}  # fmt: skip


def place_of(key: str) -> Place | None:
    """The section page that asks a question; None for one that no page asks."""
    return next(
        (place for place in SECTION_PLACES.values() if any(f.key == key for f in place.fields)),
        None,
    )


def record_address(record_id: UUID | str) -> str:
    """The address of a record's overview."""
    return f"/records/{record_id}"


def next_address(
    place: Place, record: Mapping[str, Any], then: str, step: Step | None
) -> tuple[str, bool]:
    """Where a save leads to, and whether it leaves the work on this page.

    Args:
        then: the button pressed: "next", "overview", "list", "stay" or "section-4".
    """
    address = record_address(record["record_id"])
    if then == "list" and step is not None:
        return step.next, True
    query = step.query if step else ""
    if then.startswith("section-") and then.removeprefix("section-") in map(str, SECTION_PLACES):
        return f"{address}/{SECTION_PLACES[int(then[-1])].name}{query}", False
    if then == "next" and place.name.startswith("sections/"):
        states = {section["section"]: section["state"] for section in record["sections"]}
        number = place.section + 1
        if number in SECTION_PLACES and states.get(number) != "not_due":
            return f"{address}/{SECTION_PLACES[number].name}{query}", True
    return f"{address}{query}", then == "next"
