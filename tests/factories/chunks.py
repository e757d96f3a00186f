"""What a checked chunk sends to records, row by row, as tests like to read it."""

from __future__ import annotations

from typing import Any

from services.imports.domain.checking import CheckedChunk


def sent_values(chunk: CheckedChunk) -> dict[str, list[Any]]:
    """Field key -> wire values, one for each row that is sent; None for a blank."""
    return {
        key: [cell or None for cell in (col.split("\n") if isinstance(col, str) else col)]
        for key, col in chunk.sent.columns.items()
    }


def sent_verdicts(chunk: CheckedChunk) -> dict[int, int]:
    """Row number -> verdict of each row that is sent, in their order."""
    return dict(zip(chunk.sent.row_numbers, chunk.sent.verdicts, strict=True))
