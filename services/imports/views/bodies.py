"""Reads the body of an upload as it arrives: in blocks, counted, never held as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from flask import Response, request

from services.imports.domain.uploads import PROBLEMS
from services.shared.errors import InvalidInput, TooLarge

BLOCK_BYTES = 256 * 1024
OVERHEAD_BYTES = 512 * 1024
"""What a body may weigh besides its file. More than a block, so that our own words come first."""
_DRAIN_BYTES = 16 * 1024 * 1024


class CutOff(InvalidInput):
    """The body ended before it was whole."""

    def __init__(self) -> None:
        super().__init__({}, detail=PROBLEMS["cut_off"])


def open_body(limit_bytes: int) -> IO[bytes]:
    """The body of this request, whose length may exceed what other requests may have.

    Raises:
        TooLarge: its announced length is over the limit.
    """
    most = limit_bytes + OVERHEAD_BYTES
    # The limit of ordinary requests would end the stream early; what reads it counts for itself.
    request.max_content_length = most
    if request.content_length is not None and request.content_length > most:
        raise too_large(limit_bytes)
    return request.stream


def blocks_of(stream: IO[bytes], limit_bytes: int) -> Iterator[bytes]:
    """The body in blocks.

    Raises:
        TooLarge: it is longer than the limit.
        CutOff: the sender stopped half way.
    """
    seen = 0
    while block := _read(stream):
        seen += len(block)
        if seen > limit_bytes:
            raise too_large(limit_bytes)
        yield block
    if request.content_length is not None and seen < request.content_length:
        raise CutOff()


def drain_refused(answer: Response) -> Response:
    """Reads on for a while, keeping nothing, when a request is answered before its body has ended.

    Closing a connection with unread bytes resets it, and the sender may then never see our answer.
    Registered to run after each request of a blueprint that takes uploads.
    """
    if request.method == "POST" and answer.status_code >= 300:
        left = _DRAIN_BYTES
        try:
            # The server's own stream: it knows the body's end, and no limit of ours is on it.
            while left > 0 and (block := _read(request.environ["wsgi.input"])):
                left -= len(block)
        except CutOff:
            pass
    return answer


def _read(stream: IO[bytes]) -> bytes:
    try:
        return stream.read(BLOCK_BYTES)
    except Exception:
        # The server and the library below have a dozen errors for a body that stops or is garbled.
        raise CutOff() from None


def too_large(limit_bytes: int) -> TooLarge:
    """The refusal of a file that is over the limit."""
    return TooLarge(
        f"The file is larger than {limit_bytes // (1024 * 1024)} MB. Split it into several files. "
        "Nothing was saved."
    )
