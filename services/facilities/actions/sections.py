"""Who looks after a section, who stands for it, and what colleagues say about its questions."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from services.facilities.actions.answering import moved
from services.facilities.actions.guarding import (
    get_answering_site,
    lock_answer_set,
    refuse_if_submitted,
    refuse_unless_open,
)
from services.facilities.domain.checking import errors_by_key
from services.facilities.domain.questionnaires import get_questionnaire
from services.facilities.domain.sections import last_changes_of
from services.facilities.queries.answers import list_section_states, open_desk
from services.facilities.queries.rounds import get_round
from services.facilities.tables import AnswerSet, Comment, SectionEvent, SectionState
from services.shared.errors import Forbidden, InvalidInput, NotFound


def set_owner(
    session: Session,
    *,
    round_id: UUID,
    site_id: UUID,
    section_id: str,
    owner: UUID | None,
    by: UUID,
    may_assign: bool,
    today: date,
) -> None:
    """Say who looks after a section; None: nobody. Does not commit.

    Args:
        session: a transaction of the site.
        round_id: the round.
        site_id: the site.
        section_id: the section.
        owner: an account of the site; whether it is one is not known here.
        by: the account that says so.
        may_assign: whether it may name others; else it can only take what nobody has, or give
            back what is its own.
        today: the date in London.

    Raises:
        NotFound: no such round or section.
        Forbidden: somebody else has it, or is to have it, and the caller may not decide that.
        Conflict: `submitted`, `round_closed`: too late.
    """
    _begin(session, round_id, site_id, section_id, by, today)
    state = list_section_states(session, round_id, site_id).get(section_id)
    present = state.owner if state else None
    if present == owner:
        return
    if not may_assign and (owner not in (None, by) or present not in (None, by)):
        raise Forbidden("Only your lead can take a section from somebody, or give it to others.")
    _set(session, round_id, site_id, section_id, {"owner": owner})
    _note(session, round_id, site_id, section_id, "owner", by, owner=owner)


def confirm_section(
    session: Session,
    *,
    round_id: UUID,
    site_id: UUID,
    section_id: str,
    seen_version: int,
    by: UUID,
    today: date,
) -> None:
    """Stand for the answers of a section as they are; does not commit. Twice is once.

    Raises:
        NotFound: no such round or section.
        Conflict: `version_moved`: an answer of the section has changed since the version that the
            caller saw. `submitted`, `round_closed`: too late.
        InvalidInput: something in the section is missing, wrong or unexplained; or it is not asked.
    """
    answer_set = _begin(session, round_id, site_id, section_id, by, today)
    desk = open_desk(session, round_id, site_id, today)
    changed = last_changes_of(desk.questionnaire, desk.stored)
    if changed.get(section_id, 0) > seen_version:
        raise moved(answer_set, {})
    progress = next(each for each in desk.sections if each.section == section_id)
    if progress.state == "not_asked":
        raise InvalidInput(detail="Your answers to A3 leave this section out.")
    section_of = desk.questionnaire.section_of
    here = (each for each in desk.findings if section_of[each.question] == section_id)
    if errors := errors_by_key(here):
        raise InvalidInput(errors, "This section cannot be confirmed yet.")
    if progress.state == "confirmed":
        return
    version = answer_set.version
    _set(
        session,
        round_id,
        site_id,
        section_id,
        {"confirmed_version": version, "confirmed_at": func.now(), "confirmed_by": by},
    )
    _note(session, round_id, site_id, section_id, "confirmed", by, version=version)


def withdraw_confirmation(
    session: Session, *, round_id: UUID, site_id: UUID, section_id: str, by: UUID, today: date
) -> None:
    """Take back that a section is confirmed; does not commit. Nothing if it is not.

    Raises:
        NotFound: no such round or section.
        Conflict: `submitted`, `round_closed`: too late.
    """
    _begin(session, round_id, site_id, section_id, by, today)
    state = list_section_states(session, round_id, site_id).get(section_id)
    if state is None or state.confirmed_version is None:
        return
    nobody = {"confirmed_version": None, "confirmed_at": None, "confirmed_by": None}
    _set(session, round_id, site_id, section_id, nobody)
    _note(session, round_id, site_id, section_id, "withdrawn", by)


def write_comment(
    session: Session, *, round_id: UUID, site_id: UUID, question_id: str, words: str, by: UUID
) -> UUID:
    """Add a comment to a question; does not commit. It can be written at any time.

    Raises:
        NotFound: no such round or question.
        Forbidden: the site is not asked.
    """
    each = get_round(session, round_id)
    if get_questionnaire(each.questionnaire_id).find(question_id) is None:
        raise NotFound("There is no such question.")
    get_answering_site(session, each, site_id)
    comment_id = uuid7()
    row = {
        "comment_id": comment_id,
        "round_id": round_id,
        "site_id": site_id,
        "question_id": question_id,
        "words": words,
        "written_by": by,
    }
    session.execute(insert(Comment).values(row))
    return comment_id


def _begin(
    session: Session, round_id: UUID, site_id: UUID, section_id: str, by: UUID, today: date
) -> AnswerSet:
    each = get_round(session, round_id)
    if get_questionnaire(each.questionnaire_id).find_section(section_id) is None:
        raise NotFound("There is no such section.")
    refuse_unless_open(session, each, site_id, today)
    get_answering_site(session, each, site_id)
    answer_set = lock_answer_set(session, round_id, site_id, by)
    refuse_if_submitted(answer_set)
    return answer_set


def _set(
    session: Session, round_id: UUID, site_id: UUID, section_id: str, values: dict[str, Any]
) -> None:
    key = {"round_id": round_id, "site_id": site_id, "section_id": section_id}
    statement = insert(SectionState).values({**key, **values})
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["round_id", "site_id", "section_id"], set_=values
        )
    )


def _note(
    session: Session,
    round_id: UUID,
    site_id: UUID,
    section_id: str,
    what: str,
    by: UUID,
    *,
    version: int | None = None,
    owner: UUID | None = None,
) -> None:
    row = {
        "round_id": round_id,
        "site_id": site_id,
        "section_id": section_id,
        "what": what,
        "version": version,
        "owner": owner,
        "done_by": by,
    }
    session.execute(insert(SectionEvent).values(row))
