"""Rounds and their questionnaires: read by all, opened and closed by the audit team."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from services.facilities.actions import rounds as actions
from services.facilities.actions.reminding import kind_by_hand, remind_site
from services.facilities.domain.questionnaires import (
    CURRENT,
    QUESTIONNAIRES,
    get_questionnaire,
)
from services.facilities.domain.questions import Questionnaire
from services.facilities.queries import rounds as queries
from services.facilities.queries.answers import find_answer_set, state_of
from services.facilities.queries.national import list_unsent
from services.facilities.queries.sites import find_site
from services.facilities.schemas import rounds as schemas
from services.facilities.today import today_in_london
from services.shared.db import transaction
from services.shared.errors import Conflict
from services.shared.identity import allows, current_actor
from services.shared.web import app_engine, national_transaction, site_transaction

blueprint = Blueprint("rounds", __name__, url_prefix="/rounds", description="Rounds")
questionnaires = Blueprint(
    "questionnaires", __name__, url_prefix="/questionnaires", description="Questionnaires"
)

_READERS = ("facilities.read", "facilities.manage", "facilities.read_national")


@questionnaires.get("")
@allows(*_READERS)
@questionnaires.response(200, schemas.QuestionnairesAnswer)
def list_questionnaires() -> dict[str, Any]:
    """List the questionnaires that there are, the current one first."""
    return {"items": list(QUESTIONNAIRES.values())}


@blueprint.get("")
@allows(*_READERS)
@blueprint.response(200, schemas.RoundsAnswer)
def list_rounds() -> dict[str, Any]:
    """List all rounds, the newest first."""
    with site_transaction(read_only=True) as session:
        items = [queries.describe(each, today_in_london()) for each in queries.list_rounds(session)]
    return {"items": items, "page": 1, "page_size": len(items), "total": len(items)}


@blueprint.get("/own")
@allows("facilities.read")
@blueprint.response(200, schemas.OwnRoundsAnswer)
def list_own_rounds() -> dict[str, Any]:
    """List the rounds that your site can answer or has answered, and how far it is."""
    site_id, today = current_actor().own_site(), today_in_london()
    items = []
    with site_transaction(read_only=True) as session:
        site = find_site(session, site_id)
        for each in queries.list_rounds(session):
            answer_set = find_answer_set(session, each.round_id, site_id)
            is_asked = site is not None and queries.is_asked(each, site)
            extended = queries.extended_until(session, each.round_id, site_id)
            window = queries.window_of(each, extended)
            could_answer = is_asked and window.state(today) != "closed"
            if answer_set is None and not could_answer:
                continue
            items.append(
                {
                    **queries.describe(each, today_in_london()),
                    "window": window.state(today),
                    "last_day": window.last_day,
                    "is_asked": is_asked,
                    "answers_state": state_of(answer_set),
                    "submitted_at": answer_set.submitted_at if answer_set else None,
                }
            )
    return {"items": items, "page": 1, "page_size": len(items), "total": len(items)}


@blueprint.post("")
@allows("facilities.manage")
@blueprint.arguments(schemas.OpenRoundBody)
@blueprint.response(201, schemas.RoundAnswer)
def open_round(body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Open a round; one of the same name is answered as it is, with 200."""
    with site_transaction() as session:
        opened, new = actions.open_round(
            session,
            name=body["name"] or str(body["year"]),
            year=body["year"],
            title=body["title"],
            questionnaire_id=body["questionnaire_id"] or CURRENT.id,
            opens_on=body["opens_on"] or today_in_london(),
            closes_on=body["closes_on"],
            asked_kinds=body["asked_kinds"],
            asked_part=body["asked_part"],
            reminds=body["reminds"],
            by=current_actor().account_id,
        )
        answer = queries.describe(opened, today_in_london())
    return answer, 201 if new else 200


