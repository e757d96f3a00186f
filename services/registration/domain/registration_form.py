"""What an answer of the registration form must be, and how far a form is.

The pages, the printed form and the check of what is sent all read `questions`. Answers are texts by
the key of their question; a question that does not apply has none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from services.registration.domain.organisations import (
    Nation,
    OrganisationKind,
    normal_ods_code,
    ods_code_problem,
    shape_of,
)
from services.registration.domain.questions import BY_KEY, QUESTIONS, SECTIONS, Question

_EMAIL = re.compile(r"[\x21-\x3f\x41-\x7e]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_PHONE = re.compile(r"[0-9+() .extn-]{6,40}")
_MONTH = re.compile(r"(19|20)\d\d-(0[1-9]|1[0-2])")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_LONGEST = 200
_LONGEST_PARAGRAPH = 2000
_MOST = 100_000_000


def applies(question: Question, answers: Mapping[str, str]) -> bool:
    """Says whether a question applies, given the answers so far."""
    return question.when is None or answers.get(question.when[0]) in question.when[1]


def clean_answers(given: Mapping[str, str], section: str) -> dict[str, str]:
    """Returns the answers of one section as they are kept: trimmed, blanks and strangers left out.

    What is wrong stays: it is shown with its mistake, and mended.

    >>> clean_answers({"organisation_name": " Elm ", "lead_name": "x"}, "organisation")
    {'organisation_name': 'Elm'}
    """
    kept = {}
    for question in QUESTIONS:
        text = _CONTROL.sub("", given.get(question.key, "")).strip()
        if question.section == section and text:
            longest = _LONGEST_PARAGRAPH if question.kind == "paragraph" else _LONGEST
            # A little more than allowed, so that it can be said that it is too long.
            kept[question.key] = text[: longest + 100]
    return kept


def problems_of(answers: Mapping[str, str], *, section: str | None = None) -> dict[str, list[str]]:
    """Returns what is wrong with the answers, by key of the question; of one section, or of all."""
    found: dict[str, list[str]] = {}
    for question in QUESTIONS:
        if section not in (None, question.section) or not applies(question, answers):
            continue
        text = answers.get(question.key, "")
        problem = _problem(question, text, answers) if text else question.ask
        if problem:
            found[question.key] = [problem]
    return found


def state_of(answers: Mapping[str, str], section: str) -> str:
    """Returns how far a section is: `empty`, `unfinished` or `complete`."""
    if not any(answers.get(q.key) for q in QUESTIONS if q.section == section):
        return "empty"
    return "unfinished" if problems_of(answers, section=section) else "complete"


def lines_of(answers: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Returns section, question and answer in words of all that apply and are answered."""
    return [
        (SECTIONS[q.section], q.label, words_of(q, answers[q.key]))
        for q in QUESTIONS
        if applies(q, answers) and answers.get(q.key)
    ]


def words_of(question: Question, text: str) -> str:
    """Returns an answer in words: of a choice its option's."""
    if question.kind == "confirm":
        return "Confirmed"
    return next((words for value, words, _ in question.options if value == text), text)


def core_of(answers: Mapping[str, str], *, email: str) -> dict[str, Any]:
    """Returns what makes the site and its lead, of answers without a problem."""
    core: dict[str, Any] = {
        name: answers.get(name)
        for name in (
            "organisation_name",
            "organisation_kind",
            "nation",
            "lead_name",
            "lead_job",
            "lead_phone",
        )
    }
    has_fls = answers["has_fls"] == "yes"
    return core | {
        "ods_code": normal_ods_code(answers["ods_code"]),
        "has_fls": has_fls,
        "fls_name": answers.get("fls_name") if has_fls else None,
        "lead_email": email,
    }


def answers_of(form: Mapping[str, Any]) -> dict[str, str]:
    """Returns the answers of a form that was sent at once, as the long form keeps them."""
    answers = {key: str(form[key]) for key in BY_KEY if form.get(key) not in (None, True, False)}
    return answers | {"has_fls": "yes" if form["has_fls"] else "no"}


def _problem(question: Question, text: str, answers: Mapping[str, str]) -> str:
    longest = _LONGEST_PARAGRAPH if question.kind == "paragraph" else _LONGEST
    if len(text) > longest:
        return f"Use at most {longest:,} characters."
    if question.kind != "paragraph" and "\n" in text:
        return "Remove line breaks."
    check = _CHECKS.get(question.kind)
    return check(question, text, answers) if check else ""


def _choice(question: Question, text: str, _answers: Mapping[str, str]) -> str:
    values = [value for value, *_ in question.options]
    return "" if text in values else question.ask or "Choose one of these."


def _email(_question: Question, text: str, _answers: Mapping[str, str]) -> str:
    fine = _EMAIL.fullmatch(text)
    return "" if fine else "Enter an e-mail address such as name@example.org."


def _phone(_question: Question, text: str, _answers: Mapping[str, str]) -> str:
    return "" if _PHONE.fullmatch(text) else "Enter a telephone number such as 020 7946 0000."


def _number(_question: Question, text: str, _answers: Mapping[str, str]) -> str:
    digits = re.sub(r"[ ,]", "", text)
    fine = re.fullmatch(r"[0-9]{1,9}", digits) and int(digits) <= _MOST
    return "" if fine else "Enter a whole number, such as 250000."


def _month(_question: Question, text: str, _answers: Mapping[str, str]) -> str:
    return "" if _MONTH.fullmatch(text) else "Enter year and month, such as 2019-04."


def _ods(question: Question, text: str, answers: Mapping[str, str]) -> str:
    code = normal_ods_code(text)
    if question.key != "ods_code":
        return "" if shape_of(code) else "Enter an ODS code such as R1A or 7A3."
    try:
        kind = OrganisationKind(answers.get("organisation_kind", ""))
        nation = Nation(answers.get("nation", ""))
    except ValueError:  # said at those questions
        return "" if shape_of(code) else "Enter an ODS code such as R1A, R1A02 or B81001."
    return ods_code_problem(code, kind, nation) or ""


def _confirm(question: Question, text: str, _answers: Mapping[str, str]) -> str:
    return "" if text == "yes" else question.ask


_CHECKS = {
    "choice": _choice,
    "email": _email,
    "phone": _phone,
    "number": _number,
    "month": _month,
    "ods": _ods,
    "confirm": _confirm,
}
