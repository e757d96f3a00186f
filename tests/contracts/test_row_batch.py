"""A row batch as imports packs it is read by records, value for value."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import orjson
from hypothesis import given
from hypothesis import strategies as st

from dataset.fields import ACKNOWLEDGED, FIELDS
from services.imports.domain.checking import CheckedChunk, batch_of
from services.records.domain.batches import read_batch

KEYS = [field.key for field in FIELDS]
_VALUES = st.one_of(
    st.none(),
    st.text(max_size=20).filter(lambda text: text != "#CLEAR"),
    st.dates().map(lambda day: day.isoformat()),
    st.lists(st.sampled_from(["1", "6", "U"]), min_size=1, max_size=3, unique=True),
)


@st.composite
def _chunks(draw: st.DrawFn) -> tuple[list[str], list[list[Any]]]:
    keys = draw(st.lists(st.sampled_from(KEYS), min_size=1, max_size=8, unique=True))
    rows = draw(
        st.lists(
            st.tuples(st.sampled_from([0, 1, 2, 3]), st.lists(_VALUES, min_size=8, max_size=8)),
            max_size=6,
        )
    )
    return keys, [
        [number, warning, [], *values[: len(keys)]]
        for number, (warning, values) in enumerate(rows, 2)
    ]


def _chunk(keys: list[str], rows: list[list[Any]]) -> CheckedChunk:
    blank = {name: None for name in CheckedChunk.__dataclass_fields__}
    return CheckedChunk(**{**blank, "keys": keys, "rows": rows})


@given(_chunks(), st.integers(0, 600))
def test_every_value_arrives(drawn: tuple[list[str], list[list[Any]]], number: int) -> None:
    keys, rows = drawn
    import_id = str(uuid4())
    packed = batch_of(import_id, number, _chunk(keys, rows))
    batch = read_batch(packed, import_id=import_id, loads=orjson.loads)
    assert batch.number == number
    assert list(batch.row_numbers) == [row[0] for row in rows]
    assert list(batch.verdicts) == [row[1] for row in rows]
    for place, key in enumerate(keys):
        assert list(batch.column(key)) == [row[3 + place] for row in rows]


def test_acknowledgements_are_accepted_beside_the_values() -> None:
    import_id = str(uuid4())
    rows = [[2, 0, [], ("V18:site_2",), "1"], [3, 1, [], None, "0"]]
    packed = batch_of(import_id, 0, _chunk([ACKNOWLEDGED, "smoker"], rows))
    batch = read_batch(packed, import_id=import_id, loads=orjson.loads)
    assert batch.column("smoker") == ("1", "0")


def test_a_cleared_cell_arrives_as_cleared_and_blank() -> None:
    import_id = str(uuid4())
    rows = [[2, 0, ["smoker"], None], [3, 0, [], "1"]]
    batch = read_batch(batch_of(import_id, 0, _chunk(["smoker"], rows)), import_id=import_id)
    assert batch.cleared == (frozenset({"smoker"}), frozenset())
    assert batch.column("smoker") == (None, "1")


def test_an_answer_says_nothing_about_a_field_the_file_does_not_have() -> None:
    import_id = str(uuid4())
    packed = batch_of(import_id, 0, _chunk(["smoker"], [[2, 0, [], "1"]]))
    batch = read_batch(packed, import_id=import_id)
    assert batch.column("height_cm") == (None,)
