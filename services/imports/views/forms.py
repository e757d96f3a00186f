"""Reads the upload form as it arrives: its fields, then the file in blocks.

The token against forged requests is the form's first field: it is checked before a byte of the
file is taken.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from typing import IO

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.sansio.multipart import Data, Epilogue, Event, Field, File, MultipartDecoder, NeedData

from services.imports.domain.uploads import PROBLEMS
from services.imports.views.bodies import BLOCK_BYTES, OVERHEAD_BYTES, CutOff, blocks_of, too_large
from services.shared.errors import FlsError, InvalidInput

_LONGEST_FIELD = 1024
_MOST_FIELDS = 10


class FormProblem(FlsError):
    """The form cannot be taken; `code` is a key of `domain.uploads.PROBLEMS`."""

    def __init__(self, code: str) -> None:
        super().__init__(PROBLEMS[code])
        self.code = code


def refuse_form() -> None:
    """Refuses a form where the bare file is wanted. Raises InvalidInput."""
    if request.mimetype == "multipart/form-data":
        raise InvalidInput(
            {"body": ["Send the bytes of the file itself, not a form."]},
            detail="Send the bytes of the file as the body, not a form.",
        )


class UploadForm:
    """The form of this request, read as far as needed.

    Attributes:
        fields: what stands before the file, `csrf_token` first.
        file_name: as the browser says.
    """

    def __init__(self, stream: IO[bytes], limit_bytes: int, csrf: str) -> None:
        """Reads up to the beginning of the file.

        Raises:
            FormProblem: no form, no file, or not this session's token.
            CutOff: the sender stopped half way.
        """
        self.fields: dict[str, str] = {}
        self.file_name: str | None = None
        boundary = request.mimetype_params.get("boundary", "")
        if request.mimetype != "multipart/form-data" or not boundary:
            raise FormProblem("no_file")
        # Bounds what waits to be decoded; blocks are taken out as they come.
        decoder = MultipartDecoder(
            boundary.encode("latin-1", "replace"), max_form_memory_size=4 * BLOCK_BYTES
        )
        self._events = _events(decoder, blocks_of(stream, limit_bytes + OVERHEAD_BYTES))
        self._limit_bytes = limit_bytes
        self._read_fields(csrf)

    def blocks(self) -> Iterator[bytes]:
        """The file.

        Raises:
            CutOff: the form does not come to its end.
            TooLarge: the file is longer than the limit.
        """
        seen = 0
        for event in self._events:
            if not isinstance(event, Data):
                raise CutOff()
            seen += len(event.data)
            if seen > self._limit_bytes:
                raise too_large(self._limit_bytes)
            if event.data:
                yield bytes(event.data)
            if not event.more_data:
                break
        self._finish()

    def _finish(self) -> None:
        """Reads to the end of the form, which shows that the file is whole."""
        for event in self._events:
            if isinstance(event, Epilogue):
                return
        raise CutOff()

    def _read_fields(self, csrf: str) -> None:
        name: str | None = None
        value = b""
        for event in self._events:
            if isinstance(event, File):
                self._begin_file(event)
                return
            if isinstance(event, Field):
                name, value = event.name, b""
                if len(self.fields) >= _MOST_FIELDS:
                    raise FormProblem("form_expired")
            elif isinstance(event, Data) and name is not None:
                value += event.data
                if len(value) > _LONGEST_FIELD:
                    raise FormProblem("form_expired")
                if not event.more_data:
                    self._take_field(name, value.decode("utf-8", "replace"), csrf)
                    name = None
        raise FormProblem("no_file")

    def _take_field(self, name: str, value: str, csrf: str) -> None:
        if not self.fields:
            right = hmac.compare_digest(value.encode(), csrf.encode())
            if name != "csrf_token" or not right:
                raise FormProblem("form_expired")
        self.fields[name] = value.strip()

    def _begin_file(self, event: File) -> None:
        if not self.fields:
            raise FormProblem("form_expired")
        # A form sent without choosing a file has a file without a name.
        if event.name != "file" or not event.filename:
            raise FormProblem("no_file")
        self.file_name = event.filename


def _events(decoder: MultipartDecoder, blocks: Iterator[bytes]) -> Iterator[Event]:
    """What the decoder makes of the body, block by block."""
    try:
        for block in blocks:
            decoder.receive_data(block)
            while not isinstance(event := decoder.next_event(), NeedData):
                yield event
                if isinstance(event, Epilogue):
                    return
        decoder.receive_data(None)
        while not isinstance(event := decoder.next_event(), NeedData):
            yield event
            if isinstance(event, Epilogue):
                return
    except (ValueError, RequestEntityTooLarge):
        # The decoder's words for a form that does not come to its end or is garbled.
        raise CutOff() from None
