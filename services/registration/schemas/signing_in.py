"""Signing in, second factor and passwords: what comes in, checked."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from services.registration.schemas.bodies import Line, messages


class SignInBody(Schema):
    """Who signs in."""

    email = Line("Enter your e-mail address.", max_length=254)
    password = fields.String(
        required=True,
        load_only=True,
        validate=validate.Length(min=1, max=1000, error="Enter your password."),
        error_messages=messages("Enter your password."),
    )
    device = fields.String(
        load_default=None,
        load_only=True,
        validate=validate.Length(max=100),
        metadata={"description": "What the answer to an earlier sign-in called `device`."},
    )


class SecondFactorCode(Line):
    """The code of an authenticator app, or a recovery code."""

    def __init__(self, **more: Any) -> None:
        super().__init__("Enter the code.", max_length=100, load_only=True, **more)


class SignInWithCodeBody(SignInBody):
    """Who signs in; programs may send the code at once."""

    code = SecondFactorCode(
        required=False,
        load_default=None,
        metadata={"description": "The code of the authenticator app, where one is set up."},
    )


class WaitingBody(Schema):
    """A sign-in that waits for its second factor."""

    waiting = Line("Enter your e-mail address and password again.", load_only=True)


class FinishSignInBody(WaitingBody):
    """The code that a sign-in waits for."""

    code = SecondFactorCode()
    device = fields.String(load_default=None, load_only=True, validate=validate.Length(max=100))


class ConfirmAppBody(Schema):
    """The first code of an authenticator app."""

    code = SecondFactorCode()


class OwnPasswordBody(Schema):
    """The present password, to show that it is still the same person."""

    password = fields.String(
        required=True,
        load_only=True,
        validate=validate.Length(min=1, max=1000, error="Enter your password."),
        error_messages=messages("Enter your password."),
    )


class AskForResetBody(Schema):
    """Whose password is lost."""

    email = Line("Enter your e-mail address.", max_length=254)


class CheckPasswordLinkBody(Schema):
    """The secret part of a one-time link."""

    link = Line("Open the link in the mail again.", load_only=True)


class ChoosePasswordBody(CheckPasswordLinkBody):
    """A one-time link and the password it is to set."""

    terms_version = Line(
        "Say which terms.",
        max_length=40,
        required=False,
        load_default=None,
        metadata={"description": "The version of the terms of use that are accepted with it."},
    )

    password = fields.String(
        required=True, load_only=True, error_messages=messages("Enter a password.")
    )


class ChangePasswordBody(Schema):
    """The present password and the one that takes its place."""

    password = fields.String(
        required=True,
        load_only=True,
        validate=validate.Length(min=1, max=1000, error="Enter your present password."),
        error_messages=messages("Enter your present password."),
    )
    new_password = fields.String(
        required=True, load_only=True, error_messages=messages("Enter a new password.")
    )
