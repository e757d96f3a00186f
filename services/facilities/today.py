"""The date that the audit goes by: the one in London."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def today_in_london() -> date:
    """Return today's date in London, summer time included."""
    return datetime.now(LONDON).date()
