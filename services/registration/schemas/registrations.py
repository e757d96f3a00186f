"""The registration form as it is shown, filled in and followed."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from services.registration.domain.questions import QUESTIONS, SECTIONS
from services.registration.schemas.answers import ApplicationAnswer, Instant
from services.registration.schemas.bodies import EMAIL, PARAGRAPHS, Line, no_long_number

_KEYS = frozenset(question.key for question in QUESTIONS)


class BeginRegistrationBody(Schema):
    """Who will lead the site."""

    email = Line("Enter the lead's e-mail address.", max_length=254, validate=EMAIL)


class RegistrationLinkBody(Schema):
    """The secret part of a link to a form."""

    link = Line("Open the link in the mail again.", load_only=True)


class SaveSectionBody(RegistrationLinkBody):
    """Answers of one section; what is left out is blank."""

    answers = fields.Dict(
        keys=fields.String(validate=validate.OneOf(sorted(_KEYS))),
        values=fields.String(validate=validate.Length(max=10_000)),
        required=True,
    )


class AnswerQueryBody(RegistrationLinkBody):
    """The answer to a question of the audit team."""

    words = Line("Enter your answer.", max_length=2000, characters=PARAGRAPHS)


class OptionAnswer(Schema):
    """One option of a choice."""

    value = fields.String()
    text = fields.String()
    hint = fields.String()


class QuestionAnswer(Schema):
    """One question of the form."""

    key = fields.String()
    label = fields.String()
    kind = fields.String(metadata={"enum": [*sorted({question.kind for question in QUESTIONS})]})
    hint = fields.String()
    is_required = fields.Boolean()
    options = fields.Function(
        lambda question: [
            {"value": value, "text": text, "hint": hint} for value, text, hint in question.options
        ],
        metadata={"type": "array", "items": {"type": "object"}},
    )
    when_key = fields.Function(lambda question: question.when[0] if question.when else None)
    when_values = fields.Function(lambda question: list(question.when[1]) if question.when else [])


class SectionAnswer(Schema):
    """One section of the form."""

    name = fields.String()
    title = fields.String()
    questions = fields.List(fields.Nested(QuestionAnswer))


class FormAnswer(Schema):
    """The form as it is asked."""

    sections = fields.List(fields.Nested(SectionAnswer))


class MessageAnswer(Schema):
    """A question of the audit team, or the applicant's answer."""

    at = Instant()
    is_from_team = fields.Boolean()
    words = fields.String()


class RegistrationAnswer(Schema):
    """A registration form as its applicant sees it."""

    email = fields.String()
    answers = fields.Dict(keys=fields.String(), values=fields.String())
    sections = fields.Dict(
        keys=fields.String(validate=validate.OneOf(list(SECTIONS))),
        values=fields.String(),
        metadata={"description": "`empty`, `unfinished` or `complete` of each section"},
    )
    problems = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))
    reference = fields.String(attribute="application.reference", dump_default=None)
    state = fields.String(attribute="application.state", dump_default=None)
    submitted_at = Instant(attribute="application.submitted_at", dump_default=None)
    decided_at = Instant(attribute="application.decided_at", dump_default=None)
    refusal_reason = fields.String(attribute="application.refusal_reason", dump_default=None)
    messages = fields.List(fields.Nested(MessageAnswer))


class LineAnswer(Schema):
    """A question and its answer in words."""

    section = fields.String()
    label = fields.String()
    text = fields.String()


class SimilarAnswer(Schema):
    """A site or an earlier form that this one may be about."""

    name = fields.String()
    code = fields.String()
    why = fields.String()
    state = fields.String(allow_none=True)
    site_id = fields.UUID(allow_none=True)
    application_id = fields.UUID(allow_none=True)


class LogLineAnswer(Schema):
    """One line of the log."""

    at = Instant()
    what = fields.String()
    actor_kind = fields.String()
    actor_name = fields.String(allow_none=True)
    details = fields.Dict()


class ReviewedApplicationAnswer(ApplicationAnswer):
    """One registration with all that its review needs."""

    lines = fields.List(fields.Nested(LineAnswer))
    messages = fields.List(fields.Nested(MessageAnswer))
    similar = fields.List(fields.Nested(SimilarAnswer))
    history = fields.List(fields.Nested(LogLineAnswer))


class QueryApplicationBody(Schema):
    """What the audit team asks the applicant."""

    words = Line(
        "Enter your question. The applicant will read it.",
        max_length=2000,
        characters=PARAGRAPHS,
        validate=[no_long_number],
    )


class SuspendSiteBody(Schema):
    """Why a site is suspended; its leads are told."""

    reason = Line(
        "Enter the reason. The leads will read it.",
        max_length=2000,
        characters=PARAGRAPHS,
        validate=[no_long_number],
    )


class ChangeParticipationBody(Schema):
    """A fracture liaison service has started or ended."""

    has_fls = fields.Boolean(required=True)
    fls_name = Line("Enter the name of the service.", required=False, load_default=None)
    valid_from = fields.Date(
        required=True, error_messages={"invalid": "Enter a day such as 2026-04-01."}
    )


class ReplaceCodeBody(Schema):
    """Another ODS code of a site, and from when."""

    ods_code = Line("Enter the ODS code.", max_length=20)
    valid_from = fields.Date(
        required=True, error_messages={"invalid": "Enter a day such as 2026-04-01."}
    )


class CodeAnswer(Schema):
    """An organisation code of a site."""

    scheme = fields.String()
    code = fields.String()
    valid_from = fields.Date()
    valid_to = fields.Date(allow_none=True)


class ParticipationAnswer(Schema):
    """From which day on a site has a fracture liaison service, or has none."""

    has_fls = fields.Boolean()
    valid_from = fields.Date()
    recorded_at = Instant()


class StatementQuery(Schema):
    """Of which period, both days in it."""

    begins = fields.Date(required=True)
    ends = fields.Date(required=True)

    @validates_schema
    def _in_order(self, data: dict[str, Any], **_: Any) -> None:
        if data["begins"] > data["ends"]:
            raise ValidationError("The period ends before it begins.", "ends")


class PartAnswer(Schema):
    """One part of the audit in a period; days are null if the site did not take part."""

    eligible = fields.Boolean()
    first_day = fields.Date(allow_none=True)
    last_day = fields.Date(allow_none=True)


class StatementAnswer(Schema):
    """What a site took part in, in a period."""

    site_code = fields.String()
    site_name = fields.String()
    begins = fields.Date()
    ends = fields.Date()
    patient_audit = fields.Nested(PartAnswer)
    facilities_audit = fields.Nested(PartAnswer)


class SiteHistoryAnswer(Schema):
    """What a site was called and took part in, and what was done to it."""

    codes = fields.List(fields.Nested(CodeAnswer))
    participation = fields.List(fields.Nested(ParticipationAnswer))
    events = fields.List(fields.Nested(LogLineAnswer))
