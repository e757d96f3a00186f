"""What people see when something does not work, in the words of the pages."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote

from flask import (
    Flask,
    Response,
    current_app,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
)
from werkzeug.exceptions import HTTPException
from werkzeug.routing.exceptions import RequestRedirect
from werkzeug.wrappers import Response as AnyResponse

from gateway.forms import Form
from gateway.keeping import forget_caller, kept_forms
from services.shared import errors, logs
from services.shared.identity import find_actor


class Words(NamedTuple):
    """Heading and text of an error page."""

    heading: str
    text: str


_WORDS = {
    400: Words(
        "We could not read that",
        "Something your browser sent was not as expected. Go back and try again.",
    ),
    403: Words(
        "You cannot open this page",
        "Your account does not have the right to see or do this. If you think it should, ask the "
        "lead of your site, or contact the audit team.",
    ),
    404: Words(
        "Page not found",
        "If you typed the address, check that it is right. If you followed a link, what it led to "
        "may be gone, or it may belong to another site.",
    ),
    409: Words("This could not be done", ""),
    413: Words("That is too large", "Nothing was saved."),
    429: Words("Too many tries", "Wait a minute, then try again."),
    500: Words(
        "Something went wrong",
        "The fault is ours and has been recorded. Try again; if it happens again, contact the "
        "audit team and give the reference below.",
    ),
    503: Words(
        "Not available at the moment",
        "A part of the service does not answer. Wait a minute, then reload the page. Imports that "
        "were running go on by themselves; nothing that was saved is lost.",
    ),
}
_VISIT_OVER = Words(
    "You cannot open this page",
    "It belongs to a site, and you visit none. A visit ends after an hour, or when you end it in "
    "another window: find the site under “Sites” and visit it again. Nothing was sent.",
)
_FORM_EXPIRED = Words(
    "This form has expired",
    "You may have signed in or out in another window since you opened it, or your browser does not "
    "keep cookies. Nothing was sent. Go back, reload the page and send the form again.",
)
_STATUS: tuple[tuple[type[errors.FlsError], int], ...] = (
    (errors.NotFound, 404),
    (errors.Forbidden, 403),
    (errors.Conflict, 409),
    (errors.TooLarge, 413),
    (errors.TooMany, 429),
    (errors.Unavailable, 503),
    (errors.InvalidInput, 400),
)


def register(app: Flask) -> None:
    """Gives the application a page for every error."""
    app.register_error_handler(errors.Unauthenticated, _sign_in_first)
    app.register_error_handler(errors.FlsError, _ours)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def error_page(status: int, words: Words) -> Response:
    """The page of an error; JSON where a script asked."""
    if _wants_json():
        answer = jsonify(title=words.heading, detail=words.text, status=status)
    else:
        answer = make_response(render_template("error.html", words=words, status=status))
    answer.status_code = status
    return answer


def _wants_json() -> bool:
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) != "text/html"


def _sign_in_first(_: errors.Unauthenticated) -> AnyResponse:
    if _wants_json():
        return error_page(401, Words("Signed out", "Sign in again."))
    # After a form the way back leads to the page of the form, if it has the same address.
    back = request.full_path.rstrip("?") if request.method == "GET" else request.path
    if request.method != "GET" and not _can_be_opened(request.path):
        back = "/"
    if kept := kept_forms().seal_posted():
        return sign_in_with(kept, back)
    return redirect(f"/sign-in?next={quote(back, safe='/')}", 303)


def sign_in_with(kept: str, back: str) -> Response:
    """The sign-in page, which carries what was typed along."""
    forget_caller()
    page = render_template("signing_in/sign_in.html", form=Form(), next_path=back, kept=kept)
    answer = make_response(page)
    answer.status_code = 401
    return answer


def _send_on(kept: str) -> Response:
    """For who has signed in anew meanwhile; if somebody else has, who typed it signs in again."""
    actor, form = find_actor(), kept_forms().open(kept)
    if actor is None or form is None or not form.is_by(actor.account_id):
        return sign_in_with(kept, request.path)
    return kept_page(kept, elsewhere=not form.is_at(actor.site_id))


def kept_page(kept: str, *, elsewhere: bool = False) -> Response:
    """The page that sends on what was typed.

    Args:
        elsewhere: the person acts for another site now than when they typed it.
    """
    page = render_template("typing/kept.html", kept=kept, elsewhere=elsewhere)
    return make_response(page, 409)


def _can_be_opened(path: str) -> bool:
    adapter = current_app.create_url_adapter(request)
    return adapter is not None and "GET" in adapter.allowed_methods(path)


def _ours(error: errors.FlsError) -> Response:
    status = next((s for kind, s in _STATUS if isinstance(error, kind)), 500)
    words = _WORDS[status]
    actor = find_actor()
    if status == 403 and actor and actor.has("sites.visit") and actor.visit_id is None:
        words = _VISIT_OVER
    if status in (409, 413) and error.detail:
        words = Words(words.heading, error.detail)
    return error_page(status, words)


def _http(error: HTTPException) -> AnyResponse:
    if isinstance(error, RequestRedirect):
        answer: AnyResponse = error.get_response()
        return answer
    status = error.code or 500
    if error.description == "form_expired":
        kept = None if _wants_json() else kept_forms().seal_posted()
        return _send_on(kept) if kept else error_page(400, _FORM_EXPIRED)
    known = 404 if status == 405 else status if status in _WORDS else 500 if status > 499 else 400
    return error_page(status, _WORDS[known])


def _unexpected(_: Exception) -> Response:
    # The text of an unknown error may quote what a person typed, so only its place is logged.
    logs.get_logger().error("unexpected_error", exc_info=True)
    return error_page(500, _WORDS[500])
