"""What an upload may be: its choices, its name, its size; and the words for what can go wrong."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

PART_BYTES = 1024 * 1024
"""Plaintext of one sealed part; the last one is smaller. A byte's part follows by division."""

MODES = ("add_and_update", "add_only", "update_only")
DATE_ORDERS = ("dmy", "mdy", "iso")
CONFIRMERS = ("person", "automatic")

MAX_NAME = 200
_UNNAMED = "upload.csv"

PROBLEMS: dict[str, str] = {
    "no_file": "Choose a file first.",
    "empty_file": "The file is empty. Choose the file with your records.",
    "too_large": "The file is larger than 256 MB. Split it into several files.",
    "form_expired": "The form was open for too long, or you have signed in anew since. "
    "Choose the file again.",
    "not_allowed": "Your account does not have the right to upload, or your site does not take "
    "part in the patient audit.",
    "cut_off": "The upload broke off before the whole file had arrived. Nothing was kept. Send it "
    "again.",
    "unavailable": "The upload could not be stored at the moment. Nothing was kept. Send it again "
    "in a minute.",
}
"""Code in `/imports/new?problem=<code>` -> what the page says."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What the uploader chose.

    Attributes:
        mode: one of `MODES`.
        date_order: one of `DATE_ORDERS`; None leaves it to the columns' own evidence.
        confirm: whether a person confirms or the import goes on by itself.
        again: take the bytes once more though an import of them has been applied.
        overwrite_unknown: an answer "Don't know" may take the place of a known one.
        all_or_nothing: store every row, or none while one is rejected or held.
    """

    mode: str = "add_and_update"
    date_order: str | None = None
    confirm: str = "person"
    again: bool = False
    overwrite_unknown: bool = False
    all_or_nothing: bool = False


@dataclass(slots=True)
class Measured:
    """Size and SHA-256 of what has gone through `parts_of` so far."""

    size_bytes: int = 0
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)


def parts_of(blocks: Iterable[bytes], measured: Measured) -> Iterator[bytes]:
    """Cuts a stream into parts of exactly `PART_BYTES` (the last may be smaller).

    Args:
        blocks: the file in order, blocks of any size; one is held at a time.
        measured: counts along.
    """
    part = bytearray()
    for block in blocks:
        measured.size_bytes += len(block)
        measured.digest.update(block)
        part += block
        while len(part) >= PART_BYTES:
            yield bytes(part[:PART_BYTES])
            del part[:PART_BYTES]
    if part:
        yield bytes(part)


def safe_file_name(given: str | None) -> str:
    r"""The name to show: without folders and control characters, at most 200 characters.

    It is shown and kept, never used as a path. It may hold a person's name, so it stays with the
    site: no log, metric or event has it.

    >>> safe_file_name("C:\\files\\Jan 2024.csv"), safe_file_name("../../etc/passwd")
    ('Jan 2024.csv', 'passwd')
    >>> safe_file_name(None)
    'upload.csv'
    """
    name = re.split(r"[/\\]", given or "")[-1]
    name = unicodedata.normalize("NFC", name)
    name = "".join(c for c in name if c.isprintable()).strip()
    if len(name) > MAX_NAME:
        stem, dot, ending = name.rpartition(".")
        keep = MAX_NAME - len(dot + ending) if len(ending) <= 10 else MAX_NAME
        name = (stem[:keep] + dot + ending) if stem and keep < MAX_NAME else name[:MAX_NAME]
    return name or _UNNAMED
