"""What all our Flask applications have in common: `make_app`, and transactions for views.

Every request gets an id (nginx's, if it came through the gateway), a log line and a verified
identity. A view that does not say who may call it stops the application from starting.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import orjson
from apispec import BasePlugin
from flask import Blueprint, Flask, Response, current_app, g, request
from flask_smorest import Api
from flask_smorest import Blueprint as ApiBlueprint
from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from services.shared import health, identity, logs, metrics, problems
from services.shared.db import transaction
from services.shared.settings import ServiceSettings

MAX_BODY_BYTES = 1024 * 1024
"""Bodies of ordinary requests; an upload's view reads its own stream and counts for itself."""

_REQUEST_ID = re.compile(r"[0-9a-f]{32}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_OPEN_ENDPOINTS = re.compile(r"static|api-docs\..*")
_SPEC_OPTIONS: dict[str, Any] = {
    "servers": [{"url": "/", "description": "The address that this document was read from."}],
    "components": {
        "securitySchemes": {
            "bearer": {
                "type": "http",
                "scheme": "bearer",
                "description": "An API token, made by a site's lead on the page “API tokens”, or "
                "the string of a session.",
            }
        }
    },
    "security": [{"bearer": []}],
}


def make_app(
    service: str,
    settings: ServiceSettings,
    *,
    engine: Engine | None,
    blueprints: Iterable[ApiBlueprint] = (),
    pages: Iterable[Blueprint] = (),
    state: Any = None,
) -> Flask:
    """Builds a service's application.

    Args:
        blueprints: the API, each with its own prefix below `/api/<service>/v1`.
        pages: blueprints that are no part of the API, such as an upload form's target.
        state: what the service's views need (keys, signer ...); they get it from `app_state()`.

    Raises:
        RuntimeError: a view does not say who may call it.
    """
    app = Flask(f"services.{service}", static_folder=None)
    prefix = f"/api/{service}/v1"
    app.config.update(
        API_TITLE=f"{service} service",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX=prefix,
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS=_SPEC_OPTIONS,
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
        PROPAGATE_EXCEPTIONS=False,
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.extensions["fls"] = state
    app.extensions["fls_engine"] = engine
    api = Api(app, spec_kwargs={"extra_plugins": [_AccessPlugin(app)]})
    # flask-smorest installs an error handler of its own; ours is registered after it and wins.
    for blueprint in blueprints:
        api.register_blueprint(blueprint, url_prefix=prefix + (blueprint.url_prefix or ""))
    for page in (*pages, health.blueprint):
        app.register_blueprint(page)
    attach_request_handling(app, service, identity.Verifier(settings.identity_public_keys))
    app.before_request(_refuse_unreadable_json)
    problems.register(app)
    refuse_open_views(app)
    return app


def attach_request_handling(app: Flask, service: str, verifier: identity.Verifier) -> None:
    """Request id, identity, log line and metrics around every request of an application."""

    @app.before_request
    def begin() -> None:
        g.started = time.perf_counter()
        given = request.headers.get("X-Request-ID", "")
        g.request_id = given if _REQUEST_ID.fullmatch(given) else uuid4().hex
        g.log_context = logs.bind(request_id=g.request_id)
        g.log_context.__enter__()
        token = request.headers.get(identity.HEADER)
        if token:
            g.actor = verifier.verify(token)

    @app.after_request
    def finish(answer: Response) -> Response:
        answer.headers["X-Request-ID"] = g.get("request_id", "")
        answer.headers.setdefault("Cache-Control", "no-store")
        seconds = time.perf_counter() - g.get("started", time.perf_counter())
        endpoint = request.endpoint or "unknown"
        # Anyone may make up a method; each would be one more time series for good.
        method = request.method if request.method in _METHODS else "other"
        metrics.REQUESTS.labels(service, endpoint, method, answer.status_code).inc()
        metrics.REQUEST_SECONDS.labels(service, endpoint).observe(seconds)
        if not endpoint.startswith("health."):
            actor = identity.find_actor()
            logs.get_logger().info(
                "request",
                method=method,
                endpoint=endpoint,
                status=answer.status_code,
                ms=round(seconds * 1000, 1),
                account_id=actor.account_id if actor else None,
            )
        return answer

    @app.teardown_request
    def end(_: BaseException | None) -> None:
        context = g.pop("log_context", None)
        if context is not None:
            context.__exit__(None, None, None)


def _refuse_unreadable_json() -> Response | None:
    """Refuses a JSON body that Python reads and nothing behind it can work with.

    Halves of surrogate pairs, which no database takes, nesting without end, endless numbers: the
    strict reader knows them all, the one of the library turns them into a fault of ours.
    """
    if request.is_json and (body := request.get_data(cache=True)):
        try:
            orjson.loads(body)
        except orjson.JSONDecodeError:
            return problems.problem(400, "Bad Request", "The body cannot be read as JSON.")
    return None


def refuse_open_views(app: Flask) -> None:
    """Stops an application that has a view which does not say who may call it."""
    silent = [
        name
        for name, view in app.view_functions.items()
        if not _OPEN_ENDPOINTS.fullmatch(name) and not _says_who(view)
    ]
    if silent:
        raise RuntimeError(f"these views do not say who may call them: {', '.join(silent)}")


def _says_who(view: Any) -> bool:
    view_class = getattr(view, "view_class", None)
    if view_class is None:
        return identity.access_of(view) is not None
    methods = [getattr(view_class, m.lower(), None) for m in view_class.methods or ()]
    return all(identity.access_of(m) is not None for m in methods if m is not None)


class _AccessPlugin(BasePlugin):
    """Says in the OpenAPI document which operations need no token: those of `@public` views."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def operation_helper(
        self, path: str | None = None, operations: dict[Any, Any] | None = None, **more: Any
    ) -> None:
        """Called by apispec for each path with its operations, method -> description."""
        rule: Rule | None = more.get("rule")
        if rule is None or not operations:
            return
        view = self._app.view_functions[rule.endpoint]
        view_class = getattr(view, "view_class", None)
        for method, operation in operations.items():
            asked = view if view_class is None else getattr(view_class, method, view)
            if identity.access_of(asked) == ("public",):
                operation["security"] = []


def app_state() -> Any:
    """What `create_app` gave to the views of this application."""
    return current_app.extensions["fls"]


def app_engine() -> Engine:
    """The engine of this application."""
    engine: Engine = current_app.extensions["fls_engine"]
    return engine


def site_transaction(
    *, read_only: bool = False, on: Connection | None = None
) -> AbstractContextManager[Session]:
    """A transaction that sees the caller's own site only; of no site, for visitors.

    Args:
        on: a connection for several transactions in a row; by default one from the pool for each.
    """
    actor = identity.find_actor()
    bind = app_engine() if on is None else on
    return transaction(bind, site_id=actor.site_id if actor else None, read_only=read_only)


def json_answer(body: Any) -> Response:
    """An answer that is written as it is, without a schema: for what is read most often.

    Times are written in UTC with a Z, as `Instant` fields of schemas are. The view still names its
    schema, for whoever reads the API's description; a test holds the two together.
    """
    written = orjson.dumps(body, default=_written, option=orjson.OPT_PASSTHROUGH_DATETIME)
    return Response(written, content_type="application/json")


def _written(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is no JSON")


def national_transaction(service: str) -> AbstractContextManager[Session]:
    """A read-only transaction over all sites, as the service's national reader."""
    return transaction(app_engine(), read_only=True, role=f"{service}_reader")
