"""The table of security requirements names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "docs" / "security-requirements.md"
SHORT = {
    "REG": "tests/integration/registration",
    "EDGE": "tests/integration/gateway/test_edge.py",
    "PAGES": "tests/unit/gateway",
    "SYS": "tests/system",
}


def test_each_test_that_the_table_names_exists() -> None:
    named = re.findall(r"\| ([\w/.]+)::(test_\w+) \|", TABLE.read_text(encoding="utf-8"))
    assert len(named) > 25
    missing = []
    for place, test in named:
        head, _, rest = place.partition("/")
        path = ROOT / (f"{SHORT[head]}/{rest}".rstrip("/") if head in SHORT else place)
        if not re.search(rf"^def {test}\(", path.read_text(encoding="utf-8"), re.MULTILINE):
            missing.append(f"{place}::{test}")
    assert missing == []


def test_every_requirement_of_levels_one_and_two_has_its_line() -> None:
    told = TABLE.read_text(encoding="utf-8")
    numbers = set(re.findall(r"\b[678]\.\d+\.\d+\b", told))
    wanted = {
        *(f"6.1.{n}" for n in range(1, 4)),
        *(f"6.2.{n}" for n in range(1, 13)),
        *(f"6.3.{n}" for n in range(1, 5)),
        *(f"6.4.{n}" for n in range(1, 5)),
        *(f"6.5.{n}" for n in range(1, 6)),
        *(f"7.1.{n}" for n in range(1, 4)),
        *(f"7.2.{n}" for n in range(1, 5)),
        *(f"7.3.{n}" for n in range(1, 3)),
        *(f"7.4.{n}" for n in range(1, 6)),
        *(f"7.5.{n}" for n in range(1, 3)),
        *("8.1.1", "8.1.2", "8.2.1", "8.2.2", "8.2.3", "8.3.1", "8.4.1"),
    }
    assert wanted - numbers == set()
