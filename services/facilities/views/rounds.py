"""Rounds and their questionnaires."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from services.facilities import actions, queries, schemas
from services.facilities.domain.questionnaire import CURRENT, get_questionnaire
from services.facilities.domain.questions import Questionnaire
from services.facilities.today import today_in_london
from services.shared.identity import allows, current_actor
from services.shared.web import site_transaction

blueprint = Blueprint("rounds", __name__, url_prefix="/rounds", description="Rounds")


@blueprint.get("")
@allows("facilities.read", "facilities.manage", "facilities.read_national")
@blueprint.response(200, schemas.RoundsAnswer)
def list_rounds() -> dict[str, Any]:
    """List all rounds, the newest first."""
    with site_transaction(read_only=True) as session:
        items = [describe(each) for each in queries.list_rounds(session)]
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
            questionnaire_id=body["questionnaire_id"] or CURRENT.id,
            opens_on=body["opens_on"] or today_in_london(),
            closes_on=body["closes_on"],
            by=current_actor().account_id,
        )
        answer = describe(opened)
    return answer, 201 if new else 200


@blueprint.get("/current")
@allows("facilities.read", "facilities.manage", "facilities.read_national")
@blueprint.response(200, schemas.RoundAnswer)
def get_current_round() -> dict[str, Any]:
    """Get the round that is open today."""
    with site_transaction(read_only=True) as session:
        return describe(queries.get_current_round(session, today_in_london()))


@blueprint.get("/<uuid:round_id>")
@allows("facilities.read", "facilities.manage", "facilities.read_national")
@blueprint.response(200, schemas.RoundAnswer)
def get_round(round_id: UUID) -> dict[str, Any]:
    """Get a round."""
    with site_transaction(read_only=True) as session:
        return describe(queries.get_round(session, round_id))


@blueprint.get("/<uuid:round_id>/questionnaire")
@allows("facilities.read", "facilities.manage", "facilities.read_national")
@blueprint.response(200, schemas.QuestionnaireAnswer)
def get_round_questionnaire(round_id: UUID) -> Questionnaire:
    """Get the questions of a round as data: sections, questions, options, conditions."""
    with site_transaction(read_only=True) as session:
        questionnaire_id = queries.get_round(session, round_id).questionnaire_id
    return get_questionnaire(questionnaire_id)


def describe(each: Any) -> dict[str, Any]:
    """Return a round as plain values, with the state that it has today."""
    fields = ("round_id", "name", "year", "title", "questionnaire_id", "opens_on", "closes_on")
    today = today_in_london()
    values = {name: getattr(each, name) for name in fields}
    return {**values, "state": _state(each.opens_on, each.closes_on, today)}


def _state(opens_on: date, closes_on: date | None, today: date) -> str:
    if today < opens_on:
        return "planned"
    return "closed" if closes_on is not None and today > closes_on else "open"
