"""What the questionnaire's page says about findings, conditions and conflicts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.pages import states
from gateway.pages.facilities.forms import Question, answer_text, first_field
from services.shared.errors import InvalidInput


def state_of(answers: Mapping[str, Any]) -> states.State:
    """How far the site is."""
    return states.shown(states.ANSWERS, answers["state"])


def errors_of(
    questions: list[Question], answers: Mapping[str, Any], refused: InvalidInput | None
) -> dict[str, list[str]]:
    """Field -> messages.

    A draft says only what is wrong with what was typed; a refused submission says what is missing
    too.
    """
    findings = [f for f in answers.get("findings") or [] if f["level"] == "error"]
    if refused is None:
        findings = [f for f in findings if f["code"] != "missing"]
    fields = {question["id"]: first_field(question) for question in questions}
    errors: dict[str, list[str]] = {}
    for finding in findings:
        name = fields.get(finding["question"], finding["question"])
        errors.setdefault(name, []).append(finding["message"])
    if refused is not None and not errors:
        for name, messages in (refused.errors or {"": [refused.detail]}).items():
            errors[fields.get(name, name)] = list(messages)
    return errors


def warnings_of(answers: Mapping[str, Any]) -> dict[str, str]:
    """Question -> what to look at again."""
    return {
        finding["question"]: finding["message"]
        for finding in answers.get("findings") or []
        if finding["level"] == "warning"
    }


def conditions_of(questions: list[Question]) -> dict[str, str]:
    """Question -> when to answer it, in words, for those that are not always asked."""
    by_id = {question["id"]: question for question in questions}
    words = {}
    for question in questions:
        condition = question.get("condition")
        if not condition or condition["question"] not in by_id:
            continue
        asked = by_id[condition["question"]]
        labels = {option["code"]: option["label"] for option in asked.get("options") or []}
        chosen = " or ".join(f"“{labels.get(code, code)}”" for code in condition["any_of"])
        words[question["id"]] = f"Only if you answered {chosen} to {asked['number']}."
    return words


def conflict_errors(
    questions: list[Question], both: Mapping[str, Any], detail: str
) -> dict[str, list[str]]:
    """Field -> what somebody else has put there meanwhile."""
    errors: dict[str, list[str]] = {}
    for question in questions:
        values = both.get(question["id"])
        if values is None:
            continue
        theirs = answer_text(question, values.get("theirs")) or "nothing"
        errors[first_field(question)] = [
            f"{question['number']}: somebody else answered {theirs} meanwhile. Yours is shown; "
            "save again to keep it, or change it."
        ]
    return errors or {"": [detail]}
