"""What is chosen for a file of records, and the address that it is fetched from.

No choice may be an identifier, because the choices stand in that address.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from gateway import days
from gateway.forms import Form
from gateway.pages import states

FORMATS = {"csv": "CSV", "xlsx": "Excel"}
ANSWERS = {"codes": "Codes", "labels": "Labels"}
STATES = {
    key: state.text for key, state in states.RECORD.items() if key not in ("deleted", "unfinished")
}
_DAYS = (*days.boxes_of("from"), *days.boxes_of("to"))
EXPORT_ORDER = ("format", "answers", *_DAYS, "state")
EXTRACT_ORDER = _DAYS

PROBLEMS = {
    "signed_out": "You were signed out. Sign in and try again.",
    "not_allowed": "Your account does not have the right to take records out, or your site does "
    "not take part in the patient audit.",
    "not_ours": "The link to the file came from another website. Fetch the file from here.",
    "choices": "The link to the file was not whole. Choose again.",
    "busy": "Other downloads of records are under way. Try again in a minute.",
    "unavailable": "The file could not be made at the moment. Try again in a minute.",
}
"""Code in `?problem=<code>`, by which edge and records lead back, with the words of the page."""
_OTHER_PROBLEM = "The download did not work. Try again in a minute."


def export_form(typed: Mapping[str, str]) -> tuple[Form, dict[str, str]]:
    """The form as it was sent, and what is asked for; if the form has errors, nothing should be."""
    form, asked = _days(typed)
    errors = dict(form.errors)
    for name, choices, message in (
        ("format", FORMATS, "Choose CSV or Excel."),
        ("answers", ANSWERS, "Choose codes or labels."),
    ):
        if typed.get(name) not in choices:
            errors[name] = [message]
    chosen = {name: typed.get(name, "") for name in ("format", "answers", "state")}
    if chosen["state"] not in STATES:
        chosen["state"] = ""
    return Form({**form.values, **chosen}, errors), {**chosen, **asked}


def extract_form(typed: Mapping[str, str]) -> tuple[Form, dict[str, str]]:
    """The same for the extract, whose form has days alone."""
    return _days(typed)


def address_of(path: str, asked: Mapping[str, str]) -> str:
    """Where the file is fetched from.

    >>> address_of("/extract/file", {"diagnosed_from": "2024-01-01", "diagnosed_to": ""})
    '/extract/file?diagnosed_from=2024-01-01'
    """
    given = {name: value for name, value in asked.items() if value}
    return f"{path}?{urlencode(given)}" if given else path


def problem_of(code: str | None) -> list[str]:
    """What to say about a download that did not work; empty if there was none."""
    return [PROBLEMS.get(code, _OTHER_PROBLEM)] if code else []


def _days(typed: Mapping[str, str]) -> tuple[Form, dict[str, str]]:
    errors: dict[str, list[str]] = {}
    since, until = days.read_day(typed, "from", errors), days.read_day(typed, "to", errors)
    if since and until and until < since:
        errors["to-day"] = ["The last day lies before the first."]
    values = {**days.typed_boxes(typed, "from"), **days.typed_boxes(typed, "to")}
    asked = {
        "diagnosed_from": since.isoformat() if since else "",
        "diagnosed_to": until.isoformat() if until else "",
    }
    return Form(values, errors), asked
