"""The downloads say what is checked: every question, answer, finding and rule is in each form."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

from dataset.downloads import catalogue, changes, code_book, csv_texts, template
from dataset.downloads.edition import edition
from dataset.downloads.schema import record_json_schema
from dataset.engine import check_texts
from dataset.fields import FIELD_BY_KEY, FIELDS, HEADINGS
from dataset.findings import GIVEN
from dataset.headings import match_headings
from dataset.reading import read_cell
from dataset.rules import RULES
from dataset.sample import sample_rows
from dataset.store import STORE_RULES
from dataset.versions import VERSIONS, Version
from dataset.wire import wire_from_record
from tests.unit.dataset.record_strategies import records

ROOT = Path(__file__).parents[3]
TODAY = date(2026, 9, 30)


def rows_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def test_the_template_is_read_back_whole() -> None:
    (headings,) = rows_of(csv_texts.template_csv())
    assert match_headings(headings).columns == list(FIELDS)


# --- code book -------------------------------------------------------------------------------


def test_the_code_book_has_a_line_for_each_column() -> None:
    first, *lines = rows_of(csv_texts.code_book_csv())
    assert tuple(first) == code_book.COLUMNS
    assert [line[0] for line in lines] == list(HEADINGS)
    assert all(len(line) == len(code_book.COLUMNS) for line in lines)
    site = next(line for line in lines if line[2] == "site_1")
    assert "7 = Non hip/non spine (v3 only)" in site[7]


def test_the_code_book_has_all_that_a_field_says() -> None:
    for field, line in zip(FIELDS, rows_of(csv_texts.code_book_csv())[1:], strict=True):
        of = dict(zip(code_book.COLUMNS, line, strict=True))
        assert of["Question"] == field.label
        assert of["Help"] == field.help
        assert of["Asked when"] == (field.asked_when or "")
        for option in field.options if field.kind != "integer" else ():
            assert f"{option.code} = {option.label}" in of["Answers"]
        limits = (field.minimum, field.maximum, field.warn_minimum, field.warn_maximum)
        names = ("Smallest", "Largest", "Unlikely below", "Unlikely above")
        assert [of[name] for name in names] == [str(n) if n is not None else "" for n in limits]
        listed = (*RULES, *STORE_RULES)
        numbers = sorted(r.number for r in listed if field.key in r.fields and r.number[0] == "V")
        assert of["Rules"] == "; ".join(numbers)


def test_every_question_of_the_code_book_has_a_link_of_its_own() -> None:
    anchors = [q.anchor for section in code_book.sections() for q in section.questions]
    assert len(anchors) == len(set(anchors)) == len(FIELDS)
    assert code_book.ANCHORS["date_fls_assessment"] == "1.07"
    assert code_book.ANCHORS["refracture_1_site"] == "7.07"
    assert code_book.ANCHORS["refracture_1_on"] == "7.07-date"


def test_the_questions_of_the_code_book_say_what_applies_and_no_more() -> None:
    questions = {
        q.field.key: dict(q.facts) for section in code_book.sections() for q in section.questions
    }
    assert questions["t_score"]["Limits"] == "-10 to 10; below -6 or above 4 is unlikely"
    assert questions["height_cm"]["Answer"].startswith("Number in cm")
    assert questions["two_falls"]["Asked"] == "When 5.01 is Yes"
    assert questions["fu16_done"]["Asked"] == "From 12 weeks after 1.09"
    assert questions["therapy_16w"]["Stand alone"].startswith("Informed decline, Not started")
    assert "Limits" not in questions["smoker"] and "Asked" not in questions["smoker"]


def test_every_answer_has_a_line_with_its_spellings() -> None:
    _, *lines = rows_of(csv_texts.answers_csv())
    expected = [(field.key, option.code) for field in FIELDS for option in field.options]
    assert [(line[2], line[3]) for line in lines] == expected
    for line in lines:
        field = FIELD_BY_KEY[line[2]]
        for spelling in (line[3], line[4], *filter(None, line[6].split("; "))):
            value, finding = read_cell(field, spelling)
            assert finding is None
            assert value in (line[3], (line[3],)), spelling


# --- findings and rules ------------------------------------------------------------------------


def test_every_code_that_can_be_met_is_listed_with_its_mend() -> None:
    _, *lines = rows_of(csv_texts.findings_csv())
    assert {line[0]: (line[3], line[4]) for line in lines} == {
        code: tuple(entry) for code, entry in GIVEN.items()
    }


def test_levels_are_those_that_the_code_gives() -> None:
    sources = "".join(
        path.read_text("utf-8")
        for folder in ("dataset", "services")
        for path in (ROOT / folder).rglob("*.py")
        if "downloads" not in path.relative_to(ROOT).parts
    )
    given = set(re.findall(r'"([A-Z]\d\d)",\s*"(error|warning)"', sources))
    given |= {
        (code, level)
        for level, code in re.findall(
            r'\b_?(error|warning)\(\s*(?:field,\s*)?"([A-Z]\d\d)"', sources
        )
    }
    of_rules = {rule.number: rule.levels for rule in (*RULES, *STORE_RULES)}
    for code, levels in of_rules.items():
        assert catalogue.CODED[code].level == " or ".join(levels)
    for coded in catalogue.CODED.values():
        if coded.code in of_rules:
            continue
        levels = {level for code, level in given if code == coded.code} or {"error"}
        assert coded.level == " or ".join(sorted(levels)), coded.code


def test_every_rule_has_a_reason_and_its_fields() -> None:
    listed = {coded.code: coded for coded in catalogue.rules()}
    for rule in RULES:
        coded = listed[rule.number]
        assert coded.reason.endswith(".")
        assert {field.key for field in coded.fields} == set(rule.fields)
    assert list(listed) == sorted(listed)


def test_the_rules_about_a_field_are_those_that_read_it() -> None:
    about = [coded.code for coded in catalogue.rules_about(FIELD_BY_KEY["date_of_birth"])]
    assert about == sorted(rule.number for rule in RULES if "date_of_birth" in rule.fields)
    assert about


# --- versions --------------------------------------------------------------------------------


def test_the_versions_can_be_downloaded() -> None:
    assert rows_of(csv_texts.versions_csv())[1:] == [
        ["v3", "2016-01-01", "2023-12-31"],
        ["v4", "2024-01-01", ""],
    ]


def test_the_changes_name_each_answer_that_only_one_version_has() -> None:
    _, *lines = rows_of(csv_texts.changes_csv())
    gone = [
        (field.heading, option.code)
        for field in FIELDS
        for option in field.options
        if option.versions == ("v3",)
    ]
    assert [(line[3], line[6]) for line in lines] == gone
    assert {(line[0], line[1], line[5]) for line in lines} == {("v3", "v4", "answer removed")}


def test_questions_and_answers_that_come_and_go_are_all_changes() -> None:
    v5 = Version("v5", date(2027, 1, 1), None)
    smoker, gender = FIELD_BY_KEY["smoker"], FIELD_BY_KEY["gender"]
    fields = (
        replace(smoker, versions=("v3", "v4")),
        replace(gender, versions=("v5",)),
        replace(
            FIELD_BY_KEY["dxa"],
            versions=("v3", "v4", "v5"),
            options=(replace(smoker.options[0], versions=("v4", "v5")),),
        ),
    )
    found = changes.changes(fields, (*VERSIONS, v5))
    assert [(c.later.name, c.field.key, c.what, c.code) for c in found] == [
        ("v4", "dxa", "answer added", "0"),
        ("v5", "smoker", "question removed", ""),
        ("v5", "gender", "question added", ""),
    ]


# --- template --------------------------------------------------------------------------------


def test_the_template_offers_the_answers_of_each_single_list() -> None:
    for column, field in zip(template.columns(), FIELDS, strict=True):
        assert column.field is field
        if field.kind in ("single", "integer"):
            assert column.choices == tuple(option.label for option in field.options)
        else:
            assert column.choices == ()


def test_help_beside_a_cell_is_short_enough_and_whole() -> None:
    for column in template.columns():
        assert 0 < len(column.title) <= template.MOST_TITLE
        assert 0 < len(column.prompt) <= template.MOST_PROMPT
        assert column.prompt.endswith("."), column.prompt
    prompts = {column.field.key: column.prompt for column in template.columns()}
    assert "only for fractures diagnosed before 1 January 2024" in prompts["site_1"]
    assert 'with ";" between them' in prompts["falls_referrals"]


# --- formulas and editions --------------------------------------------------------------------


def test_what_looks_like_a_formula_is_made_harmless() -> None:
    assert csv_texts.csv_text([("=1+1", "-2.5", "@x")]) == "'=1+1,-2.5,'@x\r\n"


def test_the_edition_changes_with_the_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    assert re.fullmatch("[0-9a-f]{8}", edition())
    before = edition()
    edition.cache_clear()
    monkeypatch.setattr(csv_texts, "versions_csv", lambda: "other")
    assert edition() != before
    edition.cache_clear()


# --- JSON Schema -----------------------------------------------------------------------------

SCHEMA = record_json_schema()
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)


def wrong_in(wire: dict) -> set[str]:
    """Keys whose values the schema refuses; keys that it does not know by their name."""
    found: set[str] = set()
    for error in VALIDATOR.iter_errors(wire):
        if error.validator == "additionalProperties":
            found |= set(wire) - set(SCHEMA["properties"])
        elif error.validator != "required":
            found.add(str(error.absolute_path[0]))
    return found


def test_the_schema_is_one_and_has_every_field_and_the_keys() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert list(SCHEMA["properties"]) == [field.key for field in FIELDS]
    assert len(SCHEMA["required"]) == 5
    assert SCHEMA["additionalProperties"] is False
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA


def sample_records() -> Iterator[dict]:
    _, *rows = sample_rows(300, 5, service_code="ABC", bad_share=0, today=TODAY)
    columns = {f.key: cells for f, cells in zip(FIELDS, zip(*rows, strict=True), strict=True)}
    read = check_texts(columns, len(rows), today=TODAY).columns
    for values in zip(*read.values(), strict=True):
        yield dict(zip(read, values, strict=True))


def test_the_schema_accepts_the_records_of_the_sample() -> None:
    wires = [wire_from_record(record) for record in sample_records()]
    assert len(wires) == 300
    for wire in wires:
        assert list(VALIDATOR.iter_errors(wire)) == []
    without = {key: value for key, value in wires[0].items() if key != "gender"}
    assert [error.validator for error in VALIDATOR.iter_errors(without)] == ["required"]


@given(records(clear=False))
def test_the_schema_accepts_the_form_of_every_record(record) -> None:
    # Forms are right; only a number of other than ten digits is refused.
    assert wrong_in(wire_from_record(record)) <= {"nhs_number"}


@pytest.mark.parametrize(
    "wire",
    [
        {"smoker": "2"},
        {"smoker": 1},
        {"therapy_16w": "1"},
        {"therapy_16w": []},
        {"therapy_16w": ["1", "1"]},
        {"extra": "1"},
        {"t_score": -2.5},
        {"t_score": "-2.55"},
        {"date_of_birth": "01/03/1950"},
        {"gender": None},
        {"nhs_number": "999 000 0018"},
        {"local_id": "x" * 51},
    ],
)
def test_the_schema_refuses_other_forms(wire) -> None:
    assert wrong_in(wire) == set(wire)
