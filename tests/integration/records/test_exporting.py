"""Records as files: own site only, logged first, the columns of the import; extracts say nobody."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from openpyxl import load_workbook
from sqlalchemy import text

from dataset.fields import FIELDS, HEADINGS
from dataset.reading import read_cell
from dataset.wire import wire_from_value
from services.imports.domain.checking import batch_of, check_chunk
from services.imports.domain.preparing import prepare
from services.imports.domain.sources import InMemory
from services.imports.domain.splitting import records_of
from services.records.domain.exporting import EXPORT_HEADINGS, EXTRACT_HEADINGS, Filters
from services.records.exporting import downloads
from services.records.exporting.extract import study_key
from services.records.handlers import ROWS_CHECKED
from services.records.identifiers import hash_identifier
from services.records.keys import Keys
from services.records.queries import exporting as queries
from services.shared.db import transaction
from tests.factories.records import Imports, make_row
from tests.integration.records.conftest import STUDY_KEY, Caller

EVERYTHING = {
    "care_home": "U", "date_fls_contact": "2024-01-12", "date_fls_assessment": "2024-02-01",
    "admitted": "2", "fracture_type": "1", "site_2": "2", "weight_kg": "64.0", "dxa": "1",
    "dxa_date": "2024-02-10", "t_score": "-2.5", "fracture_risk": "1",
    "therapy_at_fracture": ["0"], "therapy_recommended": ["1", "6"],
    "calcium_vit_d_recommended": "0", "falls_assessed": "1", "two_falls": "0",
    "falls_referrals": ["1", "4", "8"], "fu16_done": "1", "fu16_date": "2024-04-10",
    "refracture_count": "1", "refracture_1_site": "3", "refracture_1_on": "2024-06-01",
}  # fmt: skip
AWKWARD = ("=1+1", "+44 20", "@home", "-", 'a,"b"', "'quoted'", "0012", "ABC;1", "Zoë <&> Ñ")


def rows_of(data: bytes) -> list[list[str]]:
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def cells_of(data: bytes) -> list[list[str]]:
    """The cells of a workbook's sheets as the CSV file has them."""
    found: list[list[str]] = []
    for number, sheet in enumerate(load_workbook(io.BytesIO(data)).worksheets):
        for row in list(sheet.iter_rows(values_only=True))[1 if number else 0 :]:
            found.append([_as_csv(value) for value in row])
    return found


def _as_csv(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}"
    return "" if value is None else f"{value:.1f}" if isinstance(value, int | float) else value


@pytest.fixture
def exporter(caller: Caller) -> Caller:
    return Caller(caller.app, caller.site_id, frozenset({"records.export"}))


@pytest.fixture
def team(caller: Caller) -> Caller:
    return Caller(caller.app, None, frozenset({"records.extract"}))


@pytest.fixture
def stored(imports: Imports, other_site: Imports) -> Imports:
    """Records of all kinds, and some of a second site."""
    imports.store(
        make_row(0, **EVERYTHING),
        make_row(1, date_index_diagnosed="2023-03-01", site_1="7"),
        make_row(2, nhs_number="NOT_UK"),
        *(make_row(n, local_id=word) for n, word in enumerate(AWKWARD, 3) if n < 10),
        *(
            make_row(n, local_id=word, nhs_number="UNTRACED")
            for n, word in enumerate(AWKWARD, 3)
            if n >= 10
        ),
    )
    other_site.store(
        make_row(0), make_row(20, local_id="THEIRS", date_index_diagnosed="2022-01-01")
    )
    return imports


# --- own records -------------------------------------------------------------------------------


def test_an_export_has_the_columns_of_the_template_and_acknowledgements(stored, exporter) -> None:
    stored.act(
        "UPDATE fls_record SET acknowledged = ARRAY['V18:site_2', 'V13:therapy_recommended'] "
        "WHERE height_cm IS NOT NULL AND dxa = '1'"
    )
    answer = exporter.get("/export")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert re.fullmatch(
        r'attachment; filename="records-\d{4}-\d\d-\d\d\.csv"',
        answer.headers["Content-Disposition"],
    )
    headings, *rows = rows_of(answer.data)
    assert tuple(headings) == EXPORT_HEADINGS == (*HEADINGS, "Acknowledged")
    assert len(rows) == 3 + len(AWKWARD)
    whole = dict(zip(headings, rows[0], strict=True))
    assert whole["ServiceCode"] == "ABC"
    assert whole["1.01 NHSNumber"] == "9990000018"
    assert whole["1.02 DateOfBirth"] == "1950-03-01"
    assert whole["4.01 BoneTherapy"] == "1;6"
    assert whole["3.04 TScore"] == "-2.5"
    assert whole["Acknowledged"] == "V18:site_2;V13:therapy_recommended"
    assert {row[1] for row in rows}.isdisjoint({"THEIRS"})


