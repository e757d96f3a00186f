"""The import specification says what the imports and records services do."""

from __future__ import annotations

import re

import attrs

from dataset.downloads import specification
from dataset.downloads.document import Bullets, Steps, Table
from dataset.downloads.specification import import_specification
from dataset.downloads.words import joined
from dataset.fields import FIELDS, KEY_FIELDS
from dataset.findings import GIVEN
from dataset.rules import RULES
from services.imports.domain import plans, preparing, uploads
from services.imports.settings import Settings
from services.records.domain.decisions import NEAR_DAYS

PARTS = import_specification()
TABLES = [block for part in PARTS for block in part.blocks if isinstance(block, Table)]


def texts() -> list[str]:
    found: list[str] = []
    for part in PARTS:
        for block in part.blocks:
            match block:
                case Table():
                    found += [cell for row in block.rows for cell in row]
                case Bullets() | Steps():
                    found += block.items
                case _:
                    found.append(block)
    return found


def test_every_column_is_listed_with_all_its_names() -> None:
    columns = next(table for table in TABLES if table.headings[0] == "Heading")
    assert [row[0] for row in columns.rows] == [field.heading for field in FIELDS]
    for row, field in zip(columns.rows, FIELDS, strict=True):
        assert row[3] == ", ".join((field.key, *field.aliases))


def test_every_code_that_can_be_met_is_listed_once() -> None:
    codes = [
        row[0] for table in TABLES if table.headings[0] in ("Code", "Rule") for row in table.rows
    ]
    assert sorted(codes) == sorted(GIVEN)
    assert {rule.number for rule in RULES} <= set(codes)


def test_every_code_in_a_sentence_can_be_met() -> None:
    named = {code for text in texts() for code in re.findall(r"\b[A-Z][0-9]{2}\b", text)}
    assert named <= GIVEN.keys() | {"U"}


def test_anchors_are_there_once_and_tables_are_whole() -> None:
    anchors = [part.anchor for part in PARTS]
    for table in TABLES:
        anchors += table.anchors
        assert len(table.headings) == len(table.shares)
        assert all(len(row) == len(table.headings) for row in table.rows)
        assert len(table.anchors) in (0, len(table.rows))
    assert len(anchors) == len(set(anchors))


def test_limits_are_those_of_imports() -> None:
    assert specification.MOST_ROWS == plans.MAX_ROWS
    assert specification.MOST_COLUMNS == preparing.MAX_COLUMNS
    assert specification.HEADINGS_WITHIN_LINES == preparing._ROWS_BEFORE
    assert _default_of("upload_limit_bytes") == specification.LARGEST_FILE_MB * 1024 * 1024
    assert specification.NEAR_DAYS == NEAR_DAYS


def _default_of(name: str) -> int:
    (attribute,) = (a for a in attrs.fields(Settings) if a.name == name)
    (entry,) = attribute.metadata.values()
    return int(entry.default)


def test_the_modes_are_those_of_imports() -> None:
    modes = next(table for table in TABLES if table.headings[0] == "Mode")
    assert {row[1] for row in modes.rows} == set(uploads.MODES)


def test_key_columns_are_named() -> None:
    whole = " ".join(texts())
    assert joined([field.heading for field in KEY_FIELDS]) in whole
