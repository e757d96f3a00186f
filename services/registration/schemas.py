"""What comes in and what goes out, checked: request bodies, query strings, answers, event data.

Messages are written for the person who fills in the form: what is wrong and how to mend it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from services.registration.actions.applications import RegistrationForm
from services.registration.domain.applications import ApplicationState
from services.registration.domain.credentials import TOKEN_MAX_DAYS
from services.registration.domain.organisations import (
    Nation,
    OrganisationKind,
    normal_ods_code,
    ods_code_problem,
)
from services.registration.domain.roles import TOKEN_RIGHTS

MAX_PAGE_SIZE = 100


def _only(pattern: str, error: str) -> Callable[[str], None]:
    """A check that, unlike marshmallow's Regexp, stays out of the API's description."""

    def check(text: str) -> None:
        if not re.fullmatch(pattern, text):
            raise ValidationError(error)

    return check


_ONE_LINE = _only(r"[^\x00-\x1f\x7f]*", "Remove line breaks and control characters.")
_PARAGRAPHS = _only(r"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*", "Remove control characters.")


def _messages(ask: str) -> dict[str, Any]:
    return {"required": ask, "null": ask, "invalid": ask}


class Line(fields.String):
    """One line of text, without the spaces around it. `ask` is what to say when it is empty."""

    def __init__(self, ask: str, *, max_length: int = 200, required: bool = True, **more: Any):
        self._ask = ask
        too_long = validate.Length(max=max_length, error=f"Use at most {max_length} characters.")
        extra = more.pop("validate", [])
        super().__init__(
            required=required,
            allow_none=not required,
            error_messages=_messages(ask),
            validate=[too_long, more.pop("characters", _ONE_LINE), *extra],
            **more,
        )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> Any:
        text = super()._deserialize(value, attr, data, **more).strip()
        if text:
            return text
        if self.required:
            raise ValidationError(self._ask)
        return None

    def _validate(self, value: Any) -> None:
        # An optional line that was left empty has become None.
        if value is not None:
            super()._validate(value)


_EMAIL = (
    validate.Email(error="Enter an e-mail address such as name@example.org."),
    # Mail servers that take other letters are too rare to trust an invitation to.
    _only(r"[\x21-\x7e]+", "Enter an e-mail address without accents or spaces."),
)


class SubmitApplicationBody(Schema):
    """The registration form."""

    organisation_name = Line(
        "Enter the name of the hospital, practice, network or service.",
        metadata={"description": "Name of the organisation", "example": "Demo General Hospital"},
    )
    organisation_kind = fields.String(
        required=True,
        validate=validate.OneOf(
            [str(kind) for kind in OrganisationKind],
            error="Choose hospital, GP practice, network or community service.",
        ),
        error_messages=_messages("Choose what kind of organisation it is."),
    )
    ods_code = Line(
        "Enter the organisation's ODS code.",
        max_length=20,
        metadata={"description": "ODS code in its usual form", "example": "R1A02"},
    )
    nation = fields.String(
        required=True,
        validate=validate.OneOf(
            [str(nation) for nation in Nation], error="Choose England, Wales or Northern Ireland."
        ),
        error_messages=_messages("Choose the nation."),
    )
    has_fls = fields.Boolean(
        required=True,
        error_messages=_messages("Say whether there is a fracture liaison service."),
    )
    fls_name = Line("Enter the name of the service.", required=False)
    lead_name = Line("Enter the name of the person who will lead.", max_length=120)
    lead_email = Line("Enter the lead's e-mail address.", max_length=254, validate=_EMAIL)
    lead_job = Line("Enter the lead's job.", max_length=120, required=False)
    lead_phone = Line(
        "Enter a telephone number.",
        max_length=40,
        required=False,
        validate=[
            validate.Regexp(
                r"[0-9+() .extn-]{6,}\Z", error="Enter a telephone number such as 020 7946 0000."
            )
        ],
    )
    statements_accepted = fields.Boolean(
        required=True,
        validate=validate.Equal(True, error="Confirm the statements to register."),
        error_messages=_messages("Confirm the statements to register."),
    )

    @validates_schema(skip_on_field_errors=True)
    def _ods_code_fits(self, data: dict[str, Any], **_: Any) -> None:
        problem = ods_code_problem(
            normal_ods_code(data["ods_code"]),
            OrganisationKind(data["organisation_kind"]),
            Nation(data["nation"]),
        )
        if problem:
            raise ValidationError(problem, "ods_code")

    @post_load
    def _form(self, data: dict[str, Any], **_: Any) -> RegistrationForm:
        del data["statements_accepted"]
        return RegistrationForm(**{**data, "ods_code": normal_ods_code(data["ods_code"])})


class DeclineApplicationBody(Schema):
    """Why a registration is refused; the applicant is told."""

    reason = Line(
        "Enter the reason. The applicant will read it.", max_length=2000, characters=_PARAGRAPHS
    )


class SignInBody(Schema):
    """Who signs in."""

    email = Line("Enter your e-mail address.", max_length=254)
    password = fields.String(
        required=True,
        load_only=True,
        validate=validate.Length(min=1, max=1000, error="Enter your password."),
        error_messages=_messages("Enter your password."),
    )


class CheckPasswordLinkBody(Schema):
    """The secret part of a one-time link."""

    link = Line("Open the link in the mail again.", load_only=True)


class ChoosePasswordBody(CheckPasswordLinkBody):
    """A one-time link and the password it is to set."""

    password = fields.String(
        required=True, load_only=True, error_messages=_messages("Enter a password.")
    )


class MakeTokenBody(Schema):
    """A new API token."""

    name = Line("Enter a name, such as the system that will use it.", max_length=80)
    expires_in_days = fields.Integer(
        required=True,
        validate=validate.Range(
            1, TOKEN_MAX_DAYS, error=f"Enter a number of days from 1 to {TOKEN_MAX_DAYS}."
        ),
        error_messages=_messages("Enter for how many days it is to work."),
    )
    rights = fields.List(
        fields.String(validate=validate.OneOf(sorted(TOKEN_RIGHTS))),
        metadata={"description": "What it may do; left out: all that a token of yours can have"},
    )


class PageQuery(Schema):
    """Which page of a list."""

    page = fields.Integer(load_default=1, validate=validate.Range(1, 100_000))
    page_size = fields.Integer(load_default=25, validate=validate.Range(1, MAX_PAGE_SIZE))


class ApplicationsQuery(PageQuery):
    """Which registrations."""

    state = fields.String(
        load_default=None, validate=validate.OneOf([str(state) for state in ApplicationState])
    )


class MailsQuery(PageQuery):
    """Which mails."""

    state = fields.String(load_default=None, validate=validate.OneOf(["queued", "sent", "failed"]))


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
    submitted_at = fields.AwareDateTime()
    decided_at = fields.AwareDateTime(allow_none=True)
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
    patient_audit = fields.Boolean()
    facilities_audit = fields.Boolean()


class SiteAnswer(SiteBriefAnswer):
    """A site."""

    kind = fields.String()
    nation = fields.String()
    state = fields.String()
    has_fls = fields.Boolean()
    fls_name = fields.String(allow_none=True)
    approved_at = fields.AwareDateTime()
    version = fields.Integer()


class AccountAnswer(Schema):
    """An account with what it may do at the site it acts for."""

    account_id = fields.UUID(attribute="account.account_id")
    name = fields.String(attribute="account.name")
    email = fields.String(attribute="account.email")
    site = fields.Nested(SiteBriefAnswer, allow_none=True)
    roles = fields.List(fields.String())
    rights = fields.Function(
        lambda view: sorted(view.rights),
        metadata={"type": "array", "items": {"type": "string"}},
    )


class ListedAccountAnswer(AccountAnswer):
    """An account as the audit team sees it."""

    state = fields.Function(
        lambda view: _account_state(view.account),
        metadata={"type": "string", "enum": ["active", "invited", "switched_off"]},
    )
    created_at = fields.AwareDateTime(attribute="account.created_at")
    switched_off_at = fields.AwareDateTime(attribute="account.switched_off_at", allow_none=True)
    last_signed_in_at = fields.AwareDateTime(attribute="account.last_signed_in_at", allow_none=True)


class OpenedSessionAnswer(Schema):
    """A session; its string is shown this once."""

    session = fields.String(attribute="secret")
    expires_at = fields.AwareDateTime()
    account = fields.Nested(AccountAnswer, attribute="view")


class PasswordLinkAnswer(Schema):
    """Whose password a one-time link sets."""

    email = fields.String()
    name = fields.String()
    purpose = fields.String()


class TokenAnswer(Schema):
    """An API token, without its string."""

    token_id = fields.UUID(attribute="api_token_id")
    name = fields.String()
    rights = fields.List(fields.String())
    created_at = fields.AwareDateTime()
    expires_at = fields.AwareDateTime()
    last_used_at = fields.AwareDateTime(
        allow_none=True, metadata={"description": "Exact to the hour"}
    )
    revoked_at = fields.AwareDateTime(allow_none=True)


class MadeTokenAnswer(Schema):
    """A new API token; its string is shown this once."""

    token = fields.String(attribute="secret")
    token_id = fields.UUID(attribute="row.api_token_id")
    name = fields.String(attribute="row.name")
    rights = fields.List(fields.String(), attribute="row.rights")
    created_at = fields.AwareDateTime(attribute="row.created_at")
    expires_at = fields.AwareDateTime(attribute="row.expires_at")


class MailAnswer(Schema):
    """A mail, without its words."""

    mail_id = fields.UUID()
    kind = fields.String()
    to_address = fields.String()
    subject = fields.String()
    state = fields.String()
    attempts = fields.Integer()
    last_error = fields.String(allow_none=True)
    created_at = fields.AwareDateTime()
    sent_at = fields.AwareDateTime(allow_none=True)


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


class MailWantedFact(Schema):
    """What the mailer reads of `registration.mail_wanted.v1`."""

    mail_id = fields.UUID(required=True)


def _account_state(account: Any) -> str:
    if account.switched_off_at is not None:
        return "switched_off"
    return "active" if account.password_hash else "invited"
