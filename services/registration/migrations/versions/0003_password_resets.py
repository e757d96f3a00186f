"""Wishes for a new password: an address as typed, known to us or not, until it is dealt with."""

from alembic import op

revision = "0003_password_resets"
down_revision = "0002_people_and_visits"


def upgrade() -> None:
    """Adds the table. A wish is made by the web process and dealt with by the consumer."""
    op.execute(
        """
        CREATE TABLE password_reset (
            password_reset_id uuid NOT NULL,
            email text NOT NULL,
            asked_at timestamptz NOT NULL,
            CONSTRAINT pk_password_reset PRIMARY KEY (password_reset_id)
        );
        GRANT SELECT, INSERT, DELETE ON password_reset TO registration_service;
        """
    )


def downgrade() -> None:
    """Go back by restoring a backup."""
    raise NotImplementedError("restore a backup instead")
