"""Why a record is taken out, and what becomes of it, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from gateway import wording
from gateway.names import UNKNOWN_PERSON
from gateway.pages.finding.presenters import rows_of as list_rows_of

OPT_OUT = "opt_out"


class Reason(NamedTuple):
    """A reason for taking a record out, with what follows from it."""

    value: str
    text: str
    hint: str


REASONS = (
    Reason(
        "entered_in_error",
        "Entered in error",
        "It is about nobody, or about the wrong patient.",
    ),
    Reason(
        "not_eligible",
        "The patient or the fracture does not belong in the audit",
        "Such as under 50 years old, or a fracture of skull, face or digits.",
    ),
    Reason(
        "duplicate",
        "The same fracture is recorded twice",
        "The other record stays.",
    ),
    Reason("other", "Another reason", ""),
    Reason(
        OPT_OUT,
        "The patient has opted out",
        "This withdraws all records of the patient at your site and cannot be undone: see below.",
    ),
)
WORDS = {
    **{reason.value: reason.text for reason in REASONS},
    OPT_OUT: "The patient has opted out",
    "import_undone": "The import that had added it was undone",
}
UNDERSTOOD = "understood"


def is_reason(text: str) -> bool:
    """Whether it is one of the reasons."""
    return any(reason.value == text for reason in REASONS)


def who_of(record: Mapping[str, Any]) -> str:
    """Which record it is, in words that the reader can check against their own list."""
    values = record["values"]
    parts = []
    if values.get("local_id"):
        parts.append(f"your identifier {values['local_id']}")
    number = str(values.get("nhs_number") or "")
    if len(number) == 10:
        parts.append(f"NHS number {number[:3]} {number[3:6]} {number[6:]}")
    if values.get("date_index_diagnosed"):
        parts.append(f"diagnosed {wording.day(str(values['date_index_diagnosed']))}")
    return ", ".join(parts)


def deleted_of(items: list[dict[str, Any]], people: Mapping[str, str]) -> list[dict[str, Any]]:
    """The rows of the list of deleted records.

    Args:
        people: account id -> name.
    """
    return [
        {
            **row,
            "because": WORDS.get(item.get("reason") or "", item.get("reason") or ""),
            "by": people.get(str(item.get("deleted_by")), UNKNOWN_PERSON),
            "final": item.get("reason") == OPT_OUT,
        }
        for row, item in zip(list_rows_of(items), items, strict=True)
    ]