@pytest.mark.parametrize("answers", ["codes", "labels"])
def test_every_cell_is_read_back_as_what_is_stored(stored, exporter, answers) -> None:
    headings, *rows = rows_of(exporter.get(f"/export?answers={answers}").data)
    sent = {row["local_id"]: row for row in (
        make_row(0, **EVERYTHING), make_row(1, date_index_diagnosed="2023-03-01", site_1="7"),
    )}  # fmt: skip
    read: dict[str, dict[str, Any]] = {}
    for row in rows:
        values = {}
        for field, cell in zip(FIELDS, row[:-1], strict=True):
            value, finding = read_cell(field, cell, date_order="iso")
            assert finding is None, (field.key, cell)
            if value is not None:
                values[field.key] = wire_from_value(value)
        assert values.pop("service_code") == "ABC"
        read[values["local_id"]] = values
    assert set(read) >= set(AWKWARD)
    for local_id, row in sent.items():
        assert read[local_id] == {key: value for key, value in row.items() if value is not None}


@pytest.mark.parametrize("answers", ["codes", "labels"])
def test_an_export_imports_again_without_a_change(stored, exporter, keys, answers) -> None:
    token = "ARRAY['V13:therapy_recommended']"
    stored.act(f"UPDATE fls_record SET acknowledged = {token} WHERE dxa = '1'")
    data = exporter.get(f"/export?answers={answers}").data
    prepared, _ = prepare(
        InMemory(data), mode="add_and_update", date_order=None, may_acknowledge=True
    )
    (cut,) = prepared.cuts
    chunk = check_chunk(
        records_of(data[cut.byte_start : cut.byte_end]),
        first_row=cut.first_row,
        repeats=cut.repeats_within(sorted(prepared.repeats.same), []),
        plan=prepared.plan,
        mode="add_and_update",
        site_code="ABC",
        today=date(2026, 9, 30),
    )
    assert chunk.rejected == 0 and not prepared.repeats.differ
    import_id = uuid4()
    stored.announce(import_id, 1)
    body = keys.batches.seal(batch_of(str(import_id), 0, chunk), str(import_id).encode())
    stored.hear(ROWS_CHECKED, import_id, body)
    rows = 3 + len(AWKWARD)
    expected = {"new": 0, "changed": 0, "same": rows, "held": 0, "rejected": 0}
    assert stored.apply(import_id) == expected


@pytest.mark.parametrize("answers", ["codes", "labels"])
def test_a_workbook_has_the_cells_of_the_csv_file(stored, exporter, answers) -> None:
    answer = exporter.get(f"/export?format=xlsx&answers={answers}")
    assert answer.headers["Content-Type"] == downloads.TYPES["xlsx"]
    assert cells_of(answer.data) == rows_of(exporter.get(f"/export?answers={answers}").data)
    sheet = load_workbook(io.BytesIO(answer.data)).active
    assert sheet.freeze_panes == "A2"
    born = sheet["D2"]
    assert born.is_date and born.value.date() == date(1950, 3, 1)
    assert sheet["C2"].data_type == "s", "an NHS number is a text"
    formulas = [c for row in sheet.iter_rows() for c in row if c.data_type == "f"]
    assert formulas == []


def test_filters_choose_by_day_of_diagnosis_and_state(stored, exporter) -> None:
    def local_ids(query: str) -> list[str]:
        return [row[1] for row in rows_of(exporter.get(f"/export?{query}").data)[1:]]

    assert local_ids("diagnosed_to=2023-03-01") == ["LOC-0001"]
    assert local_ids("diagnosed_from=2023-03-01&diagnosed_to=2023-12-31") == ["LOC-0001"]
    assert "LOC-0001" not in local_ids("diagnosed_from=2023-03-02")
    stored.act("UPDATE fls_record SET state = 'invalid' WHERE site_1 = '7'")
    assert local_ids("state=invalid") == ["LOC-0001"]
    assert local_ids("state=draft") == []