@blueprint.get("/current")
@allows(*_READERS)
@blueprint.response(200, schemas.RoundAnswer)
def get_current_round() -> dict[str, Any]:
    """Get the round that is open today."""
    today = today_in_london()
    with site_transaction(read_only=True) as session:
        return queries.describe(queries.get_current_round(session, today), today)


@blueprint.get("/<uuid:round_id>")
@allows(*_READERS)
@blueprint.response(200, schemas.RoundAnswer)
def get_round(round_id: UUID) -> dict[str, Any]:
    """Get a round."""
    with site_transaction(read_only=True) as session:
        return queries.describe(queries.get_round(session, round_id), today_in_london())


@blueprint.get("/<uuid:round_id>/questionnaire")
@allows(*_READERS)
@blueprint.response(200, schemas.QuestionnaireAnswer)
def get_round_questionnaire(round_id: UUID) -> Questionnaire:
    """Get the questions of a round as data: sections, questions, options, grids, conditions."""
    with site_transaction(read_only=True) as session:
        questionnaire_id = queries.get_round(session, round_id).questionnaire_id
    return get_questionnaire(questionnaire_id)


@blueprint.put("/<uuid:round_id>/last-day")
@allows("facilities.manage")
@blueprint.arguments(schemas.LastDayBody)
@blueprint.response(200, schemas.RoundAnswer)
def change_last_day(body: dict[str, Any], round_id: UUID) -> dict[str, Any]:
    """Give a round another last day, for all sites; opens it again if it was closed."""
    with site_transaction() as session:
        actions.change_last_day(
            session,
            round_id=round_id,
            closes_on=body["closes_on"],
            reason=body["reason"].strip(),
            by=current_actor().account_id,
            today=today_in_london(),
        )
        session.flush()
        return queries.describe(queries.get_round(session, round_id), today_in_london())


@blueprint.post("/<uuid:round_id>/closing")
@allows("facilities.manage")
@blueprint.arguments(schemas.ReasonBody)
@blueprint.response(200, schemas.RoundAnswer)
def close_round(body: dict[str, str], round_id: UUID) -> dict[str, Any]:
    """Close a round now; sites with an extension can still answer."""
    with site_transaction() as session:
        actions.close_round(
            session,
            round_id=round_id,
            reason=body["reason"].strip(),
            by=current_actor().account_id,
            today=today_in_london(),
        )
        session.flush()
        session.expire_all()
        return queries.describe(queries.get_round(session, round_id), today_in_london())


@blueprint.get("/<uuid:round_id>/changes")
@allows("facilities.manage", "facilities.read_national")
@blueprint.response(200, schemas.RoundChangesAnswer)
def list_round_changes(round_id: UUID) -> dict[str, Any]:
    """List what was done to a round, the newest first."""
    with site_transaction(read_only=True) as session:
        queries.get_round(session, round_id)
        return {"items": list(queries.list_round_changes(session, round_id))}


@blueprint.post("/<uuid:round_id>/reminders")
@allows("facilities.manage")
@blueprint.response(200, schemas.RemindedAnswer)
def remind(round_id: UUID) -> dict[str, int]:
    """Write to every site that is asked and has not submitted; once a day at most.

    409 `round_closed` or `round_not_open` when nobody could answer.
    """
    today, by = today_in_london(), current_actor().account_id
    with national_transaction("facilities") as session:
        each = queries.get_round(session, round_id)
        unsent = list_unsent(session, each)
        state = queries.window_of(each).state(today)
    windows = {one.site_id: queries.window_of(each, one.extended_until) for one in unsent}
    open_to = {key: window for key, window in windows.items() if window.state(today) == "open"}
    if not open_to and state != "open":
        code = "round_not_open" if state == "planned" else "round_closed"
        raise Conflict("Nobody can answer at present, so nobody was written to.", code)
    sent = 0
    for site_id, window in open_to.items():
        with transaction(app_engine(), site_id=site_id) as session:
            sent += remind_site(
                session,
                round_id=round_id,
                site_id=site_id,
                kind=kind_by_hand(today),
                window=window,
                by=by,
            )
    return {"sites": sent}
