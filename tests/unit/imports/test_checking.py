"""What comes of the rows of a chunk."""

from __future__ import annotations

import csv
import io
import zlib
from datetime import date
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataset.fields import COLUMN_BY_KEY
from dataset.wire import FINE, WARNED, WRONG, WRONG_IF_NEW
from services.imports.domain.checking import CheckedChunk, batch_of, check_chunk
from services.imports.domain.findings import masked
from services.imports.domain.preparing import prepare
from services.imports.domain.sources import InMemory
from tests.factories.chunks import sent_values, sent_verdicts
from tests.factories.imports import KEYS, csv_bytes, make_row

TODAY = date(2026, 1, 31)


def checked(
    data: bytes, *, mode: str = "add_and_update", code: str = "BNT", may_acknowledge: bool = True
) -> CheckedChunk:
    got, _ = prepare(InMemory(data), mode=mode, date_order=None, may_acknowledge=may_acknowledge)
    (cut,) = got.cuts
    records = list(
        csv.reader(io.StringIO(data[cut.byte_start : cut.byte_end].decode(), newline=""))
    )
    repeats = cut.repeats_within(sorted(got.repeats.same), sorted(got.repeats.differ.items()))
    return check_chunk(
        records,
        first_row=cut.first_row,
        repeats=repeats,
        plan=got.plan,
        mode=mode,
        site_code=code,
        today=TODAY,
    )


def codes(chunk: CheckedChunk) -> list[tuple[int, str]]:
    return [(finding.row, finding.code) for finding in chunk.findings]


def good(chunk: CheckedChunk) -> list[int]:
    """The rows that may be stored, whatever they are about."""
    return [row for row, verdict in sent_verdicts(chunk).items() if verdict in (FINE, WARNED)]


def wrong(chunk: CheckedChunk) -> dict[int, int]:
    """Verdicts of the rows that are sent although something is wrong with them."""
    return {row: v for row, v in sent_verdicts(chunk).items() if v in (WRONG_IF_NEW, WRONG)}


def test_good_rows_go_on_with_their_values() -> None:
    data = csv_bytes(
        [make_row(0, height_cm="172,5", falls_referrals="Eye care; 1", smoker="#CLEAR")],
        keys=[*KEYS, "height_cm", "falls_referrals", "smoker"],
    )
    chunk = checked(data)
    assert chunk.findings == []
    document = orjson.loads(zlib.decompress(batch_of("an-import", 3, chunk)))
    assert document["import_id"] == "an-import"
    assert document["number"] == 3
    assert (document["row_numbers"], document["verdicts"]) == ([2], [0])
    assert document["cleared"] == {"0": ["smoker"]}
    values = document["columns"]
    assert values["date_index_diagnosed"] == "2024-01-13"
    assert values["height_cm"] == "172.5"
    assert values["falls_referrals"] == [["1", "4"]]
    assert values["smoker"] == ""


def acknowledging(*acknowledged: str, **values: str) -> bytes:
    """A file of rows with the same site twice, which is a warning, and what each acknowledges."""
    keys = [*KEYS, "site_2", *values, "acknowledged"]
    rows = [
        make_row(place, site_2="1", acknowledged=tokens, **values)
        for place, tokens in enumerate(acknowledged)
    ]
    return csv_bytes(rows, keys=keys, headings=[COLUMN_BY_KEY[key].heading for key in keys])


def test_a_row_that_acknowledges_its_warnings_travels_without_one() -> None:
    chunk = checked(acknowledging("V18:site_2", "", "V20:near", "V20:near;V18:site_2"))
    assert codes(chunk) == [(2, "V18"), (3, "V18"), (4, "V18"), (5, "V18")]
    assert chunk.sent.verdicts == [0, 1, 1, 0]
    assert chunk.with_warnings == 4
    document = orjson.loads(zlib.decompress(batch_of("an-import", 1, chunk)))
    sent_tokens = document["columns"]["acknowledged"]
    assert sent_tokens == [["V18:site_2"], None, ["V20:near"], ["V20:near", "V18:site_2"]]


