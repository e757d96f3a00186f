"""The log: who did what, when; for the lead of a site and for the audit team."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Response, stream_with_context
from flask_smorest import Blueprint
from marshmallow import EXCLUDE, RAISE

from services.registration import queries
from services.registration.queries import LogPlace
from services.registration.schemas.answers import page_of
from services.registration.schemas.log import LineQuery, ListedLineAnswer, LogQuery, cells_of
from services.shared.errors import NotFound
from services.shared.identity import allows, current_actor
from services.shared.sheets.csv_file import csv_blocks
from services.shared.web import site_transaction

blueprint = Blueprint("log", __name__, url_prefix="/log", description="Who did what, when")
pages = Blueprint("log_pages", __name__, url_prefix="/pages", description="Files for browsers")
HEADINGS = ("number", "at (UTC)", "who", "what", "about", "site", "details")


@blueprint.get("")
@allows("site.manage", "registrations.review")
@blueprint.arguments(LogQuery, location="query", unknown=RAISE)
@blueprint.response(200, page_of(ListedLineAnswer))
def list_all(query: dict[str, Any]) -> Any:
    """Read the log, the newest first: of your own site, or of all for the audit team."""
    page, page_size = query.pop("page"), query.pop("page_size")
    with site_transaction(read_only=True) as session:
        return queries.list_log(session, _place(query), page=page, page_size=page_size)


@blueprint.get("/export")
@allows("site.manage", "registrations.review")
@blueprint.arguments(LineQuery, location="query", unknown=RAISE)
@blueprint.response(200, content_type="text/csv")
def export(query: dict[str, Any]) -> Response:
    """Download the log as CSV, whole or narrowed as the list is."""
    return _file(query)


@pages.get("/log")
@allows("site.manage", "registrations.review")
@pages.arguments(LineQuery, location="query", unknown=EXCLUDE)
def file(query: dict[str, Any]) -> Response:
    """Give the same file to a browser; nginx sends `/log/file` here."""
    return _file(query)


def _file(query: dict[str, Any]) -> Response:
    place = _place(query)

    def table() -> Iterator[list[list[str]]]:
        with site_transaction(read_only=True) as session:
            for part in queries.iterate_log(session, place):
                yield [list(column) for column in zip(*map(cells_of, part), strict=True)]

    answer = Response(stream_with_context(csv_blocks(HEADINGS, table())), mimetype="text/csv")
    answer.headers["Content-Disposition"] = 'attachment; filename="log.csv"'
    return answer


def _place(query: dict[str, Any]) -> LogPlace:
    """Which lines are meant: of the caller's site unless they may read those of all."""
    actor = current_actor()
    site_id = query["site_id"]
    if not actor.has("registrations.review"):
        if site_id not in (None, actor.site_id):
            raise NotFound("There is no such site.")
        site_id = actor.own_site()
    return LogPlace(site_id, query["since"], query["until"], query["what"])
