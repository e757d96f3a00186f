"""Measures how many rows a second one core reads and checks, from texts to findings.

Run: python -m tests.load.bench_check [rows]. Budget: at least 60,000 rows/s on one core.
"""

from __future__ import annotations

import gc
import json
import platform
import statistics
import sys
import time
from datetime import date
from typing import Any

from dataset.engine import check_texts
from dataset.fields import FIELDS
from dataset.sample import sample_rows

PART_ROWS = 500
_TODAY = date(2026, 9, 30)


def run(rows: int, *, runs: int = 3) -> dict[str, Any]:
    """Checks a sample of that many rows several times; rows are cells as a file gives them.

    Turning rows into columns is part of what is measured; decoding and splitting the file is not.

    Returns:
        Figures with their units in their names; the rate is the median of the runs.
    """
    sample = sample_rows(rows, 1, service_code="ABC", today=_TODAY)
    next(sample)
    started = time.perf_counter()
    table = [row for row in sample if len(row) == len(FIELDS)]
    making_seconds = time.perf_counter() - started
    # The table of the benchmark itself is no garbage: the collector need not walk it each time.
    gc.freeze()
    keys = [field.key for field in FIELDS]
    rates = []
    findings = 0
    for _ in range(runs):
        findings = 0
        started = time.perf_counter()
        for start in range(0, len(table), PART_ROWS):
            part = table[start : start + PART_ROWS]
            columns = dict(zip(keys, zip(*part, strict=True), strict=True))
            findings += len(check_texts(columns, len(part), today=_TODAY).findings)
        rates.append(len(table) / (time.perf_counter() - started))
    return {
        "rows_per_second": round(statistics.median(rates)),
        "slowest_rows_per_second": round(min(rates)),
        "fastest_rows_per_second": round(max(rates)),
        "sample_rows_per_second": round(rows / making_seconds),
        "rows": len(table),
        "columns": len(keys),
        "findings": findings,
        "runs": runs,
        "cores": 1,
        "python": platform.python_version(),
    }


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)))
