"""What is decided about a file before its rows are checked."""

from __future__ import annotations

import pytest

from dataset.fields import FIELD_BY_KEY
from services.imports.domain import preparing
from services.imports.domain.plans import Plan, Prepared
from services.imports.domain.preparing import prepare
from services.imports.domain.refusals import FileFinding, FileRefused
from services.imports.domain.sources import InMemory
from services.imports.domain.splitting import is_blank, records_of
from tests.factories.imports import KEYS, csv_bytes, full_width, make_file, make_row


def prepared(
    data: bytes, *, mode: str = "add_and_update", date_order: str | None = None, **more: int
) -> tuple[Prepared, list[FileFinding]]:
    return prepare(InMemory(data, 4096), mode=mode, date_order=date_order, **more)


HEADED = dict(
    keys=[*KEYS, "acknowledged"],
    headings=[*(FIELD_BY_KEY[key].heading for key in KEYS), "Acknowledged"],
)


def test_acknowledgements_are_a_column_for_who_may_confirm_warnings() -> None:
    data = csv_bytes([make_row(0, acknowledged="V18:site_2")], **HEADED)
    got, findings = prepared(data, may_acknowledge=True)
    assert findings == []
    assert got.plan.columns[-1].key == "acknowledged"
    assert Plan.from_json(got.plan.to_json()) == got.plan


def test_acknowledgements_are_passed_over_for_others_and_that_is_said() -> None:
    data = csv_bytes([make_row(0, acknowledged="V18:site_2")], **HEADED)
    got, findings = prepared(data)
    assert [column.key for column in got.plan.columns] == list(KEYS)
    (finding,) = findings
    assert (finding.code, finding.level, finding.field) == ("H01", "warning", "acknowledged")
    assert 'Column 7 ("Acknowledged")' in finding.message
    assert "may not confirm warnings" in finding.message


def refusal(data: bytes, **more: object) -> tuple[FileFinding, ...]:
    with pytest.raises(FileRefused) as refused:
        prepared(data, **more)  # type: ignore[arg-type]
    return refused.value.findings


def dated(days: list[str], **columns: list[str]) -> bytes:
    rows = [
        make_row(at, date_index_diagnosed=day, **{key: texts[at] for key, texts in columns.items()})
        for at, day in enumerate(days)
    ]
    return csv_bytes(rows, keys=[*KEYS, *columns])


PICTURE = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (PICTURE, "picture"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "picture"),
        (b"PK\3\4\x14\0\6\0[Content_Types].xml", "damaged"),
        (b"PK\3\4\x14\0\0\0\0\0mimetypeapplication/vnd.oasis.opendocument", "OpenDocument"),
        (b"PK\3\4\x14\0\0\0\x08\0notes.txt", "zip"),
        (b"%PDF-1.7\n", "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".xls"),
        ("1.03,1.09\n".encode("utf-32"), "UTF-32"),
        (b"\x1f\x8b\x08\0", "compressed"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b"", "No row of headings"),
        (b"\n\n\n", "No row of headings"),
    ],
)
def test_what_is_no_csv_is_named(data: bytes, words: str) -> None:
    findings = refusal(data)
    assert findings[0].code == "F01"
    assert words in findings[0].message


def test_a_bitmap_is_a_picture_and_a_heading_that_begins_with_bm_is_not() -> None:
    assert "picture" in refusal(b"BM\x36\0\0\0\0\0\0\0")[0].message
    file = csv_bytes([make_row(1)], keys=["bmi_x", *KEYS], headings=["BMI", *_headings()])
    assert prepared(file)[0].rows_total == 1


def _headings() -> list[str]:
    return make_file(0).decode().strip().split(",")


def test_a_missing_key_column_is_named() -> None:
    findings = refusal(csv_bytes([make_row(1)], keys=[key for key in KEYS if key != "gender"]))
    assert [(f.code, f.field) for f in findings if f.level == "error"] == [("H02", "gender")]


def test_the_same_column_twice_stops_the_file() -> None:
    findings = refusal(csv_bytes([make_row(1)], keys=[*KEYS, "gender"]))
    assert [f.code for f in findings] == ["H03"]


def test_an_unknown_column_is_told_and_passed_over() -> None:
    file = csv_bytes([make_row(1)], keys=[*KEYS, "x"], headings=[*_headings(), "Ward"])
    got, findings = prepared(file)
    assert [(f.code, f.level) for f in findings] == [("H01", "warning")]
    assert [column.key for column in got.plan.columns] == list(KEYS)


