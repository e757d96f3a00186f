"""Files of every form that hospitals' computers write: what is read, and what is said about it."""

from __future__ import annotations

import codecs
import csv
import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from dataset.fields import FIELD_BY_KEY
from services.imports.domain.checking import CheckedChunk, check_chunk
from services.imports.domain.plans import Prepared
from services.imports.domain.preparing import prepare
from services.imports.domain.refusals import FileFinding, FileRefused
from services.imports.domain.sources import InMemory
from services.imports.domain.splitting import records_of
from tests.factories.chunks import sent_values
from tests.factories.imports import KEYS, csv_bytes, make_row

TODAY = date(2026, 9, 30)
PLAIN = csv_bytes(make_row(index) for index in range(3))
OFFICE = Path(__file__).parents[2] / "corpus" / "libreoffice"
HEADINGS = [FIELD_BY_KEY[key].heading for key in KEYS]


def read(data: bytes) -> tuple[Prepared, list[FileFinding], list[CheckedChunk]]:
    """A file prepared and checked, through its converted form where it has one."""
    kept: list[bytes] = []
    prepared, findings = prepare(
        InMemory(data, 4096), mode="add_and_update", date_order=None, keep=kept.append
    )
    text = b"".join(kept) if prepared.plan.converted else data
    same, differ = sorted(prepared.repeats.same), sorted(prepared.repeats.differ.items())
    chunks = [
        check_chunk(
            records_of(text[cut.byte_start : cut.byte_end], prepared.plan.delimiter),
            first_row=cut.first_row,
            repeats=cut.repeats_within(same, differ),
            plan=prepared.plan,
            mode="add_and_update",
            site_code="ABC",
            today=TODAY,
        )
        for cut in prepared.cuts
    ]
    return prepared, findings, chunks


def values(data: bytes) -> list[tuple[object, ...]]:
    """Row number, verdict and values of all rows that go on, in the order of the fields' keys."""
    _, _, chunks = read(data)
    rows = []
    for chunk in chunks:
        columns = dict(sorted(sent_values(chunk).items())).values()
        rows += list(zip(chunk.sent.row_numbers, chunk.sent.verdicts, *columns, strict=True))
    return rows


def separated(sign: str, data: bytes = PLAIN) -> bytes:
    out = io.StringIO(newline="")
    rows = csv.reader(io.StringIO(data.decode(), newline=""))
    csv.writer(out, delimiter=sign).writerows(rows)
    return out.getvalue().encode()


def workbook(rows: list[list[object]], change: Callable[[Workbook], None] | None = None) -> bytes:
    book = Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    if change is not None:
        change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_rows(data: bytes = PLAIN) -> list[list[object]]:
    return [list(row) for row in csv.reader(io.StringIO(data.decode(), newline=""))]


FORMS = {
    "commas": PLAIN,
    "semicolons": separated(";"),
    "tabs": separated("\t"),
    "upright strokes": separated("|"),
    "with a mark": codecs.BOM_UTF8 + PLAIN,
    "LF": PLAIN.replace(b"\r\n", b"\n"),
    "CR": PLAIN.replace(b"\r\n", b"\r"),
    "no line end at the end": PLAIN.removesuffix(b"\r\n"),
    "UTF-16 little": PLAIN.decode().encode("utf-16"),
    "UTF-16 big": codecs.BOM_UTF16_BE + PLAIN.decode().encode("utf-16-be"),
    "UTF-16 little without mark": PLAIN.decode().encode("utf-16-le"),
    "UTF-16 big without mark": PLAIN.decode().encode("utf-16-be"),
    "Unicode text of Excel": separated("\t").decode().encode("utf-16"),
    "every cell quoted": b"\r\n".join(
        b",".join(b'"%s"' % cell for cell in line.split(b",")) for line in PLAIN.splitlines()
    ),
    "workbook": workbook(as_rows()),
    "workbook with a hidden sheet before": workbook(
        as_rows(), lambda book: setattr(book.create_sheet("Notes", 0), "sheet_state", "hidden")
    ),
    "workbook with an empty sheet before": workbook(
        as_rows(), lambda book: book.create_sheet("Cover", 0).append(["Fracture audit"])
    ),
    "workbook with formatted empty columns": workbook(
        as_rows(), lambda book: setattr(book.active.cell(1, 16_000), "number_format", "0.00")
    ),
}


@pytest.mark.parametrize("data", FORMS.values(), ids=FORMS)
def test_a_file_says_the_same_in_every_form(data: bytes) -> None:
    assert values(data) == values(PLAIN)
    assert len(values(data)) == 3


