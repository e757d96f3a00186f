"""The code book: every question with its answers, limits, conditions, versions and rules."""

from __future__ import annotations

from dataclasses import dataclass

from dataset.downloads.catalogue import rules_about
from dataset.downloads.words import NEEDED, kind_words, limit_words, only_in
from dataset.fields import FIELDS, SECTIONS, Field, Option, fields_of_section
from dataset.versions import VERSIONS

COLUMNS = (
    "Heading",
    "Number",
    "Key",
    "Section",
    "Question",
    "Help",
    "Type",
    "Answers",
    "Answers that stand alone",
    "Needed",
    "Asked when",
    "Unit",
    "Smallest",
    "Largest",
    "Unlikely below",
    "Unlikely above",
    "Longest text",
    "Versions",
    "Rules",
    "Other headings read",
)
ANSWER_COLUMNS = ("Heading", "Number", "Key", "Code", "Label", "Versions", "Also read as")


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of a list, in words.

    Attributes:
        only: which fractures it is for; blank if for all.
        spellings: what else a file may write for it.
    """

    code: str
    label: str
    only: str
    spellings: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question as the code book shows it.

    Attributes:
        anchor: by which a link finds it: its number, unless another has the same.
        facts: pairs of a name and words; what does not apply is left out.
    """

    anchor: str
    field: Field
    facts: tuple[tuple[str, str], ...]
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the dataset with its questions in template order."""

    anchor: str
    number: int
    title: str
    questions: tuple[Question, ...]


def sections() -> tuple[Section, ...]:
    """The whole code book."""
    return tuple(
        Section(
            f"section-{number}", number, title, tuple(map(_question, fields_of_section(number)))
        )
        for number, title in SECTIONS.items()
    )


def question_rows() -> list[tuple[str, ...]]:
    """Every question as cells below `COLUMNS`."""
    return [_question_row(field) for field in FIELDS]


def answer_rows() -> list[tuple[str, ...]]:
    """Every answer of each list as cells below `ANSWER_COLUMNS`."""
    return [
        (
            field.heading,
            field.no,
            field.key,
            option.code,
            option.label,
            " ".join(option.versions),
            "; ".join(option.aliases),
        )
        for field in FIELDS
        for option in field.options
    ]


def _anchors() -> dict[str, str]:
    """Field key -> anchor. 7.07 to 7.09 are two columns each: the second says what it is."""
    found: dict[str, str] = {}
    for field in FIELDS:
        taken = field.no in found.values()
        found[field.key] = f"{field.no}-{field.kind}" if taken else field.no
    return found


ANCHORS = _anchors()


def _question(field: Field) -> Question:
    facts = {
        "Column": field.heading,
        "Also read as": ", ".join(field.aliases),
        "Key for programs": field.key,
        "Answer": _sentence(kind_words(field)),
        "Needed": _sentence(NEEDED[field.required]),
        "Asked": _asked(field),
        "Limits": _sentence(limit_words(field)),
        "Stand alone": ", ".join(map(field.label_of, field.exclusive)),
        "Versions": _sentence(only_in(field.versions)),
        "Rules": ", ".join(coded.code for coded in rules_about(field)),
    }
    return Question(
        anchor=ANCHORS[field.key],
        field=field,
        facts=tuple((name, words) for name, words in facts.items() if words),
        answers=tuple(map(_answer, field.options)),
    )


def _answer(option: Option) -> Answer:
    return Answer(option.code, option.label, only_in(option.versions), ", ".join(option.aliases))


def _asked(field: Field) -> str:
    """The condition as a sentence; some begin with their own word ("from 12 weeks after ...")."""
    condition = field.asked_when
    if not condition:
        return ""
    if condition.startswith(("from ", "needed ")):
        return _sentence(condition)
    return f"When {condition}"


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _question_row(field: Field) -> tuple[str, ...]:
    return (
        field.heading,
        field.no,
        field.key,
        f"{field.section} {SECTIONS[field.section]}",
        field.label,
        field.help,
        kind_words(field),
        "; ".join(map(_option_words, field.options)) if field.kind != "integer" else "",
        "; ".join(field.exclusive),
        NEEDED[field.required],
        field.asked_when or "",
        field.unit or "",
        *(
            "" if limit is None else str(limit)
            for limit in (field.minimum, field.maximum, field.warn_minimum, field.warn_maximum)
        ),
        str(field.max_length or ""),
        " ".join(field.versions),
        "; ".join(coded.code for coded in rules_about(field)),
        "; ".join(field.aliases),
    )


def _option_words(option: Option) -> str:
    words = f"{option.code} = {option.label}"
    if len(option.versions) < len(VERSIONS):
        words += f" ({' '.join(option.versions)} only)"
    return words
