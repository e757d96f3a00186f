"""From texts to findings in one step, and the examples in the documentation."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
from datetime import date

import pytest

import dataset
from dataset.engine import check_columns, check_texts
from dataset.fields import FIELD_BY_KEY, FIELDS
from dataset.reading import read_column
from dataset.sample import sample_rows

TODAY = date(2026, 9, 30)


def test_texts_have_the_findings_of_their_cells_and_then_of_their_record() -> None:
    texts = {
        "nhs_number": ["9990000018", "9990000019", "9990000026"],
        "date_of_birth": ["01/03/1950", "31/02/1950", "01/03/1990"],
        "gender": ["F", "", "Femal"],
        "date_index_diagnosed": ["10/01/2024"] * 3,
        "site_1": ["Hip", "Hip", "Hip"],
    }
    result = check_texts(texts, 3, today=TODAY)
    assert [(row, f.code, f.field) for row, f in result.findings] == [
        (1, "T01", "date_of_birth"),
        (1, "R01", "gender"),
        (1, "V01", "nhs_number"),
        (2, "T03", "gender"),
        (2, "V02", "date_of_birth"),
    ]
    assert result.columns["date_of_birth"] == [date(1950, 3, 1), None, date(1990, 3, 1)]


def test_acknowledgements_are_read_beside_the_record_and_silence_nothing() -> None:
    texts = {
        "nhs_number": ["9990000018", "9990000026", "9990000034"],
        "date_of_birth": ["01/03/1950"] * 3,
        "gender": ["F"] * 3,
        "date_index_diagnosed": ["10/01/2024"] * 3,
        "site_1": ["Hip"] * 3,
        "site_2": ["Hip"] * 3,
        "acknowledged": ["V18:site_2", "", "seen"],
    }
    result = check_texts(texts, 3, today=TODAY)
    assert [(row, f.code, f.field) for row, f in result.findings] == [
        (0, "V18", "site_2"),
        (1, "V18", "site_2"),
        (2, "T03", "acknowledged"),
        (2, "V18", "site_2"),
    ]
    assert result.columns["acknowledged"] == [("V18:site_2",), None, None]


def test_the_order_of_each_date_column_is_its_own() -> None:
    texts = {"date_of_birth": ["03/04/1950"], "date_index_diagnosed": ["03/04/2024"]}
    columns = check_texts(texts, 1, today=TODAY, date_orders={"date_of_birth": "mdy"}).columns
    assert columns["date_of_birth"] == [date(1950, 3, 4)]
    assert columns["date_index_diagnosed"] == [date(2024, 4, 3)]


def test_a_file_in_parts_has_the_findings_of_the_whole() -> None:
    rows = [r for r in sample_rows(1200, 3, service_code="A", today=TODAY) if len(r) == 57][1:]

    def found(part):
        cells = dict(zip(FIELD_BY_KEY, zip(*part, strict=True), strict=True))
        return check_texts(cells, len(part), today=TODAY).findings

    in_parts = [
        (start + row, finding)
        for start in range(0, len(rows), 170)
        for row, finding in found(rows[start : start + 170])
    ]
    assert in_parts == found(rows)
    assert {row for row, _ in in_parts}


def test_reading_and_checking_apart_says_no_less() -> None:
    rows = [r for r in sample_rows(800, 4, service_code="A", today=TODAY) if len(r) == 57][1:]
    cells = list(zip(*rows, strict=True))
    read = {f.key: read_column(f, c) for f, c in zip(FIELDS, cells, strict=True)}
    of_records = check_columns({key: pair[0] for key, pair in read.items()}, len(rows), today=TODAY)
    of_cells = [finding for _, findings in read.values() for finding in findings]
    together = check_texts(dict(zip(FIELD_BY_KEY, cells, strict=True)), len(rows), today=TODAY)
    assert len(together.findings) <= len(of_records) + len(of_cells)
    assert {row for row, _ in of_records} <= {row for row, _ in together.findings}


MODULES = [module.name for module in pkgutil.walk_packages(dataset.__path__, "dataset.")]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_the_documentation_are_true(name) -> None:
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0


def test_the_dataset_imports_nothing_but_the_standard_library() -> None:
    import ast
    import sys
    from pathlib import Path

    folder = Path(dataset.__file__).parent
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0
                names = [node.module or ""]
            for name in names:
                top = name.split(".")[0]
                assert top == "dataset" or top in sys.stdlib_module_names, (path.name, name)
