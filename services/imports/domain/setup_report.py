"""What a newer version of the dataset does to a set-up that was saved for an older one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dataset.fields import COLUMN_BY_KEY, FIELD_BY_KEY, FIELDS
from dataset.versions import VERSIONS
from services.imports.domain.setup import Setup

GONE_FIELD, GONE_ANSWERS, NEW_FIELD, NEW_ANSWERS = (
    "gone_field",
    "gone_answers",
    "new_field",
    "new_answers",
)
KINDS = (GONE_FIELD, GONE_ANSWERS, NEW_FIELD, NEW_ANSWERS)


@dataclass(frozen=True, slots=True)
class Change:
    """Something about the dataset that is not as it was when a set-up was saved.

    Attributes:
        kind: `gone_field`: the set-up reads a column as a field that is not asked any more;
            `gone_answers`: it reads answers as codes that are not offered any more; `new_field`: a
            field that was not asked then; `new_answers`: codes of a field whose answers it reads.
        field: its key.
        codes: of `gone_answers` and `new_answers`.
    """

    kind: str
    field: str
    codes: tuple[str, ...] = ()


def report(setup: Setup, saved_for: str, *, now: str = VERSIONS[-1].name) -> list[Change]:
    """What has changed for a set-up, in the order of the dataset; what was lost first.

    Args:
        saved_for: the newest version of the dataset when it was saved.
        now: the version that holds today.
    """
    return [*_gone(setup, now), *_new(setup, saved_for, now)]


def _gone(setup: Setup, now: str) -> Iterator[Change]:
    used = {key for key in setup.headings.values() if key}
    for key in sorted(used):
        field = FIELD_BY_KEY.get(key)
        if key not in COLUMN_BY_KEY or (field is not None and now not in field.versions):
            yield Change(GONE_FIELD, key)
    for key, codes in setup.values.items():
        field = FIELD_BY_KEY.get(key)
        offered = {option.code for option in field.offered(now)} if field else set()
        gone = tuple(sorted(set(codes.values()) - offered))
        if field is not None and gone:
            yield Change(GONE_ANSWERS, key, gone)


def _new(setup: Setup, saved_for: str, now: str) -> Iterator[Change]:
    for field in FIELDS:
        if now in field.versions and saved_for not in field.versions:
            yield Change(NEW_FIELD, field.key)
        elif field.key in setup.values:
            before = {option.code for option in field.offered(saved_for)}
            new = tuple(o.code for o in field.offered(now) if o.code not in before)
            if new:
                yield Change(NEW_ANSWERS, field.key, new)
