"""How long an import will still take, as a range from the speed that it has had so far."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

_SURE_AFTER_SECONDS = 5.0
_SURE_FROM_SHARE = 0.05
_QUICKER, _SLOWER = 0.7, 1.6
"""What may come is as quick as what was, give or take: others send files too."""
_BEGINS = {"checking": "checking", "applying": "applying"}


def time_left(import_: dict[str, Any], done: float, now: datetime) -> str:
    """What to say about the time that is left; empty while there is nothing to go by.

    Args:
        done: how much of the work of this state is done, 0 to 1.
    """
    began = _began(import_)
    if began is None or done < _SURE_FROM_SHARE:
        return ""
    elapsed = (now - began).total_seconds()
    if elapsed < _SURE_AFTER_SECONDS:
        return ""
    left = elapsed * (1 - done) / done
    return range_in_words(left * _QUICKER, left * _SLOWER)


def range_in_words(least: float, most: float) -> str:
    """A range of seconds for people.

    >>> range_in_words(5, 20), range_in_words(50, 130), range_in_words(700, 720)
    ('less than a minute left', '1 to 3 minutes left', 'about 12 minutes left')
    """
    low, high = max(1, round(least / 60)), math.ceil(most / 60)
    if most < 60:
        return "less than a minute left"
    if low >= high:
        return f"about {high} minute{'' if high == 1 else 's'} left"
    return f"{low} to {high} minutes left"


def _began(import_: dict[str, Any]) -> datetime | None:
    """When the work of the present state began, by the import's history."""
    kind = _BEGINS.get(import_["state"])
    moments = [line["at"] for line in import_.get("history") or [] if line["kind"] == kind]
    return datetime.fromisoformat(moments[-1]) if moments else None
