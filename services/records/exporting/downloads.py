"""An answer that is a file of records, streamed from the database to the caller.

The first part is made before the answer begins, so that what goes wrong there is said in words.
What goes wrong later cuts the answer off: without its end no program takes the file for whole.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from itertools import chain
from threading import BoundedSemaphore

from flask import Response

from services.records import metrics
from services.records.exporting.workbook import workbook_blocks
from services.shared import logs
from services.shared.errors import TooMany
from services.shared.sheets.csv_file import csv_blocks

AT_ONCE = 2
"""Downloads in one process: each holds a thread and a connection for as long as it takes."""

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_WRITERS = {"csv": csv_blocks, "xlsx": workbook_blocks}
_places = BoundedSemaphore(AT_ONCE)

Table = Iterable[Sequence[Sequence[str]]]


def download(
    table: Callable[[], Table],
    headings: Sequence[str],
    *,
    kind: str,
    ending: str,
    name: str,
    request_id: str | None,
) -> Response:
    """Streams a table as a file.

    Args:
        table: notes the download and opens the table; called once there is a place.
        kind: `export` or `extract`.
        ending: `csv` or `xlsx`.
        name: under which a browser keeps the file.

    Raises:
        TooMany: as many downloads as fit are under way.
    """
    if not _places.acquire(blocking=False):
        raise TooMany("Other downloads of records are under way. Try again in a minute.", 60)
    stream = _watched(table, headings, kind, ending, request_id)
    first = next(stream)
    answer = Response(chain((first,), stream), content_type=TYPES[ending])
    # Also when the caller goes away, or the answer is never sent.
    answer.call_on_close(stream.close)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _watched(
    table: Callable[[], Table],
    headings: Sequence[str],
    kind: str,
    ending: str,
    request_id: str | None,
) -> Generator[bytes, None, None]:
    """The stream; however it ends, it gives its place back and says how."""
    rows = 0
    outcome = "broken_off"
    started = time.perf_counter()

    def counted() -> Iterator[Sequence[Sequence[str]]]:
        nonlocal rows
        for part in table():
            rows += len(part[0])
            yield part

    try:
        yield from _WRITERS[ending](headings, counted())
        outcome = "whole"
    finally:
        _places.release()
        metrics.EXPORTS.labels(kind, ending, outcome).inc()
        metrics.EXPORTED_ROWS.labels(kind).inc(rows)
        logs.get_logger().info(
            "export_ended",
            kind=kind,
            format=ending,
            outcome=outcome,
            rows=rows,
            seconds=round(time.perf_counter() - started, 1),
            export_request_id=request_id,
        )
