"""Large imports and large sites: slices side by side, counting seldom, no needless vacuuming.

- Fresh rows are applied two slices at a time (decision 0027); what a slice did stands in a row of
  its own until all are done.
- A site's counts remember how long counting took, so that a large site is counted less often.
- Staged rows are written, read once or twice and deleted. Vacuuming them while they come in, for a
  map of pages that nobody uses, wrote each page anew, and statistics about them are out of date
  before they are made: look-ups are made by index whatever the planner thinks.
"""

from alembic import op

from services.shared.migrate import enable_site_rls

revision = "0013_large_sites"
down_revision = "0012_quick_apply"

APPLIED_SLICE = """
CREATE TABLE applied_slice (
    import_id uuid NOT NULL,
    number integer NOT NULL,
    site_id uuid NOT NULL,
    rows integer NOT NULL DEFAULT 0,
    counts jsonb NOT NULL DEFAULT '{}',
    CONSTRAINT pk_applied_slice PRIMARY KEY (import_id, number)
)
"""

STATEMENTS = (
    APPLIED_SLICE,
    "ALTER TABLE staged_import ADD COLUMN fresh_slices integer, "
    "ADD COLUMN slice_ends integer[] NOT NULL DEFAULT '{}'",
    "ALTER TABLE site_counts ADD COLUMN count_seconds real NOT NULL DEFAULT 0",
    "ALTER TABLE staged_row SET (autovacuum_vacuum_insert_threshold = -1, "
    "autovacuum_vacuum_threshold = 100000, autovacuum_vacuum_scale_factor = 0.5, "
    "autovacuum_analyze_threshold = 2000000000)",
)


def upgrade() -> None:
    """Adds the table and columns, and tells autovacuum what staged rows are."""
    for statement in STATEMENTS:
        op.execute(statement)
    enable_site_rls(op, "applied_slice", "records")
    op.execute("REVOKE SELECT ON applied_slice FROM records_reader")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON applied_slice TO records_service")


def downgrade() -> None:
    """Go back by restoring a backup."""
    raise NotImplementedError("restore a backup instead")