def test_a_row_that_acknowledges_one_of_two_warnings_still_has_one() -> None:
    chunk = checked(acknowledging("V18:site_2", height_cm="120"))
    assert codes(chunk) == [(2, "V18"), (2, "V22")]
    assert chunk.sent.verdicts == [1]


def test_an_acknowledgement_saves_no_row_from_an_error_and_a_bad_one_is_an_error() -> None:
    chunk = checked(acknowledging("V18:site_2", "all of them"))
    assert codes(chunk) == [(2, "V18"), (3, "T03"), (3, "V18")]
    assert good(chunk) == [2]
    finding = chunk.findings[1]
    assert (finding.heading, finding.field, finding.value) == (
        "Acknowledged",
        "acknowledged",
        "all of them",
    )
    assert good(checked(acknowledging("V18:site_2", site_3="9"))) == []


def test_who_may_not_acknowledge_sends_no_acknowledgement() -> None:
    chunk = checked(acknowledging("V18:site_2"), may_acknowledge=False)
    assert "acknowledged" not in chunk.sent.columns
    assert chunk.sent.verdicts == [1]


def test_rows_that_only_update_acknowledge_too() -> None:
    chunk = checked(acknowledging("V18:site_2", "seen"), mode="update_only")
    assert codes(chunk) == [(3, "T03")]
    assert chunk.sent.columns["acknowledged"] == [("V18:site_2",), None]
    assert chunk.sent.columns["unreadable"] == [[], ["acknowledged"]]
    assert wrong(chunk) == {3: WRONG}


def test_a_repaired_cell_leaves_nothing_to_confirm() -> None:
    number = make_row(0)["nhs_number"]
    chunk = checked(csv_bytes([make_row(0, nhs_number=f"{number}.0")]))
    assert codes(chunk) == [(2, "T07")]
    assert chunk.sent.verdicts == [0]
    assert chunk.with_warnings == 1


def test_a_bad_cell_keeps_its_row_out_and_no_other() -> None:
    chunk = checked(csv_bytes([make_row(0), make_row(1, gender="perhaps"), make_row(2)]))
    assert codes(chunk) == [(3, "T03")]
    finding = chunk.findings[0]
    assert (finding.heading, finding.field, finding.value) == ("1.03 Gender", "gender", "perhaps")
    assert "perhaps" not in finding.message
    assert good(chunk) == [2, 4]
    assert wrong(chunk) == {3: WRONG}
    assert (chunk.row_count, chunk.rejected, chunk.same) == (3, 0, 0)
    kept_out = checked(csv_bytes([make_row(1, gender="perhaps")]), mode="add_only")
    assert (len(kept_out.sent), kept_out.rejected) == (0, 1)


def test_a_warning_goes_along() -> None:
    chunk = checked(csv_bytes([make_row(0), make_row(1, date_of_birth="13/03/1915")]))
    assert [f.level for f in chunk.findings] == ["warning"]
    assert sent_verdicts(chunk) == {2: 0, 3: 1}
    assert chunk.with_warnings == 1


@pytest.mark.parametrize("cells", ["one,two", "1,2,3,4,5,6,7,8"])
def test_a_ragged_row_fails_alone(cells: str) -> None:
    lines = csv_bytes([make_row(0), make_row(1)]).split(b"\r\n")
    chunk = checked(b"\r\n".join([*lines[:2], cells.encode(), *lines[2:]]))
    assert codes(chunk) == [(3, "R08")]
    assert good(chunk) == [2, 4]
    assert chunk.rejected == 1


def test_too_few_cells_are_not_blamed_on_a_comma() -> None:
    lines = csv_bytes([make_row(0)]).split(b"\r\n")
    short, long = (
        checked(b"\r\n".join([lines[0], cells, *lines[1:]])).findings[0].message
        for cells in (b"one", b"1,2,3,4,5,6,7,8")
    )
    assert "has 1 cell," in short
    assert "Cells are missing" in short and "comma" not in short
    assert "comma within a text" in long and "missing" not in long


