"""The time that is left of an import: a range, and nothing while there is nothing to go by."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.pages.imports.presenters import queue_in_words
from gateway.pages.imports.timing import range_in_words, time_left

BEGAN = datetime(2026, 2, 3, 14, 5, tzinfo=UTC)
IMPORT: dict[str, Any] = {
    "state": "checking",
    "history": [
        {"kind": "received", "at": "2026-02-03T13:00:00Z"},
        {"kind": "checking", "at": "2026-02-03T14:05:00Z"},
    ],
}


@pytest.mark.parametrize(
    ("seconds", "done", "words"),
    [
        (4, 0.5, ""),
        (60, 0.01, ""),
        (60, 0.5, "1 to 2 minutes left"),
        (600, 0.25, "21 to 48 minutes left"),
        (60, 0.9, "less than a minute left"),
    ],
)
def test_it_follows_from_the_speed_so_far(seconds: int, done: float, words: str) -> None:
    assert time_left(IMPORT, done, BEGAN + timedelta(seconds=seconds)) == words


def test_an_import_without_such_a_step_says_nothing() -> None:
    for import_ in (IMPORT | {"state": "applying"}, {"state": "checking"}):
        assert time_left(import_, 0.5, BEGAN + timedelta(seconds=60)) == ""


def test_a_range_never_ends_before_it_begins() -> None:
    for least in range(0, 4000, 37):
        assert range_in_words(least, least * 1.01).endswith("left")


@pytest.mark.parametrize(
    ("state", "queue", "words"),
    [
        ("received", {"ahead": 1, "beside": 3}, "1 file of all sites is ahead of yours."),
        ("received", {"ahead": 2, "beside": 0}, "2 files of all sites are ahead of yours."),
        (
            "checking",
            {"ahead": 2, "beside": 1},
            "1 other file is worked on at the same time; the sites take turns.",
        ),
        ("checking", {"ahead": 0, "beside": 0}, ""),
        ("checked", None, ""),
    ],
)
def test_who_else_is_served_is_said(state: str, queue: dict[str, int] | None, words: str) -> None:
    assert queue_in_words({"state": state, "queue": queue}) == words
