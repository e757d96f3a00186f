"""Who should take part: a few questions that end with what is asked of a site, and why.

The answers are in the address, so that a result can be passed on, and nothing is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, render_template, request

from services.shared.identity import public

blueprint = Blueprint("guide", __name__)


@dataclass(frozen=True)
class Step:
    """One question of the guide; `options` are value, words and hint."""

    key: str
    text: str
    options: tuple[tuple[str, str, str], ...]
    hint: str = ""


@dataclass(frozen=True)
class Outcome:
    """What is asked of a site: the audits that it takes part in, and why, in sentences."""

    title: str
    parts: tuple[str, ...]
    reasons: tuple[str, ...]
    may_register: bool = True


_YES_NO = (("yes", "Yes", ""), ("no", "No", ""))
STEPS = (
    Step(
        "place",
        "Where is your organisation?",
        (
            ("england", "England", ""),
            ("wales", "Wales", ""),
            ("northern_ireland", "Northern Ireland", ""),
            ("elsewhere", "Elsewhere", ""),
        ),
    ),
    Step(
        "treats",
        "Does it treat people with fractures, or look after them afterwards?",
        _YES_NO,
        "A hospital that admits or sees people with fractures, a general practice, a primary care "
        "network, a community service.",
    ),
    Step(
        "finds",
        "Does somebody systematically find people aged 50 and over after a fragility fracture?",
        (
            ("yes", "Yes", "Under whatever name, and for at least one kind of fracture"),
            ("planned", "Not yet, it is planned", ""),
            ("no", "No", "Or only now and then, when somebody thinks of it"),
        ),
        "A fragility fracture is one after a fall from standing height or less, or without a fall.",
    ),
    Step(
        "treats_bones",
        "Are those people assessed, and treated or referred, to prevent the next fracture?",
        _YES_NO,
    ),
)
FULL = "Patient audit"
FACILITIES = "Facilities audit"
_LISTED = (
    "The audit is on the list of national audits that providers report on in their quality "
    "account: taking part, or not, is to be named there."
)


def next_step(answers: Mapping[str, str]) -> Step | None:
    """Returns the question to ask next; None when the outcome is clear.

    >>> next_step({}).key, next_step({"place": "wales", "treats": "no"})
    ('place', None)
    """
    if answers.get("place") == "elsewhere" or answers.get("treats") == "no":
        return None
    if answers.get("finds") in ("no", "planned"):
        return None
    return next((step for step in STEPS if step.key not in answers), None)


def outcome_of(answers: Mapping[str, str]) -> Outcome:
    """Returns what is asked of a site with these answers; `next_step` has no more to ask."""
    if answers["place"] == "elsewhere":
        return Outcome(
            "You are not asked to take part",
            (),
            ("The audit covers England, Wales and Northern Ireland.",),
            may_register=False,
        )
    if answers["treats"] == "no":
        return Outcome(
            "You are not asked to take part",
            (),
            ("The audit is about people who have had a fracture; you do not look after them.",),
            may_register=False,
        )
    if answers["finds"] == "yes" and answers["treats_bones"] == "yes":
        return Outcome(
            "You take full part",
            (FULL, FACILITIES),
            (
                "You have what the audit calls a fracture liaison service, whatever you call it: "
                "people are found systematically, and the next fracture is prevented.",
                "You send a record of each patient whose fracture was diagnosed from 1 January "
                "2016 on, and answer the facilities audit in each round.",
                _LISTED,
            ),
        )
    reasons = [
        "You treat people with fractures and have no fracture liaison service"
        + (" yet." if answers["finds"] == "planned" else "."),
        "The facilities audit shows where people have no access to a service, so it needs the "
        "sites without one: a few questions, once in each round.",
    ]
    if answers["finds"] == "planned":
        reasons.append(
            "Tell the audit team when your service starts: from then on you send records too."
        )
    if answers["finds"] == "yes":
        reasons[0] = (
            "You find people and do not go on to prevent the next fracture, so what you do is not "
            "a fracture liaison service in the audit's sense yet."
        )
    return Outcome("You take part in the facilities audit", (FACILITIES,), (*reasons, _LISTED))


def answers_in(sent: Mapping[str, str]) -> dict[str, str]:
    """Returns the answers in an address as far as they belong together; nonsense is left out."""
    answers: dict[str, str] = {}
    for step in STEPS:
        asked = next_step(answers)
        value = sent.get(step.key)
        if asked is not step or value not in [option[0] for option in step.options]:
            break
        answers[step.key] = value
    return answers


def words_of(answers: Mapping[str, str]) -> list[tuple[str, str]]:
    """Returns the questions that were answered, each with the answer in words."""
    return [
        (step.text, next(words for value, words, _ in step.options if value == answers[step.key]))
        for step in STEPS
        if step.key in answers
    ]


@blueprint.get("/who-should-take-part/questions")
@public
def ask() -> str | tuple[str, int]:
    answers = answers_in(request.args)
    step = next_step(answers)
    missing = step is not None and request.args.get("asked") == step.key
    page = render_template(
        "information/guide.html",
        question=step,
        number=len(answers) + 1,
        answers=answers,
        given=words_of(answers),
        outcome=None if step else outcome_of(answers),
        missing=missing,
    )
    return (page, 422) if missing else page
