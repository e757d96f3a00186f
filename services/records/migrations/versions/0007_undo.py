"""What undoing an import needs: what records were before it, and how far the undoing is."""

from alembic import op

revision = "0007_undo"
down_revision = "0006_no_site_is_rare"

# `before`: what a changed record's columns held that follow from its answers, and its hashes; the
# answers themselves are in the history. Of imports from before this migration nobody knows it, so
# what they changed is kept when they are undone.
STATEMENTS = (
    "ALTER TABLE import_effect ADD COLUMN before jsonb",
    "ALTER TABLE staged_import ADD COLUMN undo_asked_by uuid, ADD COLUMN undone_to uuid, "
    "ADD COLUMN undone jsonb",
    "ALTER TABLE staged_import DROP CONSTRAINT ck_staged_import_state, "
    "ADD CONSTRAINT ck_staged_import_state CHECK (state IN ('staging', 'compared', 'applying', "
    "'applied', 'cancelled', 'undoing', 'undone'))",
    "ALTER TABLE fls_record DROP CONSTRAINT ck_fls_record_deleted_reason, "
    "ADD CONSTRAINT ck_fls_record_deleted_reason CHECK (deleted_reason IN ('entered_in_error', "
    "'not_eligible', 'duplicate', 'opt_out', 'other', 'import_undone'))",
    "ALTER TABLE record_change DROP CONSTRAINT ck_record_change_kind, "
    "ADD CONSTRAINT ck_record_change_kind CHECK (kind IN ('created', 'updated', 'acknowledged', "
    "'deleted', 'restored', 'erased', 'duplicate_decided', 'import_undone'))",
    "CREATE INDEX ix_import_effect_record_id ON import_effect (record_id)",
)


def upgrade() -> None:
    """Adds the columns and the words."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Go back by restoring a backup: history must not be lost."""
    raise NotImplementedError("restore a backup instead")
