"""Joins registration's parts into one Flask application."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import Engine

from services.registration.actions.mails import MailDesk
from services.registration.hashing import PasswordHashing
from services.registration.parts import Parts
from services.registration.settings import Settings
from services.registration.views import (
    accounts,
    applications,
    identity,
    log,
    mails,
    me,
    messages,
    notices,
    passwords,
    people,
    registrations,
    second_factor,
    sessions,
    sites,
    terms,
    tokens,
    visits,
)
from services.shared.db import make_engine
from services.shared.identity import Signer
from services.shared.sealing import Keyring
from services.shared.web import make_app


def create_app(settings: Settings, *, engine: Engine | None = None) -> Flask:
    """Builds the application.

    Args:
        settings: Of the web process.
        engine: The database; None makes one from the settings.
    """
    return make_app(
        "registration",
        settings,
        engine=engine or make_engine(settings.database_url, application_name="registration.web"),
        blueprints=[
            applications.blueprint,
            registrations.blueprint,
            sites.blueprint,
            sessions.blueprint,
            visits.blueprint,
            me.blueprint,
            second_factor.blueprint,
            passwords.links,
            passwords.resets,
            passwords.blueprint,
            terms.blueprint,
            terms.own,
            tokens.blueprint,
            accounts.blueprint,
            mails.blueprint,
            log.blueprint,
            notices.blueprint,
            messages.blueprint,
            people.blueprint,
            people.visits,
        ],
        pages=[identity.blueprint, log.pages],
        state=Parts(
            signer=Signer(settings.identity_private_key, settings.identity_key_id),
            hashing=PasswordHashing(),
            desk=MailDesk(settings.public_url, settings.mail_from),
            contact_email=settings.contact_email,
            second_factor_keys=Keyring.from_json(
                settings.second_factor_keys, settings.second_factor_key_id
            ),
        ),
    )
