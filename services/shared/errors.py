"""The errors that every service raises, whether a person or a message is waiting for the answer.

    FlsError
    ├── InvalidInput       the caller's data breaks a rule; names the fields
    ├── TooLarge           the body or file is larger than we take
    ├── NotFound           no such thing, or not yours to see
    ├── Conflict           already done, or changed since you read it
    ├── Forbidden          known caller, not allowed
    ├── Unauthenticated    unknown caller
    ├── TooMany            too often; try again later
    └── Unavailable        something we depend on is down; try again later

Nothing here knows HTTP: `problems.py` has the table of status codes, `consumer.py` that of
messages.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class FlsError(Exception):
    """Something a caller should be told about; `detail` is written for a person."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class InvalidInput(FlsError):
    """The caller's data breaks a rule.

    Args:
        errors: field name -> messages, each saying what is wrong and how to mend it.
        detail: one sentence for the whole.
        extra: further members of the problem document (JSON values).
    """

    def __init__(
        self,
        errors: Mapping[str, list[str]] | None = None,
        detail: str = "Some of what was sent needs correcting.",
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.errors = dict(errors or {})
        self.extra = dict(extra or {})


class TooLarge(FlsError):
    """The body or file is larger than we take."""


class NotFound(FlsError):
    """No such thing, or not the caller's to see: the two are never told apart."""

    def __init__(self, detail: str = "There is nothing here, or it is not yours to see.") -> None:
        super().__init__(detail)


class Conflict(FlsError):
    """Already done, or changed since the caller read it.

    Args:
        code: a stable word for programs, such as `version_moved`.
        extra: further members of the problem document (JSON values).
    """

    def __init__(
        self, detail: str, code: str | None = None, extra: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.extra = dict(extra or {})


class Forbidden(FlsError):
    """The caller is known and may not do this."""

    def __init__(self, detail: str = "Your account does not have the right to do this.") -> None:
        super().__init__(detail)


class Unauthenticated(FlsError):
    """We do not know who is calling."""

    def __init__(self, detail: str = "Sign in, or send a valid token.") -> None:
        super().__init__(detail)


class TooMany(FlsError):
    """Too often; `retry_after` is in seconds."""

    def __init__(self, detail: str, retry_after: int = 5) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class Unavailable(FlsError):
    """Something we depend on is down; `retry_after` is in seconds."""

    def __init__(self, detail: str, retry_after: int = 5) -> None:
        super().__init__(detail)
        self.retry_after = retry_after
