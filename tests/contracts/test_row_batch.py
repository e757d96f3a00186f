"""A row batch as imports packs it is read by records, value for value."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import orjson
from hypothesis import given
from hypothesis import strategies as st

from dataset.fields import ACKNOWLEDGED, FIELDS
from dataset.values import CLEAR
from dataset.wire import wire_from_value
from services.imports.domain.checking import CheckedChunk, batch_of
from services.imports.domain.packing import pack
from services.records.domain.batches import read_batch

OF_KIND = {
    "date": st.dates(),
    "decimal": st.decimals(allow_nan=False, allow_infinity=False, places=1),
    "multi": st.lists(st.sampled_from(["1", "6", "U"]), min_size=1, unique=True).map(tuple),
}
TEXTS = st.text(min_size=1, max_size=20).filter(lambda text: text != "#CLEAR")


@st.composite
def _columns(draw: st.DrawFn) -> tuple[int, dict[str, list[Any]]]:
    fields = draw(st.lists(st.sampled_from(FIELDS), max_size=8, unique_by=lambda f: f.key))
    count = draw(st.integers(0, 6))
    return count, {
        field.key: draw(
            st.lists(
                st.one_of(st.none(), st.just(CLEAR), OF_KIND.get(field.kind, TEXTS)),
                min_size=count,
                max_size=count,
            )
        )
        for field in fields
    }


def _chunk(
    columns: dict[str, list[Any]], verdicts: dict[int, int], count: int, leave_out: Any = ()
) -> CheckedChunk:
    sent = pack(list(range(2, 2 + count)), columns, verdicts, leave_out=leave_out)
    blank = {name: None for name in CheckedChunk.__dataclass_fields__}
    return CheckedChunk(**{**blank, "sent": sent})


@given(
    _columns(),
    st.dictionaries(st.integers(0, 5), st.sampled_from([1, 2, 3])),
    st.sets(st.integers(0, 5)),
)
def test_every_value_arrives(
    drawn: tuple[int, dict[str, list[Any]]], verdicts: dict[int, int], leave_out: set[int]
) -> None:
    count, columns = drawn
    import_id = str(uuid4())
    packed = batch_of(import_id, 7, _chunk(columns, verdicts, count, leave_out))
    batch = read_batch(packed, import_id=import_id, loads=orjson.loads)
    places = [place for place in range(count) if place not in leave_out]
    assert batch.number == 7
    assert list(batch.row_numbers) == [place + 2 for place in places]
    assert list(batch.verdicts) == [verdicts.get(place, 0) for place in places]
    for key, column in columns.items():
        wanted = [None if column[p] is CLEAR else wire_from_value(column[p]) for p in places]
        assert list(batch.column(key)) == wanted
        assert [key in names for names in batch.cleared] == [column[p] is CLEAR for p in places]
    half = len(places) // 2
    for key in columns:
        assert list(batch.part(half, 9).column(key)) == list(batch.column(key))[half:]


def test_acknowledgements_are_accepted_beside_the_values() -> None:
    import_id = str(uuid4())
    columns = {ACKNOWLEDGED: [("V18:site_2",), None], "smoker": ["1", "0"]}
    batch = read_batch(batch_of(import_id, 0, _chunk(columns, {1: 1}, 2)), import_id=import_id)
    assert batch.column("smoker") == ("1", "0")
    assert batch.acknowledged == (frozenset({"V18:site_2"}), frozenset())


def test_an_answer_says_nothing_about_a_field_the_file_does_not_have() -> None:
    import_id = str(uuid4())
    packed = batch_of(import_id, 0, _chunk({"smoker": ["1"]}, {}, 1))
    batch = read_batch(packed, import_id=import_id)
    assert batch.column("height_cm") == (None,)