def test_a_file_without_headings_does_not_have_its_first_patient_quoted() -> None:
    findings = refusal(b"H1,Jane,Smith,12/03/1944,AA1 1AA\nH2,Mary,Jones,12/04/1945,AA1 1AB\n")
    assert {f.code for f in findings} == {"F01", "H02"}
    assert not any("Smith" in f.message or "Jane" in f.message for f in findings)


def test_an_update_needs_a_row_key_only() -> None:
    file = csv_bytes([make_row(1)], keys=["local_id", "site_1"])
    headings = csv_bytes([make_row(1)], keys=["local_id", "site_1", "gender"])
    assert {f.code for f in refusal(file)} == {"F01", "H02"}
    assert prepared(headings, mode="update_only")[0].rows_total == 1


def test_headings_alone_are_refused() -> None:
    assert "no rows" in refusal(make_file(0))[0].message


def test_too_many_rows_are_refused() -> None:
    assert refusal(make_file(11), max_rows=10)[0].code == "F04"
    assert prepared(make_file(10), max_rows=10)[0].rows_total == 10


def test_rows_are_counted_as_a_spreadsheet_shows_them() -> None:
    data = csv_bytes([make_row(0, local_id="two\r\nlines"), make_row(1)])
    data = b"\r\n" + data + b"\r\n,,,,,\r\n" + make_file(3, first=5).split(b"\r\n", 1)[1]
    got, _ = prepared(data, rows_per_chunk=2)
    assert got.plan.heading_row == 2
    assert got.rows_total == 5
    assert [(c.number, c.first_row, c.last_row, c.row_count) for c in got.cuts] == [
        (1, 3, 4, 2),
        (2, 7, 8, 2),
        (3, 9, 9, 1),
    ]


def test_cuts_hold_exactly_their_rows() -> None:
    data = make_file(7)
    got, _ = prepared(data, rows_per_chunk=3)
    pieces = [data[c.byte_start : c.byte_end] for c in got.cuts]
    assert [piece.count(b"\r\n") for piece in pieces] == [3, 3, 1]
    assert data.endswith(b"".join(pieces))


def test_a_chunk_is_made_of_several_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparing, "_ROWS_AT_ONCE", 2)
    head, *lines = make_file(9).splitlines(keepends=True)
    blank = b"\r\n"
    data = b"".join([head, *lines[:3], blank, blank, blank, *lines[3:]])
    got, _ = prepared(data, rows_per_chunk=5)
    assert [(c.number, c.first_row, c.last_row, c.row_count) for c in got.cuts] == [
        (1, 2, 5, 3),
        (2, 8, 11, 4),
        (3, 12, 13, 2),
    ]
    for cut in got.cuts:
        records = records_of(data[cut.byte_start : cut.byte_end])
        assert len(records) == cut.last_row - cut.first_row + 1
        assert sum(not is_blank(record) for record in records) == cut.row_count
    # A chunk ends early where its rows are very long.
    monkeypatch.setattr(preparing, "RUN_CHARACTERS", 3 * min(map(len, lines)) - 1)
    got, _ = prepared(make_file(9), rows_per_chunk=8)
    assert [c.row_count for c in got.cuts] == [2, 2, 2, 2, 1]


def test_a_plan_survives_the_database() -> None:
    plan = prepared(full_width([make_row(1)]))[0].plan
    assert Plan.from_json(plan.to_json()) == plan
    assert plan.width == 57


# --- dates ----------------------------------------------------------------------------------


def test_the_cells_prove_the_order() -> None:
    got, _ = prepared(dated(["13/04/2024", "03/04/2024"]))
    assert got.plan.date_orders["date_index_diagnosed"] == "dmy"


def test_the_row_that_is_shown_is_one_that_proves_the_order() -> None:
    got, _ = prepared(dated(["01/01/2024", "02/02/2024", "03/04/2024", "13/04/2024"]))
    read = {each.field: each for each in got.plan.dates}["date_index_diagnosed"]
    assert (read.order, read.settled_by, read.row) == ("dmy", "cells", 5)


def test_another_column_settles_an_open_one() -> None:
    data = dated(["03/04/2024", "05/06/2024"])
    assert prepared(data)[0].plan.date_orders["date_index_diagnosed"] == "dmy"


