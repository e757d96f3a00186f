"""The audit team acting at a site: for how long, and what a reason must be.

Source: our role matrix: the audit team sees a site's records "logged, with reason".
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

VISIT_LIFETIME = timedelta(minutes=60)
"""After this a visit ends by itself, however busy it is."""

MIN_REASON = 10
MAX_REASON = 300

# Nine digits in a row, however they are grouped: an NHS number with one digit short, or more.
_LONG_NUMBER = re.compile(r"\d(?:[\s\-./]?\d){8}")


def holds_long_number(text: str) -> bool:
    """Says whether a text holds a number as long as a patient's."""
    return _LONG_NUMBER.search(text) is not None


def reason_problems(reason: str) -> list[str]:
    """Returns what is wrong with the reason of a visit, as sentences; empty if nothing.

    >>> reason_problems("Help with the import of May")
    []
    >>> reason_problems("Record of 943 476 5919 is wrong")[0][:33]
    'Take the long number out: reasons'
    """
    text = reason.strip()
    if len(text) < MIN_REASON:
        return [f"Say why you visit this site, in at least {MIN_REASON} characters."]
    if len(text) > MAX_REASON:
        return [f"Use at most {MAX_REASON} characters."]
    if holds_long_number(text):
        return [
            "Take the long number out: reasons are logged and shown, and must not hold a "
            "patient's NHS number."
        ]
    return []


def end_of_visit(*, now: datetime, session_ends: datetime) -> datetime:
    """Returns when a visit that begins now ends by itself: with its session at the latest."""
    return min(now + VISIT_LIFETIME, session_ends)