def test_deleted_records_are_left_out_and_erased_identifiers_are_blank(
    stored, exporter, superuser
) -> None:
    stored.act(
        "UPDATE fls_record SET state = 'deleted', deleted_reason = 'other' WHERE site_1 = '7'"
    )
    superuser.execute(
        "DELETE FROM patient_key WHERE patient_id IN "
        "(SELECT patient_id FROM fls_record WHERE dxa = '1')"
    )
    headings, *rows = rows_of(exporter.get("/export").data)
    assert "LOC-0001" not in {row[1] for row in rows}
    (erased,) = (row for row in rows if row[headings.index("3.01 DXA")] == "1")
    blank = ("LocalID", "1.01 NHSNumber", "1.02 DateOfBirth", "1.04 Post Code")
    assert [erased[headings.index(name)] for name in blank] == [""] * 4
    assert erased[headings.index("1.11 SiteFirstFrac")] == "3"


def test_a_site_without_records_gets_the_headings(imports, exporter) -> None:
    assert rows_of(exporter.get("/export").data) == [list(EXPORT_HEADINGS)]
    assert cells_of(exporter.get("/export?format=xlsx").data) == [list(EXPORT_HEADINGS)]


@pytest.mark.parametrize(
    "query",
    ["format=pdf", "answers=words", "state=deleted", "diagnosed_from=x", "colour=red",
     "diagnosed_from=2024-02-01&diagnosed_to=2024-01-01"],
)  # fmt: skip
def test_a_wrong_choice_is_refused_with_its_name(imports, exporter, query) -> None:
    answer = exporter.get(f"/export?{query}")
    assert answer.status_code == 422
    assert query.rpartition("&")[2].split("=")[0] in answer.json["errors"]


def test_many_parts_make_one_file(imports, exporter, monkeypatch) -> None:
    imports.store(*(make_row(n, nhs_number="NOT_UK") for n in range(25)))
    monkeypatch.setattr(queries, "PART_ROWS", 4)
    headings, *rows = rows_of(exporter.get("/export").data)
    assert sorted(row[1] for row in rows) == [f"LOC-{n:04d}" for n in range(25)]
    assert len(cells_of(exporter.get("/export?format=xlsx").data)) == 26


def test_rows_wait_in_the_database_until_they_are_wanted(stored, monkeypatch) -> None:
    monkeypatch.setattr(queries, "PART_ROWS", 2)
    with transaction(stored.engine, site_id=stored.site_id, read_only=True) as session:
        parts = queries.stream_of_site(session, site_id=stored.site_id, filters=Filters())
        assert len(next(parts)) == 2
        cursors = session.execute(text("SELECT count(*) FROM pg_cursors")).scalar_one()
        assert cursors == 1
        assert sum(map(len, parts)) == 3 + len(AWKWARD) - 2


# --- log, rights, ends -------------------------------------------------------------------------


def logged(superuser) -> list[tuple[Any, ...]]:
    return superuser.execute(
        "SELECT site_id, kind, filters, actor_id, visit_id FROM export_log ORDER BY position"
    ).fetchall()


def test_an_export_is_logged_with_what_was_chosen(stored, exporter, superuser) -> None:
    exporter.get("/export?format=xlsx&answers=labels&diagnosed_from=2024-01-01&state=valid")
    assert logged(superuser) == [
        (
            exporter.site_id,
            "export",
            {
                "format": "xlsx", "answers": "labels", "diagnosed_from": "2024-01-01",
                "state": "valid",
            },
            exporter.account_id,
            None,
        )
    ]  # fmt: skip


def test_no_log_no_file(stored, exporter, superuser) -> None:
    superuser.execute("ALTER TABLE export_log RENAME TO export_log_gone")
    try:
        answer = exporter.get("/export")
    finally:
        superuser.execute("ALTER TABLE export_log_gone RENAME TO export_log")
    assert answer.status_code == 500
    assert b"9990000018" not in answer.data


def test_the_log_can_only_be_added_to(stored, exporter) -> None:
    exporter.get("/export")
    for statement in ("DELETE FROM export_log", "UPDATE export_log SET kind = kind"):
        with pytest.raises(Exception, match="permission denied"):
            stored.act(statement)


def test_exports_need_their_right_and_a_site_that_takes_part(stored, caller, exporter) -> None:
    assert caller.get("/export").status_code == 403
    assert caller.get("/extract").status_code == 403
    assert exporter.get("/extract").status_code == 403
    stored.site_changed(version=2, patient_audit=False)
    assert exporter.get("/export").status_code == 403


