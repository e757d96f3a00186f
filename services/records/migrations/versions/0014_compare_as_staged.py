"""Comparing an import goes on from its staging; tables that only grow are vacuumed seldom.

- A batch remembers as of which change of its site its rows were looked up, and which of them were
  held: while nothing has changed, the comparison looks only those up again (decision 0028).
- After an import autovacuum went through every page that was added, for a map of pages that only
  index-only scans use. These tables are hardly ever read so; what they get is frozen in time all
  the same. Lists of records are read so, and `fls_record` is left as it was.
- ANALYZE drew 30,000 rows from each of them, and each was on a page of its own, which was then
  written whole. They are looked up by unique keys, for which a tenth says enough.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014_compare_as_staged"
down_revision = "0013_large_sites"

ADDED_TO = ("patient", "patient_key", "record_identity", "record_change", "import_effect")


def upgrade() -> None:
    """Adds the columns, and tells autovacuum which tables only grow."""
    op.execute(
        "ALTER TABLE staged_batch ADD COLUMN looked_at bigint, "
        "ADD COLUMN unclear_rows integer[] NOT NULL DEFAULT '{}'"
    )
    for table in ADDED_TO:
        op.execute(
            f"ALTER TABLE {table} SET (autovacuum_vacuum_insert_threshold = 5000000, "
            "autovacuum_vacuum_insert_scale_factor = 1)"
        )
        for column in sa.inspect(op.get_bind()).get_columns(table):
            # Of ids of sites and imports there are no statistics at all (0006).
            if column["name"] not in ("site_id", "import_id"):
                op.execute(f"ALTER TABLE {table} ALTER COLUMN {column['name']} SET STATISTICS 10")


def downgrade() -> None:
    """Go back by restoring a backup."""
    raise NotImplementedError("restore a backup instead")