def test_a_blank_row_is_no_row() -> None:
    lines = csv_bytes([make_row(0), make_row(1)]).split(b"\r\n")
    chunk = checked(b"\r\n".join([*lines[:2], b" , ,,,,", b"", *lines[2:]]))
    assert good(chunk) == [2, 5]
    assert chunk.row_count == 2


def test_repeated_rows_are_same_or_refused() -> None:
    rows = [make_row(0), make_row(1), make_row(0), make_row(1, gender="1")]
    chunk = checked(csv_bytes(rows))
    assert good(chunk) == [2]
    assert wrong(chunk) == {3: WRONG, 5: WRONG}
    assert codes(chunk) == [(3, "R03"), (5, "R03")]
    assert "Row 5" in chunk.findings[0].message
    assert chunk.same == 1


@pytest.mark.parametrize(
    ("code", "taken"), [("BNT", True), ("bnt ", True), ("", True), ("BRD", False)]
)
def test_the_service_code_must_be_ours(code: str, taken: bool) -> None:
    chunk = checked(csv_bytes([make_row(0, service_code=code)], keys=["service_code", *KEYS]))
    assert bool(chunk.sent) is taken
    assert codes(chunk) == ([] if taken else [(2, "R04")])
    assert "service_code" not in chunk.sent.columns


def test_an_update_may_be_partial_but_needs_a_key() -> None:
    rows = [make_row(0, gender="", site_1=""), make_row(1, local_id="", nhs_number="")]
    chunk = checked(csv_bytes(rows), mode="update_only")
    assert good(chunk) == chunk.sent.row_numbers == [2]
    assert codes(chunk) == [(3, "R01")]


def test_a_row_that_is_no_record_by_itself_may_be_part_of_a_stored_one() -> None:
    rows = [make_row(0, gender="", site_1=""), make_row(1, gender="?", site_1="")]
    chunk = checked(csv_bytes(rows))
    assert wrong(chunk) == {2: WRONG_IF_NEW, 3: WRONG}
    assert sent_values(chunk)["unreadable"] == [None, ["gender"]]
    assert [(f.row, f.code, f.if_new) for f in chunk.findings] == [
        (2, "R01", True),
        (2, "R01", True),
        (3, "T03", False),
        (3, "R01", True),
    ]
    assert not checked(csv_bytes(rows), mode="add_only").sent


def test_nothing_left_is_still_a_batch() -> None:
    chunk = checked(csv_bytes([make_row(0, gender="?")]), mode="add_only")
    document = orjson.loads(zlib.decompress(batch_of("x", 1, chunk)))
    assert (document["row_numbers"], document["columns"]) == ([], {})


BAD: dict[str, dict[str, Any]] = {
    "good": {},
    "gender": {"gender": "9999"},
    "date": {"date_index_diagnosed": "31/02/2024"},
    "number": {"nhs_number": "9990000000"},
    "young": {"date_of_birth": "13/03/2010"},
    "site": {"site_1": ""},
}


@given(st.lists(st.sampled_from(sorted(BAD)), min_size=1, max_size=12))
def test_a_bad_row_never_changes_another(kinds: list[str]) -> None:
    rows = [make_row(at, **BAD[kind]) for at, kind in enumerate(kinds)]
    chunk = checked(csv_bytes(rows))
    assert good(chunk) == [at for at, kind in enumerate(kinds, 2) if kind == "good"]
    assert {f.row for f in chunk.findings} == {
        at for at, kind in enumerate(kinds, 2) if kind != "good"
    }
    assert chunk.row_count == len(kinds) == len(good(chunk)) + len(wrong(chunk))


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        ("nhs_number", "9990000018", "•••••••018"),
        ("date_of_birth", "1/3/50", "••••••"),
        ("local_id", "H12345", "••••••"),
        ("smoker", "perhaps", "perhaps"),
        (None, None, None),
    ],
)
def test_identifiers_are_masked(field: str | None, value: str | None, shown: str | None) -> None:
    assert masked(field, value) == shown
