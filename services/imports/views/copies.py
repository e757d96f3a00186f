"""The file with its findings beside the rows, as CSV or Excel, for the API and for the page."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from itertools import chain
from threading import BoundedSemaphore
from typing import Any
from uuid import UUID

from flask import Response, redirect, request
from flask_smorest import Blueprint
from marshmallow import RAISE, ValidationError
from sqlalchemy.exc import DBAPIError

from services.imports.actions.copying import note_download, open_copy
from services.imports.domain.annotating import annotated_headings
from services.imports.parts import parts
from services.imports.schemas import CopyQuery
from services.shared import logs
from services.shared.db import transaction
from services.shared.errors import Conflict, FlsError, NotFound, TooMany
from services.shared.identity import Actor, allows, current_actor, find_actor, public
from services.shared.sheets.csv_file import csv_blocks
from services.shared.sheets.xlsx_file import xlsx_blocks
from services.shared.web import app_engine

blueprint = Blueprint("copies", __name__, url_prefix="/imports", description="Annotated copies")
pages = Blueprint("copy_pages", __name__, url_prefix="/pages")

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
AT_ONCE = 2
"""Copies in one process: each holds a thread and a connection for as long as it takes."""
_places = BoundedSemaphore(AT_ONCE)


@blueprint.get("/<uuid:import_id>/copy")
@allows("records.import")
@blueprint.arguments(CopyQuery, location="query", unknown=RAISE)
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type=TYPES["csv"])
def take_copy(query: dict[str, Any], import_id: UUID) -> Response:
    """Take a copy of the file with its findings beside the rows, or of the rejected rows alone.

    It can be mended and uploaded as it is. That a copy was taken stands in the import's history.
    """
    return copy_of(current_actor(), import_id, query)


@pages.get("/copy/<uuid:import_id>")
@public
def take_copy_page(import_id: UUID) -> Any:
    """For a browser: the file, or back to the import's page with the reason."""
    actor = find_actor()
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        problem = "not_ours"
    elif actor is None:
        problem = "signed_out"
    elif not actor.has("records.import"):
        problem = "not_allowed"
    else:
        try:
            return copy_of(actor, import_id, CopyQuery().load(request.args, unknown=RAISE))
        except (ValidationError, Conflict):
            problem = "not_yet"
        except TooMany:
            problem = "busy"
        except NotFound:
            problem = "not_kept"
        except (FlsError, DBAPIError):
            logs.get_logger().error("copy_not_made", exc_info=True)
            problem = "unavailable"
    return redirect(f"/imports/{import_id}?problem={problem}", 303)


def copy_of(actor: Actor, import_id: UUID, query: dict[str, Any]) -> Response:
    """The copy as a streamed answer; its first part is made before the answer begins.

    Raises:
        NotFound, Conflict: as `open_copy`.
        TooMany: as many copies as fit are under way.
    """
    if not _places.acquire(blocking=False):
        raise TooMany("Other copies are being made. Try again in a minute.", 60)
    stream = _stream(actor, import_id, query)
    first = next(stream)
    answer = Response(chain((first,), stream), content_type=TYPES[query["format"]])
    answer.call_on_close(stream.close)
    name = f"{'rejected' if query['rows'] == 'rejected' else 'checked'}-rows.{query['format']}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _stream(actor: Actor, import_id: UUID, query: dict[str, Any]) -> Generator[bytes, None, None]:
    engine, site_id = app_engine(), actor.own_site()
    rejected_only = query["rows"] == "rejected"
    keyring = parts().keyring
    try:
        with transaction(engine, site_id=site_id) as session:
            note_download(session, import_id, by=actor)
        with transaction(engine, site_id=site_id, read_only=True) as session:
            headings, rows = open_copy(
                session, import_id, keyring=keyring, rejected_only=rejected_only
            )
            shown = annotated_headings(headings)
            if query["format"] == "xlsx":
                yield from xlsx_blocks(shown, _columns(rows), kinds=["text"] * len(shown))
            else:
                yield from csv_blocks(shown, _columns(rows))
    finally:
        _places.release()


def _columns(parts: Iterator[list[list[str]]]) -> Iterator[list[Sequence[str]]]:
    for rows in parts:
        yield list(zip(*rows, strict=True))
