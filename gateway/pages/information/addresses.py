"""Addresses that browsers and search engines ask for by themselves."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, redirect
from werkzeug.wrappers import Response as AnyResponse

from gateway.navigation import FOOTER
from services.shared.identity import public

blueprint = Blueprint("addresses", __name__)
_ALSO_PUBLIC = ("/register", "/code-book", "/import-specification", "/static/")


@blueprint.get("/favicon.ico")
@public
def favicon() -> AnyResponse:
    # The icon's own address changes with its content, so where it is now is not kept for long.
    answer = redirect(current_app.jinja_env.globals["asset"]("icon.svg"), 302)  # type: ignore[operator]
    answer.headers["Cache-Control"] = "public, max-age=3600"
    return answer


@blueprint.get("/robots.txt")
@public
def robots() -> Response:
    """Search engines may list the public pages; what lies behind signing in is not for them."""
    pages = ["/$", *(f"{path}$" for _, path in FOOTER), *_ALSO_PUBLIC]
    lines = ["User-agent: *", *(f"Allow: {path}" for path in pages), "Disallow: /"]
    answer = Response("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
    answer.headers["Cache-Control"] = "public, max-age=3600"
    return answer
