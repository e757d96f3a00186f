"""Looking for one person: what can be searched for, and what to say if nothing is found."""

from __future__ import annotations

from dataset.nhs_number import is_valid, normalised

COOKIE = "fls_search"
"""What was searched for lies here, sealed, from the form to its results: no address may hold it."""
LONGEST = 60


def problem_with(query: str) -> str | None:
    """Why something cannot be searched for; None if it can."""
    if not query:
        return "Enter an NHS number or your own identifier."
    if len(query) > LONGEST or not query.isprintable():
        return f"Enter at most {LONGEST} letters and digits."
    return None


def doubt_about(query: str) -> str | None:
    """What may be wrong with what was searched for; None if it looks sound."""
    number = normalised(query)
    if len(number) == 10 and number.isascii() and number.isdigit() and not is_valid(number):
        return (
            "It is not a valid NHS number: its last digit does not fit the others. Compare it with "
            "its source."
        )
    return None
