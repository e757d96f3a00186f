"""What comes in and what goes out: bodies, query strings, answers, and the events heard."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

MOST_ANSWERS_IN_A_SAVE = 500
MOST_CHOICES = 100
LARGEST_VERSION = 2**31 - 1


class AnswerValue(fields.Field[Any]):
    """What one question is answered with: text, whole number, list of option codes, or null."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> Any:
        if isinstance(value, list):
            fits = len(value) <= MOST_CHOICES and all(isinstance(code, str) for code in value)
        else:
            fits = isinstance(value, str | int) and not isinstance(value, bool)
        if not fits:
            raise ValidationError("Send text, a whole number, a list of codes, or null.")
        return value


class Instant(fields.DateTime):
    """A point in time, written in UTC with a Z."""

    def _serialize(
        self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any
    ) -> str | None:
        if value is None:
            return None
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


class PageQuery(Schema):
    """`?page=1&page_size=25`."""

    page = fields.Integer(load_default=1, validate=validate.Range(1, 100_000))
    page_size = fields.Integer(load_default=25, validate=validate.Range(1, 200))


class RoundAnswer(Schema):
    """A round. `state`: planned, open, closed."""

    round_id = fields.UUID()
    name = fields.String()
    year = fields.Integer()
    title = fields.String()
    questionnaire_id = fields.String()
    opens_on = fields.Date()
    closes_on = fields.Date(allow_none=True)
    state = fields.String()


class RoundsAnswer(Schema):
    """All rounds, the newest first."""

    items = fields.List(fields.Nested(RoundAnswer))
    page = fields.Integer()
    page_size = fields.Integer()
    total = fields.Integer()


class OpenRoundBody(Schema):
    """A round to open; what is left out has the value of the yearly round."""

    year = fields.Integer(required=True, validate=validate.Range(2016, 2100))
    name = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Regexp(r"\A[a-z0-9][a-z0-9-]{0,39}\Z"),
        metadata={"description": "Unique; the year if left out."},
    )
    questionnaire_id = fields.String(load_default=None, allow_none=True)
    opens_on = fields.Date(load_default=None, allow_none=True)
    closes_on = fields.Date(load_default=None, allow_none=True)


class ConditionAnswer(Schema):
    """True when the question has one of these codes as its answer, and is itself asked."""

    question = fields.String()
    any_of = fields.List(fields.String())


class OptionAnswer(Schema):
    """One choice. `alone`: it cannot be chosen together with others."""

    code = fields.String()
    label = fields.String()
    hint = fields.String()
    alone = fields.Boolean()


class QuestionAnswer(Schema):
    """One question as data."""

    id = fields.String()
    number = fields.String(metadata={"description": "Shown to people; not unique."})
    text = fields.String()
    help = fields.String()
    kind = fields.String(metadata={"description": "text, textarea, single, multi, integer, ..."})
    options = fields.List(fields.Nested(OptionAnswer))
    condition = fields.Nested(ConditionAnswer, attribute="when", allow_none=True)
    required = fields.Boolean()
    required_when = fields.Nested(ConditionAnswer, allow_none=True)
    max_length = fields.Integer(metadata={"description": "Characters, for kinds of text."})
    minimum = fields.Integer(metadata={"description": "For whole numbers."})
    maximum = fields.Integer(metadata={"description": "For whole numbers."})
    unit = fields.String()
    autocomplete = fields.String()


class SectionAnswer(Schema):
    """Questions that are answered together."""

    id = fields.String()
    title = fields.String()
    intro = fields.String()
    questions = fields.List(fields.Nested(QuestionAnswer))


class QuestionnaireAnswer(Schema):
    """The whole questionnaire of a round."""

    questionnaire_id = fields.String(attribute="id")
    title = fields.String()
    sections = fields.List(fields.Nested(SectionAnswer))


class FindingAnswer(Schema):
    """Something to mend (`error`) or to look at again (`warning`)."""

    question = fields.String()
    code = fields.String()
    level = fields.String()
    message = fields.String()


