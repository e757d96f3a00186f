"""Reading cells: every spelling that is allowed, and nothing that is not."""

from __future__ import annotations

import pickle
import time
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataset import reading
from dataset.fields import ACKNOWLEDGED, COMPANIONS, FIELD_BY_KEY, FIELDS
from dataset.findings import CATALOGUE
from dataset.reading import read_cell, read_column
from dataset.rules import RULES
from dataset.states import is_token
from dataset.values import CLEAR
from dataset.writing import safe_for_spreadsheet, without_mark, write_cell
from tests.unit.dataset.record_strategies import values_of

LISTS = [field for field in FIELDS if field.options]
ORDERS = ("iso", "dmy", "mdy")


@pytest.mark.parametrize(
    ("field", "option"),
    [(field, option) for field in LISTS for option in field.options],
    ids=lambda part: getattr(part, "key", None) or getattr(part, "code", None),
)
def test_every_code_label_and_alias_is_read(field, option) -> None:
    expected = (option.code,) if field.kind == "multi" else option.code
    for text in (option.code, option.label, *option.aliases):
        for spelling in (text, text.upper(), text.lower(), f"  {text}\t", text.replace("'", "’")):
            assert read_cell(field, spelling) == (expected, None), spelling
    if option.code.isdigit():
        assert read_cell(field, f"{option.code}.0") == (expected, None)
    assert read_cell(field, f'="{option.code}"') == (expected, None)


@given(
    st.sampled_from(FIELDS).flatmap(lambda f: st.tuples(st.just(f), values_of(f))), st.booleans()
)
def test_what_is_written_is_read_again(pair, labels) -> None:
    field, value = pair
    text = write_cell(field, value, labels=labels)
    assert read_cell(field, text, date_order="dmy") == (value, None)
    assert read_cell(field, safe_for_spreadsheet(text), date_order="dmy") == (value, None)


@given(
    st.sampled_from([FIELD_BY_KEY[key] for key in ("local_id", "postcode", "service_code")]),
    st.text("'=+-@\"#1E. aA\u00a0\t", min_size=1, max_size=9),
)
def test_what_a_text_was_read_as_survives_a_file_that_is_safe_for_spreadsheets(field, text) -> None:
    value, _ = read_cell(field, text)
    if isinstance(value, str):
        written = safe_for_spreadsheet(write_cell(field, value))
        assert not written.startswith(("=", "@"))
        assert read_cell(field, written) == (value, None)


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+A", "-A", "@SUM(A1)", "'=1+1", "''=1", "'ab", "-2.5", "=", '="0123"', "=" * 50],
)
def test_the_mark_in_front_of_a_formula_is_ours_and_taken_away_once(text) -> None:
    assert without_mark(safe_for_spreadsheet(text)) == text
    assert read_cell(FIELD_BY_KEY["local_id"], safe_for_spreadsheet(text)) == (text, None)


@given(
    st.sampled_from([FIELD_BY_KEY[key] for key in ("nhs_number", "postcode", "local_id")]),
    st.lists(
        st.one_of(
            st.text("0019 -'\n.E+A", max_size=13),
            st.from_regex(r"[0-9]{3} ?[0-9]{3}[ -]?[0-9]{4}\n?", fullmatch=True),
            st.from_regex(r"[a-zA-Z0-9]{1,5} ?[0-9][A-Z]{2}", fullmatch=True),
        ),
        max_size=8,
    ),
)
def test_texts_read_many_at_once_mean_what_each_means_alone(field, texts) -> None:
    values, found = read_column(field, texts)
    alone = [read_cell(field, text) for text in texts]
    assert values == [value for value, _ in alone]
    assert found == [(i, finding) for i, (_, finding) in enumerate(alone) if finding]


# --- the companion column ----------------------------------------------------------------------

(TOKENS,) = COMPANIONS
ALL_TOKENS = sorted(
    token for rule in RULES for key in rule.fields if is_token(token := f"{rule.number}:{key}")
)


