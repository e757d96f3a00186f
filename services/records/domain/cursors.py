"""Places in a list in working order, as opaque texts that a page carries along.

A cursor holds the sort key of the thing it stands at (a day, or a point in time) and its id. So it
still says where to go on when that thing has been dealt with and left the list.
"""

from __future__ import annotations

import base64
import binascii
import struct
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

_FORM = struct.Struct(">q16s")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place: `key` is a day's ordinal or microseconds since 1970, by the list."""

    key: int
    item_id: UUID

    def text(self) -> str:
        """The cursor as a text of 32 characters that needs no escaping in an address."""
        packed = _FORM.pack(self.key, self.item_id.bytes)
        return base64.urlsafe_b64encode(packed).decode()

    def day(self) -> date:
        """The key as a day. Raises ValueError where it is none."""
        try:
            return date.fromordinal(self.key)
        except OverflowError as error:
            raise ValueError("no day") from error

    def instant(self) -> datetime:
        """The key as a point in time. Raises ValueError where it is none."""
        try:
            return _EPOCH + self.key * _MICROSECOND
        except OverflowError as error:
            raise ValueError("no point in time") from error


def at_day(day: date, item_id: UUID) -> Cursor:
    """The place of a thing in a list that is sorted by a day."""
    return Cursor(day.toordinal(), item_id)


def at_instant(instant: datetime, item_id: UUID) -> Cursor:
    """The place of a thing in a list that is sorted by a point in time."""
    return Cursor((instant - _EPOCH) // _MICROSECOND, item_id)


def read_cursor(text: str) -> Cursor:
    """A cursor from its text. Raises ValueError for anything else.

    >>> read_cursor(Cursor(738000, UUID(int=7)).text())
    Cursor(key=738000, item_id=UUID('00000000-0000-0000-0000-000000000007'))
    """
    try:
        key, item_id = _FORM.unpack(base64.b64decode(text.encode(), b"-_", validate=True))
    except (binascii.Error, struct.error, UnicodeEncodeError) as error:
        raise ValueError("not a cursor") from error
    return Cursor(key, UUID(bytes=item_id))