def test_an_open_column_alone_is_refused_and_then_taken_as_said() -> None:
    data = dated(["03/04/2024", "05/06/2024"], date_of_birth=["01/02/1950", "03/04/1951"])
    data = csv_bytes(
        [
            make_row(0, date_of_birth="01/02/1950", date_index_diagnosed="03/04/2024"),
            make_row(1, date_of_birth="03/05/1951", date_index_diagnosed="05/06/2024"),
        ]
    )
    findings = refusal(data)
    assert {(f.code, f.field) for f in findings} == {
        ("T01", "date_of_birth"),
        ("T01", "date_index_diagnosed"),
    }
    assert all("row" in f.message and "1950" not in f.message for f in findings)
    assert all(f.message.endswith("it again and say how dates are written.") for f in findings)
    for order in ("dmy", "mdy"):
        got, _ = prepared(data, date_order=order)
        assert got.plan.date_orders["date_index_diagnosed"] == order


def test_a_column_that_contradicts_itself_is_refused_with_both_rows() -> None:
    findings = refusal(dated(["13/04/2024", "03/04/2024", "04/13/2024"]))
    assert len(findings) == 1
    assert "rows 2 and 4" in findings[0].message


def test_month_first_is_never_taken_unasked() -> None:
    data = dated(["04/13/2024", "03/04/2024"])
    assert "month stands before the day" in refusal(data)[0].message
    assert "month stands before the day" in refusal(data, date_order="dmy")[0].message


def test_month_first_is_taken_when_said() -> None:
    rows = [make_row(0, date_of_birth="03/13/1950", date_index_diagnosed="04/13/2024")]
    got, _ = prepared(csv_bytes(rows), date_order="mdy")
    assert set(got.plan.date_orders.values()) == {"mdy"}


def test_a_choice_that_the_cells_disprove_is_refused() -> None:
    assert "you chose" in refusal(dated(["13/04/2024"]), date_order="mdy")[0].message


def test_iso_needs_no_proof() -> None:
    got, _ = prepared(dated(["2024-04-03", "2024-05-06"]))
    assert got.plan.date_orders["date_index_diagnosed"] == "iso"


def test_mixed_ways_of_writing_are_asked_about() -> None:
    data = dated(["2024-04-03", "05/06/2024"])
    assert "different ways" in refusal(data)[0].message
    assert prepared(data, date_order="dmy")[0].rows_total == 2


# --- rows that repeat each other --------------------------------------------------------------


def test_equal_rows_count_once_and_different_ones_not_at_all() -> None:
    rows = [make_row(0), make_row(1), make_row(0), make_row(1, gender="1"), make_row(2)]
    repeats = prepared(csv_bytes(rows))[0].repeats
    assert repeats.same == {4}
    assert repeats.differ == {3: 5, 5: 3}


def test_the_nhs_number_and_the_day_are_a_key_however_written() -> None:
    number = make_row(0)["nhs_number"]
    spaced = f"{number[:3]} {number[3:6]} {number[6:]}"
    rows = [
        make_row(0, local_id="A", date_index_diagnosed="03/04/2024"),
        make_row(0, local_id="B", date_index_diagnosed="3/4/2024", nhs_number=spaced),
        make_row(0, local_id="C", date_index_diagnosed="13/4/2024"),
    ]
    assert prepared(csv_bytes(rows))[0].repeats.differ == {2: 3, 3: 2}


def test_missing_keys_are_no_keys() -> None:
    rows = [make_row(at, local_id="", nhs_number="NOT_UK") for at in range(3)]
    repeats = prepared(csv_bytes(rows))[0].repeats
    assert not repeats.differ
    assert not repeats.same


def test_a_row_that_equals_one_and_differs_from_another_is_refused() -> None:
    rows = [make_row(0), make_row(0), make_row(0, gender="1")]
    repeats = prepared(csv_bytes(rows))[0].repeats
    assert set(repeats.differ) == {2, 3, 4}
    assert not repeats.same


def test_a_first_row_of_thousands_of_cells_is_refused_at_once() -> None:
    headings = ",".join(f"column {number}" for number in range(60_000))
    findings = refusal(f"{headings}\n1,2\n".encode())
    assert [finding.code for finding in findings] == ["F01"]
    assert "more than 1,000 cells" in findings[0].message