@given(st.lists(st.sampled_from([*ALL_TOKENS, "V20:near", "V20:elsewhere"]), unique=True))
def test_acknowledgements_are_read_as_they_were_written(tokens) -> None:
    value = tuple(tokens) or None
    assert read_cell(TOKENS, safe_for_spreadsheet(write_cell(TOKENS, value))) == (value, None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        (" ; ", None),
        ("V09:dxa_date", ("V09:dxa_date",)),
        (" v09 : DXA_Date |V20:near; ", ("V09:dxa_date", "V20:near")),
        ("V09:dxa_date;V09:dxa_date", ("V09:dxa_date",)),
    ],
)
def test_acknowledgements_are_read_in_any_spelling(text, expected) -> None:
    assert read_cell(TOKENS, text) == (expected, None)


@pytest.mark.parametrize(
    "text",
    [
        "yes",
        "V09",
        "V09:",
        "V09:smoker",
        "V99:dxa_date",
        "V02:date_of_birth",
        "V20:same",
        "T07:nhs_number",
        "V09:dxa_date,V13:therapy_recommended",
        "V09:dxa_date;yes",
        "#CLEAR",
    ],
)
def test_what_is_no_warning_to_confirm_is_refused(text) -> None:
    value, finding = read_cell(TOKENS, text)
    assert value is None and finding is not None
    assert (finding.code, finding.level, finding.field) == ("T03", "error", ACKNOWLEDGED)
    assert "blank" in finding.message


CELLS = [
    # blank and clear
    ("smoker", "", None, None),
    ("smoker", "  \u00a0", None, None),
    ("smoker", "\ufeff", None, None),
    ("smoker", '=""', None, None),
    ("smoker", "#CLEAR", CLEAR, None),
    ("dxa_date", " #clear ", CLEAR, None),
    ("local_id", "#CLEAR", CLEAR, None),
    ("nhs_number", "#CLEAR", None, "R01"),
    ("site_1", "#CLEAR", None, "R01"),
    # lists
    ("care_home", "y", "1", None),
    ("care_home", "n", "0", None),
    ("falls_assessed", "Y", "1", None),
    ("admitted", "Y", None, "T03"),
    ("gender", "Y", None, "T03"),
    ("site_1", "WRIST", "3", None),
    ("site_1", "non hip/non spine", "7", None),
    ("fu52_done", "Don\u00edt know", "U", None),
    ("fu52_done", "don\ufffdt  know", "U", None),
    ("therapy_at_fracture", "none", ("0",), None),
    ("falls_referrals", "None", ("0",), None),
    ("fracture_risk", "None", None, "T03"),
    ("smoker", "2", None, "T03"),
    ("smoker", "N/A", None, "T03"),
    ("postcode", "--", "--", None),
    ("smoker", "NA", None, "T03"),
    ("smoker", "null", None, "T03"),
    ("smoker", "01", None, "T03"),
    ("smoker", "1;0", None, "T04"),
    ("site_1", "Hip|Wrist", None, "T04"),
    ("site_1", "Hip;", "1", None),
    ("smoker", "#REF!", None, "T07"),
    ("smoker", "#N/A", None, "T07"),
    ("dxa_date", "########", None, "T07"),
    # several
    ("therapy_recommended", "Denosumab;Alendronate", ("1", "6"), None),
    ("therapy_recommended", "6|1;6", ("1", "6"), None),
    ("therapy_recommended", "1;", ("1",), None),
    ("therapy_recommended", ";", None, None),
    ("therapy_recommended", "U;20", ("20", "U"), None),
    ("therapy_recommended", "1,6", None, "T03"),
    ("therapy_recommended", "Alendronate;Aspirin", None, "T03"),
    # numbers
    ("height_cm", "172,5", Decimal("172.5"), None),
    ("height_cm", "172.54", Decimal("172.5"), None),
    ("height_cm", "172.55", Decimal("172.6"), None),
    ("height_cm", "172", Decimal("172.0"), None),
    ("height_cm", "100", Decimal("100.0"), None),
    ("height_cm", "99.9", None, "T06"),
    ("height_cm", "230", Decimal("230.0"), None),
    ("height_cm", "230.1", None, "T06"),
    ("height_cm", "1.72", None, "T06"),
    ("height_cm", "172 cm", None, "T02"),
    ("height_cm", "1.7E+02", None, "T07"),
    ("height_cm", "nan", None, "T02"),
    ("height_cm", "Infinity", None, "T02"),
    ("height_cm", "1_72", None, "T02"),
    ("height_cm", "\u0661\u0667\u0662", None, "T02"),
    ("weight_kg", "20", Decimal("20.0"), None),
    ("weight_kg", "19.9", None, "T06"),
    ("weight_kg", "300", Decimal("300.0"), None),
    ("weight_kg", "300.1", None, "T06"),
    ("weight_kg", "9" * 400, None, "T06"),
    ("t_score", "\u22122.5", Decimal("-2.5"), None),
    ("t_score", "-10", Decimal("-10.0"), None),
    ("t_score", "-10.1", None, "T06"),
    ("t_score", "-0.0", Decimal("0.0"), None),
    ("t_score", "+1", Decimal("1.0"), None),
    ("refracture_count", "0", "0", None),
    ("refracture_count", "9.0", "9", None),
    ("refracture_count", "10", None, "T06"),
    ("refracture_count", "-1", None, "T06"),
    ("refracture_count", "1.5", None, "T02"),
    ("refracture_count", "two", None, "T02"),
    ("refracture_count", "unknown", "U", None),
    # texts
    ("local_id", " H 1 ", "H 1", None),
    ("local_id", "x" * 50, "x" * 50, None),
    ("local_id", "x" * 51, None, "T05"),
    ("local_id", "1.23E+09", None, "T07"),
    ("local_id", "3-Dec", "3-Dec", "T07"),
    ("local_id", "Dec-12", "Dec-12", "T07"),
    ("local_id", "03/12/2024", "03/12/2024", "T07"),
    ("local_id", "2024-12-03 00:00:00", "2024-12-03 00:00:00", "T07"),
    ("local_id", "3-12", "3-12", None),
    ("local_id", "AB-12", "AB-12", None),
    ("local_id", "2024/12", "2024/12", None),
    ("local_id", "12E3", "12E3", None),
    ("local_id", "H\x001", None, "T07"),
    ("local_id", "U", "U", None),
    ("service_code", "abc", "ABC", None),
    ("postcode", "aa11aa", "AA1 1AA", None),
    ("postcode", " zz99  3vz", "ZZ99 3VZ", None),
    ("postcode", "A A1 1 AA", "AA1 1AA", None),
    ("postcode", "unknown place", None, "T05"),
    ("postcode", "abroad?", "ABROAD?", None),
    # NHS numbers
    ("nhs_number", "999 000 0018", "9990000018", None),
    ("nhs_number", "999-000-0018", "9990000018", None),
    ("nhs_number", "'9990000018", "9990000018", None),
    ("nhs_number", '="9990000018"', "9990000018", None),
    ("nhs_number", "999\u00a0000\u00a00018", "9990000018", None),
    ("nhs_number", "not uk", "NOT_UK", None),
    ("nhs_number", "Untraced", "UNTRACED", None),
    ("nhs_number", "9990000018.0", "9990000018", "T07"),
    ("nhs_number", "9990000019.0", None, "T07"),
    ("nhs_number", "9.99E+09", None, "T07"),
    ("nhs_number", "9,99E+09", None, "T07"),
    ("nhs_number", "9990000019", "9990000019", None),
    ("nhs_number", "99900000", "99900000", None),
    ("nhs_number", "9" * 30, None, "T05"),
    ("nhs_number", "-", None, "V01"),
]