def test_a_download_that_is_not_read_to_its_end_gives_its_place_back(
    stored, exporter, monkeypatch
) -> None:
    monkeypatch.setattr(queries, "PART_ROWS", 1)
    for _ in range(downloads.AT_ONCE + 1):
        answer = exporter.get("/export", buffered=False)
        next(answer.response)
        answer.close()
    taken = [exporter.get("/export", buffered=False) for _ in range(downloads.AT_ONCE)]
    refused = exporter.get("/export")
    assert refused.status_code == 429 and refused.headers["Retry-After"] == "60"
    for answer in taken:
        answer.close()
    assert exporter.get("/export").status_code == 200


def test_a_fault_on_the_way_cuts_the_file_off(stored, exporter, superuser, monkeypatch) -> None:
    monkeypatch.setattr(queries, "PART_ROWS", 2)
    last = superuser.execute(
        "SELECT patient_id FROM fls_record WHERE site_id = %s ORDER BY record_id DESC LIMIT 1",
        (stored.site_id,),
    ).fetchone()
    superuser.execute(
        "UPDATE patient_key SET wrapped_key = '\\x00' WHERE patient_id = %s", (last[0],)
    )
    answer = exporter.get("/export", buffered=False)
    assert answer.status_code == 200
    with pytest.raises(Exception, match="key"):
        b"".join(answer.response)
    answer.close()
    assert exporter.get("/records").status_code == 403, "and the next request is answered"


# --- extract -----------------------------------------------------------------------------------


def test_an_extract_has_all_sites_and_says_nobody(stored, team) -> None:
    answer = team.get("/extract")
    assert answer.status_code == 200
    headings, *rows = rows_of(answer.data)
    assert tuple(headings) == EXTRACT_HEADINGS
    assert "LocalID" not in headings and len(headings) == 58
    assert {row[0] for row in rows} == {"ABC", "XYZ"}
    assert len(rows) == 3 + len(AWKWARD) + 2
    postcode = str(make_row()["postcode"])
    for secret in ("999000", "1950", postcode, "LOC-", "THEIRS", "home"):
        assert secret.encode() not in answer.data, secret
    whole = dict(zip(headings, rows[0], strict=True))
    assert whole["AgeAtFracture"] == "73"
    assert whole["OutwardPostcode"] == postcode.partition(" ")[0]
    assert (whole["DatasetVersion"], whole["State"]) == ("v4", "valid")
    assert whole["4.01 BoneTherapy"] == "1;6"


def test_one_person_has_one_study_key_at_all_sites(stored, team) -> None:
    _, *rows = rows_of(team.get("/extract").data)
    mine = study_key(STUDY_KEY, "9990000018", uuid4())
    assert sorted(row[1:2] + row[:1] for row in rows if row[1] == mine) == [
        [mine, "ABC"],
        [mine, "XYZ"],
        [mine, "XYZ"],
    ]
    assert all(re.fullmatch("[0-9a-f]{32}", row[1]) for row in rows)
    without_number = [row for row in rows if row[0] == "ABC"]
    assert len({row[1] for row in without_number}) == len(without_number)


def test_a_study_key_needs_the_key() -> None:
    one, other = UUID(int=1), UUID(int=2)
    assert study_key(b"a" * 32, "9990000018", one) == study_key(b"a" * 32, "9990000018", other)
    assert study_key(b"a" * 32, "9990000018", one) != study_key(b"b" * 32, "9990000018", one)
    assert study_key(b"a" * 32, None, one) != study_key(b"a" * 32, None, other)


