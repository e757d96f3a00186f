"""CSV files for the tests of imports: synthetic patients, NHS numbers of the 999 range."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from dataset.fields import FIELD_BY_KEY, HEADINGS
from dataset.nhs_number import is_valid

KEYS = ("local_id", "nhs_number", "date_of_birth", "gender", "date_index_diagnosed", "site_1")


def nhs_number(index: int) -> str:
    """The valid number of the 999 range with this index."""
    stem = f"999{index:06d}"
    for digit in map(str, range(10)):
        if is_valid(stem + digit):
            return stem + digit
    return nhs_number(index + 500_000)


def make_row(index: int, **values: str) -> dict[str, str]:
    """A row without findings; field key -> text."""
    row = {
        "local_id": f"H{index:05d}",
        "nhs_number": nhs_number(index),
        "date_of_birth": f"{13 + index % 15}/03/19{40 + index % 20}",
        "gender": "2",
        "date_index_diagnosed": f"{13 + index % 15}/0{1 + index % 9}/2024",
        "site_1": "1",
    }
    return row | values


def csv_bytes(
    rows: Iterable[Mapping[str, str]],
    *,
    keys: Sequence[str] = KEYS,
    line_end: str = "\r\n",
    headings: Sequence[str] | None = None,
) -> bytes:
    """A file of these rows with the columns `keys`, in UTF-8."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator=line_end)
    writer.writerow(headings or [FIELD_BY_KEY[key].heading for key in keys])
    writer.writerows([row.get(key, "") for key in keys] for row in rows)
    return out.getvalue().encode()


def make_file(count: int, *, first: int = 0) -> bytes:
    """A file of this many good rows."""
    return csv_bytes(make_row(index) for index in range(first, first + count))


def full_width(rows: Iterable[Mapping[str, str]]) -> bytes:
    """A file with all 57 columns of the template."""
    return csv_bytes(rows, keys=[f.key for f in FIELD_BY_KEY.values()], headings=HEADINGS)
