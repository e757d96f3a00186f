"""The memory of import workers while a very large file is checked: it stays flat.

Run: `./flsdb bench memory [--rows N] [--json]`. A private system with two import workers; a file of
N/10 rows, then one of N rows (1,000,000). Told is the highest resident memory of any worker so far
(VmHWM) after each.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.load.bench_import import import_file, make_site, worker_memory, write_sample
from tests.load.live import postgres_version, private_system, surroundings

ROWS = 1_000_000


def run(rows: int | None = None) -> dict[str, Any]:
    """Measures two imports, a small and a large one.

    Returns:
        Figures with their units in their names.
    """
    count = rows or ROWS
    highest: dict[str, int] = {}
    with private_system("memory") as bench, tempfile.TemporaryDirectory() as folder:
        for seed, (name, size) in enumerate((("tenth", max(count // 10, 1)), ("whole", count))):
            client = make_site(bench, seed)
            code = client.get("/api/registration/v1/me").json()["site"]["code"]
            file = Path(folder) / "rows.csv"
            write_sample(file, size, seed, code)
            bench.say(f"{name}: {size:,} rows")
            import_file(bench, client, file, size)
            highest[name] = worker_memory(bench.layout)
        versions = surroundings(postgres=postgres_version(bench))
    return {
        **{f"worker_memory_{name}_megabytes": round(each / 1e6) for name, each in highest.items()},
        "ratio_whole_to_tenth": round(highest["whole"] / highest["tenth"], 3),
        "rows": count,
        "runs": 1,
        **versions,
    }


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]) if len(sys.argv) > 1 else None)))