def test_who_was_erased_deleted_repeated_or_opted_out_is_in_no_extract(
    stored, other_site, team, keys: Keys, superuser, engine
) -> None:
    before = len(rows_of(team.get("/extract").data))
    superuser.execute(
        "DELETE FROM patient_key WHERE patient_id IN "
        "(SELECT patient_id FROM fls_record WHERE site_1 = '7')"
    )
    stored.act(
        "UPDATE fls_record SET state = 'duplicate' WHERE patient_id IN "
        "(SELECT patient_id FROM patient WHERE nhs_hash = :h)",
        h=hash_identifier(keys, "nhs_number", "9990000042"),
    )
    stored.act(
        "UPDATE fls_record SET state = 'deleted', deleted_reason = 'other' WHERE patient_id IN "
        "(SELECT patient_id FROM patient WHERE nhs_hash = :h)",
        h=hash_identifier(keys, "nhs_number", "9990000050"),
    )
    # Noted by the second site; it holds at the first one too.
    other_site.act(
        "INSERT INTO opt_out (nhs_hash, site_id, recorded_by) VALUES (:h, :s, :s)",
        h=hash_identifier(keys, "nhs_number", "9990000018"),
        s=other_site.site_id,
    )
    _, *rows = rows_of(team.get("/extract").data)
    assert len(rows) + 1 == before - 6
    assert study_key(STUDY_KEY, "9990000018", uuid4()) not in {row[1] for row in rows}


def test_an_extract_is_filtered_and_logged_without_a_site(stored, team, superuser) -> None:
    _, *rows = rows_of(team.get("/extract?diagnosed_to=2023-12-31").data)
    assert [row[0] for row in rows] == ["ABC", "XYZ"]
    assert logged(superuser) == [
        (None, "extract", {"diagnosed_to": "2023-12-31"}, team.account_id, None)
    ]
    assert team.get("/extract?state=valid").status_code == 422


def test_the_reader_sees_of_identifiers_what_the_extract_needs_and_nothing_else(engine) -> None:
    columns = {
        "patient": {"patient_id", "nhs_sealed"},
        "patient_key": {"patient_id", "wrapped_key"},
        "record_identity": set(),
        "opt_out": set(),
    }
    query = (
        "SELECT table_name, column_name FROM information_schema.columns "
        "WHERE table_schema = 'public' AND has_column_privilege("
        "'records_reader', table_name::regclass, column_name, 'SELECT')"
    )
    with transaction(engine, read_only=True) as session:
        seen = {tuple(row) for row in session.execute(text(query))}
    for table, allowed in columns.items():
        assert {column for name, column in seen if name == table} == allowed


# --- the page's door ---------------------------------------------------------------------------


def test_a_browser_gets_the_file_or_is_led_back_to_its_page(stored, exporter, team, caller) -> None:
    assert exporter.get("/pages/export?format=csv", prefix="").status_code == 200
    assert team.get("/pages/extract", prefix="").status_code == 200

    def led(who: Caller, path: str, **headers: str) -> str:
        answer = who.get(path, prefix="", headers=headers)
        assert answer.status_code == 303
        return answer.headers["Location"]

    assert led(caller, "/pages/export") == "/records/export?problem=not_allowed"
    assert led(caller, "/pages/extract") == "/extract?problem=not_allowed"
    assert led(exporter, "/pages/export?state=x") == "/records/export?problem=choices"
    foreign = {"Sec-Fetch-Site": "cross-site"}
    assert led(exporter, "/pages/export", **foreign) == "/records/export?problem=not_ours"
    visitor = exporter.app.test_client().get("/pages/export")
    assert visitor.headers["Location"] == "/records/export?problem=signed_out"
    stored.site_changed(version=2, state="suspended")
    assert led(exporter, "/pages/export") == "/records/export?problem=not_allowed"


def test_the_years_before_excels_calendar_are_texts() -> None:
    from services.records.exporting.workbook import workbook_blocks

    table = [[["1900-02-28", "1900-03-01"], ["\x01<&>", " a "]]]
    data = b"".join(workbook_blocks(("1.02 DateOfBirth", "Other"), table))
    _, *rows = load_workbook(io.BytesIO(data)).active.iter_rows(values_only=True)
    assert rows[0] == ("1900-02-28", "_x0001_<&>")
    assert (rows[1][0].date(), rows[1][1]) == (date(1900, 3, 1), " a ")


def test_a_full_sheet_goes_on_in_the_next() -> None:
    from services.records.exporting.workbook import workbook_blocks

    table = [[[f"{part}{n}" for n in range(3)]] for part in "abcd"]
    data = b"".join(workbook_blocks(("Text",), table, most_rows=7))
    book = load_workbook(io.BytesIO(data))
    assert book.sheetnames == ["Records", "Records 2"]
    assert [len(list(sheet.rows)) for sheet in book] == [7, 7]
    assert book["Records 2"]["A7"].value == "d2"
    small = b"".join(workbook_blocks(("Text",), table, most_bytes=10))
    assert len(load_workbook(io.BytesIO(small)).sheetnames) == 4
