"""Filters of the list of records: between the address and what the service is asked.

Filters stand in the address, so none of them may be an identifier: whoever looks for one person
searches (`search.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dataset.fields import FIELD_BY_KEY, SECTIONS
from gateway import days
from gateway.forms import Form
from gateway.pages import states
from gateway.wording import day

SORTS = {
    "diagnosed_on": "Diagnosed",
    "age": "Age",
    "state": "State",
    "updated_at": "Last change",
}
"""What the list can be ordered by, with the heading of its column."""
FIRST_SORT = "-diagnosed_on"
STATES = {key: state.text for key, state in states.RECORD.items() if key != "deleted"}
FRACTURES = {option.code: option.label for option in FIELD_BY_KEY["site_1"].options}
SECTION_NAMES = {str(number): title for number, title in SECTIONS.items() if number}
SECTION_STATES = {key: state.text for key, state in states.SECTION.items()}

_CHOICES = {
    "state": STATES,
    "fracture": FRACTURES,
    "section": SECTION_NAMES,
    "section_state": SECTION_STATES,
}
ORDER = (*days.boxes_of("from"), *days.boxes_of("to"), "section", "section_state")
"""The fields that can be wrong, in the order of the form."""


def sort_from(args: Mapping[str, str]) -> str:
    """The order asked for; the first of all if there is none or it is not known."""
    wanted = args.get("sort", "")
    return wanted if wanted.removeprefix("-") in SORTS else FIRST_SORT


def form_from(args: Mapping[str, str]) -> tuple[Form, dict[str, Any]]:
    """The form as the address fills it, and what the service is asked.

    A choice that is not known is passed over. If the form has errors, nothing should be asked.
    """
    values = {
        name: given if (given := args.get(name, "")) in choices else ""
        for name, choices in _CHOICES.items()
    }
    errors: dict[str, list[str]] = {}
    since, until = days.read_day(args, "from", errors), days.read_day(args, "to", errors)
    if since and until and until < since:
        errors["to-day"] = ["The last day lies before the first."]
    if bool(values["section"]) != bool(values["section_state"]):
        blank = "section_state" if values["section"] else "section"
        errors[blank] = ["Choose both a section and its state, or neither."]
    asked = {
        "state": values["state"] or None,
        "site_of_fracture": values["fracture"] or None,
        "section": values["section"] or None,
        "section_state": values["section_state"] or None,
        "diagnosed_from": since.isoformat() if since else None,
        "diagnosed_to": until.isoformat() if until else None,
    }
    typed = {**values, **days.typed_boxes(args, "from"), **days.typed_boxes(args, "to")}
    return Form(typed, errors), asked


def kept(form: Form) -> dict[str, Any]:
    """What an address of the same list carries on; blank fields are left out."""
    return {name: value for name, value in form.values.items() if value}


def words_of(asked: Mapping[str, Any]) -> list[str]:
    """The filters in force, in words; empty where all records are shown."""
    words = []
    if asked["state"]:
        words.append(f"state: {STATES[asked['state']].lower()}")
    if asked["diagnosed_from"]:
        words.append(f"diagnosed on or after {day(asked['diagnosed_from'])}")
    if asked["diagnosed_to"]:
        words.append(f"diagnosed on or before {day(asked['diagnosed_to'])}")
    if asked["site_of_fracture"]:
        words.append(f"fracture: {FRACTURES[asked['site_of_fracture']].lower()}")
    if asked["section"] and asked["section_state"]:
        section, state = SECTION_NAMES[asked["section"]], SECTION_STATES[asked["section_state"]]
        words.append(f"section {asked['section']}, {section}: {state.lower()}")
    return words
