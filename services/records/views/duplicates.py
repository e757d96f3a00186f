"""Two records of one patient that may be one fracture, and what a person decides about them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from marshmallow import RAISE

from services.records import schemas
from services.records.actions import deciding
from services.records.actions.finding import list_item
from services.records.queries import deciding as queries
from services.records.queries.finding import list_items
from services.records.queries.history import list_steps
from services.records.today import today_in_london
from services.records.views.opening import author, note_opening, opened, own_records
from services.shared.errors import Forbidden
from services.shared.identity import allows, current_actor
from services.shared.web import app_state

blueprint = Blueprint("duplicates", __name__, url_prefix="/duplicates", description="Duplicates")
_HEAD = ("pair_id", "kind", "found_at", "decision", "decided_by", "decided_at")


@blueprint.get("")
@allows("records.read")
@blueprint.arguments(schemas.PairsQuery, location="query", unknown=RAISE)
@blueprint.response(200, schemas.PairsAnswer)
def list_pairs(query: dict[str, Any]) -> dict[str, Any]:
    """List pairs of records that may be one fracture; NHS numbers are masked."""
    keys, today = app_state(), today_in_london()
    with own_records(read_only=True) as (session, site_id):
        pairs, total = queries.list_pairs(session, site_id=site_id, **query)
        ids = [pair[f"{which}_record_id"] for pair in pairs for which in ("first", "second")]
        rows = list_items(session, ids, with_deleted=True)
    items = [
        pair
        | {
            which: list_item(keys, rows[pair[f"{which}_record_id"]], today=today)
            for which in ("first", "second")
        }
        for pair in pairs
    ]
    return {"items": items, "total": total, "page": query["page"], "page_size": query["page_size"]}


@blueprint.get("/<uuid:pair_id>")
@allows("records.read")
@blueprint.response(200, schemas.PairAnswer)
def get_pair(pair_id: UUID) -> dict[str, Any]:
    """Open both records of a pair side by side. Both openings are logged first."""
    return _opened_pair(pair_id)


@blueprint.post("/<uuid:pair_id>/decision")
@allows("records.delete", "records.acknowledge")
@blueprint.arguments(schemas.DecidePairBody)
@blueprint.response(200, schemas.PairHead)
def decide_pair(body: dict[str, str], pair_id: UUID) -> dict[str, Any]:
    """Keep one record of a pair and delete the other, or say that both are right.

    409 `already_decided`, `period_locked`.
    """
    needed = "records.acknowledge" if body["decision"] == deciding.BOTH_RIGHT else "records.delete"
    if not current_actor().has(needed):
        raise Forbidden()
    with own_records() as (session, site_id):
        deciding.decide_pair(
            session, app_state(), site_id=site_id, pair_id=pair_id, decision=body["decision"],
            by=author("page"), today=today_in_london(),
        )  # fmt: skip
        return _head(deciding.get_pair(session, pair_id))


def _opened_pair(pair_id: UUID) -> dict[str, Any]:
    with own_records(read_only=True) as (session, _):
        pair = deciding.get_pair(session, pair_id)
        head, ids = _head(pair), (pair.first_record_id, pair.second_record_id)
        makers = [list_steps(session, record_id)[-1].by for record_id in ids]
    for record_id in ids:
        note_opening(record_id)
    first, second = (
        opened(record_id) | {"created_by": maker}
        for record_id, maker in zip(ids, makers, strict=True)
    )
    return head | {"first": first, "second": second}


def _head(pair: Any) -> dict[str, Any]:
    return {name: getattr(pair, name) for name in _HEAD}
