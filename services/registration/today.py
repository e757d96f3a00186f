"""What day it is for the audit: the date in Europe/London."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

_LONDON = ZoneInfo("Europe/London")


def day_in_london(moment: datetime) -> date:
    """The date in London of a moment."""
    return moment.astimezone(_LONDON).date()


def today_in_london() -> date:
    """Today's date in London; the day may differ from the server's."""
    return datetime.now(_LONDON).date()
