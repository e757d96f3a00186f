"""How long to wait before trying again what is down: longer each time, never long.

What we wait for is a broker or a database of our own. Asking either for a connection costs nothing,
while every second without it is a second in which a site that was approved is not known yet.
"""

from __future__ import annotations

import random

_FIRST_SECONDS = 1.0
_LONGEST_SECONDS = 5.0


class Pauses:
    """One, two, four, five, five, ... seconds; from the beginning again once it was up."""

    def __init__(self) -> None:
        self._seconds = _FIRST_SECONDS

    def next(self) -> float:
        """The next pause in seconds, a little different for each process that waits."""
        seconds = self._seconds
        self._seconds = min(2 * seconds, _LONGEST_SECONDS)
        return round(seconds * random.uniform(0.8, 1.2), 2)  # noqa: S311 (jitter, no secret)

    def start_over(self) -> None:
        """It is up: the next time that it is down is another time."""
        self._seconds = _FIRST_SECONDS
