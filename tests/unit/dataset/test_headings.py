"""Headings: tolerant in spelling; what could mean two things is asked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataset.fields import COMPANIONS, FIELDS, HEADINGS
from dataset.headings import match_headings


def keys_of(headings: list[str]) -> list[str | None]:
    return [field.key if field else None for field in match_headings(headings).columns]


def test_the_template_matches_itself() -> None:
    match = match_headings(HEADINGS)
    assert match.columns == list(FIELDS)
    assert match.findings == [] and match.questions == []
    assert match.known == 57


def test_a_companion_is_known_beside_the_questions() -> None:
    for spelling in ("Acknowledged", "ACKNOWLEDGED", " acknowledged "):
        match = match_headings([*HEADINGS, spelling])
        assert match.columns == [*FIELDS, *COMPANIONS]
        assert match.findings == [] and match.known == 58
    twice = match_headings(["Acknowledged", *HEADINGS, "acknowledged"])
    assert [(f.code, f.field) for f in twice.findings] == [("H03", "acknowledged")]


@given(st.permutations(range(len(FIELDS))))
def test_order_is_free(order) -> None:
    match = match_headings([HEADINGS[place] for place in order])
    assert match.columns == [FIELDS[place] for place in order]
    assert match.findings == []


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.key)
def test_every_name_of_a_column_is_known(field) -> None:
    short = field.heading.removeprefix(f"{field.no} ")
    for name in (field.key, field.heading, short, *field.aliases):
        for spelling in (name, name.upper(), f" {name} ", name.replace(" ", "  "), f'="{name}"'):
            assert keys_of([spelling]) == [field.key], spelling


@pytest.mark.parametrize(
    ("heading", "key"),
    [
        ("1.07", "date_fls_assessment"),
        ("1,07", "date_fls_assessment"),
        ("1.07 anything the site wrote", "date_fls_assessment"),
        ("1.07: DateFLSAssess", "date_fls_assessment"),
        ("\ufeff1.01 NHSNumber", "nhs_number"),
        ("1.10 TypeOfFractue", "fracture_type"),
        ("TypeOfFractue", "fracture_type"),
        ("1.1 TypeOfFracture", "fracture_type"),
        ("5.1 Referrals", "falls_referrals"),
        ("7.07 ReFracture1Site", "refracture_1_site"),
        ("7.07 Site", "refracture_1_site"),
        ("7.08 Date of refracture", "refracture_2_on"),
        ("NHS number", "nhs_number"),
        ("nhs_number", "nhs_number"),
        ("Date of birth", "date_of_birth"),
    ],
)
def test_a_heading_is_understood(heading, key) -> None:
    assert keys_of([heading]) == [key]


@pytest.mark.parametrize(
    ("heading", "candidates"),
    [
        ("1.1", ["nhs_number", "fracture_type"]),
        ("5.1", ["falls_assessed", "falls_referrals"]),
        ("7.07", ["refracture_1_site", "refracture_1_on"]),
        ("7.09 ReFracture", ["refracture_3_site", "refracture_3_on"]),
    ],
)
def test_what_could_mean_two_columns_is_asked(heading, candidates) -> None:
    match = match_headings([*HEADINGS, heading])
    assert match.columns[57] is None
    (question,) = match.questions
    assert question.position == 57
    assert [field.key for field in question.candidates] == candidates
    (finding,) = match.findings
    assert (finding.code, finding.level) == ("H01", "error")
    assert heading in finding.message


@pytest.mark.parametrize("heading", ["Consultant", "", "  ", "Age at fracture", "9.99", "1.99 New"])
def test_an_unknown_column_is_passed_over_with_a_warning(heading) -> None:
    match = match_headings([*HEADINGS, heading])
    (finding,) = match.findings
    assert (finding.code, finding.level) == ("H01", "warning")
    assert match.positions == [57]
    assert match.columns[57] is None


@pytest.mark.parametrize("missing", ["1.01", "1.02", "1.03", "1.09", "1.11"])
def test_a_missing_key_column_is_an_error(missing) -> None:
    match = match_headings([h for h in HEADINGS if not h.startswith(missing)])
    (finding,) = match.findings
    assert (finding.code, finding.level) == ("H02", "error")
    assert missing in finding.message


def test_other_columns_may_be_missing() -> None:
    assert match_headings(["1.01", "1.02", "1.03", "1.09", "1.11"]).findings == []


def test_the_same_heading_twice_is_an_error_on_the_second() -> None:
    match = match_headings([*HEADINGS, "DateFLSAssess"])
    (finding,) = match.findings
    assert (finding.code, finding.level, finding.field) == ("H03", "error", "date_fls_assessment")
    assert match.columns[57] is None
    assert match.columns[8] is not None


@pytest.mark.parametrize(
    ("headings", "codes"),
    [
        (["LocalID", "2.05"], []),
        (["1.01", "1.09", "2.05"], []),
        (["1.01", "2.05"], ["H02"]),
        (["2.05"], ["H02"]),
    ],
)
def test_an_update_needs_only_a_row_key(headings, codes) -> None:
    match = match_headings(headings, update_only=True)
    assert [finding.code for finding in match.findings] == codes


@pytest.mark.parametrize("cell", ["9990000018", "999 000 0018", "01/03/1950", "AA1 1AA"])
def test_data_where_headings_should_be_is_not_repeated(cell) -> None:
    for finding in match_headings([cell, *HEADINGS]).findings:
        assert cell not in finding.message
