"""The audit team opens rounds, changes their last day, closes them, and gives a site more time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from services.facilities.actions.reminding import tell_site
from services.facilities.domain.asking import PARTS
from services.facilities.domain.questionnaires import get_questionnaire
from services.facilities.queries.rounds import (
    extended_until,
    find_round_by_name,
    get_round,
    lock_round,
    window_of,
)
from services.facilities.queries.sites import get_site
from services.facilities.tables import Extension, Round, RoundChange
from services.shared.errors import Conflict, InvalidInput


def open_round(
    session: Session,
    *,
    name: str,
    year: int,
    questionnaire_id: str,
    opens_on: date,
    closes_on: date | None,
    by: UUID | None,
    title: str | None = None,
    asked_kinds: Sequence[str] = (),
    asked_part: str = "facilities",
    reminds: bool = True,
    allow_retired: bool = False,
) -> tuple[Round, bool]:
    """Open a round, or find the one of this name as it is; does not commit.

    Args:
        session: any transaction; rounds belong to no site.
        name: unique among rounds, such as `2026`.
        year: the audit year that it asks about.
        questionnaire_id: which questionnaire it asks.
        opens_on: first day of answering.
        closes_on: last day of answering; None leaves it open.
        by: the account; None when a command opens it.
        title: what people read; None takes the questionnaire's.
        asked_kinds: kinds of site that are asked; none: all.
        asked_part: sites that take part in the `facilities` audit are asked, or only those of them
            that take part in the `patient` audit too.
        reminds: whether sites that have not submitted are reminded by mail.
        allow_retired: take a questionnaire that is not asked any more: an operator who brings in
            an earlier round, whose answers are then carried over.

    Returns:
        The round, and whether it was opened just now.

    Raises:
        NotFound: there is no such questionnaire.
        InvalidInput: it would close before it opens, or the questionnaire is retired.
    """
    questionnaire = get_questionnaire(questionnaire_id)
    _check_days(opens_on, closes_on)
    if questionnaire.is_retired and not allow_retired and not find_round_by_name(session, name):
        raise InvalidInput({"questionnaire_id": ["This questionnaire is not asked any more."]})
    if asked_part not in PARTS:
        raise InvalidInput({"asked_part": [f"Choose one of {', '.join(PARTS)}."]})
    row = {
        "round_id": uuid7(),
        "name": name,
        "year": year,
        "title": title or questionnaire.title,
        "questionnaire_id": questionnaire.id,
        "opens_on": opens_on,
        "closes_on": closes_on,
        "created_by": by,
        "created_at": func.now(),
        "asked_kinds": sorted(set(asked_kinds)),
        "asked_part": asked_part,
        "reminds": reminds,
    }
    statement = insert(Round).values(row).on_conflict_do_nothing(index_elements=["name"])
    opened = session.execute(statement.returning(Round.round_id)).first() is not None
    found = find_round_by_name(session, name)
    assert found is not None
    return found, opened


def change_last_day(
    session: Session, *, round_id: UUID, closes_on: date | None, reason: str, by: UUID, today: date
) -> None:
    """Give a round another last day, for all sites; opens it again if it was closed.

    Args:
        session: any transaction; rounds belong to no site.
        round_id: the round.
        closes_on: the new last day, today at the earliest; None: none.
        reason: why; kept with the round.
        by: the account that changes it.
        today: the date in London.

    Raises:
        NotFound: no such round.
        InvalidInput: the day is past, or before the round opens.
    """
    each = lock_round(session, round_id)
    _check_days(each.opens_on, closes_on)
    if closes_on is not None and closes_on < today:
        raise InvalidInput({"closes_on": ["Give a day from today on."]})
    if each.closes_on == closes_on and each.closed_at is None:
        return
    details = {"from": _written(each.closes_on), "to": _written(closes_on)}
    what = "last_day" if each.closed_at is None else "opened_again"
    each.closes_on, each.closed_at, each.closed_by = closes_on, None, None
    _note(session, each, what, details, reason, by)


def close_round(session: Session, *, round_id: UUID, reason: str, by: UUID, today: date) -> None:
    """Close a round now, for all sites without an extension; does not commit. Twice is once.

    Drafts stay as they are, and nothing of them counts as submitted.

    Raises:
        NotFound: no such round.
        Conflict: `round_not_open`: it has not begun.
    """
    each = lock_round(session, round_id)
    if each.closed_at is not None:
        return
    if today < each.opens_on:
        raise Conflict("This round is not open yet.", "round_not_open")
    each.closed_at, each.closed_by = func.now(), by
    _note(session, each, "closed", {}, reason, by)


def extend_round(
    session: Session,
    *,
    round_id: UUID,
    site_id: UUID,
    until_on: date,
    reason: str,
    by: UUID,
    today: date,
    tells: bool = True,
) -> None:
    """Give one site more time, also after the round is closed; does not commit.

    Args:
        session: a transaction of the site.
        round_id: the round.
        site_id: the site.
        until_on: its last day; the latest of several extensions counts.
        reason: why; kept with the extension.
        by: the account that grants it.
        today: the date in London.
        tells: whether the site is written to.

    Raises:
        NotFound: no such round or site.
        InvalidInput: the day is past, or does not give more time.
    """
    each = get_round(session, round_id)
    get_site(session, site_id)
    if until_on < today:
        raise InvalidInput({"until_on": ["Give a day from today on."]})
    if each.closed_at is None and (each.closes_on is None or until_on <= each.closes_on):
        raise InvalidInput({"until_on": ["The round is open until then for everybody."]})
    row = {
        "extension_id": uuid7(),
        "round_id": round_id,
        "site_id": site_id,
        "until_on": until_on,
        "reason": reason,
        "granted_by": by,
    }
    session.execute(insert(Extension).values(row))
    if tells:
        last_day = window_of(each, extended_until(session, round_id, site_id)).last_day
        tell_site(session, each, site_id=site_id, kind="extended", last_day=last_day, by=by)


def _check_days(opens_on: date, closes_on: date | None) -> None:
    if closes_on is not None and closes_on < opens_on:
        raise InvalidInput({"closes_on": ["The last day must not be before the first day."]})


def _note(
    session: Session, each: Round, what: str, details: dict[str, Any], reason: str, by: UUID
) -> None:
    row = {
        "round_id": each.round_id,
        "what": what,
        "details": details,
        "reason": reason,
        "changed_by": by,
    }
    session.execute(insert(RoundChange).values(row))


def _written(day: date | None) -> str | None:
    return day.isoformat() if day else None
