"""Parts, names, states and the ledger."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.imports.domain.ledger import Outcome, Own, adds_up, counts_of
from services.imports.domain.states import (
    ENDED,
    LIVE,
    NEXT,
    STATES,
    can_become,
    decide_cancellation,
    decide_confirmation,
    stage_of,
)
from services.imports.domain.uploads import PART_BYTES, Measured, parts_of, safe_file_name
from services.shared.errors import Conflict


@given(sizes=st.lists(st.integers(0, 3 * PART_BYTES // 2), max_size=4))
def test_parts_are_the_file_cut_every_mebibyte(sizes: list[int]) -> None:
    blocks = [bytes([65 + at]) * size for at, size in enumerate(sizes)]
    data = b"".join(blocks)
    measured = Measured()
    parts = list(parts_of(blocks, measured))
    assert b"".join(parts) == data
    assert all(len(part) == PART_BYTES for part in parts[:-1])
    assert measured.size_bytes == len(data)
    assert measured.digest.digest() == hashlib.sha256(data).digest()


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        (None, "upload.csv"),
        ("", "upload.csv"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\jo\\march.csv", "march.csv"),
        ("a\r\nSet-Cookie: x\x00.csv", "aSet-Cookie: x.csv"),
        ("é" * 300 + ".csv", "é" * 196 + ".csv"),
        ("x" * 300, "x" * 200),
        ("/", "upload.csv"),
    ],
)
def test_a_file_name_is_shown_without_folders_and_control_characters(
    given_name: str | None, shown: str
) -> None:
    assert safe_file_name(given_name) == shown


def test_every_state_is_live_or_ended_and_ended_ones_stay() -> None:
    assert {*LIVE, *ENDED, "undoing"} == set(STATES) == set(NEXT)
    assert not {*LIVE, "undoing"} & set(ENDED)
    assert all(NEXT[state] == () for state in ENDED if state != "applied")
    assert NEXT["applied"] == ("undoing",)


def test_every_live_state_can_fail() -> None:
    assert all(can_become(state, "failed") for state in LIVE)


@pytest.mark.parametrize("state", STATES)
def test_confirming_starts_once_and_only_what_was_checked(state: str) -> None:
    if state == "checked":
        assert decide_confirmation(state)
    elif state in ("applying", "applied"):
        assert not decide_confirmation(state)
    else:
        with pytest.raises(Conflict):
            decide_confirmation(state)


@pytest.mark.parametrize("state", STATES)
def test_cancelling_ends_what_is_not_yet_being_stored(state: str) -> None:
    if state in ("received", "checking", "checked"):
        assert decide_cancellation(state)
    elif state == "cancelled":
        assert not decide_cancellation(state)
    else:
        with pytest.raises(Conflict):
            decide_cancellation(state)


def test_the_stage_says_what_is_going_on() -> None:
    assert stage_of("received", rows_total=None, rows_checked=0, rows_staged=0) == (
        "waiting_to_be_read"
    )
    assert stage_of("checking", rows_total=9, rows_checked=4, rows_staged=0) == "checking"
    assert stage_of("checking", rows_total=9, rows_checked=9, rows_staged=4) == "staging"
    assert stage_of("checking", rows_total=9, rows_checked=9, rows_staged=9) == "comparing"
    assert stage_of("checked", rows_total=9, rows_checked=9, rows_staged=9) == (
        "waiting_for_confirmation"
    )
    assert stage_of("failed", rows_total=9, rows_checked=9, rows_staged=9) == "ended"


def test_the_ledger_adds_both_parties_up() -> None:
    own = Own(received=10, same=1, rejected=2, sent=7, with_warnings=1)
    outcome = Outcome(new=3, changed=1, same=1, held=1, rejected=1)
    counts = counts_of(own, outcome)
    assert adds_up(own, outcome)
    assert (counts.new, counts.changed, counts.same, counts.held, counts.rejected) == (
        3,
        1,
        2,
        1,
        3,
    )
    assert counts.received == 10


@pytest.mark.parametrize(
    ("own", "new"),
    [
        (Own(received=10, same=1, rejected=2, sent=7, with_warnings=0), 6),
        (Own(received=10, same=1, rejected=2, sent=6, with_warnings=0), 6),
        (Own(received=None, same=0, rejected=0, sent=6, with_warnings=0), 6),
    ],
    ids=["records lost a row", "we lost a row", "never read"],
)
def test_a_lost_row_shows_in_the_ledger(own: Own, new: int) -> None:
    assert not adds_up(own, Outcome(new=new, changed=0, same=0, held=0, rejected=0))


def test_before_records_has_spoken_its_counts_are_not_known() -> None:
    counts = counts_of(Own(received=5, same=1, rejected=1, sent=3, with_warnings=0), None)
    assert (counts.new, counts.changed, counts.same, counts.held) == (None, None, None, None)
    assert counts.rejected == 1
