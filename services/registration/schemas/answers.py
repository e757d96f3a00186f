"""What goes out: answers of the API."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from marshmallow import Schema, fields


class Instant(fields.AwareDateTime):
    """A point in time, written in UTC with a Z whatever zone the database answered in."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **more: Any) -> str | None:
        if value is None:
            return None
        return str(value.astimezone(UTC).isoformat()).replace("+00:00", "Z")


class SubmittedApplicationAnswer(Schema):
    """What the applicant gets back."""

    application_id = fields.UUID()
    reference = fields.String(metadata={"example": "FA-7K3M-2Q"})
    state = fields.String()


class ApplicationAnswer(SubmittedApplicationAnswer):
    """A registration as the audit team sees it."""

    organisation_name = fields.String()
    organisation_kind = fields.String()
    ods_code = fields.String()
    nation = fields.String()
    has_fls = fields.Boolean()
    fls_name = fields.String(allow_none=True)
    lead_name = fields.String()
    lead_email = fields.String()
    lead_job = fields.String(allow_none=True)
    lead_phone = fields.String(allow_none=True)
    submitted_at = Instant()
    decided_at = Instant(allow_none=True)
    refusal_reason = fields.String(allow_none=True)
    site_id = fields.UUID(allow_none=True)


class ApprovedApplicationAnswer(Schema):
    """What an approval made."""

    application_id = fields.UUID(attribute="application.application_id")
    reference = fields.String(attribute="application.reference")
    state = fields.String(attribute="application.state")
    site_id = fields.UUID(attribute="site.site_id")
    site_code = fields.String(attribute="site.code")
    patient_audit = fields.Boolean(attribute="site.patient_audit")
    facilities_audit = fields.Boolean(attribute="site.facilities_audit")


class SiteBriefAnswer(Schema):
    """The site an account acts for."""

    site_id = fields.UUID()
    code = fields.String()
    name = fields.String()
    nation = fields.String()
    patient_audit = fields.Boolean()
    facilities_audit = fields.Boolean()


class SiteAnswer(SiteBriefAnswer):
    """A site."""

    kind = fields.String()
    state = fields.String()
    has_fls = fields.Boolean()
    fls_name = fields.String(allow_none=True)
    approved_at = Instant()
    version = fields.Integer()


class RepublicationAnswer(Schema):
    """How many sites were told again."""

    sites = fields.Integer()


class VisitBriefAnswer(Schema):
    """The visit in which the audit team acts at a site."""

    visit_id = fields.UUID()
    reason = fields.String()
    ends_at = Instant()


class AccountAnswer(Schema):
    """An account with what it may do at the site it acts for."""

    account_id = fields.UUID(attribute="account.account_id")
    name = fields.String(attribute="account.name")
    email = fields.String(attribute="account.email")
    site = fields.Nested(SiteBriefAnswer, allow_none=True)
    visit = fields.Nested(VisitBriefAnswer, allow_none=True)
    roles = fields.List(fields.String())
    rights = fields.Function(
        lambda view: sorted(view.rights),
        metadata={"type": "array", "items": {"type": "string"}},
    )


class OwnSiteAnswer(Schema):
    """A site that the caller belongs to."""

    site_id = fields.UUID()
    code = fields.String()
    name = fields.String()


class MeAnswer(AccountAnswer):
    """The caller's own account, with all sites it could act for."""

    sites = fields.List(fields.Nested(OwnSiteAnswer))


class ListedAccountAnswer(AccountAnswer):
    """An account as the audit team sees it."""

    state = fields.Function(
        lambda view: account_state(view.account),
        metadata={"type": "string", "enum": ["active", "invited", "switched_off"]},
    )
    created_at = Instant(attribute="account.created_at")
    switched_off_at = Instant(attribute="account.switched_off_at", allow_none=True)
    last_signed_in_at = Instant(attribute="account.last_signed_in_at", allow_none=True)


class OpenedSessionAnswer(Schema):
    """A session; its string is shown this once."""

    session = fields.String(attribute="secret")
    device = fields.String(
        allow_none=True,
        metadata={"description": "New at the first sign-in of a device: send it with the next."},
    )
    expires_at = Instant()
    account = fields.Nested(AccountAnswer, attribute="view")


