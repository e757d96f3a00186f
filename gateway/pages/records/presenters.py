"""A record as the page shows it: questions by section, answers by label."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from dataset.fields import FIELD_BY_KEY, SECTIONS, Field, fields_of_section
from gateway import wording
from gateway.pages import states


class Line(NamedTuple):
    """A question with its answer; `answer` is blank where nothing is known."""

    no: str
    key: str
    label: str
    answer: str


class Section(NamedTuple):
    """A section of the dataset."""

    title: str
    lines: list[Line]
    answered: int


_DOORS = {
    "page": "typed on a page",
    "api": "sent by a system",
    "import": "imported",
    "file": "imported",
}
_KINDS = {"created": "Created", "changed": "Changed", "new": "Created", "updated": "Changed"}


def sections_of(values: Mapping[str, Any]) -> list[Section]:
    """All sections with their answers.

    The service code is left out: it says whose record it is, and the page shows one's own only.
    """
    sections = []
    for number, title in SECTIONS.items():
        fields = [f for f in fields_of_section(number) if f.key != "service_code"]
        lines = [_line(field, values.get(field.key)) for field in fields]
        sections.append(Section(title, lines, sum(1 for line in lines if line.answer)))
    return sections


def answer_of(field: Field, value: Any) -> str:
    """An answer in words: labels for codes, dates and numbers as people write them."""
    if value is None or value == "" or value == []:
        return ""
    if field.kind == "date":
        return wording.day(str(value))
    if field.kind == "nhs_number" and len(str(value)) == 10:
        text = str(value)
        return f"{text[:3]} {text[3:6]} {text[6:]}"
    if field.options:
        codes = value if isinstance(value, list) else [value]
        return ", ".join(field.label_of(str(code)) for code in codes)
    return f"{value} {field.unit}" if field.unit else str(value)


def findings_of(findings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is said about the record, errors first."""
    return sorted(
        (
            {
                **finding,
                "state": states.shown(states.LEVEL, finding["level"]),
                "about": _name(finding.get("field")),
            }
            for finding in findings
        ),
        key=lambda finding: (finding["level"] != "error", finding["code"]),
    )


def history_of(history: list[dict[str, Any]], account_id: object) -> list[dict[str, Any]]:
    """Who changed what, from which door; accounts other than one's own are not named here."""
    return [
        {
            "at": event["at"],
            "what": _KINDS.get(event.get("kind") or "", (event.get("kind") or "").capitalize()),
            "door": _DOORS.get(event.get("door") or "", event.get("door") or ""),
            "by": "you" if str(event.get("by")) == str(account_id) else "",
            "import_id": event.get("import_id"),
            "fields": [_name(key) for key in event.get("changed") or []],
        }
        for event in history
    ]


def _line(field: Field, value: Any) -> Line:
    return Line(field.no, field.key, field.label, answer_of(field, value))


def _name(key: str | None) -> str:
    field = FIELD_BY_KEY.get(key or "")
    return field.label if field else (key or "")
