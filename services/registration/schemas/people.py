"""People of a site, visits, and sites of a session: what comes in and what goes out."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from services.registration.domain.roles import SITE_ROLES, Grant, Role
from services.registration.domain.visits import MAX_REASON
from services.registration.schemas.answers import Instant
from services.registration.schemas.bodies import EMAIL, Line, PageQuery, messages

_CHOOSE_ROLE = "Choose a role."
_SITE = {"description": "Of which site; left out: your own. Others for national accounts alone"}
_ROLES = sorted(SITE_ROLES)


class TransferLeadBody(Schema):
    """Who leads from now on, and what the present lead is then; left out: no more at the site."""

    account_id = fields.UUID(
        required=True,
        error_messages={"required": "Choose who is to lead.", "invalid": "Choose who is to lead."},
    )
    own_role = fields.String(
        validate=validate.OneOf(_ROLES, error=_CHOOSE_ROLE), load_default=None, allow_none=True
    )


class ConfirmedPeopleAnswer(Schema):
    """When the list of people was confirmed last, and whether it is time again."""

    confirmed_at = Instant()
    is_due = fields.Boolean()


class PeopleQuery(Schema):
    """Of which site."""

    site_id = fields.UUID(load_default=None, metadata=_SITE)


class VisitsQuery(PageQuery):
    """Which visits."""

    site_id = fields.UUID(load_default=None, metadata=_SITE)


class _Choice(fields.String):
    """One of a few words."""

    def __init__(self, choices: type[Role] | type[Grant], allowed: list[Any], ask: str) -> None:
        self._choices = choices
        super().__init__(
            required=True,
            error_messages=messages(ask),
            validate=validate.OneOf(allowed, error=ask),
        )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> Any:
        text = super()._deserialize(value, attr, data, **more)
        return self._choices(text) if text in list(self._choices) else text


class ChangePersonBody(Schema):
    """What someone may do at a site."""

    role = _Choice(Role, _ROLES, _CHOOSE_ROLE)
    grants = fields.List(
        _Choice(Grant, list(Grant), "Choose import, export or neither."),
        load_default=list,
        metadata={
            "description": "Beyond the role: import to data entry and clinician, export to "
            "clinician"
        },
    )
    site_id = fields.UUID(load_default=None, metadata=_SITE)


class AddPersonBody(ChangePersonBody):
    """Someone to add to a site."""

    name = Line("Enter the person's name.", max_length=120)
    email = Line("Enter the person's e-mail address.", max_length=254, validate=EMAIL)


class BeginVisitBody(Schema):
    """Which site to act at, and why."""

    site_id = fields.UUID(required=True, error_messages=messages("Choose a site."))
    reason = Line(
        "Say why you visit this site.",
        max_length=MAX_REASON,
        metadata={"description": "10 to 300 characters, without patient details; it is logged"},
    )


class ChangeSiteBody(Schema):
    """Which site to act for."""

    site_id = fields.UUID(required=True, error_messages=messages("Choose a site."))


class PersonAnswer(Schema):
    """Someone at a site; from `email` on only for those who manage its people."""

    account_id = fields.UUID()
    name = fields.String()
    is_audit_team = fields.Boolean()
    is_here = fields.Boolean(metadata={"description": "False for who was at the site once"})
    email = fields.String()
    role = fields.String()
    grants = fields.List(fields.String())
    state = fields.String(metadata={"enum": ["active", "invited", "switched_off"]})
    since = Instant()
    ended_at = Instant(allow_none=True)
    last_signed_in_at = Instant(allow_none=True)


class PeopleAnswer(Schema):
    """Everybody who is or was at a site."""

    site_id = fields.UUID()
    items = fields.List(fields.Nested(PersonAnswer))
    total = fields.Integer()


class VisitAnswer(Schema):
    """A visit of the audit team."""

    visit_id = fields.UUID()
    site_id = fields.UUID()
    reason = fields.String()
    started_at = Instant()
    ends_at = Instant(metadata={"description": "When it ends, or ended, by itself"})
    ended_at = Instant(allow_none=True, metadata={"description": "Where it ended before"})
