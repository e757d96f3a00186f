"""An uploaded table with what was found beside its rows, to be mended and sent again as it is.

Columns and order are the file's own; ours come behind, under headings that an upload passes over
(`dataset.headings.OUR_OWN`). What a spreadsheet program would run as a formula is made harmless;
reading takes that away again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from dataset.headings import OUR_OWN
from dataset.writing import safe_for_spreadsheet
from services.imports.domain.splitting import is_blank

ADDED = (f"{OUR_OWN}row", f"{OUR_OWN}errors", f"{OUR_OWN}warnings")
"""Headings of the columns that are added."""


class Said(Protocol):
    """A finding about a row, as far as it is written down here."""

    @property
    def heading(self) -> str | None:
        """The file's own heading; None if it is about the row."""

    @property
    def code(self) -> str:
        """Its code."""

    @property
    def level(self) -> str:
        """Error or warning."""

    @property
    def message(self) -> str:
        """What is wrong and how to mend it."""


def annotated_headings(headings: Sequence[str]) -> list[str]:
    """The file's headings without columns of ours from before, and ours behind them."""
    return [*_own(headings, headings), *ADDED]


def annotated_rows(
    headings: Sequence[str],
    rows: Iterable[tuple[int, Sequence[str]]],
    findings: Mapping[int, Sequence[Said]],
    *,
    rejected_only: bool = False,
) -> Iterator[list[str]]:
    """The rows with what was found of them; blank ones are left out.

    A row with fewer cells than headings is filled up, one with more keeps them in its last cell, so
    that each stays one row of the table.

    Args:
        rows: row number and cells.
        findings: row number -> what was found.
        rejected_only: leave out the rows without an error.
    """
    width = len(headings)
    for number, cells in rows:
        said = findings.get(number, ())
        if is_blank(list(cells)):
            continue
        errors = [each for each in said if each.level == "error"]
        if rejected_only and not errors:
            continue
        full = [*cells[:width], *[""] * (width - len(cells))]
        if len(cells) > width:
            full[-1] = " ".join(cells[width - 1 :])
        yield [
            *map(safe_for_spreadsheet, _own(headings, full)),
            str(number),
            _joined(errors),
            _joined([each for each in said if each.level != "error"]),
        ]


def _own(headings: Sequence[str], cells: Sequence[str]) -> list[str]:
    """The cells of the columns that are not ours, should the file be a copy that was annotated."""
    return [
        cell
        for heading, cell in zip(headings, cells, strict=True)
        if not heading.strip().upper().startswith(OUR_OWN)
    ]


def _joined(said: Sequence[Said]) -> str:
    return " | ".join(
        f"{each.code}{f' {each.heading}' if each.heading else ''}: {each.message}" for each in said
    )
