"""What the comparison keeps for slices that are applied side by side.

- `last_row`: the last row of the import, from which the number of its slices follows. To find it in
  staging again all rows were read: what is asked of a view that keeps sites apart does not reach
  the end of an index.
- `second_rows`: for each patient the second of the new rows, which are about different patients as
  the first ones are (decision 0032).

Imports that were compared before have neither, and are applied one slice at a time, from now on if
they are being applied.
"""

from alembic import op

revision = "0017_side_by_side"
down_revision = "0016_new_from_history"


def upgrade() -> None:
    """Adds the columns."""
    # An import that is being applied goes on in ranges, as if somebody had changed the site.
    op.execute("ALTER TABLE staged_import NO FORCE ROW LEVEL SECURITY")
    op.execute("UPDATE staged_import SET compared_at = NULL WHERE state = 'applying'")
    op.execute("ALTER TABLE staged_import FORCE ROW LEVEL SECURITY")
    op.execute(
        "ALTER TABLE staged_import ADD COLUMN last_row integer, ADD COLUMN second_rows integer[]"
    )


def downgrade() -> None:
    """Go back by restoring a backup."""
    raise NotImplementedError("restore a backup instead")
