"""Recognises by its first bytes a file that is no table, so that the message can say what it is.

Source: the formats' published signatures ("magic numbers").
"""

from __future__ import annotations

from services.imports.domain.refusals import FileRefused, not_a_table

_SAVE = (
    "Open it in the program it came from and save the sheet as .xlsx without a password, or as CSV "
    "UTF-8 (comma delimited)."
)

_PICTURES = (
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"BM",
    b"II*\0",
    b"MM\0*",
    b"\0\0\1\0",
)


def is_workbook(head: bytes) -> bool:
    """Whether a file says of itself that it is an Excel workbook (.xlsx).

    Args:
        head: the first bytes of the file, 4 kB are enough.
    """
    return head.startswith(b"PK\3\4") and (b"xl/" in head or b"[Content_Types].xml" in head)


def refuse_other_formats(head: bytes) -> None:
    """Refuses what is plainly no text.

    Args:
        head: the first bytes of the file, 4 kB are enough.

    Raises:
        FileRefused: F01 with the format named.
    """
    refusal = _other_format(head)
    if refusal is not None:
        raise refusal


def _other_format(head: bytes) -> FileRefused | None:
    if _is_picture(head):
        return not_a_table("This is a picture, not a table. Upload the table itself as a CSV file.")
    if head.startswith(b"%PDF"):
        return not_a_table("This is a PDF document, not a table. " + _SAVE)
    if head.startswith(b"PK\3\4"):
        if b"opendocument" in head:
            return not_a_table("This is an OpenDocument sheet (.ods). " + _SAVE)
        return not_a_table("This is a zip archive. Unpack it and upload the file inside.")
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return not_a_table(
            "This is an old Excel file (.xls), or one that is protected by a password. " + _SAVE
        )
    if head.startswith(b"\x1f\x8b"):
        return not_a_table("This is a compressed file. Unpack it and upload the CSV file inside.")
    if head.lstrip()[:15].lower().startswith((b"<!doctype html", b"<html")):
        return not_a_table("This is a web page, not a table. Save the table itself as a CSV file.")
    return None


def _is_picture(head: bytes) -> bool:
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return True
    if head[4:12] in (b"ftypheic", b"ftypmif1", b"ftypavif"):
        return True
    # "BM" alone begins words too: a bitmap has zero bytes in its header.
    if head.startswith(b"BM"):
        return b"\0" in head[:32]
    return head.startswith(_PICTURES)
