"""A site's answers: the page of them, saves, sections, comments, what was signed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from services.facilities.schemas.fields import Instant, reason_field, without_patient

MOST_ANSWERS_IN_A_SAVE = 500
MOST_CHOICES = 100
LARGEST_VERSION = 2**31 - 1


class AnswerValue(fields.Field[Any]):
    """What one question is answered with: text, number, list of option codes, or null."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> Any:
        if isinstance(value, list):
            fits = len(value) <= MOST_CHOICES and all(isinstance(code, str) for code in value)
        else:
            fits = isinstance(value, str | int | float) and not isinstance(value, bool)
        if not fits:
            raise ValidationError("Send text, a number, a list of codes, or null.")
        return value


class FindingAnswer(Schema):
    """Something about an answer. `level`: error, warning, contradiction, explained."""

    question = fields.String()
    key = fields.String(metadata={"description": "Of the answer; in a grid the cell's."})
    code = fields.String()
    level = fields.String()
    message = fields.String()


class ProposalAnswer(Schema):
    """An answer to be confirmed. `source`: registration, or the title of the earlier round."""

    value = fields.Raw()
    source = fields.String()


class SectionProgressAnswer(Schema):
    """How far a section is. `state`: not_asked, not_started, in_progress, ready, confirmed."""

    section = fields.String()
    title = fields.String()
    state = fields.String()
    asked = fields.Integer()
    answered = fields.Integer()
    to_confirm = fields.Integer()
    to_mend = fields.Integer()
    warnings = fields.Integer()
    owner = fields.UUID(allow_none=True)
    confirmed_at = Instant(allow_none=True)
    confirmed_by = fields.UUID(allow_none=True)


class AnswersAnswer(Schema):
    """A site's answers. `state`: not_started, in_progress, submitted."""

    round_id = fields.UUID()
    state = fields.String()
    window = fields.String(metadata={"description": "planned, open, closed; for this site."})
    last_day = fields.Date(allow_none=True)
    is_asked = fields.Boolean()
    has_fls = fields.Boolean(allow_none=True, metadata={"description": "As registered."})
    version = fields.Integer()
    answers = fields.Dict(keys=fields.String())
    explanations = fields.Dict(keys=fields.String(), values=fields.String())
    derived = fields.Dict(keys=fields.String())
    asked = fields.List(fields.String(), metadata={"description": "Questions asked, in order."})
    answered_count = fields.Integer()
    asked_count = fields.Integer()
    findings = fields.List(fields.Nested(FindingAnswer))
    proposals = fields.Dict(keys=fields.String(), values=fields.Nested(ProposalAnswer))
    sections = fields.List(fields.Nested(SectionProgressAnswer))
    updated_at = Instant(allow_none=True)
    submitted_at = Instant(allow_none=True)


class SavedAnswer(AnswersAnswer):
    """The answers after a save, and the keys that it changed."""

    changed = fields.List(fields.String())


class SaveAnswersBody(Schema):
    """Answers to save. Questions that are not named stay as they are; null takes one back."""

    version = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(0, LARGEST_VERSION),
        metadata={"description": "Of the answers you saw; 0 before the first save."},
    )
    seen = fields.Dict(
        load_default=dict,
        keys=fields.String(),
        values=fields.Integer(strict=True, validate=validate.Range(0, LARGEST_VERSION)),
        validate=validate.Length(max=MOST_ANSWERS_IN_A_SAVE),
        metadata={"description": "Later versions of single answers, that you saved since."},
    )
    answers = fields.Dict(
        required=True,
        keys=fields.String(),
        values=AnswerValue(allow_none=True),
        validate=validate.Length(max=MOST_ANSWERS_IN_A_SAVE),
    )


class VersionBody(Schema):
    """The version of the answers that is confirmed or signed."""

    version = fields.Integer(
        required=True, strict=True, validate=validate.Range(0, LARGEST_VERSION)
    )


class OwnerBody(Schema):
    """Who looks after a section; null: nobody."""

    owner = fields.UUID(required=True, allow_none=True)


class CommentBody(Schema):
    """A comment beside a question."""

    question = fields.String(required=True, validate=validate.Length(1, 40))
    words = fields.String(
        required=True,
        validate=[
            validate.Length(1, 1000, error="Write a comment of at most 1,000 characters."),
            validate.Regexp(r"\A[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*\Z", error="Write plain text."),
            without_patient,
        ],
    )


class CommentAnswer(Schema):
    """One comment."""

    comment_id = fields.UUID()
    question = fields.String(attribute="question_id")
    words = fields.String()
    written_at = Instant()
    written_by = fields.UUID()


class CommentsAnswer(Schema):
    """All comments of a site in a round, the oldest first."""

    items = fields.List(fields.Nested(CommentAnswer))


class ReopenAnswersBody(Schema):
    """Why answers are opened again, kept and not mailed to anybody; and until when."""

    reason = reason_field()
    until_on = fields.Date(
        load_default=None,
        allow_none=True,
        metadata={"description": "The site's last day; needed when the round is closed."},
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

    question = fields.String(attribute="question_id", metadata={"description": "Its key."})
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


class QuestionChangeAnswer(Schema):
    """How a question differs from last time's questionnaire. `kind`: new, gone, changed."""

    question = fields.String()
    number = fields.String()
    text = fields.String()
    kind = fields.String()
    words = fields.List(fields.String())


class DifferenceAnswer(Schema):
    """One answer then and now; null is no answer."""

    key = fields.String()
    then = fields.Raw(allow_none=True)
    now = fields.Raw(allow_none=True)


class LastTimeAnswer(Schema):
    """What the site submitted last time, and what is different now."""

    round_title = fields.String()
    answers = fields.Dict(keys=fields.String())
    questions = fields.List(fields.Nested(QuestionChangeAnswer))
    differences = fields.List(fields.Nested(DifferenceAnswer))


class ReceiptAnswer(Schema):
    """What was signed, by whom and when. `sha256` is that of the JSON of all else, keys sorted."""

    reference = fields.String(allow_none=True)
    round_title = fields.String()
    questionnaire_id = fields.String()
    site = fields.Nested(SiteBriefAnswer)
    version = fields.Integer()
    submitted_at = Instant()
    submitted_by = fields.UUID()
    answers = fields.Dict(keys=fields.String())
    explanations = fields.Dict(keys=fields.String())
    derived = fields.Dict(keys=fields.String())
    sha256 = fields.String(
        allow_none=True,
        metadata={
            "description": "Of the JSON of reference, questionnaire_id, answers, explanations and "
            "derived, keys sorted, no blanks."
        },
    )
