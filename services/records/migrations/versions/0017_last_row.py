"""The comparison keeps the last row of an import, from which the number of its slices follows.

To find it in staging again all rows of the import were read: what is asked of a view that keeps
sites apart does not reach the end of an index. Imports that were compared before have none, and are
applied one slice at a time.
"""

from alembic import op

revision = "0017_last_row"
down_revision = "0016_new_from_history"


def upgrade() -> None:
    """Adds the column."""
    op.execute("ALTER TABLE staged_import ADD COLUMN last_row integer")


def downgrade() -> None:
    """Go back by restoring a backup."""
    raise NotImplementedError("restore a backup instead")