@pytest.mark.parametrize(("key", "text", "value", "code"), CELLS)
def test_a_cell_means_this(key, text, value, code) -> None:
    found, finding = read_cell(FIELD_BY_KEY[key], text)
    assert found == value
    assert type(found) is type(value)
    assert str(found) == str(value)
    assert (finding.code if finding else None) == code


def test_a_number_that_lost_its_zero_is_not_taken() -> None:
    # 010 101 0006 is a number as Scotland issues them; a spreadsheet drops the zero in front.
    from dataset.nhs_number import check_digit

    number = next(
        f"{n:09d}{check_digit(f'{n:09d}')}"
        for n in range(10101000, 10101100)
        if check_digit(f"{n:09d}") is not None
    )
    assert read_cell(FIELD_BY_KEY["nhs_number"], number) == (number, None)
    value, finding = read_cell(FIELD_BY_KEY["nhs_number"], number[1:])
    assert (value, finding.code) == (None, "T07")


def test_a_finding_is_an_error_unless_the_cell_was_read() -> None:
    for key, text, value, _code in CELLS:
        finding = read_cell(FIELD_BY_KEY[key], text)[1]
        assert finding is None or finding.level == ("error" if value is None else "warning")


def test_a_long_list_offers_the_nearest_labels_or_says_where_it_is() -> None:
    field = FIELD_BY_KEY["therapy_recommended"]
    near, far = (read_cell(field, text)[1] for text in ("Alendronat", "Aspirin"))
    assert near and "Did you mean Alendronate (code 1)" in near.message
    assert far and "Did you mean" not in far.message
    assert all(f"{field.no} are in the code book, on the page Downloads" in f.message
               for f in (near, far))  # fmt: skip


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("31/02/1950", "no such day"),
        ("01/02/50", "two digits"),
        ("01/02/0050", "year cannot be right"),
        ("18295", "bare number"),
    ],
)
def test_a_hidden_date_of_birth_is_said_to_be_wrong_in_which_part(text: str, part: str) -> None:
    finding = read_cell(FIELD_BY_KEY["date_of_birth"], text, date_order="dmy")[1]
    assert finding and part in finding.message


