"""The second factor: the code at the sign-in, setting an app up, another app, recovery codes."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from gateway.clients import Clients
from gateway.form_tokens import FormTokens
from gateway.forms import Form, own_path
from gateway.keeping import forget_caller, kept_forms
from gateway.pages.signing_in.qr import qr_code
from services.shared.errors import Conflict, InvalidInput, TooMany, Unauthenticated
from services.shared.identity import public, signed_in
from services.shared.web import app_state

blueprint = Blueprint("second_factor", __name__)
_ENTER = "Enter the code that the app shows."
_OTPAUTH = "otpauth://totp/"


@blueprint.get("/sign-in/code")
@public
def begin_again() -> Response:
    """A code belongs to a sign-in that was just begun; there is none behind a bare address."""
    return redirect("/sign-in", 303)


@blueprint.post("/sign-in/code")
@public
def finish() -> Response | tuple[str, int]:
    clients: Clients = app_state()
    waiting, code = request.form.get("waiting", ""), request.form.get("code", "").strip()
    wants = "enrolment" if request.form.get("wants") == "enrolment" else "code"
    tokens: FormTokens = current_app.extensions["fls_tokens"]
    try:
        if not code:
            return _again(waiting, wants, _ENTER), 422
        opened = clients.registration.finish_sign_in(
            waiting=waiting, code=code, device=tokens.device()
        )
    except InvalidInput as error:
        return _again(waiting, wants, error.errors.get("code", [error.detail])[0]), 422
    except TooMany as error:
        return _again(waiting, wants, error.detail), 429
    except Unauthenticated as error:
        return sign_in_page(Form({}, {"": [error.detail]})), 401
    answer = after_sign_in(opened)
    start(answer, opened)
    return answer


def start(answer: Response, opened: dict[str, Any]) -> None:
    """Gives the browser the session that was opened, and what it is known by from now on."""
    tokens: FormTokens = current_app.extensions["fls_tokens"]
    tokens.start_session(answer, opened["session"])
    if opened.get("device"):
        tokens.remember_device(answer, opened["device"])


def after_sign_in(opened: dict[str, Any]) -> Response:
    """Where a sign-in leads: to new recovery codes, to what was typed before, or to the page."""
    next_path, kept = own_path(request.form.get("next")), request.form.get("kept", "")
    form = kept_forms().open(kept)
    is_own = form is not None and form.is_by(opened["account"]["account_id"])
    if opened.get("recovery_codes"):
        forget_caller()
        return make_response(
            render_template(
                "signing_in/recovery_codes.html",
                codes=opened["recovery_codes"],
                next_path=next_path,
                kept=kept if is_own else None,
                is_new=True,
                bare=True,
            )
        )
    if is_own:
        # What was typed before the last session ended, by the same account.
        forget_caller()
        return make_response(render_template("typing/kept.html", kept=kept, bare=True))
    return redirect(next_path, 303)


def ask_for_code(waiting: str, wants: str, form: Form | None = None) -> str:
    """The page that asks for a code; for a first one it shows what to put into the app."""
    clients: Clients = app_state()
    offer = clients.registration.offer_app(waiting) if wants == "enrolment" else None
    return render_template(
        "signing_in/code.html",
        form=form or Form(),
        waiting=waiting,
        wants=wants,
        offer=offer,
        qr=qr_code(offer["address"]) if offer else None,
        next_path=own_path(request.form.get("next")),
        kept=request.form.get("kept"),
    )


def sign_in_page(form: Form, notice: str | None = None) -> str:
    """The page that asks for address and password; keeps where the person wanted to go."""
    wanted = request.form.get("next") or request.args.get("next")
    return render_template(
        "signing_in/sign_in.html",
        form=form,
        next_path=own_path(wanted),
        notice=notice,
        kept=request.form.get("kept"),
    )


def _again(waiting: str, wants: str, words: str) -> str:
    try:
        return ask_for_code(waiting, wants, Form({}, {"code": [words]}))
    except Conflict:  # it was set up in another window meanwhile
        return ask_for_code(waiting, "code", Form({}, {"code": [words]}))


@blueprint.get("/account/app")
@signed_in
def ask_other() -> str:
    return render_template("signing_in/other_app.html", form=Form(), offer=None)


@blueprint.post("/account/app")
@signed_in
def offer_other() -> str | tuple[str, int]:
    """After the password: what to put into the other app."""
    clients: Clients = app_state()
    try:
        offer = clients.registration.offer_other_app(request.form.get("password", ""))
    except (InvalidInput, TooMany) as error:
        return _refused("signing_in/other_app.html", error, offer=None)
    return _other_page(offer)


@blueprint.post("/account/app/code")
@signed_in
def confirm_other() -> Response | str | tuple[str, int]:
    clients: Clients = app_state()
    offer = {name: request.form.get(name, "") for name in ("secret", "address")}
    if not offer["address"].startswith(_OTPAUTH):
        return redirect("/account/app", 303)
    code = request.form.get("code", "").strip()
    if not code:
        return _other_page(offer, Form({}, {"code": [_ENTER]})), 422
    try:
        codes = clients.registration.confirm_app(code)
    except InvalidInput as error:
        return _other_page(offer, Form({}, dict(error.errors))), 422
    except Conflict:
        return redirect("/account/app", 303)
    return _codes_page(codes, is_new=True)


@blueprint.get("/account/recovery-codes")
@signed_in
def ask_codes() -> str:
    return render_template("signing_in/new_codes.html", form=Form())


@blueprint.post("/account/recovery-codes")
@signed_in
def make_codes() -> Response | str | tuple[str, int]:
    clients: Clients = app_state()
    try:
        codes = clients.registration.make_recovery_codes(request.form.get("password", ""))
    except (InvalidInput, TooMany) as error:
        return _refused("signing_in/new_codes.html", error)
    except Conflict:
        return redirect("/account", 303)
    return _codes_page(codes, is_new=False)


def _other_page(offer: dict[str, Any], form: Form | None = None) -> str:
    return render_template(
        "signing_in/other_app.html",
        form=form or Form(),
        offer=offer,
        qr=qr_code(offer["address"]),
    )


def _codes_page(codes: list[str], *, is_new: bool) -> str:
    return render_template(
        "signing_in/recovery_codes.html",
        codes=codes,
        next_path="/account",
        kept=None,
        is_new=is_new,
    )


def _refused(template: str, error: InvalidInput | TooMany, **more: Any) -> tuple[str, int]:
    if isinstance(error, TooMany):
        return render_template(template, form=Form({}, {"password": [error.detail]}), **more), 429
    return render_template(template, form=Form({}, dict(error.errors)), **more), 422
