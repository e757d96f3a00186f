"""Submits a site's answers and locks them, with a receipt; opens them again with a reason."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from services.facilities import metrics
from services.facilities.actions.answering import moved
from services.facilities.actions.guarding import (
    get_answering_site,
    lock_answer_set,
    refuse_if_submitted,
    refuse_unless_open,
)
from services.facilities.actions.reminding import tell_site
from services.facilities.actions.rounds import extend_round
from services.facilities.domain.checking import errors_by_key, visible_answers
from services.facilities.domain.deriving import derive
from services.facilities.domain.sections import SectionProgress
from services.facilities.queries.answers import Desk, find_answer_set, open_desk
from services.facilities.queries.rounds import extended_until, get_round, window_of
from services.facilities.queries.sites import get_site
from services.facilities.tables import AnswerSet, Reopening, Site, Submission
from services.shared.errors import Conflict, InvalidInput


def submit_answers(
    session: Session, *, round_id: UUID, site_id: UUID, seen_version: int, by: UUID, today: date
) -> int:
    """Submit the answers of the questions that are asked, and lock them; does not commit.

    Submitting once more what was submitted with the version that the caller saw, or became by it,
    answers as the first time did.

    Args:
        session: a transaction of the site.
        round_id: the round.
        site_id: the site that answers.
        seen_version: the version of the answers that the person signs.
        by: the account that submits.
        today: the date in London.

    Returns:
        The version of the submitted answer set.

    Raises:
        NotFound: no such round.
        Forbidden: the site may not answer.
        Conflict: `version_moved`: somebody saved since. `submitted`, `round_closed`: too late.
        InvalidInput: something is missing, wrong or unexplained (key -> messages), or a section
            is not confirmed (`section.<id>` -> messages).
    """
    each = get_round(session, round_id)
    site = get_answering_site(session, each, site_id)
    answer_set = lock_answer_set(session, round_id, site_id, by)
    if answer_set.submitted_by == by and seen_version in (
        answer_set.version,
        answer_set.version - 1,
    ):
        return answer_set.version
    refuse_if_submitted(answer_set)
    refuse_unless_open(session, each, site_id, today)
    if answer_set.version != seen_version:
        raise moved(answer_set, {})
    desk = open_desk(session, round_id, site_id, today)
    if errors := errors_by_key(desk.findings) or _unconfirmed(desk.sections):
        metrics.SUBMISSIONS.labels("incomplete").inc()
        raise InvalidInput(errors, "Some questions have no answer or need correcting.")
    _store(session, answer_set, site, desk, by)
    metrics.SUBMISSIONS.labels("submitted").inc()
    return answer_set.version


def _unconfirmed(sections: Sequence[SectionProgress]) -> dict[str, list[str]]:
    return {
        f"section.{each.section}": [f"Confirm the section “{each.title}” first."]
        for each in sections
        if each.state not in ("confirmed", "not_asked")
    }


def _store(session: Session, answer_set: AnswerSet, site: Site, desk: Desk, by: UUID) -> None:
    answer_set.version += 1
    answer_set.submitted_at, answer_set.submitted_by = func.now(), by
    answers = visible_answers(desk.questionnaire, desk.answers)
    explained = {finding.code for finding in desk.findings if finding.level == "explained"}
    signed: dict[str, Any] = {
        "answers": answers,
        "explanations": {
            code: words for code, words in desk.explanations.items() if code in explained
        },
        "derived": derive(desk.questionnaire, answers),
    }
    reference = f"{desk.round.name}-{site.code}-{answer_set.version}"
    row = {
        "submission_id": uuid7(),
        "round_id": answer_set.round_id,
        "site_id": answer_set.site_id,
        "version": answer_set.version,
        "submitted_by": by,
        "reference": reference,
        "sha256": digest_of(reference, desk.questionnaire.id, signed),
        **signed,
    }
    session.execute(insert(Submission).values(row))


def digest_of(reference: str, questionnaire_id: str, signed: dict[str, Any]) -> bytes:
    """Return the SHA-256 of what was signed: JSON with sorted keys, as the receipt has it."""
    whole = {"reference": reference, "questionnaire_id": questionnaire_id, **signed}
    return hashlib.sha256(orjson.dumps(whole, option=orjson.OPT_SORT_KEYS)).digest()


def reopen_answers(
    session: Session,
    *,
    round_id: UUID,
    site_id: UUID,
    reason: str,
    until_on: date | None,
    by: UUID,
    today: date,
) -> None:
    """Let a site change what it submitted, and submit it again; does not commit.

    The draft and what was submitted stay; the sections stay confirmed until an answer changes.

    Args:
        session: a transaction of the site.
        round_id: the round.
        site_id: the site.
        reason: kept with the answers.
        until_on: the site's last day, if the round is over for the others; None keeps the round's.
        by: the account that opens them again.
        today: the date in London.

    Raises:
        NotFound: no such round or site.
        Conflict: `not_submitted`: there is nothing to open.
        InvalidInput: the last day is past, or is needed because the round is closed.
    """
    each = get_round(session, round_id)
    get_site(session, site_id)
    answer_set = find_answer_set(session, round_id, site_id, lock=True)
    if answer_set is None or answer_set.submitted_at is None:
        raise Conflict("This site has not submitted its answers.", "not_submitted")
    if until_on is None:
        extended = extended_until(session, round_id, site_id)
        if window_of(each, extended).state(today) != "open":
            raise InvalidInput({"until_on": ["The round is closed. Give the site a last day."]})
    row = {
        "reopening_id": uuid7(),
        "round_id": round_id,
        "site_id": site_id,
        "version": answer_set.version,
        "reason": reason,
        "until_on": until_on,
        "reopened_by": by,
    }
    session.execute(insert(Reopening).values(row))
    answer_set.version += 1
    answer_set.submitted_at, answer_set.submitted_by = None, None
    answer_set.updated_at, answer_set.updated_by = func.now(), by
    if until_on is not None:
        extend_round(
            session,
            round_id=round_id,
            site_id=site_id,
            until_on=until_on,
            reason=reason,
            by=by,
            today=today,
            tells=False,
        )
    last_day = window_of(each, extended_until(session, round_id, site_id)).last_day
    tell_site(session, each, site_id=site_id, kind="reopened", last_day=last_day, by=by)
    metrics.SUBMISSIONS.labels("reopened").inc()
