"""What comes in, checked: request bodies, query strings, data of events that we hear.

Messages are written for the person who fills in the form: what is wrong and how to mend it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from services.registration.actions.applications import RegistrationForm
from services.registration.domain.applications import ApplicationState
from services.registration.domain.credentials import TOKEN_MAX_DAYS, TOKEN_OVERLAP_DAYS
from services.registration.domain.organisations import (
    Nation,
    OrganisationKind,
    normal_ods_code,
    ods_code_problem,
)
from services.registration.domain.roles import TOKEN_RIGHTS
from services.registration.domain.round_mails import KINDS
from services.registration.domain.visits import holds_long_number

MAX_PAGE_SIZE = 100


def _only(pattern: str, error: str) -> Callable[[str], None]:
    """A check that, unlike marshmallow's Regexp, stays out of the API's description."""

    def check(text: str) -> None:
        if not re.fullmatch(pattern, text):
            raise ValidationError(error)

    return check


_ONE_LINE = _only(r"[^\x00-\x1f\x7f]*", "Remove line breaks and control characters.")
PARAGRAPHS = _only(r"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*", "Remove control characters.")


def messages(ask: str) -> dict[str, Any]:
    """What a field says when nothing, or nothing sensible, was sent."""
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
            error_messages=messages(ask),
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


EMAIL = (
    validate.Email(error="Enter an e-mail address such as name@example.org."),
    # Mail servers that take other letters are too rare to trust an invitation to.
    _only(r"[\x21-\x7e]+", "Enter an e-mail address without accents or spaces."),
)


def no_long_number(text: str) -> None:
    """A check of what is mailed or logged: it holds no number as long as a patient's."""
    if holds_long_number(text):
        raise ValidationError(
            "Take the long number out: it may be a patient's, and e-mail is not safe for that."
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
        error_messages=messages("Choose what kind of organisation it is."),
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
        error_messages=messages("Choose the nation."),
    )
    has_fls = fields.Boolean(
        required=True,
        error_messages=messages("Say whether there is a fracture liaison service."),
    )
    fls_name = Line("Enter the name of the service.", required=False)
    lead_name = Line("Enter the name of the person who will lead.", max_length=120)
    lead_email = Line("Enter the lead's e-mail address.", max_length=254, validate=EMAIL)
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
        error_messages=messages("Confirm the statements to register."),
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
        "Enter the reason. The applicant will read it.", max_length=2000, characters=PARAGRAPHS
    )


class MessageBody(Schema):
    """What somebody writes to the audit team."""

    name = Line("Enter your name.", max_length=120)
    email = Line("Enter your e-mail address.", max_length=254, validate=EMAIL)
    words = Line(
        "Enter your message.", max_length=5000, characters=PARAGRAPHS, validate=[no_long_number]
    )


class MakeTokenBody(Schema):
    """A new API token."""

    name = Line("Enter a name, such as the system that will use it.", max_length=80)
    expires_in_days = fields.Integer(
        required=True,
        validate=validate.Range(
            1, TOKEN_MAX_DAYS, error=f"Enter a number of days from 1 to {TOKEN_MAX_DAYS}."
        ),
        error_messages=messages("Enter for how many days it is to work."),
    )
    rights = fields.List(
        fields.String(validate=validate.OneOf(sorted(TOKEN_RIGHTS))),
        metadata={"description": "What it may do; left out: all that a token of yours can have"},
    )


class RotateTokenBody(Schema):
    """For how long the old token works on beside the new one."""

    overlap_days = fields.Integer(
        load_default=TOKEN_OVERLAP_DAYS,
        validate=validate.Range(0, 30, error="Enter a number of days from 0 to 30."),
    )


class PageQuery(Schema):
    """Which page of a list."""

    page = fields.Integer(load_default=1, validate=validate.Range(1, 100_000))
    page_size = fields.Integer(load_default=25, validate=validate.Range(1, MAX_PAGE_SIZE))


class SitesQuery(PageQuery):
    """Which sites."""

    search = fields.String(
        load_default=None,
        validate=validate.Length(max=100, error="Use at most 100 characters."),
        metadata={"description": "Part of the name, or the beginning of a code"},
    )


class AccountsQuery(PageQuery):
    """Which accounts."""

    search = fields.String(
        load_default=None,
        validate=validate.Length(max=100, error="Use at most 100 characters."),
        metadata={"description": "Part of the name or of the e-mail address"},
    )


class ApplicationsQuery(PageQuery):
    """Which registrations."""

    state = fields.String(
        load_default=None, validate=validate.OneOf([str(state) for state in ApplicationState])
    )


class MailsQuery(PageQuery):
    """Which mails."""

    state = fields.String(load_default=None, validate=validate.OneOf(["queued", "sent", "failed"]))


class MailWantedFact(Schema):
    """What the mailer reads of `registration.mail_wanted.v1`."""

    mail_id = fields.UUID(required=True)


class PersonWantedFact(Schema):
    """What registration reads of `imports.person_wanted.v1`."""

    import_id = fields.UUID(required=True)
    account_id = fields.UUID(required=True)
    state = fields.String(required=True)
    uploaded_at = fields.AwareDateTime(required=True)


class ReminderWantedFact(Schema):
    """What registration reads of `facilities.reminder_wanted.v1`."""

    round_id = fields.UUID(required=True)
    title = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    last_day = fields.Date(required=True, allow_none=True)
    is_begun = fields.Boolean(required=True)


class ResetWantedFact(Schema):
    """What registration reads of its own `registration.reset_wanted.v1`."""

    password_reset_id = fields.UUID(required=True)
