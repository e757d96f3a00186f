"""The catalogue of findings, and which of its codes this version can give."""

from __future__ import annotations

import re
from pathlib import Path

from dataset.findings import CATALOGUE, GIVEN

ROOT = Path(__file__).parents[3]


def test_the_codes_said_to_be_given_are_those_that_the_code_gives() -> None:
    sources = [
        path
        for folder in ("dataset", "services")
        for path in (ROOT / folder).rglob("*.py")
        # These list what can be given; they give nothing.
        if path != ROOT / "dataset" / "findings.py"
        and ROOT / "dataset" / "downloads" not in path.parents
    ]
    named = {
        code for path in sources for code in re.findall(r"\"([A-Z]\d\d)\"", path.read_text("utf-8"))
    }
    # not_a_table() and a rule's decorator name theirs as literals too, so nothing is missed.
    assert named & CATALOGUE.keys() == GIVEN.keys()


def test_no_mend_speaks_of_what_is_not_there() -> None:
    assert not any("confirm that" in entry.mend for entry in CATALOGUE.values())
