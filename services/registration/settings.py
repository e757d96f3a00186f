"""Settings of registration's processes, read once from the environment."""

from __future__ import annotations

import environ

from services.shared.settings import ServiceSettings, json_object


@environ.config(prefix="FLS", frozen=True)
class MailSettings(ServiceSettings):
    """What every process needs that writes or sends mail."""

    public_url: str = environ.var(
        help="Address at which people reach us, without a slash at its end; links in mails use it."
    )
    mail_from: str = environ.var(help="Sender of our mails, such as `Audit <audit@example.org>`.")


@environ.config(prefix="FLS", frozen=True)
class AdminSettings(MailSettings):
    """What the operators' command reads."""

    second_factor_keys: dict[str, str] = environ.var(
        converter=json_object,
        help="JSON object: key id -> base64 of 32 bytes. They seal the secrets of authenticator "
        "apps; keep old ones as long as secrets sealed with them are stored.",
    )
    second_factor_key_id: str = environ.var(help="Which of these keys seals new secrets.")
    demo: bool = environ.bool_var(
        False, help="Whether this is a demonstration, where an operator may be told codes."
    )


@environ.config(prefix="FLS", frozen=True)
class Settings(AdminSettings):
    """What the web process reads: it alone holds the key that signs identities."""

    identity_private_key: str = environ.var(
        help="Base64 of the raw Ed25519 private key that signs identities."
    )
    identity_key_id: str = environ.var(help="Id of that key, as in FLS_IDENTITY_PUBLIC_KEYS.")
    contact_email: str = environ.var(
        help="The audit team's address, to which the contact form writes."
    )


@environ.config(prefix="FLS", frozen=True)
class LogSettings(MailSettings):
    """What signs the log, and checks it."""

    log_keys: dict[str, str] = environ.var(
        converter=json_object,
        help="JSON object: key id -> base64 of an Ed25519 private key of 32 bytes. They sign the "
        "head of the log each day; keep old ones, so that their heads can be checked.",
    )
    log_key_id: str = environ.var(help="Which of these keys signs new heads.")


@environ.config(prefix="FLS", frozen=True)
class ConsumerSettings(LogSettings):
    """What the mailer and the writer of the log's chain read."""

    smtp_url: str = environ.var(
        help="smtp://host:port, smtp+starttls://user:password@host:port or smtps://..."
    )
    contact_email: str = environ.var(
        help="The audit team's address; replies to our mails go there."
    )
