"""How long an account may lie unused, and how long a list of people counts as confirmed.

Source: domain notes of the audit, section 7.5: leavers are switched off after 90 unused days, and
the lead confirms the list of people twice a year.
"""

from __future__ import annotations

from datetime import datetime, timedelta

UNUSED_DAYS = 90
WARNED_DAYS_BEFORE = 14
CONFIRMED_FOR = timedelta(days=182)


def switches_off_at(last_used: datetime) -> datetime:
    """Returns when an account that is used no more is switched off."""
    return last_used + timedelta(days=UNUSED_DAYS)


def fate_of(*, last_used: datetime, warned_at: datetime | None, now: datetime) -> str | None:
    """Returns what is due about an account: `warn`, `switch_off` or nothing.

    Nobody is switched off without a warning that was given fourteen days before.

    Args:
        last_used: The last sign-in, use of a token, or being switched on; the latest.
        warned_at: The last warning; one before `last_used` is of no account any more.
        now: The present.
    """
    warned = warned_at is not None and warned_at > last_used
    if not warned:
        due = switches_off_at(last_used) - timedelta(days=WARNED_DAYS_BEFORE)
        return "warn" if now >= due else None
    assert warned_at is not None
    end = max(switches_off_at(last_used), warned_at + timedelta(days=WARNED_DAYS_BEFORE))
    return "switch_off" if now >= end else None


def is_confirmation_due(confirmed_at: datetime, now: datetime) -> bool:
    """Says whether a list of people, last confirmed then, is to be confirmed again."""
    return now - confirmed_at >= CONFIRMED_FOR
