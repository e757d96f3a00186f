"""The registration form as its pages show it. What is asked is registration's to say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from gateway.pages import states
from services.shared.errors import NotFound

Question = dict[str, Any]
Asked = Mapping[str, Any]
"""What registration answers about its form: `sections`, each with `name`, `title`, `questions`."""


def find_part(form: Asked, section: str) -> dict[str, Question]:
    """The questions of a section by key. Raises NotFound when there is no such section."""
    for part in form["sections"]:
        if part["name"] == section:
            return {question["key"]: question for question in part["questions"]}
    raise NotFound()


def title_of(form: Asked, section: str) -> str:
    """What a section is called."""
    return next(str(p["title"]) for p in form["sections"] if p["name"] == section)


def typed(part: Mapping[str, Question], sent: MultiDict[str, str]) -> dict[str, str]:
    """What was typed into a section, without blanks around it; blanks are left out."""
    texts = {key: sent.get(key, "").replace("\r\n", "\n").strip() for key in part}
    return {key: text[:10_000] for key, text in texts.items() if text}


def applies(question: Question, answers: Mapping[str, str]) -> bool:
    """Whether a question applies, given the answers so far."""
    key = question.get("when_key")
    return not key or answers.get(key) in question["when_values"]


def applying(part: Mapping[str, Question], answers: Mapping[str, str]) -> list[str]:
    """The keys of the questions of a section that apply, in their order."""
    return [key for key, question in part.items() if applies(question, answers)]


def next_page(form: Asked, link: str, section: str) -> str:
    """The address to go to after a section: the next one, or the summary."""
    names = [part["name"] for part in form["sections"]]
    place = names.index(section) + 1
    return f"/register/{link}/{names[place] if place < len(names) else 'check'}"


def parts_of(form: Asked, progress: Mapping[str, str]) -> list[dict[str, Any]]:
    """The list of sections with how far each is."""
    return [
        {
            "name": part["name"],
            "title": part["title"],
            "tag": states.shown(states.FORM_PART, progress[part["name"]]),
        }
        for part in form["sections"]
    ]


def summary_of(
    form: Asked, found: Mapping[str, Any], errors: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Every question that applies with its answer in words, by section, and what is wrong."""
    answers, problems = found["answers"], found["problems"] | dict(errors)
    parts = []
    for part in form["sections"]:
        lines = [
            {
                "key": question["key"],
                "label": question["label"],
                "text": words_of(question, answers.get(question["key"], "")),
                "problem": " ".join(problems.get(question["key"], [])),
            }
            for question in part["questions"]
            if applies(question, answers)
        ]
        parts.append({"name": part["name"], "title": part["title"], "lines": lines})
    return parts


def words_of(question: Question, text: str) -> str:
    """An answer in words: of a choice its option's."""
    if question["kind"] == "confirm":
        return "Confirmed" if text == "yes" else ""
    found = [option["text"] for option in question["options"] if option["value"] == text]
    return str(found[0]) if found else text


def tag_of(found: Mapping[str, Any]) -> states.State:
    """Where a registration that was sent stands, in the applicant's words."""
    return states.shown(states.OWN_APPLICATION, found["state"])