class AnswersAnswer(Schema):
    """A site's answers. `state`: not_started, in_progress, submitted."""

    round_id = fields.UUID()
    state = fields.String()
    version = fields.Integer()
    answers = fields.Dict(keys=fields.String())
    asked = fields.List(fields.String(), metadata={"description": "Questions asked, in order."})
    answered_count = fields.Integer()
    asked_count = fields.Integer()
    findings = fields.List(fields.Nested(FindingAnswer))
    suggestions = fields.Dict(keys=fields.String())
    updated_at = Instant(allow_none=True)
    submitted_at = Instant(allow_none=True)


class SaveAnswersBody(Schema):
    """Answers to save. Questions that are not named stay as they are; null takes one back."""

    version = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(0, LARGEST_VERSION),
        metadata={"description": "Of the answers you saw; 0 before the first save."},
    )
    answers = fields.Dict(
        required=True,
        keys=fields.String(),
        values=AnswerValue(allow_none=True),
        validate=validate.Length(max=MOST_ANSWERS_IN_A_SAVE),
    )


class SubmitAnswersBody(Schema):
    """The version that is signed."""

    version = fields.Integer(
        required=True, strict=True, validate=validate.Range(0, LARGEST_VERSION)
    )


class ReopenAnswersBody(Schema):
    """Why answers are opened again; kept, and not sent to anybody."""

    reason = fields.String(
        required=True,
        validate=[
            validate.Length(min=1, max=300, error="Give the reason, in at most 300 characters."),
            validate.Regexp(r"\A[^\x00-\x1f\x7f]*\Z", error="Write the reason on one line."),
        ],
        error_messages={"required": "Give the reason.", "null": "Give the reason."},
    )


class SiteBriefAnswer(Schema):
    """Whose answers they are."""

    site_id = fields.UUID()
    code = fields.String()
    name = fields.String()


class SiteAnswersAnswer(AnswersAnswer):
    """The answers of a site, for who reads those of all sites."""

    site = fields.Nested(SiteBriefAnswer)


class ChangeAnswer(Schema):
    """One change of one answer; null is no answer."""

    question = fields.String(attribute="question_id")
    old = fields.Raw(allow_none=True)
    new = fields.Raw(allow_none=True)
    version = fields.Integer()
    changed_at = Instant()
    changed_by = fields.UUID()


class ChangesAnswer(Schema):
    """Changes, the newest first."""

    items = fields.List(fields.Nested(ChangeAnswer))
    page = fields.Integer()
    page_size = fields.Integer()
    total = fields.Integer()


class SiteProgressAnswer(Schema):
    """How far one site has come."""

    site_id = fields.UUID()
    code = fields.String()
    name = fields.String()
    kind = fields.String()
    nation = fields.String()
    has_fls = fields.Boolean()
    state = fields.String()
    updated_at = Instant(allow_none=True)
    submitted_at = Instant(allow_none=True)


class ProgressAnswer(Schema):
    """Counts by state, and one page of the sites that take part."""

    round_id = fields.UUID()
    counts = fields.Dict(keys=fields.String(), values=fields.Integer())
    items = fields.List(fields.Nested(SiteProgressAnswer))
    page = fields.Integer()
    page_size = fields.Integer()
    total = fields.Integer()


class OrganisationCode(Schema):
    """A code of an organisation in a scheme, such as `ods`."""

    class Meta:
        """Registration may say more than we need."""

        unknown = EXCLUDE

    scheme = fields.String(required=True)
    code = fields.String(required=True)


class SiteChanged(Schema):
    """What facilities reads in `registration.site_changed.v1`."""

    class Meta:
        """Registration may say more than we need."""

        unknown = EXCLUDE

    site_id = fields.UUID(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True)
    nation = fields.String(required=True)
    state = fields.String(required=True)
    has_fls = fields.Boolean(required=True)
    patient_audit = fields.Boolean(required=True)
    facilities_audit = fields.Boolean(required=True)
    organisation_codes = fields.List(fields.Nested(OrganisationCode), required=True)
