"""Where a browser downloads records: nginx sends /records/export/file and /extract/file here.

They answer with a file, or lead back to the page with the reason, so they check the caller
themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, redirect, request
from marshmallow import RAISE, Schema, ValidationError
from sqlalchemy.exc import DBAPIError

from services.records.schemas import ExportQuery, ExtractQuery
from services.records.views.exporting import export_of, extract_of
from services.shared import logs
from services.shared.errors import Forbidden, TooMany, Unavailable
from services.shared.identity import Actor, find_actor, public

blueprint = Blueprint("pages", __name__, url_prefix="/pages")

PROBLEMS = ("signed_out", "not_allowed", "not_ours", "choices", "busy", "unavailable")
"""What may stand in `?problem=` of the page that one is led back to."""


@blueprint.get("/export")
@public
def export_file() -> Any:
    return _file("records.export", ExportQuery(), export_of, "/records/export")


@blueprint.get("/extract")
@public
def extract_file() -> Any:
    return _file("records.extract", ExtractQuery(), extract_of, "/extract")


def _file(
    right: str, schema: Schema, make: Callable[[Actor, dict[str, Any]], Response], page: str
) -> Any:
    actor = find_actor()
    problem = "unavailable"
    # A page of somebody else's may lead a browser here, but shall not make it fetch records.
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        problem = "not_ours"
    elif actor is None:
        problem = "signed_out"
    elif not actor.has(right):
        problem = "not_allowed"
    else:
        try:
            return make(actor, schema.load(request.args, unknown=RAISE))
        except ValidationError:
            problem = "choices"
        except Forbidden:
            problem = "not_allowed"
        except TooMany:
            problem = "busy"
        except (Unavailable, DBAPIError):
            logs.get_logger().error("export_not_begun", exc_info=True)
    assert problem in PROBLEMS
    return redirect(f"{page}?problem={problem}", 303)
