"""Lets the audit team open submitted answers again, with a reason that is kept."""

from alembic import op

from services.shared.migrate import enable_site_rls

revision = "0002_reopening"
down_revision = "0001_facilities"

REOPENING = """
CREATE TABLE reopening (
    reopening_id uuid NOT NULL,
    round_id uuid NOT NULL,
    site_id uuid NOT NULL,
    version integer NOT NULL,
    reason text NOT NULL,
    reopened_at timestamptz NOT NULL DEFAULT now(),
    reopened_by uuid NOT NULL,
    CONSTRAINT pk_reopening PRIMARY KEY (reopening_id),
    CONSTRAINT uq_reopening_round_id UNIQUE (round_id, site_id, version),
    CONSTRAINT ck_reopening_reason CHECK (length(reason) BETWEEN 1 AND 300)
)
"""


def upgrade() -> None:
    """Makes the table; it is added to and read, never changed."""
    op.execute(REOPENING)
    enable_site_rls(op, "reopening", "facilities")
    op.execute("GRANT SELECT, INSERT ON reopening TO facilities_service")
