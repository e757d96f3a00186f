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
        "keys": ["local_id", "smoker", "therapy_recommended"],
        "rows": [[2, 0, [], "A", "1", ["1", "7"]], [4, 1, ["smoker"], None, None, None]],
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


def test_a_column_the_file_does_not_have_is_blank() -> None:
    assert read(packed()).column("postcode") == (None, None)


def test_a_cell_that_says_clear_counts_as_cleared() -> None:
    rows = [[2, 0, [], "A", "#CLEAR", None], [3, 0, ["local_id"], None, "1", None]]
    batch = read(packed(rows=rows))
    assert batch.cleared == (frozenset({"smoker"}), frozenset({"local_id"}))
    assert batch.column("smoker") == (None, "1")


def test_fields_that_could_not_be_read_come_beside_the_values() -> None:
    keys = ["local_id", "unreadable", "smoker"]
    rows = [[2, 3, [], "A", ["smoker", "made up"], None], [3, 2, [], "B", None, "0"]]
    batch = read(packed(keys=keys, rows=rows))
    assert batch.unreadable == (frozenset({"smoker"}), frozenset())
    assert batch.verdicts == (3, 2)
    assert batch.column("smoker") == (None, "0")
    assert batch.part(0, 1).unreadable == (frozenset({"smoker"}),)


def test_a_verdict_that_is_not_known_is_refused() -> None:
    with pytest.raises(InvalidInput):
        read(packed(rows=[[2, 4, [], "A", "1", None]]))


def test_acknowledged_warnings_come_as_tokens_of_the_dataset() -> None:
    keys = ["local_id", "acknowledged", "smoker"]
    rows = [[2, 0, [], "A", ["V18:site_2", "made up"], "1"], [3, 1, [], "B", None, "0"]]
    batch = read(packed(keys=keys, rows=rows))
    assert batch.column("local_id") == ("A", "B")
    assert batch.column("smoker") == ("1", "0")
    assert batch.acknowledged == (frozenset({"V18:site_2"}), frozenset())
    assert batch.part(1, 2).acknowledged == (frozenset(),)
    assert "acknowledged" not in batch.columns
    assert read(packed()).acknowledged == (frozenset(), frozenset())


def test_a_batch_may_have_no_rows() -> None:
    batch = read(packed(rows=[]))
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
        pytest.param(packed(keys=["local_id", "smoker", "shoe_size"]), id="unknown field"),
        pytest.param(packed(keys=["smoker", "smoker", "local_id"]), id="field twice"),
        pytest.param(packed(rows=[[2, 0, [], "A"]]), id="too few values"),
        pytest.param(packed(rows=[[2, 0, ["shoe_size"], "A", "1", None]]), id="clears unknown"),
        pytest.param(
            packed(keys=["smoker", "acknowledged"], rows=[[2, 0, [], "1", "V18:site_2"]]),
            id="acknowledged is no list",
        ),
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
