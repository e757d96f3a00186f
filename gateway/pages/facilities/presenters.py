"""What the pages of the facilities audit say about findings, conditions, conflicts and progress."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from gateway.names import UNKNOWN_PERSON
from gateway.pages import states
from gateway.pages.facilities.forms import (
    Question,
    answer_text,
    first_field,
    given_lines,
    label_of,
    questions_of,
    shown_text,
)


def state_of(answers: Mapping[str, Any]) -> states.State:
    """How far the site is."""
    return states.shown(states.ANSWERS, answers["state"])


def by_key(questions: Sequence[Question]) -> dict[str, Question]:
    """Key of an answer -> its question."""
    return {key: question for question in questions for key in question["keys"]}


def errors_of(
    questions: Sequence[Question], answers: Mapping[str, Any], *, missing: bool
) -> dict[str, list[str]]:
    """Field -> messages, of these questions.

    Args:
        missing: whether to say what is not answered, confirmed or explained too; a draft says only
            what is wrong with what was typed.
    """
    levels = ("error", "contradiction") if missing else ("error",)
    known = by_key(questions)
    errors: dict[str, list[str]] = {}
    for finding in answers.get("findings") or []:
        question = known.get(finding["key"])
        if question is None or finding["level"] not in levels:
            continue
        if missing or finding["code"] not in ("missing", "to_confirm"):
            field = _explained_at(finding) or first_field(question, finding["key"])
            errors.setdefault(field, []).append(finding["message"])
    return errors


def _explained_at(finding: Mapping[str, Any]) -> str | None:
    return f"why.{finding['code']}" if finding["level"] == "contradiction" else None


def field_errors(
    questions: Sequence[Question], errors: Mapping[str, Sequence[str]]
) -> dict[str, list[str]]:
    """The same, from what a service refused: key -> messages."""
    known = by_key(questions)
    return {
        first_field(known[key], key) if key in known else key: list(messages)
        for key, messages in errors.items()
    }


def warnings_of(answers: Mapping[str, Any]) -> dict[str, list[str]]:
    """Question -> what to look at again."""
    warnings: dict[str, list[str]] = {}
    for finding in answers.get("findings") or []:
        if finding["level"] == "warning":
            warnings.setdefault(finding["question"], []).append(finding["message"])
    return warnings


def contradictions_of(answers: Mapping[str, Any]) -> dict[str, list[Mapping[str, Any]]]:
    """Question -> what the patient audit says otherwise, explained or not."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for finding in answers.get("findings") or []:
        if finding["level"] in ("contradiction", "explained"):
            found.setdefault(finding["question"], []).append(finding)
    return found


def possible_questions(section: Mapping[str, Any], answers: Mapping[str, Any]) -> list[Question]:
    """The questions of a section that its own answers could lead to, the other sections as is."""
    asked = set(answers.get("asked") or [])
    effective = effective_answers(answers)
    here: set[str] = set()
    for question in section["questions"]:
        if question["id"] in asked or all(
            condition["question"] in here or _holds(condition, effective, asked)
            for condition in question["conditions"]
        ):
            here.add(question["id"])
    return [question for question in section["questions"] if question["id"] in here]


