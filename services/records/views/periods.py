"""Audit periods: deadlines for all sites, more time for one, unlocking on request."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from marshmallow import RAISE

from services.records import schemas
from services.records.actions import locking
from services.records.queries import periods as queries
from services.records.today import today_in_london
from services.records.views.opening import own_records
from services.shared.db import transaction
from services.shared.errors import NotFound
from services.shared.identity import allows, current_actor
from services.shared.web import app_engine, national_transaction, site_transaction

blueprint = Blueprint("periods", __name__, description="Audit periods")
MANAGE = "periods.manage"


@blueprint.get("/periods")
@allows("records.read", MANAGE)
@blueprint.response(200, schemas.PeriodsAnswer)
def list_periods() -> dict[str, Any]:
    """List the years of diagnosis: open, in grace or locked, as it holds for your site."""
    site_id = current_actor().site_id
    with site_transaction(read_only=True) as session:
        return {"items": queries.list_years(session, site_id=site_id, today=today_in_london())}


@blueprint.put("/periods/<int:year>")
@allows(MANAGE)
@blueprint.arguments(schemas.SetPeriodBody)
@blueprint.response(200, schemas.PeriodsAnswer)
def set_period(body: dict[str, Any], year: int) -> dict[str, Any]:
    """Set the deadlines of a year for all sites. 409 `version_moved`."""
    by, today = current_actor().account_id, today_in_london()
    with site_transaction() as session:
        locking.set_period(session, year=year, by=by, today=today, **body)
        return {"items": queries.list_years(session, site_id=None, today=today)}


@blueprint.post("/period-extensions")
@allows(MANAGE)
@blueprint.arguments(schemas.ExtensionBody)
@blueprint.response(201, schemas.ExtensionAnswer)
def extend_period(body: dict[str, Any]) -> Any:
    """Give one site more time for a year, with a reason."""
    by, today = current_actor().account_id, today_in_london()
    with transaction(app_engine(), site_id=body["site_id"]) as session:
        made = locking.extend_period(session, by=by, today=today, **body)
        return queries.find_extension(session, made)


@blueprint.get("/period-extensions")
@allows(MANAGE)
@blueprint.response(200, schemas.ExtensionsAnswer)
def list_extensions() -> dict[str, Any]:
    """List the extensions of all sites."""
    with national_transaction("records") as session:
        return {"items": queries.list_extensions(session)}


@blueprint.post("/unlock-requests")
@allows("records.write")
@blueprint.arguments(schemas.UnlockBody)
@blueprint.response(201, schemas.UnlockAnswer)
def ask_to_unlock(body: dict[str, Any]) -> Any:
    """Ask the audit team to unlock a record, or a whole year. The same request twice is one."""
    by, today = current_actor().account_id, today_in_london()
    with own_records() as (session, site_id):
        made = locking.ask_to_unlock(session, site_id=site_id, by=by, today=today, **body)
        return queries.find_request(session, made)


@blueprint.get("/unlock-requests")
@allows("records.read", MANAGE)
@blueprint.arguments(schemas.UnlockQuery, location="query", unknown=RAISE)
@blueprint.response(200, schemas.UnlocksAnswer)
def list_requests(query: dict[str, Any]) -> dict[str, Any]:
    """List the unlock requests of your site; the audit team sees those of all sites."""
    if current_actor().has(MANAGE):
        with national_transaction("records") as session:
            return {"items": queries.list_requests(session, **query)}
    with own_records(read_only=True) as (session, _):
        return {"items": queries.list_requests(session, **query)}


@blueprint.post("/unlock-requests/<uuid:request_id>/decision")
@allows(MANAGE)
@blueprint.arguments(schemas.DecideUnlockBody)
@blueprint.response(200, schemas.UnlockAnswer)
def decide_unlock(body: dict[str, Any], request_id: UUID) -> Any:
    """Grant an unlock request until a day, or refuse it with a reason. 409 `already_decided`."""
    by, today = current_actor().account_id, today_in_london()
    with national_transaction("records") as session:
        found = queries.find_request(session, request_id)
        if found is None:
            raise NotFound("There is no such request.")
        site_id = found.site_id
    with transaction(app_engine(), site_id=site_id) as session:
        locking.decide_unlock(session, request_id=request_id, decision=body, by=by, today=today)
        return queries.find_request(session, request_id)
