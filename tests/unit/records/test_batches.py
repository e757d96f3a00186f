"""Batches as they come, and as they should not."""

from __future__ import annotations

import json
import zlib
from typing import Any

import pytest

from services.records.domain.batches import Batch, read_batch
from services.shared.errors import InvalidInput

IMPORT_ID = "0190a0a0-0000-7000-8000-000000000001"


def packed(**changes: Any) -> bytes:
    document = {
        "import_id": IMPORT_ID,
        "number": 3,
        "row_numbers": [2, 4],
        "verdicts": [0, 1],
        "cleared": {"1": ["smoker"]},
        "columns": {
            "local_id": "A\n",
            "smoker": ["1", None],
            "therapy_recommended": [["1", "7"], None],
        },
        **changes,
    }
    return zlib.compress(json.dumps(document).encode())


def read(body: bytes) -> Batch:
    return read_batch(body, import_id=IMPORT_ID)


def test_rows_become_columns() -> None:
    batch = read(packed())
    assert batch.number == 3
    assert batch.row_numbers == (2, 4)
    assert batch.verdicts == (0, 1)
    assert batch.cleared == (frozenset(), frozenset({"smoker"}))
    assert batch.column("local_id") == ("A", None)
    assert batch.column("therapy_recommended") == (["1", "7"], None)


def test_some_rows_of_a_part_read_as_the_whole_does() -> None:
    batch = read(
        packed(
            row_numbers=[2, 4, 5],
            verdicts=[0, 0, 0],
            columns={"local_id": "A\n\nC", "smoker": ["1", None, "0"]},
        )
    )
    part = batch.part(1, 3)
    for key in ("local_id", "smoker"):
        assert key in batch.columns and key in part.columns
        assert batch.columns.at(key, [2, 0]) == [batch.columns[key][2], batch.columns[key][0]]
        assert part.columns.at(key, [1, 0]) == [part.columns[key][1], part.columns[key][0]]
    assert part.columns.at("local_id", [0, 1]) == [None, "C"]
    assert "postcode" not in batch.columns and "postcode" not in part.columns


def test_a_column_the_file_does_not_have_is_blank() -> None:
    assert read(packed()).column("postcode") == (None, None)


def with_columns(**columns: Any) -> bytes:
    return packed(columns={"local_id": "A\nB", **columns})


def test_a_cell_that_says_clear_counts_as_cleared() -> None:
    for smoker in ("#CLEAR\n1", ["#CLEAR", "1"]):
        batch = read(packed(columns={"smoker": smoker}, cleared={"1": ["local_id"]}))
        assert batch.cleared == (frozenset({"smoker"}), frozenset({"local_id"}))
        assert batch.column("smoker") == (None, "1")


def test_fields_that_could_not_be_read_come_beside_the_values() -> None:
    body = with_columns(unreadable=[["smoker", "made up"], None], smoker="\n0")
    batch = read(body)
    assert batch.unreadable == (frozenset({"smoker"}), frozenset())
    assert batch.column("smoker") == (None, "0")
    assert batch.part(0, 1).unreadable == (frozenset({"smoker"}),)


def test_a_verdict_that_is_not_known_is_refused() -> None:
    with pytest.raises(InvalidInput):
        read(packed(verdicts=[0, 4]))


def test_acknowledged_warnings_come_as_tokens_of_the_dataset() -> None:
    batch = read(with_columns(acknowledged=[["V18:site_2", "made up"], None], smoker="1\n0"))
    assert batch.column("local_id") == ("A", "B")
    assert batch.column("smoker") == ("1", "0")
    assert batch.acknowledged == (frozenset({"V18:site_2"}), frozenset())
    assert batch.part(1, 2).acknowledged == (frozenset(),)
    assert "acknowledged" not in batch.columns
    assert read(packed()).acknowledged == (frozenset(), frozenset())


def test_a_batch_may_have_no_rows() -> None:
    batch = read(packed(row_numbers=[], verdicts=[], cleared={}, columns={"smoker": ""}))
    assert batch.row_numbers == ()
    assert batch.column("smoker") == ()


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"no zlib", id="not compressed"),
        pytest.param(zlib.compress(b"{"), id="no JSON"),
        pytest.param(zlib.compress(b"[]"), id="no object"),
        pytest.param(packed()[:-6], id="cut off"),
        pytest.param(packed(import_id="another"), id="another import"),
        pytest.param(with_columns(shoe_size="1\n2"), id="unknown field"),
        pytest.param(with_columns(smoker="1"), id="too few lines"),
        pytest.param(with_columns(smoker=["1", "0", "1"]), id="too many values"),
        pytest.param(packed(verdicts=[0]), id="too few verdicts"),
        pytest.param(packed(columns=["1", "0"]), id="columns are no object"),
        pytest.param(packed(cleared={"0": ["shoe_size"]}), id="clears unknown"),
        pytest.param(packed(cleared={"2": ["smoker"]}), id="clears a row that is none"),
        pytest.param(with_columns(acknowledged=["V18:site_2", None]), id="tokens are no list"),
        pytest.param(with_columns(acknowledged="V18:site_2\n"), id="tokens are a text"),
        pytest.param(packed(number="three"), id="number is no number"),
    ],
)
def test_what_is_no_batch_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        read(body)
    assert "A" not in refused.value.detail.split()


def test_a_batch_that_unpacks_to_far_too_much_is_refused(monkeypatch) -> None:
    monkeypatch.setattr("services.records.domain.batches.MAX_UNPACKED_BYTES", 50)
    with pytest.raises(InvalidInput, match="unpacks to more"):
        read(packed())
