"""Pauses grow to five seconds and begin anew; no two processes keep step."""

from __future__ import annotations

import pytest

from services.shared.pauses import Pauses

GROWING = (1, 2, 4, 5, 5, 5)


def test_pauses_grow_and_stay_short() -> None:
    pauses = Pauses()
    assert [pauses.next() for _ in GROWING] == [pytest.approx(each, rel=0.2) for each in GROWING]


def test_what_was_up_is_asked_soon_again() -> None:
    pauses = Pauses()
    for _ in range(5):
        pauses.next()
    pauses.start_over()
    assert pauses.next() == pytest.approx(1, rel=0.2)


def test_two_processes_do_not_ask_at_the_same_moment() -> None:
    assert len({Pauses().next() for _ in range(20)}) > 1
