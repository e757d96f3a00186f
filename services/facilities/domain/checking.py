"""Decides what an answer is worth: reads it, says which questions are asked, lists what is wrong.

Pure: answers in, values and findings out. A draft keeps an answer that cannot be read exactly as it
was typed, with a finding beside it; only an answer set without errors can be submitted, and
answers to questions that are not asked never are.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.facilities.domain.questions import Answers, Condition, Kind, Question, Questionnaire

EARLIEST_MONTH = "1970-01"
"""No service of this kind is older; an earlier month is a slip of the pen."""

KEPT_LENGTH = 4000
"""Longest text that a draft keeps, in characters, whatever the question allows."""

_EMAIL = re.compile(r"[^@\s,;<>()\[\]\\\"]+@([A-Za-z0-9-]+\.)+[A-Za-z0-9-]{2,}")
_PHONE = re.compile(r"\+?[0-9][0-9 ()\-]*( *(x|ext\.?|extension) *[0-9]+)?", re.IGNORECASE)
_YEAR_FIRST = re.compile(r"(\d{4})-(\d{1,2})")
_MONTH_FIRST = re.compile(r"(\d{1,2})[/ .-](\d{4})")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True)
class Finding:
    """Something to mend (`error`) or to look at again (`warning`) about one answer."""

    question: str
    code: str
    level: str
    message: str


@dataclass(frozen=True)
class SiteFacts:
    """What the audit already knows about a site and can offer as an answer."""

    has_fls: bool
    organisation_code: str | None


class _Unreadable(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code, self.message = code, message


def read_answer(question: Question, raw: object) -> Any:
    """Return the stored form of what was sent: its value, or the raw text if it cannot be read.

    Args:
        question: the question answered.
        raw: str, int, list of str, or None, as it came in JSON. None, blank and [] all mean that
            there is no answer.

    Returns:
        The wire value of the question's kind; None for no answer; else what was typed, as text.
    """
    tidy = _tidy(question, raw)
    if tidy in (None, "", []):
        return None
    try:
        return _READERS[question.kind](question, tidy)
    except _Unreadable:
        return tidy if isinstance(tidy, list) else str(tidy)[:KEPT_LENGTH]


def asked(questionnaire: Questionnaire, answers: Answers) -> list[Question]:
    """Return the questions that these answers lead to, in order.

    A condition looks only at answers of questions that are asked themselves: an answer left behind
    a changed mind opens nothing.
    """
    questions: list[Question] = []
    seen: Answers = {}
    for question in questionnaire:
        if question.when is None or question.when.holds(seen):
            questions.append(question)
            if question.id in answers:
                seen[question.id] = answers[question.id]
    return questions


def visible_answers(questionnaire: Questionnaire, answers: Answers) -> Answers:
    """Return the answers of the questions that are asked, and no others: the set to submit."""
    return {
        question.id: answers[question.id]
        for question in asked(questionnaire, answers)
        if question.id in answers
    }


def check(questionnaire: Questionnaire, answers: Answers, today: date) -> list[Finding]:
    """Return everything to mend or to look at in these answers, in the order of the questions.

    Args:
        questionnaire: the round's questionnaire.
        answers: as stored. Answers of questions that are not asked are not looked at.
        today: the date in London.

    Returns:
        Findings; none of level `error` means that the answers can be submitted.
    """
    findings = []
    shown = visible_answers(questionnaire, answers)
    for question in asked(questionnaire, answers):
        if question.id not in answers:
            if is_required(question, shown):
                findings.append(_missing(question))
            continue
        finding = _check_one(question, answers[question.id], today)
        if finding:
            findings.append(finding)
    return findings


def is_required(question: Question, answers: Answers) -> bool:
    """Say whether this question, being asked, must have an answer."""
    narrowing: Condition | None = question.required_when
    return question.required and (narrowing is None or narrowing.holds(answers))


def has_errors(findings: list[Finding]) -> bool:
    """Say whether any finding stands in the way of submitting."""
    return any(finding.level == "error" for finding in findings)


def suggestions(questionnaire: Questionnaire, site: SiteFacts) -> Answers:
    """Return what the site's registration already answers, for questions that have no answer yet.

    A suggestion is not an answer: nothing is stored until a person saves it. A site without a
    fracture liaison service gets no suggestion for A3, as only the site knows whether one is
    planned.
    """
    facts = {
        "has_fls": "1" if site.has_fls else None,
        "organisation_code": site.organisation_code,
    }
    known = {question.id: facts.get(question.prefill) for question in questionnaire}
    return {question_id: fact for question_id, fact in known.items() if fact}


def _check_one(question: Question, value: object, today: date) -> Finding | None:
    try:
        read = _READERS[question.kind](question, value)
    except _Unreadable as problem:
        return Finding(question.id, problem.code, "error", problem.message)
    if question.kind is Kind.MONTH and read > today.strftime("%Y-%m"):
        return _about_the_future(question)
    if question.kind is Kind.INTEGER:
        return _check_size(question, read)
    return None


def _check_size(question: Question, number: int) -> Finding | None:
    if not question.minimum <= number <= question.maximum:
        limits = f"between {question.minimum:,} and {question.maximum:,}"
        message = f"{_sentence(question.phrase)} must be {limits}."
        return Finding(question.id, "out_of_range", "error", message)
    if _is_unusual(question, number):
        message = f"{number:,} is unusual for {question.phrase}. Check that it is right."
        return Finding(question.id, "unusual", "warning", message)
    return None


def _about_the_future(question: Question) -> Finding:
    message = f"{_sentence(question.phrase)} lies in the future. That is right only for a plan."
    return Finding(question.id, "in_future", "warning", message)


def _is_unusual(question: Question, number: int) -> bool:
    low, high = question.usual_minimum, question.usual_maximum
    return (low is not None and number < low) or (high is not None and number > high)


def _missing(question: Question) -> Finding:
    verb = "Select" if question.options else "Enter"
    return Finding(question.id, "missing", "error", f"{verb} {question.phrase}.")


def _sentence(phrase: str) -> str:
    return phrase[:1].upper() + phrase[1:]


def _tidy(question: Question, raw: object) -> object:
    """Strip blanks and control characters; a list stays a list of stripped texts."""
    if isinstance(raw, list):
        return [text for text in (_tidy_text(question, str(item)) for item in raw) if text]
    return _tidy_text(question, raw) if isinstance(raw, str) else raw


def _tidy_text(question: Question, text: str) -> str:
    # JSON can carry half of a surrogate pair, which UTF-8 and so the database cannot.
    text = text.encode("utf-8", "replace").decode("utf-8")
    lines = [" ".join(_CONTROL.sub(" ", line).split()) for line in text.splitlines()]
    joint = "\n" if question.kind is Kind.TEXTAREA else " "
    return joint.join(line for line in lines if line)[:KEPT_LENGTH]


def _read_text(question: Question, raw: object) -> str:
    if not isinstance(raw, str):
        raise _Unreadable("not_a_text", f"Enter {question.phrase} as text.")
    if len(raw) > question.max_length:
        most = f"{question.max_length:,} characters"
        raise _Unreadable("too_long", f"{_sentence(question.phrase)} must be {most} or fewer.")
    return raw


def _read_single(question: Question, raw: object) -> str:
    codes = [raw] if not isinstance(raw, list) else raw
    if len(codes) != 1 or codes[0] not in question.codes:
        raise _Unreadable("not_an_option", f"Select {question.phrase} from the options.")
    return str(codes[0])


def _read_multi(question: Question, raw: object) -> list[str]:
    codes = raw if isinstance(raw, list) else [raw]
    if any(code not in question.codes for code in codes):
        raise _Unreadable("not_an_option", f"Select {question.phrase} from the options.")
    alone = [option.label for option in question.options if option.alone and option.code in codes]
    if alone and len(set(codes)) > 1:
        message = f"Select either “{alone[0]}” or other options for {question.phrase}."
        raise _Unreadable("not_together", message)
    return [code for code in question.codes if code in codes]


def _read_integer(question: Question, raw: object) -> int:
    digits = re.sub(r"[ ,]", "", raw) if isinstance(raw, str) else raw
    if isinstance(digits, str) and re.fullmatch(r"[0-9]{1,18}", digits):
        digits = int(digits)
    if not isinstance(digits, int) or isinstance(digits, bool):
        message = f"{_sentence(question.phrase)} must be a whole number, like 350000."
        raise _Unreadable("not_a_number", message)
    return digits


def _read_month(question: Question, raw: object) -> str:
    text = raw if isinstance(raw, str) else ""
    if match := _YEAR_FIRST.fullmatch(text):
        year, month = int(match[1]), int(match[2])
    elif match := _MONTH_FIRST.fullmatch(text):
        year, month = int(match[2]), int(match[1])
    else:
        year, month = 0, 0
    if not 1 <= month <= 12:
        message = f"Enter {question.phrase} as a month and a year, like 4 2019."
        raise _Unreadable("not_a_month", message)
    value = f"{year:04d}-{month:02d}"
    if not EARLIEST_MONTH <= value <= "2099-12":
        message = f"{_sentence(question.phrase)} must have a year between 1970 and 2099."
        raise _Unreadable("out_of_range", message)
    return value


def _read_email(question: Question, raw: object) -> str:
    text = _read_text(question, raw)
    if not _EMAIL.fullmatch(text):
        message = f"Enter {question.phrase} in the right format, like name@example.nhs.uk."
        raise _Unreadable("not_an_email", message)
    return text


def _read_phone(question: Question, raw: object) -> str:
    text = _read_text(question, raw)
    if not _PHONE.fullmatch(text) or sum(letter.isdigit() for letter in text) < 5:
        message = f"Enter {question.phrase} as a telephone number, like 0115 496 0000."
        raise _Unreadable("not_a_phone", message)
    return text


_READERS: dict[Kind, Callable[[Question, Any], Any]] = {
    Kind.TEXT: _read_text,
    Kind.TEXTAREA: _read_text,
    Kind.SINGLE: _read_single,
    Kind.MULTI: _read_multi,
    Kind.INTEGER: _read_integer,
    Kind.MONTH: _read_month,
    Kind.EMAIL: _read_email,
    Kind.PHONE: _read_phone,
}
