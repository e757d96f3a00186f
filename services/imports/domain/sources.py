"""Where the bytes of an upload come from: parts of equal size, asked for by number.

What needs to jump about in a file (a workbook is a zip) reads it through `PartFile`, which holds a
few parts at a time: nothing of a patient's lies on a disk in plain text.
"""

from __future__ import annotations

import io
from collections import OrderedDict
from collections.abc import Iterator
from typing import Protocol

from services.imports.domain.uploads import PART_BYTES

_PARTS_HELD = 4


class Source(Protocol):
    """The bytes of a file.

    Attributes:
        size: how many there are.
        part_bytes: the size of each part but the last.
    """

    size: int
    part_bytes: int

    def part(self, number: int) -> bytes:
        """The part of this number, from 0."""


class InMemory:
    """A file whose bytes are at hand."""

    def __init__(self, data: bytes, part_bytes: int = PART_BYTES) -> None:
        self._data = data
        self.size = len(data)
        self.part_bytes = part_bytes

    def part(self, number: int) -> bytes:
        """The part of this number, from 0."""
        start = number * self.part_bytes
        return self._data[start : start + self.part_bytes]


def blocks_of(source: Source) -> Iterator[bytes]:
    """The parts in order."""
    for number in range(-(-source.size // source.part_bytes)):
        yield source.part(number)


class PartFile(io.RawIOBase):
    """A file to read from anywhere, of which a few parts are held at a time."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._at = 0
        self._held: OrderedDict[int, bytes] = OrderedDict()

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """The place of the next byte."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Goes to a place."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._source.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Reads on, at most to the end of the part."""
        view = memoryview(buffer).cast("B")
        if self._at >= self._source.size or not view:
            return 0
        number, start = divmod(self._at, self._source.part_bytes)
        some = self._part(number)[start : start + len(view)]
        view[: len(some)] = some
        self._at += len(some)
        return len(some)

    def _part(self, number: int) -> bytes:
        if number in self._held:
            self._held.move_to_end(number)
        else:
            self._held[number] = self._source.part(number)
            if len(self._held) > _PARTS_HELD:
                self._held.popitem(last=False)
        return self._held[number]
