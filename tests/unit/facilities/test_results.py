"""Derived values, tables of what all answered, and the files of a round."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.facilities.domain.deriving import derive
from services.facilities.domain.exporting import (
    DEFINITION_HEADINGS,
    data_rows,
    definition_rows,
    headings,
)
from services.facilities.domain.questionnaires import FACILITIES_2026, QUESTIONNAIRES
from services.facilities.domain.results import results, spread_of
from tests.factories.facilities import COMPLETE, SHORT

SITE = {
    "site_code": "AHX",
    "site_name": "Airedale",
    "kind": "hospital",
    "nation": "england",
    "region": "West Yorkshire",
    "submitted_on": "2026-11-23",
}


def result(question, *answer_sets):
    found = results(FACILITIES_2026, answer_sets)
    return next(each for section in found.values() for each in section if each.id == question)


def test_what_follows_from_the_staff_is_worked_out_exactly():
    staff = {"B2.nurse.6": 0.1, "B2.nurse.7": 0.2, "B2.administrator.3": 0.5, "B2.other.9": 0.0}
    assert derive(FACILITIES_2026, staff) == {
        "B3_band": "Band 7",
        "B3_nurse": 0.3,
        "B3_admin": 0.5,
        "B3_all": 0.8,
    }


def test_without_a_number_nothing_follows_and_without_nurses_no_band():
    assert derive(FACILITIES_2026, {"B2.nurse.6": "one"}) == {}
    found = derive(FACILITIES_2026, {"B2.administrator.3": 1.0, "B2.nurse.6": "one"})
    assert found == {"B3_nurse": 0.0, "B3_admin": 1.0, "B3_all": 1.0}


def test_options_are_counted_among_those_that_were_asked():
    found = result("D1", COMPLETE, {**COMPLETE, "D1": ["2"]}, SHORT)
    assert (found.asked, found.answered) == (2, 2)
    assert {line.code: line.count for line in found.lines if line.count} == {"1": 1, "2": 2}
    a3 = result("A3", COMPLETE, SHORT)
    assert (a3.asked, {line.code: line.count for line in a3.lines}) == (2, {"1": 1, "2": 0, "3": 1})


def test_numbers_have_a_spread_and_texts_are_only_counted():
    found = result("A8", COMPLETE, {**COMPLETE, "A8": 100000}, {**COMPLETE, "A8": 300000})
    assert (found.spread.least, found.spread.median, found.spread.greatest) == (
        100000,
        220000,
        300000,
    )
    name = result("A2", COMPLETE)
    assert (name.answered, name.lines, name.spread) == (1, (), None)


def test_derived_values_have_their_tables_beside_their_grid():
    found = results(FACILITIES_2026, [COMPLETE, SHORT])["B"]
    assert [each.id for each in found] == ["B1", "B3_band", "B3_nurse", "B3_admin", "B3_all"]
    assert [(line.label, line.count) for line in found[1].lines] == [("Band 7", 1)]
    assert (found[2].asked, found[2].spread.median) == (1, 1.6)


def test_nothing_submitted_is_no_mistake():
    assert result("A8").spread is None and result("D1").asked == 0


@given(st.lists(st.floats(0, 1000), min_size=1, max_size=30))
def test_a_spread_is_in_order(numbers):
    spread = spread_of(numbers)
    # Quartiles between two floats can miss the greatest by the last bit of a float.
    order = [spread.least, spread.lower, spread.median, spread.upper, spread.greatest]
    assert all(a <= b + 1e-9 for a, b in zip(order, order[1:], strict=False))


@pytest.mark.parametrize("questionnaire", QUESTIONNAIRES.values(), ids=lambda each: each.id)
def test_each_column_of_the_data_is_defined_in_its_place(questionnaire):
    defined = list(definition_rows(questionnaire))
    assert [line[1] for line in defined] == headings(questionnaire)
    assert [line[0] for line in defined] == list(range(1, len(defined) + 1))
    assert {len(line) for line in defined} == {len(DEFINITION_HEADINGS)}


def test_the_data_have_labels_and_nothing_about_a_person():
    (line,) = data_rows(FACILITIES_2026, [(SITE, COMPLETE)])
    row = dict(zip(headings(FACILITIES_2026), line, strict=True))
    assert row["site_code"] == "AHX" and row["A3"] == "Yes" and row["B2.nurse.7"] == 0.6
    assert row["D1"] == "Ward round;The hip fracture database's list"
    assert row["B3_all"] == 2.1 and row["K1"] == ""
    assert not {name for name in row if name.startswith("A9")}
    assert "Sam Example" not in line
