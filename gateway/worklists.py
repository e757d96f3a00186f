"""Work-lists: what each is called and asks for, and where one is while working through one.

Where one is stands in the address of the page (`?step=`), so that no page has to remember it: a
record's page shows it, and whatever leads on within the same record carries `Step.query` along.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import quote, urlencode

from flask import request


class Worklist(NamedTuple):
    """A list to work through.

    Attributes:
        name: as in its address.
        asks: what it asks for, one sentence.
        right: what one needs to do it; others may look.
    """

    name: str
    title: str
    asks: str
    right: str


WORKLISTS: dict[str, Worklist] = {
    worklist.name: worklist
    for worklist in (
        Worklist(
            "unfinished",
            "Begun and not finished",
            "Answer the questions a record cannot be stored without.",
            "records.write",
        ),
        Worklist(
            "errors",
            "Records with errors",
            "Mend what is wrong: until then these records count nowhere.",
            "records.write",
        ),
        Worklist(
            "warnings",
            "Warnings to look at",
            "Correct what is unlikely, or acknowledge that it is right.",
            "records.acknowledge",
        ),
        Worklist(
            "duplicates",
            "Possible duplicates",
            "Decide whether two records are about the same fracture.",
            "records.acknowledge",
        ),
        Worklist(
            "assessment",
            "Assessment not recorded",
            "Give the date on which the service assessed the patient.",
            "records.write",
        ),
        Worklist(
            "followup_16_due",
            "Follow-up at 16 weeks, due",
            "Record the first follow-up: its window is open.",
            "records.write",
        ),
        Worklist(
            "followup_16_overdue",
            "Follow-up at 16 weeks, overdue",
            "Record the first follow-up, or why there was none: its window has passed.",
            "records.write",
        ),
        Worklist(
            "followup_52_due",
            "Follow-up at 52 weeks, due",
            "Record the second follow-up: its window is open.",
            "records.write",
        ),
        Worklist(
            "followup_52_overdue",
            "Follow-up at 52 weeks, overdue",
            "Record the second follow-up, or why there was none: its window has passed.",
            "records.write",
        ),
    )
}
"""All work-lists by name, in the order of the home page."""

_LONGEST = 400


@dataclass(frozen=True)
class Step:
    """A place in a work-list.

    Attributes:
        number: the how-manieth record this is since one started; `total`: how many there were then.
        cursor: the record's place in the list, opaque; the next one is asked for after it.
    """

    worklist: Worklist
    number: int
    total: int
    cursor: str

    @property
    def text(self) -> str:
        """The place as it stands in an address."""
        return f"{self.worklist.name}~{self.number}~{self.total}~{self.cursor}"

    @property
    def query(self) -> str:
        """What an address of the same record ends with, so that the place is not lost."""
        return f"?step={quote(self.text)}"

    @property
    def next(self) -> str:
        """The address that leads to the next record of the list, or says that this was the last."""
        place = {"after": self.cursor, "number": self.number + 1, "total": self.total}
        return f"/worklists/{self.worklist.name}/next?{urlencode(place)}"

    @property
    def is_last(self) -> bool:
        """Whether there was none after it when one started."""
        return self.number >= self.total


def step_from(text: str | None) -> Step | None:
    """Reads a place from an address; None where there is none or it makes no sense.

    >>> step = step_from("errors~3~57~abc")
    >>> step and (step.worklist.title, step.number, step.total, step.cursor)
    ('Records with errors', 3, 57, 'abc')
    >>> step_from("errors~3~57"), step_from("nothing~3~57~abc"), step_from("errors~x~57~abc")
    (None, None, None)
    """
    parts = (text or "").split("~", 3)
    if len(parts) != 4 or len(text or "") > _LONGEST or not (text or "").isprintable():
        return None
    name, number, total, cursor = parts
    place, of = count_from(number), count_from(total)
    if name not in WORKLISTS or not cursor or place is None or of is None:
        return None
    return Step(WORKLISTS[name], place, max(place, of), cursor)


def current_step() -> Step | None:
    """Where the person is in a work-list, as the address of the page says."""
    return step_from(request.args.get("step"))


def count_from(text: str | None) -> int | None:
    """A count of an address, at least 1; None where it is none.

    >>> count_from("57"), count_from("0"), count_from("-1"), count_from("²"), count_from(None)
    (57, None, None, None, None)
    """
    if not text or not text.isascii() or not text.isdigit() or len(text) > 8:
        return None
    return int(text) or None
