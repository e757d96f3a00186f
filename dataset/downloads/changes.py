"""What changed from one version of the dataset to the next, worked out from the fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from dataset.fields import FIELDS, Field
from dataset.versions import VERSIONS, Version

COLUMNS = ("From", "To", "Number", "Heading", "Question", "Change", "Code", "Label")

QUESTION_ADDED = "question added"
QUESTION_REMOVED = "question removed"
ANSWER_ADDED = "answer added"
ANSWER_REMOVED = "answer removed"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that came or went.

    Attributes:
        what: one of the four words above.
        code, label: of an answer; blank for a question.
    """

    earlier: Version
    later: Version
    field: Field
    what: str
    code: str = ""
    label: str = ""


def changes(
    fields: Iterable[Field] = FIELDS, versions: Sequence[Version] = VERSIONS
) -> list[Change]:
    """All changes, by version, then in template order."""
    fields = tuple(fields)
    return [
        change
        for earlier, later in zip(versions, versions[1:], strict=False)
        for field in fields
        for change in _of_field(field, earlier, later)
    ]


def rows() -> list[tuple[str, ...]]:
    """The changes as cells below `COLUMNS`."""
    return [
        (
            change.earlier.name,
            change.later.name,
            change.field.no,
            change.field.heading,
            change.field.label,
            change.what,
            change.code,
            change.label,
        )
        for change in changes()
    ]


def _of_field(field: Field, earlier: Version, later: Version) -> Iterator[Change]:
    before, after = earlier.name in field.versions, later.name in field.versions
    if before != after:
        yield Change(earlier, later, field, QUESTION_ADDED if after else QUESTION_REMOVED)
        return
    if not before:
        return
    for option in field.options:
        before, after = earlier.name in option.versions, later.name in option.versions
        if before != after:
            what = ANSWER_ADDED if after else ANSWER_REMOVED
            yield Change(earlier, later, field, what, option.code, option.label)