NOTES = [
    ("sep", b"sep=;\r\n" + separated(";"), [], 2),
    ("title", b"Fracture audit,\r\n\r\n" + PLAIN, ["F06"], 3),
    ("titles", b"Fracture audit\r\nJanuary 2024\r\n" + PLAIN, ["F06"], 3),
    ("blank lines", b"\r\n\r\n" + PLAIN, [], 3),
    ("unknown column", PLAIN.replace(b"\r\n", b",Ward\r\n"), ["H01"], 1),
    ("our own columns", PLAIN.replace(b"\r\n", b",FLSDB errors\r\n", 1).replace(
        b"2024,1\r\n", b"2024,1,\r\n"), [], 1),
    ("hidden row", workbook(as_rows(), lambda book: setattr(
        book.active.row_dimensions[2], "hidden", True)), ["F06"], 1),
    ("hidden column", workbook(as_rows(), lambda book: setattr(
        book.active.column_dimensions["B"], "hidden", True)), ["F06"], 1),
    ("two sheets", workbook(as_rows(), lambda book: book.create_sheet("More")), ["F06"], 1),
    ("title in a workbook", workbook([["Fracture audit"], [], *as_rows()]), ["F06"], 3),
]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "codes", "row"), [n[1:] for n in NOTES], ids=[n[0] for n in NOTES]
)
def test_what_was_passed_over_is_said(data: bytes, codes: list[str], row: int) -> None:
    prepared, findings, chunks = read(data)
    assert [(f.code, f.level) for f in findings] == [(code, "warning") for code in codes]
    assert prepared.plan.heading_row == row
    assert sum(len(chunk.sent) for chunk in chunks) == 3


def smoker(text: str, encoding: str) -> bytes:
    """A file whose only smoker says this."""
    file = csv_bytes([make_row(0, smoker="@")], keys=[*KEYS, "smoker"])
    return file.replace(b"@", text.encode(encoding))


DAMAGED = [
    ("Don't know", "utf-8", []),
    ("Don\u2019t know", "utf-8", []),
    ("Don\u2019t know", "cp1252", ["F03"]),
    ("Don\xedt know", "utf-8", ["F03"]),
    ("Don\xedt know", "cp1252", ["F03", "F03"]),
    ("Don\xd5t know", "utf-8", ["F03"]),
    ("Don\ufffdt know", "utf-8", ["F03"]),
    ("Don\xe2\u20ac\u2122t know", "utf-8", ["F03"]),
    ("Don\x92t know", "utf-8", ["F03"]),
    ("DON\xedT KNOW", "utf-8", ["F03"]),
]


@pytest.mark.parametrize(("text", "encoding", "codes"), DAMAGED)
def test_damaged_apostrophes_are_read_and_that_is_said(
    text: str, encoding: str, codes: list[str]
) -> None:
    prepared, findings, (chunk,) = read(smoker(text, encoding))
    assert [f.code for f in findings] == codes
    assert chunk.findings == []
    assert sent_values(chunk)["smoker"] == ["U"]


REFUSED = [
    ("UTF-32", PLAIN.decode().encode("utf-32"), "F01", "UTF-32"),
    ("two encodings", smoker("Don\u2019t know", "cp1252") + "é".encode(), "F01", "encoding"),
    ("bytes of none", smoker("Don't know", "utf-8") + b"\x81\xff", "F01", "encoding"),
    ("odd UTF-16", codecs.BOM_UTF16_LE + PLAIN, "F01", ""),
    ("broken workbook", FORMS["workbook"][:2000], "F01", "damaged"),
    ("workbook without a table", workbook([["a"], ["b"]]), "F01", "headings"),
    ("empty workbook", workbook([]), "F01", "headings"),
    ("headings alone", workbook(as_rows()[:1]), "F01", "no rows"),
    ("every sheet hidden", workbook(as_rows(), lambda book: (
        book.create_sheet("Cover"), setattr(book.worksheets[0], "sheet_state", "hidden"))),
        "F01", "headings"),
    ("separator of none", PLAIN.replace(b",", b"#"), "F01", "headings"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "code", "words"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED]
)
def test_what_cannot_be_read_is_refused_with_the_reason(data: bytes, code: str, words: str) -> None:
    with pytest.raises(FileRefused) as refused:
        read(data)
    assert refused.value.findings[0].code == code
    assert any(words in finding.message for finding in refused.value.findings)


def test_a_workbook_that_unpacks_to_far_more_than_it_weighs_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("[Content_Types].xml", "")
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * 20_000_000)
    with pytest.raises(FileRefused) as refused:
        read(out.getvalue())
    assert refused.value.findings[0].code == "F05"


def moment(*parts: int) -> datetime:
    """A date and time as workbooks have them, without a zone."""
    return datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001


