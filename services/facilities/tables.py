"""The tables of the facilities audit. Their making, rights and row policies: `migrations/`.

All but `round` and `round_change` belong to a site: a transaction sees the rows of its own site
only. What is history (`answer_change`, `submission`, `reopening`, `extension`, `section_event`,
`comment`, `reminder`, `round_change`) can be added to and read, never changed.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, FetchedValue, ForeignKeyConstraint, MetaData, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from services.shared.db import NAMING


class Base(DeclarativeBase):
    """All tables of this service."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB(none_as_null=True),
        list[dict[str, str]]: JSONB(none_as_null=True),
        list[dict[str, Any]]: JSONB(none_as_null=True),
        list[str]: ARRAY(Text),
    }


class Site(Base):
    """What registration last said about a site. `version` is registration's."""

    __tablename__ = "site"

    site_id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str]
    name: Mapped[str]
    kind: Mapped[str]
    nation: Mapped[str]
    state: Mapped[str]
    has_fls: Mapped[bool]
    patient_audit: Mapped[bool]
    facilities_audit: Mapped[bool]
    organisation_codes: Mapped[list[dict[str, str]]]
    region: Mapped[str]
    version: Mapped[int]


class Round(Base):
    """One asking of a questionnaire. `name` is unique: `2026`, or that of an extra round.

    `asked_kinds` (none: all) and `asked_part` say who is asked, see `domain.asking.Asked`.
    """

    __tablename__ = "round"

    round_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    year: Mapped[int]
    title: Mapped[str]
    questionnaire_id: Mapped[str]
    opens_on: Mapped[date]
    closes_on: Mapped[date | None]
    created_at: Mapped[datetime]
    created_by: Mapped[UUID | None]
    asked_kinds: Mapped[list[str]]
    asked_part: Mapped[str]
    reminds: Mapped[bool]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[UUID | None]


class RoundChange(Base):
    """What the audit team did to a round, and why; kept for ever."""

    __tablename__ = "round_change"

    position: Mapped[int] = mapped_column(primary_key=True, server_default=FetchedValue())
    round_id: Mapped[UUID]
    what: Mapped[str]
    details: Mapped[dict[str, Any]]
    reason: Mapped[str | None]
    changed_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())
    changed_by: Mapped[UUID | None]


class Extension(Base):
    """More time for one site, also when the round is closed for the others."""

    __tablename__ = "extension"

    extension_id: Mapped[UUID] = mapped_column(primary_key=True)
    round_id: Mapped[UUID]
    site_id: Mapped[UUID]
    until_on: Mapped[date]
    reason: Mapped[str]
    granted_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())
    granted_by: Mapped[UUID]


class AnswerSet(Base):
    """The answers of one site in one round, as a whole. Made by the first save.

    `version` grows by one with each save that changes something, and with the submission.
    """

    __tablename__ = "answer_set"

    round_id: Mapped[UUID] = mapped_column(primary_key=True)
    site_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int]
    started_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    updated_by: Mapped[UUID]
    submitted_at: Mapped[datetime | None]
    submitted_by: Mapped[UUID | None]


class Reopening(Base):
    """The audit team letting a site change what it had submitted, and why. Never changed."""

    __tablename__ = "reopening"

    reopening_id: Mapped[UUID] = mapped_column(primary_key=True)
    round_id: Mapped[UUID]
    site_id: Mapped[UUID]
    version: Mapped[int]
    reason: Mapped[str]
    reopened_at: Mapped[datetime]
    reopened_by: Mapped[UUID]
    until_on: Mapped[date | None]


class Answer(Base):
    """The present answer to one question; JSON null in `value` is one taken back.

    `version` is that of the answer set when this answer last changed.
    """

    __tablename__ = "answer"
    __table_args__ = (
        ForeignKeyConstraint(
            ["round_id", "site_id"], ["answer_set.round_id", "answer_set.site_id"]
        ),
    )

    round_id: Mapped[UUID] = mapped_column(primary_key=True)
    site_id: Mapped[UUID] = mapped_column(primary_key=True)
    question_id: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[Any] = mapped_column(JSONB(none_as_null=False))
    version: Mapped[int]


class AnswerChange(Base):
    """One change of one answer, kept for ever. No foreign keys: history outlives what it tells."""

    __tablename__ = "answer_change"

    position: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[UUID]
    site_id: Mapped[UUID]
    question_id: Mapped[str]
    old: Mapped[Any] = mapped_column(JSONB(none_as_null=False))
    new: Mapped[Any] = mapped_column(JSONB(none_as_null=False))
    version: Mapped[int]
    changed_at: Mapped[datetime]
    changed_by: Mapped[UUID]


class Submission(Base):
    """A submitted answer set as it was signed: only the questions that were asked."""

    __tablename__ = "submission"

    submission_id: Mapped[UUID] = mapped_column(primary_key=True)
    round_id: Mapped[UUID]
    site_id: Mapped[UUID]
    version: Mapped[int]
    answers: Mapped[dict[str, Any]]
    submitted_at: Mapped[datetime]
    submitted_by: Mapped[UUID]
    explanations: Mapped[dict[str, Any]]
    derived: Mapped[dict[str, Any]]
    reference: Mapped[str | None]
    sha256: Mapped[bytes | None]


class SectionState(Base):
    """Who looks after a section, and for which version of the answers somebody confirmed it."""

    __tablename__ = "section_state"

    round_id: Mapped[UUID] = mapped_column(primary_key=True)
    site_id: Mapped[UUID] = mapped_column(primary_key=True)
    section_id: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[UUID | None]
    confirmed_version: Mapped[int | None]
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[UUID | None]


class SectionEvent(Base):
    """A section got an owner, was confirmed, or its confirmation was withdrawn; kept for ever."""

    __tablename__ = "section_event"

    position: Mapped[int] = mapped_column(primary_key=True, server_default=FetchedValue())
    round_id: Mapped[UUID]
    site_id: Mapped[UUID]
    section_id: Mapped[str]
    what: Mapped[str]
    version: Mapped[int | None]
    owner: Mapped[UUID | None]
    happened_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())
    done_by: Mapped[UUID]


class Comment(Base):
    """What somebody at the site wrote beside a question, for their colleagues."""

    __tablename__ = "comment"

    comment_id: Mapped[UUID] = mapped_column(primary_key=True)
    round_id: Mapped[UUID]
    site_id: Mapped[UUID]
    question_id: Mapped[str]
    words: Mapped[str]
    written_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())
    written_by: Mapped[UUID]


class Reminder(Base):
    """A mail about a round that a site was sent. `kind` is unique for round and site."""

    __tablename__ = "reminder"

    round_id: Mapped[UUID] = mapped_column(primary_key=True)
    site_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    sent_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())
    sent_by: Mapped[UUID | None]


class SiteCounts(Base):
    """What records last said about a site: counts by month. `version` is that of records."""

    __tablename__ = "site_counts"

    site_id: Mapped[UUID] = mapped_column(primary_key=True)
    months: Mapped[list[dict[str, Any]]]
    version: Mapped[int]
    heard_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())
