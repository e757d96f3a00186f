"""What a row costs as files and stores grow: a tenth, the whole, and a tenth on top of the whole.

Run: `./flsdb bench growth [--rows N] [--json]`. A private system with two import workers. One site
imports N/10 rows; another imports N rows (1,000,000), and then N/10 new ones beside those that it
has stored; at last a third site, which has none, imports N/10. Told are the seconds for each row of
each, and their ratios to the first.

The reserved range has 909,090 patients. A million rows are about all of them, and every row on top
about one whom the site knows, as never happens outside; at the third site all are known elsewhere.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.load.bench_import import import_file, make_site, write_sample
from tests.load.live import postgres_version, private_system, surroundings

ROWS = 1_000_000


def run(rows: int | None = None) -> dict[str, Any]:
    """Measures the imports, one after the other.

    Returns:
        Figures with their units in their names.
    """
    count = rows or ROWS
    tenth = max(count // 10, 1)
    steps = (
        ("tenth", 0, tenth),
        ("whole", 1, count),
        ("tenth_on_top", 1, tenth),
        ("tenth_at_a_third_site", 2, tenth),
    )
    cost: dict[str, float] = {}
    with private_system("growth") as bench, tempfile.TemporaryDirectory() as folder:
        sites = [make_site(bench, number) for number in range(3)]
        for seed, (name, place, size) in enumerate(steps):
            client = sites[place]
            code = client.get("/api/registration/v1/me").json()["site"]["code"]
            file = Path(folder) / "rows.csv"
            write_sample(file, size, seed, code)
            bench.say(f"{name.replace('_', ' ')}: {size:,} rows")
            cost[name] = import_file(bench, client, file, size) / size
        versions = surroundings(postgres=postgres_version(bench))
    return {
        **{f"{name}_microseconds_per_row": round(each * 1e6) for name, each in cost.items()},
        "ratio_whole_to_tenth": round(cost["whole"] / cost["tenth"], 3),
        "ratio_on_top_to_tenth": round(cost["tenth_on_top"] / cost["tenth"], 3),
        "ratio_third_site_to_tenth": round(cost["tenth_at_a_third_site"] / cost["tenth"], 3),
        "rows": count,
        "runs": 1,
        **versions,
    }


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]) if len(sys.argv) > 1 else None)))