CELLS = [
    ("date_of_birth", moment(1950, 3, 14), "1950-03-14", []),
    ("date_of_birth", date(1950, 3, 14), "1950-03-14", []),
    ("date_of_birth", moment(1950, 3, 14, 9, 30), "1950-03-14", []),
    ("date_of_birth", 18_336, None, ["T01"]),
    ("gender", 2, "2", []),
    ("gender", 2.0, "2", []),
    ("nhs_number", 9990000018, "9990000018", []),
    ("nhs_number", 9990000018.0, "9990000018", []),
    ("nhs_number", 9.99e15, None, ["V01"]),
    ("nhs_number", "9.99E+09", None, ["T07"]),
    ("height_cm", 172.5, "172.5", []),
    ("height_cm", "#REF!", None, ["T07"]),
    ("smoker", True, None, ["T03"]),
]


@pytest.mark.parametrize(("key", "cell", "value", "codes"), CELLS)
def test_cells_of_a_workbook_mean_what_they_show(
    key: str, cell: object, value: str | None, codes: list[str]
) -> None:
    keys = [*KEYS] if key in KEYS else [*KEYS, key]
    row: dict[str, object] = {**make_row(0), "date_index_diagnosed": moment(2024, 1, 16)}
    row |= {"date_of_birth": moment(1950, 3, 14), key: cell}
    data = workbook([[FIELD_BY_KEY[k].heading for k in keys], [row[k] for k in keys]])
    _, _, (chunk,) = read(data)
    assert [f.code for f in chunk.findings if f.field == key] == codes
    if value is not None:
        assert sent_values(chunk)[key] == [value]


def test_a_file_that_libreoffice_made_of_ours_says_the_same() -> None:
    five = csv_bytes(make_row(index) for index in range(5))
    assert values((OFFICE / "good.xlsx").read_bytes()) == values(five)


OFFICE_CSV = ("commas", "semicolons", "tabs-utf16", "windows", "quoted")
SHORT_YEARS = {
    (row, "T01", key) for row in range(2, 7) for key in ("date_of_birth", "date_index_diagnosed")
}
"""LibreOffice wrote the dates as its language of that day does: 03/13/40."""


@pytest.mark.parametrize("form", OFFICE_CSV)
def test_dates_that_an_office_program_shortened_are_named_cell_by_cell(form: str) -> None:
    _, _, (chunk,) = read((OFFICE / f"good-{form}.csv").read_bytes())
    assert {
        finding[:1] + (finding.code, finding.field) for finding in chunk.findings
    } == SHORT_YEARS


@pytest.mark.parametrize(
    ("form", "rows"), [*((f"risky-{form}.csv", {3, 5}) for form in OFFICE_CSV), ("risky.xlsx", {5})]
)
def test_identifiers_that_became_numbers_are_named(form: str, rows: set[int]) -> None:
    _, _, (chunk,) = read((OFFICE / form).read_bytes())
    damaged = [finding for finding in chunk.findings if finding.code == "T07"]
    assert {finding.row for finding in damaged} == rows
    assert {finding.field for finding in damaged} == {"local_id"}


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
LINES = st.lists(st.lists(TEXTS, max_size=8), max_size=6)


@st.composite
def odd_files(draw: st.DrawFn) -> bytes:
    """Bytes of any kind, more often than not with our headings somewhere at the top."""
    sign = draw(st.sampled_from([",", ";", "\t", "|"]))
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=sign, lineterminator=draw(st.sampled_from(["\n", "\r\n"])))
    writer.writerows(draw(LINES))
    if draw(st.booleans()):
        writer.writerow(HEADINGS)
        for index in range(draw(st.integers(0, 4))):
            row = make_row(index)
            row[draw(st.sampled_from(KEYS))] = draw(TEXTS)
            writer.writerow([row[key] for key in KEYS])
    writer.writerows(draw(LINES))
    data = out.getvalue().encode(
        draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-be"]))
    )
    return draw(st.sampled_from([b"", codecs.BOM_UTF8, b"PK\3\4xl/", b"\xd0\xcf"])) + (
        data + draw(st.binary(max_size=8))
    )


@settings(max_examples=400, deadline=None)
@given(st.one_of(odd_files(), st.binary(max_size=300)))
def test_no_bytes_are_an_error_of_ours_and_no_row_is_lost(data: bytes) -> None:
    try:
        prepared, _, chunks = read(data)
    except FileRefused as refused:
        assert refused.findings
        assert all(f.message for f in refused.findings)
        return
    assert sum(chunk.row_count for chunk in chunks) == prepared.rows_total
    for chunk in chunks:
        assert chunk.row_count == len(chunk.sent) + chunk.same + chunk.rejected
        told = {finding.row for finding in chunk.findings if finding.level == "error"}
        assert len(told) >= chunk.rejected
