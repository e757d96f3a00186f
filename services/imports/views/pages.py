"""The target of the upload form: nginx sends POST /imports/upload here."""

from __future__ import annotations

from typing import IO, Any

from flask import Blueprint, redirect
from marshmallow import ValidationError
from sqlalchemy.exc import DBAPIError

from services.imports.actions.uploads import Upload
from services.imports.domain.uploads import PROBLEMS
from services.imports.schemas import UploadQuery
from services.imports.views.bodies import CutOff, drain_refused
from services.imports.views.forms import FormProblem, UploadForm
from services.imports.views.imports import take_file
from services.shared import logs
from services.shared.errors import Forbidden, InvalidInput, TooLarge
from services.shared.identity import Actor, find_actor, public

blueprint = Blueprint("pages", __name__, url_prefix="/pages")
blueprint.after_request(drain_refused)

_CHOICES = ("mode", "date_order", "again", "overwrite_unknown", "all_or_nothing")


@blueprint.post("/upload")
@public
def upload() -> Any:
    """Takes the form; answers with a page in every case, so it checks the caller itself."""
    problem = None
    try:
        actor = _uploader()
        _, import_id = take_file(lambda stream, limit: _upload_of(stream, limit, actor))
        return redirect(f"/imports/{import_id}", 303)
    except FormProblem as error:
        problem = error.code
    except TooLarge:
        problem = "too_large"
    except CutOff:
        problem = "cut_off"
    except InvalidInput:
        problem = "empty_file"
    except Forbidden:
        problem = "not_allowed"
    except DBAPIError:
        logs.get_logger().error("upload_not_stored", exc_info=True)
        problem = "unavailable"
    assert problem in PROBLEMS
    return redirect(f"/imports/new?problem={problem}", 303)


def _uploader() -> Actor:
    """The caller, if it may upload.

    Raises:
        FormProblem: nobody is signed in, or not with this right.
    """
    actor = find_actor()
    if actor is None:
        raise FormProblem("form_expired")
    if not actor.has("records.import"):
        raise FormProblem("not_allowed")
    return actor


def _upload_of(stream: IO[bytes], limit_bytes: int, actor: Actor) -> Upload:
    form = UploadForm(stream, limit_bytes, actor.csrf)
    chosen = {name: form.fields[name] for name in _CHOICES if form.fields.get(name)}
    try:
        query = UploadQuery().load(chosen)
    except ValidationError:
        raise FormProblem("form_expired") from None
    return Upload(form.blocks(), form.file_name, query["choices"])
