"""What all sites answered, as tables; with one's own answer beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.pages.facilities.forms import answer_text

_SPREAD = (
    ("Least", "least"),
    ("A quarter is at most", "lower"),
    ("Half is at most", "median"),
    ("Three quarters are at most", "upper"),
    ("Greatest", "greatest"),
)


def tables_of(
    questionnaire: Mapping[str, Any],
    results: Mapping[str, Any],
    own: Mapping[str, Any] | None = None,
) -> list[dict[str, Any]]:
    """The sections with a table for each question.

    Args:
        own: the answers and derived values of one's own site, by key; None for the audit team.
    """
    questions = {q["id"]: q for s in questionnaire["sections"] for q in s["questions"]}
    return [
        {**section, "tables": [_table(one, questions, own) for one in section["questions"]]}
        for section in results["sections"]
    ]


def _table(
    one: Mapping[str, Any], questions: Mapping[str, Any], own: Mapping[str, Any] | None
) -> dict[str, Any]:
    value = None if own is None else own.get(one["id"])
    chosen = value if isinstance(value, list) else [value]
    question = questions.get(one["id"])
    text = answer_text(question, value) if question else "" if value is None else str(value)
    return {
        **one,
        "own": text,
        "lines": [
            {**line, "share": _share(line["count"], one["answered"]), "own": line["code"] in chosen}
            for line in one["lines"]
        ],
        "spread": [(label, _number(one["spread"][name])) for label, name in _SPREAD]
        if one["spread"]
        else [],
    }


def _share(count: int, of: int) -> str:
    """A share in whole per cent.

    >>> _share(1, 3), _share(0, 0)
    ('33 %', '–')
    """
    return f"{round(100 * count / of)} %" if of else "–"


def _number(value: float) -> str:
    """A number with what it needs of decimal places.

    >>> _number(220000.0), _number(1.25)
    ('220,000', '1.25')
    """
    return f"{value:,.2f}".rstrip("0").rstrip(".")
