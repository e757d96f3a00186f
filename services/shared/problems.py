"""Turns errors into problem documents (RFC 9457): the only table of HTTP status codes."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, g, json
from sqlalchemy.exc import DBAPIError, OperationalError
from werkzeug.exceptions import HTTPException

from services.shared import errors, logs

CONTENT_TYPE = "application/problem+json"

_STATUS: dict[type[errors.FlsError], tuple[int, str]] = {
    errors.InvalidInput: (422, "Some of this needs correcting"),
    errors.TooLarge: (413, "Too large"),
    errors.NotFound: (404, "Not found"),
    errors.Conflict: (409, "Conflict"),
    errors.Forbidden: (403, "Not allowed"),
    errors.Unauthenticated: (401, "Sign in first"),
    errors.TooMany: (429, "Too many requests"),
    errors.Unavailable: (503, "Not available at the moment"),
}
_TITLES = dict(_STATUS.values())
"""Status -> title, so that an error of the library below reads like ours of the same status."""


def register(app: Flask) -> None:
    """Gives the application one way to answer for every error."""
    app.register_error_handler(errors.FlsError, _ours)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(OperationalError, _database_down)
    app.register_error_handler(Exception, _unexpected)


def problem(
    status: int, title: str, detail: str, *, kind: str = "about:blank", **members: Any
) -> Response:
    """A problem document as an answer.

    Args:
        members: further members, such as `errors` (field -> messages).
    """
    body = {"type": kind, "title": title, "status": status, "detail": detail, **members}
    request_id = g.get("request_id")
    if request_id:
        body["request_id"] = request_id
    return Response(json.dumps(body), status=status, content_type=CONTENT_TYPE)


def _ours(error: errors.FlsError) -> Response:
    status, title = next(_STATUS[c] for c in type(error).__mro__ if c in _STATUS)
    members: dict[str, Any] = {}
    if isinstance(error, errors.InvalidInput):
        members.update(error.extra)
        if error.errors:
            members["errors"] = error.errors
    if isinstance(error, errors.Conflict):
        members.update(error.extra)
        if error.code:
            members["code"] = error.code
    answer = problem(status, title, error.detail, **members)
    retry_after = getattr(error, "retry_after", None)
    if retry_after is not None:
        answer.headers["Retry-After"] = str(retry_after)
    if status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    if error.response is not None and status < 400:
        return error.response  # type: ignore[return-value]
    members: dict[str, Any] = {}
    # webargs and flask-smorest hang the fields that did not pass on the exception.
    messages = getattr(error, "data", {}).get("messages") if hasattr(error, "data") else None
    if isinstance(messages, dict):
        members["errors"] = _by_field(messages)
    detail = error.description or ""
    if status == 422:
        detail = "Some of what was sent needs correcting."
    answer = problem(status, _TITLES.get(status, error.name), detail, **members)
    for name, value in error.get_headers():
        if name.lower() in {"allow", "retry-after"}:
            answer.headers[name] = value
    return answer


def _by_field(messages: dict[str, Any]) -> dict[str, list[str]]:
    """Flattens marshmallow's messages: location -> field -> messages becomes field -> messages."""
    flat: dict[str, list[str]] = {}
    for fields in messages.values():
        if not isinstance(fields, dict):
            continue
        for field, found in fields.items():
            flat[str(field)] = _texts(found)
    return flat


def _texts(found: Any) -> list[str]:
    if isinstance(found, list):
        return [str(text) for text in found]
    if isinstance(found, dict):
        return [text for inner in found.values() for text in _texts(inner)]
    return [str(found)]


def _database_down(_: DBAPIError) -> Response:
    logs.get_logger().error("database_unavailable", exc_info=True)
    return _ours(errors.Unavailable("The database does not answer. Try again in a few seconds."))


def _unexpected(_: Exception) -> Response:
    # The text of an unknown error may quote a patient's data, so nobody is shown it.
    logs.get_logger().error("unexpected_error", exc_info=True)
    return problem(
        500, "Something went wrong", "The fault is ours and has been recorded. Nothing was saved."
    )
