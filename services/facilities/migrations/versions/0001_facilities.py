"""Sites, rounds, answers with their history, submissions."""

from alembic import op

from services.shared.migrate import enable_site_rls, plumbing_tables

revision = "0001_facilities"
down_revision = None

SITE = """
CREATE TABLE site (
    site_id uuid NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    nation text NOT NULL,
    state text NOT NULL,
    has_fls boolean NOT NULL,
    patient_audit boolean NOT NULL,
    facilities_audit boolean NOT NULL,
    organisation_codes jsonb NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT pk_site PRIMARY KEY (site_id)
)
"""

ROUND = """
CREATE TABLE round (
    round_id uuid NOT NULL,
    name text NOT NULL,
    year integer NOT NULL,
    title text NOT NULL,
    questionnaire_id text NOT NULL,
    opens_on date NOT NULL,
    closes_on date,
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by uuid,
    CONSTRAINT pk_round PRIMARY KEY (round_id),
    CONSTRAINT uq_round_name UNIQUE (name),
    CONSTRAINT ck_round_dates CHECK (closes_on >= opens_on)
)
"""

ANSWER_SET = """
CREATE TABLE answer_set (
    round_id uuid NOT NULL,
    site_id uuid NOT NULL,
    version integer NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    updated_by uuid NOT NULL,
    submitted_at timestamptz,
    submitted_by uuid,
    CONSTRAINT pk_answer_set PRIMARY KEY (round_id, site_id),
    CONSTRAINT fk_answer_set_round_id_round FOREIGN KEY (round_id) REFERENCES round,
    CONSTRAINT ck_answer_set_submitted
        CHECK ((submitted_at IS NULL) = (submitted_by IS NULL))
)
"""

ANSWER = """
CREATE TABLE answer (
    round_id uuid NOT NULL,
    site_id uuid NOT NULL,
    question_id text NOT NULL,
    value jsonb NOT NULL,
    version integer NOT NULL,
    CONSTRAINT pk_answer PRIMARY KEY (round_id, site_id, question_id),
    CONSTRAINT fk_answer_round_id_answer_set
        FOREIGN KEY (round_id, site_id) REFERENCES answer_set
)
"""

ANSWER_CHANGE = """
CREATE TABLE answer_change (
    position bigint GENERATED ALWAYS AS IDENTITY,
    round_id uuid NOT NULL,
    site_id uuid NOT NULL,
    question_id text NOT NULL,
    old jsonb NOT NULL,
    new jsonb NOT NULL,
    version integer NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now(),
    changed_by uuid NOT NULL,
    CONSTRAINT pk_answer_change PRIMARY KEY (position)
)
"""

# Unique with the version, so that an answer set reopened later can be submitted again.
SUBMISSION = """
CREATE TABLE submission (
    submission_id uuid NOT NULL,
    round_id uuid NOT NULL,
    site_id uuid NOT NULL,
    version integer NOT NULL,
    answers jsonb NOT NULL,
    submitted_at timestamptz NOT NULL DEFAULT now(),
    submitted_by uuid NOT NULL,
    CONSTRAINT pk_submission PRIMARY KEY (submission_id),
    CONSTRAINT uq_submission_round_id UNIQUE (round_id, site_id, version)
)
"""


def upgrade() -> None:
    """Make the tables; the service's role gets no right that it does not use."""
    plumbing_tables(op, "facilities")
    for statement in (SITE, ROUND, ANSWER_SET, ANSWER, ANSWER_CHANGE, SUBMISSION):
        op.execute(statement)
    op.execute(
        "CREATE INDEX ix_answer_change_round_id ON answer_change (round_id, site_id, position)"
    )
    for table in ("site", "answer_set", "answer", "answer_change", "submission"):
        enable_site_rls(op, table, "facilities")
    op.execute("GRANT SELECT, INSERT, UPDATE ON site, answer_set, answer TO facilities_service")
    # History and what was signed: added to and read, never changed.
    op.execute("GRANT SELECT, INSERT ON round, answer_change, submission TO facilities_service")
    op.execute("GRANT SELECT ON round TO facilities_reader")


def downgrade() -> None:
    """Go back by restoring a backup: dropping answers is no step of a program."""
    raise NotImplementedError("restore a backup instead")
