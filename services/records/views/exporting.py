"""Records as files: a site's own, and the audit team's extract of all sites.

Both note who takes what in a transaction of its own, committed before a record is read: no log, no
file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from flask import Response, g
from flask_smorest import Blueprint
from marshmallow import RAISE

from services.records import schemas
from services.records.actions.exporting import EXPORT, EXTRACT, log_export
from services.records.domain.exporting import EXPORT_HEADINGS, EXTRACT_HEADINGS, file_name
from services.records.exporting.downloads import TYPES, download
from services.records.exporting.extract import table_of_all_sites
from services.records.exporting.own import table_of_site
from services.records.queries.exporting import get_site_code
from services.records.queries.records import require_patient_audit
from services.records.today import today_in_london
from services.shared.db import transaction
from services.shared.identity import Actor, allows, current_actor
from services.shared.web import app_engine, app_state

blueprint = Blueprint("exporting", __name__, description="Records as files")

_BINARY = {"type": "string", "format": "binary"}

Table = Iterator[list[Sequence[str]]]


@blueprint.get("/export")
@allows("records.export")
@blueprint.arguments(schemas.ExportQuery, location="query", unknown=RAISE)
@blueprint.response(200, _BINARY, content_type=TYPES["csv"])
def export_records(query: dict[str, Any]) -> Response:
    """Take out the records of your site, in the columns of the import. It is logged."""
    return export_of(current_actor(), query)


@blueprint.get("/extract")
@allows("records.extract")
@blueprint.arguments(schemas.ExtractQuery, location="query", unknown=RAISE)
@blueprint.response(200, _BINARY, content_type=TYPES["csv"])
def extract_records(query: dict[str, Any]) -> Response:
    """Take out the pseudonymised records of all sites as CSV. It is logged."""
    return extract_of(current_actor(), query)


def export_of(actor: Actor, query: dict[str, Any]) -> Response:
    """The records of the caller's site as a file. `query`: what `ExportQuery` loads."""
    engine, keys, site_id, who = app_engine(), app_state(), actor.own_site(), _who(actor)
    filters, ending, labels = query["filters"], query["format"], query["answers"] == "labels"
    chosen = {"format": ending, "answers": query["answers"], **filters.for_log()}

    def table() -> Table:
        with transaction(engine, site_id=site_id) as session:
            require_patient_audit(session, site_id=site_id)
            code = get_site_code(session, site_id=site_id)
            log_export(session, kind=EXPORT, site_id=site_id, chosen=chosen, **who)
        with transaction(engine, site_id=site_id, read_only=True) as session:
            yield from table_of_site(
                session, keys, site_id=site_id, site_code=code, filters=filters, labels=labels
            )

    return _download(table, EXPORT_HEADINGS, EXPORT, "records", ending)


def extract_of(actor: Actor, query: dict[str, Any]) -> Response:
    """The records of all sites, without identifiers. `query`: what `ExtractQuery` loads."""
    engine, keys, filters, who = app_engine(), app_state(), query["filters"], _who(actor)

    def table() -> Table:
        with transaction(engine) as session:
            log_export(session, kind=EXTRACT, site_id=None, chosen=filters.for_log(), **who)
        with transaction(engine, read_only=True, role="records_reader") as session:
            yield from table_of_all_sites(session, keys, filters=filters)

    return _download(table, EXTRACT_HEADINGS, EXTRACT, "extract", "csv")


def _who(actor: Actor) -> dict[str, Any]:
    return {
        "by": actor.account_id,
        "visit_id": actor.visit_id,
        "request_id": g.get("request_id"),
    }


def _download(table: Any, headings: Sequence[str], kind: str, stem: str, ending: str) -> Response:
    return download(
        table,
        headings,
        kind=kind,
        ending=ending,
        name=file_name(stem, ending, today_in_london()),
        request_id=g.get("request_id"),
    )
