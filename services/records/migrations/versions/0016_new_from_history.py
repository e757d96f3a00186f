"""What an import made is found in the history: new records have no `import_effect` of their own.

The `created` step of a record names the import, and says all that its effect said. For each new
record a row and two entries of indexes were written beside it (decision 0030). Effects that are
there already stay, and count.
"""

from alembic import op

revision = "0016_new_from_history"
down_revision = "0015_once_a_statement"


def upgrade() -> None:
    """Adds the index by which the records that an import made are found."""
    op.execute(
        "CREATE INDEX ix_record_change_created ON record_change (import_id, record_id) "
        "WHERE kind = 'created' AND import_id IS NOT NULL"
    )


def downgrade() -> None:
    """Go back by restoring a backup."""
    raise NotImplementedError("restore a backup instead")
