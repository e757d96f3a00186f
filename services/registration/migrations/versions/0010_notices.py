"""Notices of the audit team on everybody's home page."""

from alembic import op

revision = "0010_notices"
down_revision = "0009_people_kept_current"


def upgrade() -> None:
    """Adds the table."""
    op.execute(
        """
        CREATE TABLE notice (
            notice_id uuid NOT NULL,
            title text NOT NULL,
            words text NOT NULL,
            shown_from date NOT NULL,
            shown_until date NOT NULL,
            made_at timestamptz NOT NULL,
            made_by uuid NOT NULL,
            withdrawn_at timestamptz,
            CONSTRAINT pk_notice PRIMARY KEY (notice_id),
            CONSTRAINT ck_notice_days CHECK (shown_from <= shown_until)
        );
        CREATE INDEX ix_notice_shown_until ON notice (shown_until);
        GRANT SELECT, INSERT, UPDATE ON notice TO registration_service;
        """
    )


def downgrade() -> None:
    """Go back by restoring a backup."""
    raise NotImplementedError("restore a backup instead")
