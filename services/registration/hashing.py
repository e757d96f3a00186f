"""Hashes and checks passwords with argon2id, a few at a time.

A hash costs 19 MB and some 30 ms of one core on purpose. So that a flood of sign-ins cannot take
the whole machine, one core fewer than there are hashes at any moment. One more may wait for a
second; all others are asked to come again at once, because whoever waits holds a thread that
everybody's requests need (each asks registration who is calling).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from services.registration.domain.passwords import normal_password
from services.registration.metrics import PASSWORD_HASHES
from services.shared.errors import TooMany

WAIT_SECONDS = 1.0
_MAY_WAIT = 1


class PasswordHashing:
    """Hashes and checks passwords. One for each process."""

    def __init__(self, *, places: int | None = None, wait_seconds: float = WAIT_SECONDS) -> None:
        """Makes ready to hash.

        Args:
            places: How many hashes at once; None for one less than the cores, at least one.
            wait_seconds: How long a caller waits for a place.
        """
        # OWASP's second choice for argon2id (19 MiB, two passes, one lane).
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
        self._count = places or max(1, (os.cpu_count() or 2) - 1)
        self._places = BoundedSemaphore(self._count)
        self._wait_seconds = wait_seconds
        self._inside = BoundedSemaphore(self._count + _MAY_WAIT)
        self._nobodys_hash = self._hasher.hash("the password of nobody")

    def hash(self, password: str) -> str:
        """Returns what to store of a new password.

        Raises:
            TooMany: No place became free in time.
        """
        with self._place():
            return self._hasher.hash(normal_password(password))

    def verify(self, password_hash: str | None, password: str) -> bool:
        """Says whether the password is right; costs the same when there is no hash to compare with.

        Args:
            password_hash: As stored; None for an unknown address, a switched-off account or one
                without a password yet: then the answer is False.
            password: As typed.

        Raises:
            TooMany: No place became free in time.
        """
        with self._place():
            try:
                self._hasher.verify(password_hash or self._nobodys_hash, normal_password(password))
            except (VerificationError, InvalidHashError):
                return False
        return password_hash is not None

    def renewed(self, password_hash: str, password: str) -> str | None:
        """Returns the password hashed anew when the stored hash has outdated parameters."""
        if not self._hasher.check_needs_rehash(password_hash):
            return None
        return self.hash(password)

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._inside.acquire(blocking=False):
            raise _turned_away()
        try:
            if not self._places.acquire(timeout=self._wait_seconds):
                raise _turned_away()
            try:
                PASSWORD_HASHES.labels("done").inc()
                yield
            finally:
                self._places.release()
        finally:
            self._inside.release()


def _turned_away() -> TooMany:
    PASSWORD_HASHES.labels("turned_away").inc()
    return TooMany("Too many people are signing in. Try again in a few seconds.", 3)
