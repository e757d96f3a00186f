"""Work-lists of the caller's own site: what is to be done, the oldest first."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint
from marshmallow import RAISE
from sqlalchemy.orm import Session

from services.records import schemas
from services.records.actions.finding import work_items
from services.records.domain.cursors import read_cursor
from services.records.domain.lists import WORKLISTS
from services.records.queries import worklists as queries
from services.records.queries.periods import load_locks
from services.records.queries.records import require_patient_audit
from services.records.today import today_in_london
from services.shared.errors import InvalidInput, NotFound
from services.shared.identity import allows, current_actor
from services.shared.web import app_state, site_transaction

blueprint = Blueprint("worklists", __name__, url_prefix="/worklists", description="Work-lists")


@blueprint.get("")
@allows("records.read")
@blueprint.response(200, schemas.WorklistsAnswer)
def list_worklists() -> dict[str, Any]:
    """List the work-lists of your site with how much is in each; locked records are in none."""
    site_id = current_actor().own_site()
    with site_transaction(read_only=True) as session:
        require_patient_audit(session, site_id=site_id)
        today = today_in_london()
        locks = load_locks(session, site_id=site_id, today=today)
        counts = queries.count_worklists(session, site_id=site_id, locks=locks, today=today)
    return {"items": [{"name": name, "count": count} for name, count in counts.items()]}


@blueprint.get("/<string:name>")
@allows("records.read")
@blueprint.arguments(schemas.WorklistQuery, location="query", unknown=RAISE)
@blueprint.response(200, schemas.WorklistAnswer)
def get_worklist(query: dict[str, Any], name: str) -> dict[str, Any]:
    """List what a work-list has to do, the oldest first."""
    with site_transaction(read_only=True) as session:
        page, items = _read(session, name, after=query["after"], limit=query["limit"])
    return {
        "name": name,
        "total": page.total,
        "position": page.position,
        "items": items,
        "next": items[-1]["cursor"] if page.has_more else None,
    }


@blueprint.get("/<string:name>/next")
@allows("records.read")
@blueprint.arguments(schemas.NextQuery, location="query", unknown=RAISE)
@blueprint.response(200, schemas.NextAnswer)
def get_next(query: dict[str, Any], name: str) -> dict[str, Any]:
    """Get the next thing of a work-list: the first one, or the one behind a cursor."""
    with site_transaction(read_only=True) as session:
        page, items = _read(session, name, after=query["after"], limit=1)
    return {
        "name": name,
        "total": page.total,
        "position": page.position,
        "item": items[0] if items else None,
    }


def _read(
    session: Session, name: str, *, after: str | None, limit: int
) -> tuple[queries.WorkPage, list[dict[str, Any]]]:
    if name not in WORKLISTS:
        raise NotFound("There is no such work-list.")
    site_id, today = current_actor().own_site(), today_in_london()
    require_patient_audit(session, site_id=site_id)
    try:
        place = None if after is None else read_cursor(after)
        page = queries.list_worklist(
            session,
            name,
            site_id=site_id,
            locks=load_locks(session, site_id=site_id, today=today),
            today=today,
            after=place,
            limit=limit,
        )
    except ValueError:
        raise InvalidInput(
            {"after": ["This is not a place in this list. Begin again without it."]}
        ) from None
    return page, work_items(session, app_state(), name, page.places, today=today)
