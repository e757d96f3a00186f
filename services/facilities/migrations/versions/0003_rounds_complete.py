"""Who is asked and until when, sections with owners and sign-off, comments, reminders, counts."""

from alembic import op

from services.shared.migrate import enable_site_rls

revision = "0003_rounds_complete"
down_revision = "0002_reopening"

ROUND = """
ALTER TABLE round
    ADD COLUMN asked_kinds text[] NOT NULL DEFAULT '{}',
    ADD COLUMN asked_part text NOT NULL DEFAULT 'facilities',
    ADD COLUMN reminds boolean NOT NULL DEFAULT true,
    ADD COLUMN closed_at timestamptz,
    ADD COLUMN closed_by uuid,
    ADD CONSTRAINT ck_round_asked_part CHECK (asked_part IN ('facilities', 'patient'))
"""

SITE = "ALTER TABLE site ADD COLUMN region text NOT NULL DEFAULT ''"

SUBMISSION = """
ALTER TABLE submission
    ADD COLUMN explanations jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN derived jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN reference text,
    ADD COLUMN sha256 bytea
"""

REOPENING = "ALTER TABLE reopening ADD COLUMN until_on date"

ROUND_CHANGE = """
CREATE TABLE round_change (
    position bigint GENERATED ALWAYS AS IDENTITY,
    round_id uuid NOT NULL,
    what text NOT NULL,
    details jsonb NOT NULL,
    reason text,
    changed_at timestamptz NOT NULL DEFAULT now(),
    changed_by uuid,
    CONSTRAINT pk_round_change PRIMARY KEY (position)
)
"""

EXTENSION = """
CREATE TABLE extension (
    extension_id uuid NOT NULL,
    round_id uuid NOT NULL,
    site_id uuid NOT NULL,
    until_on date NOT NULL,
    reason text NOT NULL,
    granted_at timestamptz NOT NULL DEFAULT now(),
    granted_by uuid NOT NULL,
    CONSTRAINT pk_extension PRIMARY KEY (extension_id),
    CONSTRAINT ck_extension_reason CHECK (length(reason) BETWEEN 1 AND 300)
)
"""

SECTION_STATE = """
CREATE TABLE section_state (
    round_id uuid NOT NULL,
    site_id uuid NOT NULL,
    section_id text NOT NULL,
    owner uuid,
    confirmed_version integer,
    confirmed_at timestamptz,
    confirmed_by uuid,
    CONSTRAINT pk_section_state PRIMARY KEY (round_id, site_id, section_id)
)
"""

SECTION_EVENT = """
CREATE TABLE section_event (
    position bigint GENERATED ALWAYS AS IDENTITY,
    round_id uuid NOT NULL,
    site_id uuid NOT NULL,
    section_id text NOT NULL,
    what text NOT NULL,
    version integer,
    owner uuid,
    happened_at timestamptz NOT NULL DEFAULT now(),
    done_by uuid NOT NULL,
    CONSTRAINT pk_section_event PRIMARY KEY (position),
    CONSTRAINT ck_section_event_what CHECK (what IN ('owner', 'confirmed', 'withdrawn'))
)
"""

COMMENT = """
CREATE TABLE comment (
    comment_id uuid NOT NULL,
    round_id uuid NOT NULL,
    site_id uuid NOT NULL,
    question_id text NOT NULL,
    words text NOT NULL,
    written_at timestamptz NOT NULL DEFAULT now(),
    written_by uuid NOT NULL,
    CONSTRAINT pk_comment PRIMARY KEY (comment_id),
    CONSTRAINT ck_comment_words CHECK (length(words) BETWEEN 1 AND 1000)
)
"""

REMINDER = """
CREATE TABLE reminder (
    round_id uuid NOT NULL,
    site_id uuid NOT NULL,
    kind text NOT NULL,
    sent_at timestamptz NOT NULL DEFAULT now(),
    sent_by uuid,
    CONSTRAINT pk_reminder PRIMARY KEY (round_id, site_id, kind)
)
"""

SITE_COUNTS = """
CREATE TABLE site_counts (
    site_id uuid NOT NULL,
    months jsonb NOT NULL,
    version bigint NOT NULL,
    heard_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_site_counts PRIMARY KEY (site_id)
)
"""

OF_SITES = (
    "extension",
    "section_state",
    "section_event",
    "comment",
    "reminder",
    "site_counts",
)


def upgrade() -> None:
    """Adds the columns and makes the tables; what is history is added to and read, no more."""
    for statement in (
        ROUND,
        SITE,
        SUBMISSION,
        REOPENING,
        ROUND_CHANGE,
        EXTENSION,
        SECTION_STATE,
        SECTION_EVENT,
        COMMENT,
        REMINDER,
        SITE_COUNTS,
    ):
        op.execute(statement)
    op.execute("CREATE INDEX ix_submission_site_id ON submission (site_id, submitted_at)")
    op.execute("CREATE INDEX ix_extension_round_id ON extension (round_id, site_id)")
    op.execute("CREATE INDEX ix_comment_round_id ON comment (round_id, site_id)")
    op.execute("CREATE INDEX ix_section_event_round_id ON section_event (round_id, site_id)")
    op.execute("CREATE INDEX ix_round_change_round_id ON round_change (round_id)")
    for table in OF_SITES:
        enable_site_rls(op, table, "facilities")
    op.execute("GRANT UPDATE (closes_on, closed_at, closed_by) ON round TO facilities_service")
    op.execute("GRANT SELECT, INSERT, UPDATE ON section_state, site_counts TO facilities_service")
    op.execute(
        "GRANT SELECT, INSERT ON round_change, extension, section_event, comment, reminder "
        "TO facilities_service"
    )
    op.execute("GRANT SELECT ON round_change TO facilities_reader")


def downgrade() -> None:
    """Go back by restoring a backup: dropping answers is no step of a program."""
    raise NotImplementedError("restore a backup instead")