class ShownAccountAnswer(ListedAccountAnswer):
    """One account as the audit team sees it."""

    second_factor_set_up_at = Instant(allow_none=True)


class WaitingSignInAnswer(Schema):
    """The password is right, and the sign-in waits for its second factor."""

    waiting = fields.String(attribute="secret", metadata={"description": "Send it with the code."})
    wants = fields.String(
        metadata={
            "enum": ["code", "enrolment"],
            "description": "`enrolment`: no authenticator app is set up yet.",
        }
    )
    expires_at = Instant()


class FinishedSignInAnswer(OpenedSessionAnswer):
    """A session, and the recovery codes of an app that was set up with it."""

    recovery_codes = fields.List(
        fields.String(),
        allow_none=True,
        metadata={"description": "Shown this once; each stands in for the app once."},
    )


class OfferedAppAnswer(Schema):
    """What to put into an authenticator app."""

    secret = fields.String(metadata={"example": "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"})
    address = fields.String(metadata={"description": "The text of the QR code, `otpauth://`."})


class OwnSecondFactorAnswer(Schema):
    """How the caller's second factor stands."""

    is_needed = fields.Boolean()
    set_up_at = Instant(allow_none=True)
    recovery_codes_left = fields.Integer()


class RecoveryCodesAnswer(Schema):
    """Ten recovery codes, shown this once."""

    recovery_codes = fields.List(fields.String())


class OpenSessionAnswer(Schema):
    """A session of one's own that goes on."""

    session_id = fields.UUID()
    created_at = Instant()
    last_used_at = Instant(metadata={"description": "Exact to a minute."})
    expires_at = Instant()
    site_name = fields.String(allow_none=True)
    is_current = fields.Boolean()


class OpenSessionsAnswer(Schema):
    """One's own sessions, the one used last first."""

    items = fields.List(fields.Nested(OpenSessionAnswer))


class PasswordLinkAnswer(Schema):
    """Whose password a one-time link sets."""

    email = fields.String()
    name = fields.String()
    purpose = fields.String()
    terms_due = fields.Boolean(
        metadata={"description": "The present terms of use are to be accepted with it."}
    )


class TokenAnswer(Schema):
    """An API token, without its string."""

    token_id = fields.UUID(attribute="api_token_id")
    name = fields.String()
    rights = fields.List(fields.String())
    created_at = Instant()
    expires_at = Instant()
    last_used_at = Instant(allow_none=True, metadata={"description": "Exact to the hour"})
    revoked_at = Instant(allow_none=True)
    replaced_by = fields.UUID(allow_none=True)


class MadeTokenAnswer(Schema):
    """A new API token; its string is shown this once."""

    token = fields.String(attribute="secret")
    token_id = fields.UUID(attribute="row.api_token_id")
    name = fields.String(attribute="row.name")
    rights = fields.List(fields.String(), attribute="row.rights")
    created_at = Instant(attribute="row.created_at")
    expires_at = Instant(attribute="row.expires_at")


class MailAnswer(Schema):
    """A mail, without its words."""

    mail_id = fields.UUID()
    kind = fields.String()
    to_address = fields.String()
    subject = fields.String()
    state = fields.String()
    attempts = fields.Integer()
    last_error = fields.String(allow_none=True)
    created_at = Instant()
    sent_at = Instant(allow_none=True)


def page_of(item: type[Schema]) -> type[Schema]:
    """Returns the schema of one page of a list of such items."""
    name = item.__name__.removesuffix("Answer") + "PageAnswer"
    members = {
        "items": fields.List(fields.Nested(item)),
        "page": fields.Integer(),
        "page_size": fields.Integer(),
        "total": fields.Integer(),
    }
    return Schema.from_dict(members, name=name)  # type: ignore[arg-type]


def account_state(account: Any) -> str:
    """Returns whether someone can sign in: `active`, `invited` or `switched_off`."""
    if account.switched_off_at is not None:
        return "switched_off"
    return "active" if account.password_hash else "invited"
