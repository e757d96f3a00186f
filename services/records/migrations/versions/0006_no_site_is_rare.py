"""No statistics of whose a row is: the planner takes every site for an ordinary one.

With them, a site or an import that came after the last ANALYZE counts as having no rows, and the
planner reads all of it for each look-up, since that seems to cost nothing. Without them it takes a
site for a two-hundredth of the table as it is now: near the truth, and right for choosing an index.

A database that was analysed before this migration keeps what it knew of the columns until it is
restored from a dump. None is in use.
"""

from alembic import op

revision = "0006_no_site_is_rare"
down_revision = "0005_reading"

BY_SITE = (
    "patient",
    "patient_key",
    "fls_record",
    "record_identity",
    "record_change",
    "read_log",
    "staged_import",
    "staged_batch",
    "staged_row",
    "staged_decision",
    "import_effect",
    "entry",
    "draft",
    "duplicate_pair",
)
BY_IMPORT = ("staged_batch", "staged_row", "staged_decision", "import_effect")


def upgrade() -> None:
    """Have ANALYZE pass over the columns."""
    for column, tables in (("site_id", BY_SITE), ("import_id", BY_IMPORT)):
        for table in tables:
            op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS 0")


def downgrade() -> None:
    """Go back by restoring a backup: dropping records is no step of a program."""
    raise NotImplementedError("restore a backup instead")
