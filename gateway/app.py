"""Joins the parts of the pages: settings, clients, templates, guards."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from flask import Flask, Response, g, request
from jinja2 import ChainableUndefined, ChoiceLoader, FileSystemLoader, PackageLoader

from gateway import error_pages, navigation, visits, wording, worklists
from gateway.assets import Assets
from gateway.clients import Clients, connect
from gateway.form_tokens import FormTokens
from gateway.keeping import KeptForms
from gateway.pages import BLUEPRINTS
from gateway.pages.information import linking
from gateway.settings import GatewaySettings
from services.shared import health, identity, logs
from services.shared.errors import Unauthenticated
from services.shared.web import attach_request_handling, refuse_open_views

_TEMPLATES = Path(__file__).parent / "templates"


class _PageVerifier(identity.Verifier):
    """Takes a caller whose token cannot be verified for a visitor.

    A service answers 401; a person shall see the public pages, and be led to sign in by the others.
    """

    def verify(self, token: str) -> identity.Actor:
        try:
            return super().verify(token)
        except Unauthenticated:
            return cast(identity.Actor, None)


def create_app(
    settings: GatewaySettings,
    *,
    transport: Any = None,
    assets: Assets | None = None,
) -> Flask:
    """Builds the application.

    Args:
        transport: an httpx transport that stands in for the network in tests.
        assets: stands in for the built files in tests.

    Raises:
        RuntimeError: a page does not say who may open it.
    """
    logs.configure("gateway", settings.log_level)
    app = Flask("gateway", static_folder=None, template_folder=None)
    app.jinja_options = {
        "autoescape": True,
        "undefined": ChainableUndefined,  # the components ask for parameters that were not given
        "loader": ChoiceLoader(
            [FileSystemLoader(_TEMPLATES), PackageLoader("nhsuk_frontend_jinja")]
        ),
        "trim_blocks": True,
        "lstrip_blocks": True,
    }
    app.config.update(MAX_CONTENT_LENGTH=1024 * 1024, MAX_FORM_MEMORY_SIZE=1024 * 1024)
    app.extensions["fls"] = _clients(settings, transport)
    app.extensions["fls_engine"] = None
    app.extensions["fls_tokens"] = FormTokens(settings)
    attach_request_handling(app, "gateway", _PageVerifier(settings.identity_public_keys))
    app.extensions["fls_tokens"].register(app)
    app.extensions["fls_kept"] = KeptForms(settings)
    app.extensions["fls_kept"].register(app)
    app.after_request(_caching)
    for blueprint in (*BLUEPRINTS, health.blueprint):
        app.register_blueprint(blueprint)
    error_pages.register(app)
    wording.register(app)
    linking.register(app)
    _describe_pages(app, settings, assets or Assets())
    refuse_open_views(app)
    return app


def _clients(settings: GatewaySettings, transport: Any) -> Clients:
    def passing_on() -> dict[str, str]:
        sent = {"X-Request-ID": g.get("request_id", "")}
        for name in (identity.HEADER, "X-Forwarded-For"):
            if name in request.headers:
                sent[name] = request.headers[name]
        # A token that we could not verify would make a service refuse what a visitor may see.
        if identity.find_actor() is None:
            sent.pop(identity.HEADER, None)
        return sent

    return connect(
        registration_url=settings.registration_url,
        records_url=settings.records_url,
        imports_url=settings.imports_url,
        facilities_url=settings.facilities_url,
        passing_on=passing_on,
        transport=transport,
    )


def _describe_pages(app: Flask, settings: GatewaySettings, assets: Assets) -> None:
    """Gives every template the brand, the menu and the addresses of the built files."""
    app.jinja_env.globals.update(
        asset=assets.url,
        brand=wording.BRAND,
        public_url=settings.public_url,
        contact_email=settings.contact_email,
    )

    @app.context_processor
    def common() -> dict[str, object]:
        actor = identity.find_actor()
        return {
            "actor": actor,
            "menu": navigation.menu(actor, request.path),
            "visit": visits.current_visit(),
            "footer_links": navigation.FOOTER,
            "request_id": g.get("request_id", ""),
            "step": worklists.current_step(),
        }


def _caching(answer: Response) -> Response:
    """Nobody keeps a page with somebody's data; a visitor's pages may be asked about again."""
    if "Cache-Control" not in answer.headers:
        visitor = identity.find_actor() is None and request.method == "GET"
        answer.headers["Cache-Control"] = "private, no-cache" if visitor else "no-store"
    answer.headers.add("Vary", "Cookie")
    return answer
