"""Sends on what was typed before the session ended (`gateway/keeping.py`)."""

from __future__ import annotations

from urllib.parse import parse_qs

from flask import Blueprint, current_app, g, make_response, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from gateway.error_pages import Words, error_page, kept_page, sign_in_with
from gateway.keeping import KeptForm, kept_forms
from services.shared.identity import find_actor, public

blueprint = Blueprint("kept", __name__)

_TOO_LATE = Words(
    "It was kept for half an hour only",
    "What you typed can no longer be sent on. Open the record again: what was kept while you typed "
    "is there.",
)
_NOT_YOURS = Words(
    "This was typed by somebody else",
    "Nothing was saved. Who typed it can sign in and send it on.",
)


@blueprint.post("/records/kept")
@public
def send_on() -> Response:
    sealed = request.form.get("kept", "")
    kept, actor = kept_forms().open(sealed), find_actor()
    if kept is None:
        return error_page(400, _TOO_LATE)
    if actor is None:
        return sign_in_with(sealed, kept.path)
    if not kept.is_by(actor.account_id):
        return error_page(403, _NOT_YOURS)
    if not kept.is_at(actor.site_id):
        return kept_page(sealed, elsewhere=True)
    return _sent(kept)


def _sent(kept: KeptForm) -> Response:
    """What the page answers that the form was meant for; its own guards hold here too."""
    g.kept_form = kept.form
    g.kept_step = parse_qs(kept.query).get("step", [None])[0]
    adapter = current_app.create_url_adapter(request)
    assert adapter is not None
    try:
        endpoint, values = adapter.match(kept.path, method="POST")
    except HTTPException:
        return error_page(400, _TOO_LATE)
    if not endpoint.startswith("typing."):
        return error_page(400, _TOO_LATE)
    answer: Response = make_response(current_app.view_functions[endpoint](**values))
    return answer
