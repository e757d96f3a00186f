"""Words of the comparison: outcomes of a row, why a row is held, modes, and the ledger.

Source: domain notes 5.2 (row key, modes) and 5.2.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

NEW: Final = "new"
CHANGED: Final = "changed"
SAME: Final = "same"
HELD: Final = "held"
REJECTED: Final = "rejected"
OUTCOMES: tuple[str, ...] = (NEW, CHANGED, SAME, HELD, REJECTED)

HELD_REASONS: dict[str, str] = {
    "possible_match": "A record of this patient with the same fracture site was diagnosed within "
    "seven days. Say whether it is the same fracture.",
    "change_of_identity": "The local identifier belongs to a record with another NHS number. "
    "Confirm that the NHS number changes.",
    "two_records": "The local identifier points to one record, the NHS number with the date of "
    "diagnosis to another.",
    "several_records": "There are several records with this NHS number and date of diagnosis.",
    "same_record_twice": "Another row of this file is about the same record.",
    "changed_since_check": "The record was changed after this row was checked. Upload it again.",
    "stored_since_check": "The record was stored by someone else after this row was checked.",
    "identifiers_erased": "The identifiers of this patient were erased on request.",
    "opted_out": "The patient has opted out since this row was checked. Nothing of it is stored; "
    "remove it from your files.",
    "period_locked": "The year of diagnosis was locked after this row was checked. Your site can "
    "ask the audit team to unlock it, on the page Audit periods; then upload the row again.",
}
"""Why a row is held, with words for a person."""

SLICE_ROWS = 5_000
"""Rows applied by one message; imports take turns between messages."""
NEAR_DAYS = 7
"""Two diagnoses of one site of fracture this close may be one fracture. Domain notes 5.2."""


def ledger(counts: Mapping[str, int]) -> dict[str, int]:
    """All five counts, zero where nothing was counted.

    >>> ledger({"new": 2, "held": 1})
    {'new': 2, 'changed': 0, 'same': 0, 'held': 1, 'rejected': 0}
    """
    return {outcome: int(counts.get(outcome, 0)) for outcome in OUTCOMES}


def added(first: Mapping[str, int], second: Mapping[str, int]) -> dict[str, int]:
    """The sum of two counts, outcome by outcome."""
    return {outcome: first.get(outcome, 0) + second.get(outcome, 0) for outcome in OUTCOMES}
