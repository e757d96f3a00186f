"""What a form shows and what it sends are the same: for every record, through real HTML."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from dataset import wire
from dataset.fields import FIELD_BY_KEY, FIELDS
from dataset.nhs_number import REASONS_FOR_NONE
from dataset.reading import read_cell
from dataset.sample import sample_rows
from dataset.values import Value
from dataset.versions import VERSIONS
from gateway.forms import Form
from gateway.pages.typing import forms
from gateway.pages.typing.places import SECTION_PLACES
from gateway.pages.typing.questions import Said, groups_of
from tests.unit.gateway.sent import fields_sent

TYPED = [field for field in FIELDS if field.key != "service_code"]


def test_every_question_has_its_page_and_no_other() -> None:
    asked = [field.key for place in SECTION_PLACES.values() for field in place.fields]
    assert sorted(asked) == sorted(field.key for field in TYPED)


def _value(field: Any) -> st.SearchStrategy[Value]:
    """Any value that a field can hold."""
    codes = [option.code for option in field.options]
    if field.kind == "multi":
        some = st.sets(st.sampled_from(codes), min_size=1)
        return some.map(lambda chosen: tuple(code for code in codes if code in chosen))
    if codes:
        return st.sampled_from(codes)
    if field.kind == "date":
        return st.dates(date(1900, 1, 1), date(2030, 1, 1))
    if field.kind == "decimal":
        return st.decimals(field.minimum, field.maximum, places=field.decimals)
    if field.kind == "nhs_number":
        return st.sampled_from(["9990000018", "9990000026", *REASONS_FOR_NONE, "123"])
    if field.kind == "postcode":
        return st.sampled_from(["AA1 1AA", "ZZ99 3VZ", "NOWH ERE"])
    letters = st.characters(codec="utf-8", categories=["L", "N", "P"])
    return st.text(letters, min_size=1, max_size=20).filter(
        lambda text: read_cell(field, text)[0] == text
    )


_RECORDS = st.fixed_dictionaries({}, optional={field.key: _value(field) for field in TYPED}).filter(
    bool
)


def _as_sent(values: dict[str, Any], fields: Any) -> MultiDict[str, str]:
    sent: MultiDict[str, str] = MultiDict()
    for field in fields:
        sent.add(forms.SHOWN, field.key)
    for name, value in values.items():
        for one in value if isinstance(value, list) else [value]:
            sent.add(name, one)
    return sent


@settings(max_examples=60)
@given(_RECORDS)
def test_what_is_stored_reads_back_the_same(record: dict[str, Value]) -> None:
    texts = forms.texts_of({"values": wire.wire_from_record(record), "texts": {}})
    sent = forms.texts_from(_as_sent(forms.values_from(texts, TYPED), TYPED), TYPED)
    read = {key: read_cell(FIELD_BY_KEY[key], text)[0] for key, text in sent.items()}
    assert {key: value for key, value in read.items() if value is not None} == record


_ANY_TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=30
)


@given(st.sampled_from(TYPED), _ANY_TEXT)
def test_an_unreadable_text_comes_back_as_it_was_typed(field: Any, text: str) -> None:
    value, _ = read_cell(field, text)
    again = forms.texts_from(
        _as_sent(forms.values_from({field.key: text}, [field]), [field]), [field]
    )
    if value is None and field.kind != "multi":
        assert again == {field.key: text} or (field.kind == "date" and not text.strip("/"))
    else:
        assert read_cell(field, again[field.key])[0] == value


@given(
    st.lists(
        st.sampled_from(["", "3", "31", "2", "13", "2024", "24", "x", " 7 "]),
        min_size=3,
        max_size=3,
    )
)
def test_the_boxes_of_a_date_come_back_as_they_were_typed(boxes: list[str]) -> None:
    typed = dict(zip(("d-day", "d-month", "d-year"), boxes, strict=True))
    shown = forms.date_boxes("d", forms.date_text(typed, "d"))
    assert shown == {name: box.strip() for name, box in typed.items()}


def test_a_whole_date_pasted_into_the_first_box_is_read() -> None:
    field = FIELD_BY_KEY["dxa_date"]
    sent = MultiDict({"shown": "dxa_date", "dxa_date-day": "3 February 2024"})
    text = forms.texts_from(sent, [field])["dxa_date"]
    assert str(read_cell(field, text)[0]) == "2024-02-03"


def test_only_what_was_on_the_page_is_sent() -> None:
    sent = MultiDict({"shown": "smoker", "smoker": "1", "height_cm": "170"})
    assert forms.texts_from(sent, TYPED) == {"smoker": "1"}


def test_a_number_found_later_wins_over_the_reason_for_none() -> None:
    sent = MultiDict(
        {"shown": "nhs_number", "nhs_number": "9990000018", "nhs_number-none": "UNTRACED"}
    )
    assert forms.texts_from(sent, TYPED) == {"nhs_number": "9990000018"}


@pytest.mark.parametrize("version", [version.name for version in VERSIONS])
def test_what_the_pages_show_is_what_a_browser_sends(app: Flask, version: str) -> None:
    """Through the templates: the values of sample records, parsed out of the HTML again."""
    template = app.jinja_env.from_string(
        '{% from "typing/questions.html" import group %}<form>'
        "{% for g in groups %}{{ group(g, form) }}{% endfor %}</form>"
    )
    today = datetime.now(UTC).date()
    rows = list(sample_rows(12, 5, service_code="AAA", today=today))
    headings = {field.heading: field for field in FIELDS}
    for row in rows[1:]:
        texts = {
            headings[heading].key: text
            for heading, text in zip(rows[0], row, strict=True)
            if heading in headings and headings[heading].key != "service_code"
        }
        for place in SECTION_PLACES.values():
            groups = groups_of(place.fields, texts, version, Said())
            with app.test_request_context():
                html = template.render(
                    groups=groups,
                    form=Form(forms.values_from(texts, place.fields)),
                )
            sent = forms.texts_from(fields_sent(html), place.fields)
            assert set(sent) == {field.key for field in place.fields}
            for field in place.fields:
                stored, _ = read_cell(field, texts.get(field.key, ""))
                shown, _ = read_cell(field, sent[field.key])
                assert shown == stored, field.key
                if stored is None:
                    assert sent[field.key] == texts.get(field.key, "").strip()
