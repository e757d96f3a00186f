"""A day typed into three boxes: what was typed, and the date it means.

The boxes of the day `from` are named `from-day`, `from-month` and `from-year`; messages about it
stand under `from-day`, so that the error summary leads to its first box.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from dataset.dates import parse_date
from gateway.wording import LONDON

PARTS = ("day", "month", "year")
_NO_SUCH_DAY = "There is no such day in the calendar. Check the day and the month."
_IN_NUMBERS = "Enter the day, the month and the year with its four digits, in numbers."


def today() -> date:
    """Today in London."""
    return datetime.now(LONDON).date()


def boxes_of(name: str) -> list[str]:
    """The names of the three boxes.

    >>> boxes_of("from")
    ['from-day', 'from-month', 'from-year']
    """
    return [f"{name}-{part}" for part in PARTS]


def typed_boxes(form: Mapping[str, str], name: str) -> dict[str, str]:
    """What was typed into the three boxes, to show it again."""
    return {box: form.get(box, "").strip() for box in boxes_of(name)}


def filled_boxes(name: str, on: str | None) -> dict[str, str]:
    """The three boxes of a day as in ISO 8601; blank for None.

    >>> filled_boxes("until", "2026-02-03")
    {'until-day': '3', 'until-month': '2', 'until-year': '2026'}
    """
    parts = [str(int(part)) for part in reversed(on[:10].split("-"))] if on else ["", "", ""]
    return dict(zip(boxes_of(name), parts, strict=True))


def read_day(
    form: Mapping[str, str], name: str, errors: dict[str, list[str]], *, required: str | None = None
) -> date | None:
    """The day that the three boxes mean; None, and a message in `errors`, if they mean none.

    Args:
        errors: field name -> messages; what is wrong is added to it.
        required: the message if nothing was typed; None where that is fine.
    """
    typed = list(typed_boxes(form, name).values())
    first = boxes_of(name)[0]
    if not any(typed):
        if required:
            errors[first] = [required]
        return None
    missing = [part for part, text in zip(PARTS, typed, strict=True) if not text]
    if missing:
        errors[first] = [f"Enter the {' and the '.join(missing)} as well."]
        return None
    found = parse_date("/".join(typed), "dmy")
    if isinstance(found, str):
        errors[first] = [_NO_SUCH_DAY if found == "impossible" else _IN_NUMBERS]
        return None
    return found
