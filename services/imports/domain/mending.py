"""Writes a file anew with some of its cells corrected; every row keeps its number."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence

Corrections = Mapping[int, Mapping[int, str]]
"""Row number -> place of the column -> the cell as it shall be."""

_BLOCK_CHARACTERS = 256 * 1024


def corrected_csv(
    heading_row: int,
    headings: Sequence[str],
    parts: Iterable[tuple[int, Sequence[list[str]]]],
    corrections: Corrections,
) -> Iterator[bytes]:
    """The file as UTF-8 CSV, in blocks.

    Args:
        heading_row: row number of the headings; lines above them become empty.
        parts: number of the first row, and the rows as they stand in the file; rows between the
            parts are empty.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    out.write("\n" * (heading_row - 1))
    writer.writerow(headings)
    number = heading_row + 1
    for first, rows in parts:
        out.write("\n" * (first - number))
        number = first
        for cells in rows:
            if number in corrections:
                cells = list(cells)
                for place, text in corrections[number].items():
                    cells[place] = text
            writer.writerow(cells)
            number += 1
        if out.tell() > _BLOCK_CHARACTERS:
            yield out.getvalue().encode()
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode()
