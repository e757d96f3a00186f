"""Imports that are stored whole or not at all."""

from alembic import op

revision = "0008_all_or_nothing"
down_revision = "0007_undo"


def upgrade() -> None:
    """Adds the flag; imports from before are stored row by row."""
    op.execute("ALTER TABLE staged_import ADD COLUMN all_or_nothing boolean NOT NULL DEFAULT false")


def downgrade() -> None:
    """Go back by restoring a backup: dropping a column is no step of a program."""
    raise NotImplementedError("restore a backup instead")
