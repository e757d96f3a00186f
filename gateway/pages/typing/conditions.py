"""Conditions of the dataset for the script that shows and hides questions, and for its groups.

The script gets the same data that completeness is counted by: `{"key": ..., "codes": [...]}`,
`{"given": key}`, `{"all": [...]}` or `{"any": [...]}`.
"""

from __future__ import annotations

import json
from typing import Any

from dataset.conditions import AllOf, AnswerIn, Condition, Given


def as_json(condition: Condition) -> str:
    """A condition as an attribute of a page holds it."""
    return json.dumps(_plain(condition), separators=(",", ":"))


def _plain(condition: Condition) -> dict[str, Any]:
    if isinstance(condition, AnswerIn):
        return {"key": condition.key, "codes": list(condition.codes)}
    if isinstance(condition, Given):
        return {"given": condition.key}
    parts = [_plain(part) for part in condition.parts]
    return {"all" if isinstance(condition, AllOf) else "any": parts}
