"""All sites: how far they are, and what they answered."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.facilities.schemas.fields import Instant, PageQuery


class ProgressQuery(PageQuery):
    """Which sites: all, or those in one state."""

    state = fields.String(
        load_default=None, validate=validate.OneOf(("not_started", "in_progress", "submitted"))
    )


class SiteProgressAnswer(Schema):
    """How far one site has come."""

    site_id = fields.UUID()
    code = fields.String()
    name = fields.String()
    kind = fields.String()
    nation = fields.String()
    region = fields.String()
    has_fls = fields.Boolean()
    state = fields.String()
    updated_at = Instant(allow_none=True)
    submitted_at = Instant(allow_none=True)
    extended_until = fields.Date(allow_none=True)


class ProgressAnswer(Schema):
    """Counts by state, and one page of the sites that are asked."""

    round_id = fields.UUID()
    counts = fields.Dict(keys=fields.String(), values=fields.Integer())
    items = fields.List(fields.Nested(SiteProgressAnswer))
    page = fields.Integer()
    page_size = fields.Integer()
    total = fields.Integer()


class ResultsQuery(Schema):
    """Which sites are counted; what is left out takes all."""

    kind = fields.String(load_default=None, validate=validate.Length(1, 40))
    nation = fields.String(load_default=None, validate=validate.Length(1, 40))
    region = fields.String(load_default=None, validate=validate.Length(1, 200))


class LineAnswer(Schema):
    """An option and how many sites chose it."""

    code = fields.String()
    label = fields.String()
    count = fields.Integer()


class SpreadAnswer(Schema):
    """How numbers lie."""

    least = fields.Float()
    lower = fields.Float(metadata={"description": "Lower quartile."})
    median = fields.Float()
    upper = fields.Float(metadata={"description": "Upper quartile."})
    greatest = fields.Float()


class QuestionResultAnswer(Schema):
    """One question or derived value; `asked` and `answered` count sites."""

    id = fields.String()
    number = fields.String()
    text = fields.String()
    kind = fields.String()
    unit = fields.String()
    asked = fields.Integer()
    answered = fields.Integer()
    lines = fields.List(fields.Nested(LineAnswer))
    spread = fields.Nested(SpreadAnswer, allow_none=True)


class SectionResultsAnswer(Schema):
    """The results of a section."""

    section = fields.String()
    title = fields.String()
    questions = fields.List(fields.Nested(QuestionResultAnswer))


class ResultsAnswer(Schema):
    """What the sites that have submitted answered; by which parts of them it can be cut."""

    round_id = fields.UUID()
    sites = fields.Integer(metadata={"description": "Sites counted."})
    is_final = fields.Boolean(metadata={"description": "The round is closed."})
    kinds = fields.List(fields.String())
    nations = fields.List(fields.String())
    regions = fields.List(fields.String())
    sections = fields.List(fields.Nested(SectionResultsAnswer))


class OwnResultsAnswer(ResultsAnswer):
    """The same, beside the answers of one's own site."""

    answers = fields.Dict(keys=fields.String())
    derived = fields.Dict(keys=fields.String())
