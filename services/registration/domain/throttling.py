"""How long an address has to wait after wrong passwords, so that nobody tries thousands. Pure.

The first few cost nothing: people mistype. Then each wrong one doubles the wait, up to five
minutes. A browser that has signed in with the account before is counted by itself, so that a
stranger's attempts never keep the account's owner out; and a new password can always be mailed.

Source: domain notes 7.5 (lockout after 5 failures with backoff).
"""

from __future__ import annotations

from datetime import timedelta

FREE = 5
"""Wrong passwords in a row without any wait."""
FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=5)
FORGOTTEN_AFTER = timedelta(hours=1)
"""Without a wrong password for as long, counting begins anew."""


def wait_after(failures: int) -> timedelta:
    """The wait after so many wrong passwords in a row.

    >>> [wait_after(n).seconds for n in (1, 4, 5, 6, 7, 20)]
    [0, 0, 5, 10, 20, 300]
    """
    if failures < FREE:
        return timedelta(0)
    doublings: int = min(failures - FREE, 10)
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)
