"""The words of lists: how they sort, and the work-lists in the order in which they are shown."""

from __future__ import annotations

from dataset.progress import Which

BY_URGENCY = ("invalid", "duplicate", "to_confirm", "draft", "valid")
"""States of a record that is not deleted, what needs a person most first."""

SORTS = ("diagnosed_on", "updated_at", "age", "state")

WORKLISTS = (
    "unfinished",
    "errors",
    "warnings",
    "duplicates",
    "assessment",
    "followup_16_due",
    "followup_16_overdue",
    "followup_52_due",
    "followup_52_overdue",
)

FOLLOW_UP_OF: dict[str, Which] = {
    "followup_16_due": 1,
    "followup_16_overdue": 1,
    "followup_52_due": 2,
    "followup_52_overdue": 2,
}
"""Work-list of a follow-up -> which."""
