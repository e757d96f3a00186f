"""Findings that say that a row is held fall when somebody has decided about it."""

from alembic import op

revision = "0010_decided_rows"
down_revision = "0009_corrections"


def upgrade() -> None:
    """Lets the service take such findings back, and still no other but those `if_new`."""
    op.execute("ALTER POLICY only_if_new ON finding RENAME TO only_what_falls")
    op.execute("ALTER POLICY only_what_falls ON finding USING (if_new OR code = 'HELD')")


def downgrade() -> None:
    """Go back by restoring a backup."""
    raise NotImplementedError("restore a backup instead")