def test_a_near_label_is_suggested_and_a_short_list_is_said() -> None:
    finding = read_cell(FIELD_BY_KEY["site_1"], "Humerous")[1]
    assert "Did you mean Humerus (code 4)?" in finding.message
    assert "Non hip" not in finding.message
    assert "0 (No), 1 (Yes) or U (Don't know)" in read_cell(FIELD_BY_KEY["smoker"], "?")[1].message


TEXTS = st.one_of(
    st.text(max_size=25),
    st.sampled_from([cell[1] for cell in CELLS]),
    st.dates(date(1900, 1, 1), date(2030, 1, 1)).map(str),
    st.from_regex(r"[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{2,4}", fullmatch=True),
)


@given(st.sampled_from(FIELDS), st.lists(TEXTS, max_size=8), st.sampled_from(ORDERS))
def test_a_column_is_read_as_its_cells_are(field, texts, order) -> None:
    singly = [read_cell(field, text, date_order=order) for text in texts]
    values, findings = read_column(field, texts, date_order=order)
    assert values == [value for value, _ in singly]
    assert findings == [(i, finding) for i, (_, finding) in enumerate(singly) if finding]


@given(st.sampled_from(FIELDS), TEXTS, st.sampled_from(ORDERS))
def test_a_finding_is_of_the_catalogue_and_does_not_repeat_the_cell(field, text, order) -> None:
    value, finding = read_cell(field, text, date_order=order)
    if finding is not None:
        assert finding.code in CATALOGUE
        assert finding.field == field.key
        assert value is None or finding.level == "warning"
        long = text.strip()
        if field.key in ("nhs_number", "date_of_birth", "postcode", "local_id") and len(long) > 8:
            examples = ("31/01/2024", "2024-01-31", "1.2E+09", "9.99E+09")
            assert long not in finding.message or long in examples


def test_a_full_memory_is_replaced_and_changes_nothing(monkeypatch) -> None:
    monkeypatch.setattr(reading, "_MOST_REMEMBERED", 3)
    field = FIELD_BY_KEY["date_of_birth"]
    days = [f"{day:02d}/03/1950" for day in range(1, 29)]
    for start in range(0, 28, 4):
        part = days[start : start + 4]
        assert read_column(field, part)[0] == [date(1950, 3, start + n + 1) for n in range(4)]


def test_a_text_of_great_length_is_read_and_not_kept_in_memory() -> None:
    field = FIELD_BY_KEY["date_of_death"]
    short, long = "05/06/2021", "05/06/2021" + " " * 100_000
    assert read_column(field, [long, short, long])[0] == [date(2021, 6, 5)] * 3
    known = reading._COLUMNS["date_of_death", "dmy"].known
    assert long not in known
    assert read_column(field, [short])[0] == [date(2021, 6, 5)]
    assert short in known


@pytest.mark.parametrize("text", ["9" * 130_000, "1," * 60_000, "12:" * 40_000, "a;" * 60_000])
def test_no_cell_takes_longer_than_its_length(text: str) -> None:
    # Not a measurement: what grows with the square takes more than a minute here.
    begun = time.process_time()
    for field in FIELDS:
        read_cell(field, text)
    assert time.process_time() - begun < 20


def test_the_mark_that_empties_stays_one_object() -> None:
    assert pickle.loads(pickle.dumps(CLEAR)) is CLEAR
    assert not CLEAR
