"""The registration form on paper: blank, to be signed first; and a copy of what was entered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway import wording
from gateway.pages.information.pdf import Report
from gateway.pages.joining.presenters import applies, words_of

_BOX = "[   ]"
_LINE = "_" * 60


def blank_form(form: Mapping[str, Any]) -> bytes:
    """The form without answers, with room to write and lines to sign; as a PDF."""
    report = Report("Registration form", f"{wording.BRAND}: registration form")
    report.lede(
        "For those who must have it signed before they register. The registration itself is made "
        "on the web site, by the person who will lead: this paper stays with you."
    )
    for part in form["sections"]:
        report.heading(part["title"])
        for question in part["questions"]:
            report.heading(question["label"], 1)
            if question["hint"]:
                report.paragraph(question["hint"])
            if question["when_key"]:
                report.paragraph("Only with a fracture liaison service.")
            if question["options"]:
                report.bullets([f"{_BOX} {option['text']}" for option in question["options"]])
            else:
                report.paragraph(_BOX if question["kind"] == "confirm" else _LINE)
    report.heading("Signed")
    for who in ("Lead", "Caldicott Guardian"):
        report.facts([(who, _LINE), ("Date", _LINE)])
    return bytes(report.output())


def filled_form(form: Mapping[str, Any], found: Mapping[str, Any]) -> bytes:
    """What was entered, question by question; as a PDF."""
    reference = found["reference"] or "not sent yet"
    title = f"Registration: {_printable(found['answers'].get('organisation_name', ''))}"
    report = Report(title, f"{wording.BRAND}: registration {reference}")
    sent = wording.moment(found["submitted_at"]) if found["submitted_at"] else "no"
    report.facts(
        [("Reference", reference), ("Sent", sent), ("E-mail address of the lead", found["email"])]
    )
    for part in form["sections"]:
        lines = [
            (question["label"], _printable(words_of(question, found["answers"][question["key"]])))
            for question in part["questions"]
            if applies(question, found["answers"]) and found["answers"].get(question["key"])
        ]
        if lines:
            report.heading(part["title"])
            report.table(("Question", "Answer"), lines, (55, 70))
    return bytes(report.output())


def _printable(text: str) -> str:
    """A text with "?" for characters that the fonts of every reader do not have."""
    return text.encode("cp1252", "replace").decode("cp1252")
