"""Rounds and their questionnaires."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.facilities.domain.asking import PARTS
from services.facilities.schemas.fields import ONE_LINE, Instant, reason_field, without_patient


class RoundAnswer(Schema):
    """A round. `state`: planned, open, closed."""

    round_id = fields.UUID()
    name = fields.String()
    year = fields.Integer()
    title = fields.String()
    questionnaire_id = fields.String()
    opens_on = fields.Date()
    closes_on = fields.Date(allow_none=True)
    asked_kinds = fields.List(fields.String(), metadata={"description": "None: all kinds."})
    asked_part = fields.String(metadata={"enum": list(PARTS)})
    reminds = fields.Boolean()
    closed_at = Instant(allow_none=True)
    state = fields.String()


class RoundsAnswer(Schema):
    """All rounds, the newest first."""

    items = fields.List(fields.Nested(RoundAnswer))
    page = fields.Integer()
    page_size = fields.Integer()
    total = fields.Integer()


class OwnRoundAnswer(RoundAnswer):
    """A round as one site has it. `window`: planned, open or closed for this site."""

    window = fields.String()
    last_day = fields.Date(allow_none=True)
    is_asked = fields.Boolean()
    answers_state = fields.String(metadata={"description": "not_started, in_progress, submitted"})
    submitted_at = Instant(allow_none=True)


class OwnRoundsAnswer(Schema):
    """The rounds that a site can answer, now or later, or has answered; the newest first."""

    items = fields.List(fields.Nested(OwnRoundAnswer))
    page = fields.Integer()
    page_size = fields.Integer()
    total = fields.Integer()


class OpenRoundBody(Schema):
    """A round to open; what is left out has the value of the yearly round."""

    year = fields.Integer(required=True, validate=validate.Range(2016, 2100))
    name = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Regexp(
            r"\A[a-z0-9][a-z0-9-]{0,39}\Z",
            error="Use small letters, digits and hyphens, at most 40.",
        ),
        metadata={"description": "Unique; the year if left out."},
    )
    title = fields.String(
        load_default=None,
        allow_none=True,
        validate=[validate.Length(1, 100), ONE_LINE, without_patient],
    )
    questionnaire_id = fields.String(load_default=None, allow_none=True)
    opens_on = fields.Date(load_default=None, allow_none=True)
    closes_on = fields.Date(load_default=None, allow_none=True)
    asked_kinds = fields.List(
        fields.String(validate=validate.Length(1, 40)),
        load_default=list,
        validate=validate.Length(max=20),
        metadata={"description": "Kinds of site that are asked; none: all."},
    )
    asked_part = fields.String(load_default="facilities", validate=validate.OneOf(PARTS))
    reminds = fields.Boolean(load_default=True)


class LastDayBody(Schema):
    """Another last day for all; null: none. A closed round opens again."""

    closes_on = fields.Date(required=True, allow_none=True)
    reason = reason_field()


class ReasonBody(Schema):
    """Why."""

    reason = reason_field()


class ExtensionBody(Schema):
    """More time for one site."""

    until_on = fields.Date(required=True)
    reason = reason_field()


class RemindedAnswer(Schema):
    """How many sites are written to."""

    sites = fields.Integer()


class RoundChangeAnswer(Schema):
    """What was done to a round. `what`: last_day, closed, opened_again."""

    what = fields.String()
    details = fields.Dict(keys=fields.String())
    reason = fields.String(allow_none=True)
    changed_at = Instant()
    changed_by = fields.UUID(allow_none=True)


class RoundChangesAnswer(Schema):
    """All changes of a round, the newest first."""

    items = fields.List(fields.Nested(RoundChangeAnswer))


class QuestionnaireBriefAnswer(Schema):
    """A questionnaire that a round can be opened with."""

    questionnaire_id = fields.String(attribute="id")
    title = fields.String()
    series = fields.String()
    is_retired = fields.Boolean()


class QuestionnairesAnswer(Schema):
    """All questionnaires, the current one first."""

    items = fields.List(fields.Nested(QuestionnaireBriefAnswer))


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


class RowAnswer(Schema):
    """One row of a grid. `columns`: those that it has a cell in; none: all."""

    code = fields.String()
    label = fields.String()
    columns = fields.List(fields.String())


class ColumnAnswer(Schema):
    """One column of a grid."""

    code = fields.String()
    label = fields.String()


class QuestionAnswer(Schema):
    """One question as data."""

    id = fields.String()
    number = fields.String(metadata={"description": "Shown to people; not unique."})
    text = fields.String()
    phrase = fields.String()
    help = fields.String()
    kind = fields.String(metadata={"description": "text, single, multi, integer, grid, ..."})
    options = fields.List(fields.Nested(OptionAnswer))
    rows = fields.List(fields.Nested(RowAnswer))
    columns = fields.List(fields.Nested(ColumnAnswer))
    keys = fields.List(
        fields.String(), metadata={"description": "Keys of the answer; a grid has one a cell."}
    )
    conditions = fields.List(
        fields.Nested(ConditionAnswer),
        attribute="when",
        metadata={"description": "Asked when all of these hold."},
    )
    required = fields.Boolean()
    required_when = fields.List(fields.Nested(ConditionAnswer))
    max_length = fields.Integer(metadata={"description": "Characters, for kinds of text."})
    minimum = fields.Integer(metadata={"description": "For numbers."})
    maximum = fields.Integer(metadata={"description": "For numbers."})
    unit = fields.String()
    autocomplete = fields.String()
    is_personal = fields.Boolean()


class SectionAnswer(Schema):
    """Questions that are answered together."""

    id = fields.String()
    title = fields.String()
    intro = fields.String()
    questions = fields.List(fields.Nested(QuestionAnswer))


class DerivedAnswer(Schema):
    """A value that is worked out from a grid."""

    id = fields.String()
    number = fields.String()
    text = fields.String()
    grid = fields.String()


class QuestionnaireAnswer(Schema):
    """The whole questionnaire of a round."""

    questionnaire_id = fields.String(attribute="id")
    title = fields.String()
    series = fields.String()
    digest = fields.String(metadata={"description": "SHA-256 of its text, hex."})
    sections = fields.List(fields.Nested(SectionAnswer))
    derived = fields.List(fields.Nested(DerivedAnswer))
