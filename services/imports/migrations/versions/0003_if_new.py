"""Which findings hold only if their row is about a new record."""

from alembic import op

revision = "0003_if_new"
down_revision = "0002_may_acknowledge"


def upgrade() -> None:
    """Adds the flag, and lets the service take such findings back.

    Findings from before are of rows that went no further, or were no errors.
    """
    op.execute("ALTER TABLE finding ADD COLUMN if_new boolean NOT NULL DEFAULT false")
    op.execute("GRANT DELETE ON finding TO imports_service")
    op.execute(
        "CREATE POLICY only_if_new ON finding AS RESTRICTIVE FOR DELETE TO imports_service "
        "USING (if_new)"
    )


def downgrade() -> None:
    """Go back by restoring a backup: dropping a column is no step of a program."""
    raise NotImplementedError("restore a backup instead")
