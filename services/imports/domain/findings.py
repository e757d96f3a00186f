"""Words for the codes of findings: the dataset's, and the one that only an import has."""

from __future__ import annotations

from dataset.findings import CATALOGUE, Entry

HELD = "HELD"
"""A row that was set aside for a person to decide; its message is the reason."""

LEFT_OUT = "LEFT"
"""A held row that a person has decided to leave out."""

_ENTRIES = CATALOGUE | {
    HELD: Entry(
        "Held for a decision",
        "The row was set aside. Compare it with the stored record and decide which is right.",
    ),
    LEFT_OUT: Entry(
        "Left out by a person",
        "The row was set aside and somebody at your site decided to leave it out. Upload it again "
        "if that was a mistake.",
    ),
}
IDENTIFIERS = ("nhs_number", "date_of_birth", "postcode", "local_id", "date_of_death")


def title_of(code: str) -> str:
    """A few words for a code; the code itself if a newer service sent it."""
    return _ENTRIES[code].title if code in _ENTRIES else code


def mend_of(code: str) -> str:
    """What to do about a code; empty if a newer service sent it."""
    return _ENTRIES[code].mend if code in _ENTRIES else ""


def masked(field: str | None, value: str | None) -> str | None:
    """A cell value as lists show it: of an identifier the last three characters alone.

    >>> masked("nhs_number", "999 000 0019"), masked("smoker", "perhaps"), masked("postcode", "AA1")
    ('•••••••••019', 'perhaps', '•••')
    """
    if value is None or field not in IDENTIFIERS:
        return value
    text = value.strip()
    shown = text[-3:] if len(text) > 6 else ""
    return "•" * (len(text) - len(shown)) + shown