def effective_answers(answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers, and beneath them what is proposed: what decides which questions are asked."""
    proposed = {key: each["value"] for key, each in (answers.get("proposals") or {}).items()}
    return {**proposed, **answers["answers"]}


def _holds(condition: Mapping[str, Any], answers: Mapping[str, Any], asked: set[str]) -> bool:
    value = answers.get(condition["question"])
    chosen = value if isinstance(value, list) else [value]
    return condition["question"] in asked and any(code in condition["any_of"] for code in chosen)


def conditions_of(
    questions: Sequence[Question], every: Sequence[Question], asked: set[str]
) -> dict[str, dict[str, Any]]:
    """Question -> when to answer it, for those that depend on another one of the page.

    `words` are for everybody, `data` is what scripts/conditions.js reads, `holds` how it is now.
    """
    here = {question["id"] for question in questions}
    by_id = {question["id"]: question for question in every}
    found: dict[str, dict[str, Any]] = {}
    for question in questions:
        own = [each for each in question["conditions"] if each["question"] in here]
        if own:
            parts = [{"key": each["question"], "codes": each["any_of"]} for each in own]
            words = " and ".join(_words(each, by_id[each["question"]]) for each in own)
            found[question["id"]] = {
                "words": f"Only if you answered {words}.",
                "data": json.dumps({"all": parts}),
                "holds": question["id"] in asked,
            }
    return found


def _words(condition: Mapping[str, Any], question: Question) -> str:
    labels = {option["code"]: option["label"] for option in question["options"]}
    chosen = " or ".join(f"“{labels.get(code, code)}”" for code in condition["any_of"])
    return f"{chosen} to {question['number']}"


def proposals_of(
    questions: Sequence[Question], answers: Mapping[str, Any]
) -> dict[str, dict[str, Any]]:
    """Question -> where its proposal comes from, and key -> text for each proposed answer."""
    found: dict[str, dict[str, Any]] = {}
    proposals = answers.get("proposals") or {}
    for question in questions:
        keys = [key for key in question["keys"] if key in proposals]
        if keys:
            source = proposals[keys[0]]["source"]
            found[question["id"]] = {
                "from": "your registration" if source == "registration" else source,
                "was": {key: shown_text(question, proposals[key]["value"]) for key in keys},
            }
    return found


def last_time_of(
    questions: Sequence[Question], last: Mapping[str, Any] | None
) -> dict[str, dict[str, Any]]:
    """Question -> its answer of last time, and what changed about the question since."""
    if last is None:
        return {}
    changes = {each["question"]: each for each in last["questions"]}
    found: dict[str, dict[str, Any]] = {}
    for question in questions:
        lines = given_lines(question, last["answers"])
        change = changes.get(question["id"])
        if lines or change:
            found[question["id"]] = {
                "title": last["round_title"],
                "answer": "; ".join(lines),
                "is_new": change is not None and change["kind"] == "new",
                "words": change["words"] if change else [],
            }
    return found


def sections_of(answers: Mapping[str, Any], people: Mapping[str, str]) -> list[dict[str, Any]]:
    """The sections with their tags and whose they are."""
    return [
        {
            **section,
            "tag": states.shown(states.FACILITIES_SECTION, section["state"]),
            "owner_name": people.get(section["owner"], UNKNOWN_PERSON)
            if section["owner"]
            else None,
            "confirmed_name": people.get(section["confirmed_by"], UNKNOWN_PERSON)
            if section["confirmed_by"]
            else None,
        }
        for section in answers["sections"]
    ]


def comments_of(
    comments: Sequence[Mapping[str, Any]], people: Mapping[str, str]
) -> dict[str, list[dict[str, Any]]]:
    """Question -> its comments with the names of who wrote them."""
    found: dict[str, list[dict[str, Any]]] = {}
    for comment in comments:
        by = people.get(comment["written_by"], UNKNOWN_PERSON)
        found.setdefault(comment["question"], []).append({**comment, "by": by})
    return found


def changes_of(
    questionnaire: Mapping[str, Any],
    changes: Sequence[Mapping[str, Any]],
    people: Mapping[str, str],
) -> list[dict[str, Any]]:
    """The lines of the history: which answer, from what to what, by whom."""
    known = by_key(questions_of(questionnaire))
    lines = []
    for change in changes:
        question, key = known.get(change["question"]), change["question"]
        lines.append(
            {
                **change,
                "label": label_of(question, key)
                if question
                else f"Explanation of {key.removeprefix('why.')}",
                "old": answer_text(question, change["old"]) if question else change["old"] or "",
                "new": answer_text(question, change["new"]) if question else change["new"] or "",
                "by": people.get(change["changed_by"], UNKNOWN_PERSON),
            }
        )
    return lines


def differences_of(
    questionnaire: Mapping[str, Any], last: Mapping[str, Any]
) -> list[dict[str, str]]:
    """The answers that are not what they were last time, in words."""
    known = by_key(questions_of(questionnaire))
    return [
        {
            "label": label_of(known[each["key"]], each["key"]),
            "then": answer_text(known[each["key"]], each["then"]),
            "now": answer_text(known[each["key"]], each["now"]),
        }
        for each in last["differences"]
    ]


def conflict_errors(
    questions: Sequence[Question], both: Mapping[str, Any], detail: str
) -> dict[str, list[str]]:
    """Field -> what somebody else has put there meanwhile."""
    known = by_key(questions)
    errors: dict[str, list[str]] = {}
    for key, values in both.items():
        if key not in known:
            errors[key] = ["Somebody else has changed this explanation meanwhile."]
            continue
        theirs = answer_text(known[key], values.get("theirs")) or "nothing"
        errors[first_field(known[key], key)] = [
            f"{label_of(known[key], key)}: somebody else answered {theirs} meanwhile. Yours is "
            "shown; save again to keep it, or change it."
        ]
    return errors or {"": [detail]}
