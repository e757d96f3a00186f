"""Writes a synthetic file (`dataset.sample`) as CSV."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import TextIO
from zoneinfo import ZoneInfo

from dataset.sample import sample_rows


def write_rows(
    file: TextIO,
    *,
    rows: int,
    seed: int,
    service_code: str = "",
    bad_share: float = 0.02,
    today: date | None = None,
) -> None:
    """Writes headings and rows; the same arguments give the same bytes.

    Args:
        file: Open for text with `newline=""`.
        rows: How many rows follow the headings.
        seed: Another seed gives other patients.
        service_code: Of the site that will upload the file; "" leaves the column blank, so that any
            site can (rows of another site's code are rejected).
        bad_share: Share of rows with an error, 0 to 1.
        today: The last possible day of diagnosis; None for today in London.

    Raises:
        ValueError: There are not so many patients, or today is too early.
    """
    last_day = today or datetime.now(ZoneInfo("Europe/London")).date()
    lines: Iterable[list[str]] = sample_rows(
        rows, seed, service_code=service_code, bad_share=bad_share, today=last_day
    )
    csv.writer(file).writerows(lines)


def write_sample(
    path: Path, *, rows: int, seed: int, service_code: str, bad_share: float = 0.02
) -> Path:
    """Writes a file once: what exists is left as it is, so that another day changes nothing."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}.{os.getpid()}")
        with partial.open("w", newline="", encoding="utf-8") as file:
            write_rows(file, rows=rows, seed=seed, service_code=service_code, bad_share=bad_share)
        partial.replace(path)
    return path
