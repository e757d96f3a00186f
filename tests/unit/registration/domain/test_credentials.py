"""One-time links, session strings, tokens and reference numbers."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from services.registration.domain import credentials
from services.registration.domain.applications import (
    ApplicationState,
    new_reference,
    require_open,
)
from services.shared.errors import Conflict

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("left", "used", "usable"),
    [
        (timedelta(hours=72), None, True),
        (timedelta(seconds=1), None, True),
        (timedelta(0), None, False),
        (timedelta(hours=-1), None, False),
        (timedelta(hours=1), NOW - timedelta(minutes=1), False),
    ],
)
def test_a_link_works_once_and_until_it_expires(
    left: timedelta, used: datetime | None, usable: bool
) -> None:
    assert credentials.is_link_usable(expires_at=NOW + left, used_at=used, now=NOW) is usable


def test_a_link_lasts_72_hours() -> None:
    assert timedelta(hours=72) == credentials.LINK_LIFETIME


def test_sessions_and_tokens_are_told_apart_by_their_look() -> None:
    session, token = credentials.new_session_string(), credentials.new_token()
    assert credentials.is_session_string(session) and not credentials.is_token(session)
    assert credentials.is_token(token) and not credentials.is_session_string(token)


def test_no_two_secrets_are_alike_and_each_has_256_bits() -> None:
    drawn = {credentials.new_link() for _ in range(100)}
    assert len(drawn) == 100
    assert all(len(link) >= 43 for link in drawn)


def test_the_digest_is_a_sha256() -> None:
    assert credentials.digest("abc").hex().startswith("ba7816bf")


def test_when_a_token_was_used_is_written_once_an_hour() -> None:
    assert credentials.is_last_used_stale(None, NOW)
    assert not credentials.is_last_used_stale(NOW - timedelta(minutes=59), NOW)
    assert credentials.is_last_used_stale(NOW - timedelta(minutes=60), NOW)


def test_a_reference_can_be_read_out() -> None:
    for _ in range(200):
        assert re.fullmatch(r"FA-[2-9A-HJKMNP-TV-Z]{4}-[2-9A-HJKMNP-TV-Z]{2}", new_reference())


def test_an_open_form_can_be_decided() -> None:
    require_open(ApplicationState.SUBMITTED)


@pytest.mark.parametrize("state", [ApplicationState.APPROVED, ApplicationState.DECLINED])
def test_a_decided_form_stays_decided(state: ApplicationState) -> None:
    with pytest.raises(Conflict, match=state.value):
        require_open(state)
