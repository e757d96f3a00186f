"""What a newer version of the dataset does to a set-up that was saved for an older one."""

from __future__ import annotations

from dataset.fields import COLUMN_BY_KEY, FIELDS
from dataset.versions import VERSIONS
from services.imports.domain.setup import Setup
from services.imports.domain.setup_report import Change, report

NEWEST = VERSIONS[-1].name


def test_nothing_is_said_of_a_set_up_for_the_present_version() -> None:
    everything = Setup(
        headings={f"own {key}": key for key in COLUMN_BY_KEY},
        values={
            field.key: {option.code: option.code for option in field.offered(NEWEST)}
            for field in FIELDS
            if field.options
        },
    )
    assert report(everything, NEWEST) == []


def test_an_answer_that_is_not_offered_any_more_is_named() -> None:
    setup = Setup(values={"site_1": {"other": "7", "wrist": "3"}, "smoker": {"ja": "1"}})
    assert report(setup, "v3", now="v4") == [Change("gone_answers", "site_1", ("7",))]
    assert report(setup, "v3", now="v3") == []


def test_an_answer_that_has_come_is_named_where_answers_are_read() -> None:
    setup = Setup(values={"site_1": {"wrist": "3"}})
    assert report(setup, "v4", now="v3") == [Change("new_answers", "site_1", ("7",))]
    assert report(Setup(headings={"site": "site_1"}), "v4", now="v3") == []


def test_a_field_that_is_gone_is_named() -> None:
    setup = Setup(headings={"ward": "ward_round", "sex": "gender", "nothing": ""})
    assert report(setup, NEWEST) == [Change("gone_field", "ward_round")]


def test_each_field_that_is_new_is_named() -> None:
    later = "v5"  # no field has it, so that all are gone; the other way round all are new
    assert {change.kind for change in report(Setup(), later, now=NEWEST)} == {"new_field"}
    assert len(report(Setup(), later, now=NEWEST)) == len(FIELDS)
