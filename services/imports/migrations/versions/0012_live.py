"""Imports that are worked on are counted for whoever waits, so an index has them."""

from alembic import op

revision = "0012_live"
down_revision = "0011_changed_fields"


def upgrade() -> None:
    """Makes the index, and lets the national reader see since when an import is there."""
    op.execute("GRANT SELECT (created_at) ON import TO imports_reader")
    op.execute(
        "CREATE INDEX ix_import_live ON import (created_at) "
        "WHERE state IN ('received', 'checking', 'applying')"
    )


def downgrade() -> None:
    """Go back by restoring a backup."""
    raise NotImplementedError("restore a backup instead")
