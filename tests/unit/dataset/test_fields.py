"""The dataset as data: complete, in order, and without two meanings for one thing."""

from __future__ import annotations

from datetime import date

import pytest

from dataset.conditions import AllOf, AnswerIn, AnyOf, Condition, Given
from dataset.fields import (
    ACKNOWLEDGED,
    COLUMN_BY_KEY,
    COMPANIONS,
    FIELD_BY_KEY,
    FIELDS,
    HEADINGS,
    KEY_FIELDS,
    SECTIONS,
    fields_of_section,
)
from dataset.lists import spelling_of
from dataset.versions import V3, V4, version_for

TEMPLATE = (
    "ServiceCode, LocalID, 1.01 NHSNumber, 1.02 DateOfBirth, 1.03 Gender, 1.04 Post Code, "
    "1.05 CareRes, 1.06 DateFLSContact, 1.07 DateFLSAssess, 1.08 AdmitHosp, "
    "1.09 Date Index Frac Diagnosed, 1.10 TypeOfFracture, 1.11 SiteFirstFrac, 1.12 SiteSecFrac, "
    "1.13 SiteThirdFrac, 2.01 Height, 2.02 Weight, 2.03 PrevFracHist, 2.04 FamHipFracHist, "
    "2.05 Smoker, 2.06 BoneSpareTherapy, 3.01 DXA, 3.02 DXANotOrdered, 3.03 DateofDXA, "
    "3.04 TScore, 3.05 RiskOfFracture, 4.01 BoneTherapy, 4.02 CalciumVitDRec, "
    "5.01 RiskAssesByFLS, 5.02 TwoFalls, 5.03 FearOfFalling, 5.04 MedsIncRiskFall, "
    "5.05 PreFracMob, 5.06 Vision, 5.07 Toileting, 5.08 AbnormalCardAssess, "
    "5.09 CognitiveImpairment, 5.10 Referrals, 6.01 FollowUp12_16, 6.02 Dateof16WeekAss, "
    "6.03 FLS16WeekAss, 6.04 StartCalVitDSupp, 6.05 BoneTherapy1216, 6.06 StartStrenBalExe, "
    "7.01 FollowUp48_56, 7.02 Dateof52WeekAss, 7.03 FLS52WeekAss, 7.04 ConfirmAdhereVitD, "
    "7.05 BoneTherapy4856, 7.06 NumReFracSinceIndex, 7.07 ReFracture1Site, 7.07 ReFracture1Date, "
    "7.08 ReFracture2Site, 7.08 ReFracture2Date, 7.09 ReFracture3Site, 7.09 ReFracture3Date, "
    "DateOfDeath"
)


def test_the_columns_stand_in_the_order_of_the_template() -> None:
    assert list(HEADINGS) == TEMPLATE.split(", ")
    assert len(FIELDS) == len(FIELD_BY_KEY) == 57


def test_a_companion_is_a_column_but_no_question() -> None:
    assert [field.heading for field in COMPANIONS] == ["Acknowledged"]
    assert not {field.key for field in COMPANIONS} & FIELD_BY_KEY.keys()
    assert list(COLUMN_BY_KEY) == [*FIELD_BY_KEY, ACKNOWLEDGED]


def test_a_record_needs_five_answers() -> None:
    assert [field.no for field in KEY_FIELDS] == ["1.01", "1.02", "1.03", "1.09", "1.11"]
    assert all(field.required == "K" for field in KEY_FIELDS)


def test_every_field_is_in_one_section() -> None:
    by_section = [field for section in SECTIONS for field in fields_of_section(section)]
    assert sorted(field.key for field in by_section) == sorted(FIELD_BY_KEY)


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.key)
def test_a_field_is_whole(field) -> None:
    assert field.label and field.help.endswith(".")
    assert bool(field.options) == (field.kind in ("single", "multi", "integer"))
    assert (field.kind == "decimal") == (field.minimum is not None and field.maximum is not None)
    assert (field.max_length is not None) == (
        field.kind in ("text", "service_code", "postcode", "nhs_number")
    )
    codes = [option.code for option in field.options]
    assert len(codes) == len(set(codes))
    assert set(field.exclusive) <= set(codes)
    if field.asked_if or field.required == "c":
        assert field.asked_when
    if field.required == "c":
        assert field.asked_if or field.may_stay_blank
    if field.given_unasked:
        assert field.asked_if


def leaves(condition: Condition) -> list[AnswerIn | Given]:
    if isinstance(condition, AllOf | AnyOf):
        return [leaf for part in condition.parts for leaf in leaves(part)]
    return [condition]


@pytest.mark.parametrize(
    "field", [field for field in FIELDS if field.asked_if], ids=lambda field: field.key
)
def test_a_condition_speaks_of_answers_that_exist_and_come_before(field) -> None:
    """SQL is written from conditions, so an answer in them is one code, never several."""
    for leaf in leaves(field.asked_if):
        other = FIELD_BY_KEY[leaf.key]
        assert FIELDS.index(other) < FIELDS.index(field)
        if isinstance(leaf, AnswerIn):
            assert other.kind in ("single", "integer")
            assert set(leaf.codes) <= {option.code for option in other.options}


def test_what_may_stay_blank_or_be_given_unasked_is_named() -> None:
    assert [f.no for f in FIELDS if f.may_stay_blank] == ["1.07", "3.03"]
    assert [f.no for f in FIELDS if f.given_unasked] == ["6.05", "7.05"]
    assert all(f.shown_if is None for f in FIELDS if f.given_unasked)
    assert not any(f.is_needed for f in FIELDS if f.may_stay_blank or f.required == "o")


@pytest.mark.parametrize(
    "field", [field for field in FIELDS if field.options], ids=lambda field: field.key
)
def test_no_spelling_means_two_answers(field) -> None:
    meaning: dict[str, str] = {}
    for option in field.options:
        for spelling in {spelling_of(t) for t in (option.code, option.label, *option.aliases)}:
            assert meaning.setdefault(spelling, option.code) == option.code, spelling


def test_only_the_site_without_a_place_is_left_to_the_older_version() -> None:
    restricted = {
        (field.key, option.code, option.versions)
        for field in FIELDS
        for option in field.options
        if option.versions != ("v3", "v4")
    }
    sites = [field.key for field in FIELDS if "site_" in field.key or field.key.endswith("_site")]
    assert restricted == {(key, "7", ("v3",)) for key in sites}
    assert len(sites) == 6


def test_a_version_offers_its_own_answers() -> None:
    site = FIELD_BY_KEY["site_1"]
    assert [option.code for option in site.offered("v4")] == list("123456")
    assert [option.code for option in site.offered("v3")] == list("1234567")


@pytest.mark.parametrize(
    ("diagnosed_on", "version"),
    [
        (date(2016, 1, 1), V3),
        (date(2023, 12, 31), V3),
        (date(2024, 1, 1), V4),
        (date(2026, 11, 1), V4),
        (date(2015, 12, 31), V3),
    ],
)
def test_the_day_of_diagnosis_decides_the_version(diagnosed_on, version) -> None:
    assert version_for(diagnosed_on) is version
