"""The HTML that typing writes out itself is that of NHS.UK frontend's components."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask, render_template_string

_OURS = '{% from "typing/widgets.html" import text_widget, date_widget, list_widget %}'
_THEIRS = """
{% from "nhsuk/components/input/macro.jinja" import input %}
{% from "nhsuk/components/date-input/macro.jinja" import dateInput %}
{% from "nhsuk/components/radios/macro.jinja" import radios %}
{% from "nhsuk/components/checkboxes/macro.jinja" import checkboxes %}
"""
ITEMS = [
    {"value": "1", "text": "One & only"},
    {"value": "2", "text": "Two"},
    {"divider": "or"},
    {"value": "U", "text": "Don't know", "alone": True},
]
THEIR_ITEMS = [*ITEMS[:3], {"value": "U", "text": "Don't know", "behaviour": "exclusive"}]
ERROR = {"text": "Choose <one>."}


def _tokens(html: str) -> list[object]:
    """The tags and texts of a page, whatever their spacing and the order of attributes."""
    found: list[object] = []
    for tag, text in re.findall(r"<([^>]+)>|([^<]+)", html):
        if tag:
            name, _, attributes = tag.partition(" ")
            found.append((name, sorted(re.findall(r'[\w-]+(?:="[^"]*")?', attributes))))
        elif text.strip():
            found.append(" ".join(text.split()))
    return found


def _same(app: Flask, ours: str, theirs: str, **names: Any) -> None:
    with app.test_request_context():
        mine = _tokens(render_template_string(_OURS + ours, **names))
        assert mine == _tokens(render_template_string(_THEIRS + theirs, **names))
    assert mine


@pytest.mark.parametrize("error", [None, ERROR], ids=["right", "wrong"])
@pytest.mark.parametrize("hint", ["Say it.", None], ids=["hint", "no hint"])
def test_a_text_box(app: Flask, error: Any, hint: str | None) -> None:
    for value, unit in (("172.5", "cm"), ("", None)):
        _same(
            app,
            '{{ text_widget("h", "Height", hint, value, error, 5, "decimal", unit) }}',
            """{{ input({"id": "h", "name": "h", "label": {"text": "Height",
            "classes": "nhsuk-label--s"}, "hint": {"text": hint} if hint else none,
            "value": value, "errorMessage": error, "width": 5, "inputmode": "decimal",
            "suffix": unit, "autocomplete": "off", "spellcheck": false}) }}""",
            error=error, hint=hint, value=value, unit=unit,
        )  # fmt: skip


@pytest.mark.parametrize("error", [None, ERROR], ids=["right", "wrong"])
@pytest.mark.parametrize("hint", ["Say it.", None], ids=["hint", "no hint"])
def test_a_date(app: Flask, error: Any, hint: str | None) -> None:
    _same(
        app,
        '{{ date_widget("d", "Date", hint, values, error) }}',
        """{{ dateInput({"id": "d", "fieldset": {"legend": {"text": "Date",
        "classes": "nhsuk-fieldset__legend--s"}}, "hint": {"text": hint} if hint else none,
        "errorMessage": error, "items": [
        {"name": "d-day", "id": "d-day", "label": "Day", "width": 2, "value": "3",
         "autocomplete": "off"},
        {"name": "d-month", "id": "d-month", "label": "Month", "width": 2, "value": "2",
         "autocomplete": "off"},
        {"name": "d-year", "id": "d-year", "label": "Year", "width": 4, "value": "",
         "autocomplete": "off"}]}) }}""",
        error=error, hint=hint, values={"d-day": "3", "d-month": "2", "d-year": ""},
    )  # fmt: skip


@pytest.mark.parametrize("error", [None, ERROR], ids=["right", "wrong"])
@pytest.mark.parametrize("kind", ["radios", "checkboxes"])
def test_a_list(app: Flask, error: Any, kind: str) -> None:
    items = ITEMS if kind == "checkboxes" else ITEMS[:3]
    theirs = THEIR_ITEMS if kind == "checkboxes" else THEIR_ITEMS[:3]
    chosen = "values" if kind == "checkboxes" else "value"
    _same(
        app,
        '{{ list_widget(kind, "l", "List", "Say it.", items, ["2"], error, "extra") }}',
        "{{ " + kind + """({"idPrefix": "l", "name": "l", "fieldset": {"legend": {"text": "List",
        "classes": "nhsuk-fieldset__legend--s"}}, "hint": {"text": "Say it."},
        "errorMessage": error, "items": their_items, "classes": "extra", chosen: picked}) }}""",
        error=error, kind=kind, items=items, their_items=theirs, chosen=chosen,
        picked=["2"] if kind == "checkboxes" else "2",
    )  # fmt: skip
