"""Undoing: two states, and what became of the records."""

from alembic import op

revision = "0005_undo"
down_revision = "0004_converted"

STATES = (
    "'received', 'checking', 'checked', 'applying', 'applied', 'cancelled', 'refused', 'failed', "
    "'undoing', 'undone'"
)
ENDED = "'applied', 'cancelled', 'refused', 'failed', 'undoing', 'undone'"


def upgrade() -> None:
    """Adds the states; an import that is undone keeps the moment when it was stored."""
    op.execute(
        "ALTER TABLE import ADD COLUMN undone jsonb, "
        "DROP CONSTRAINT ck_import_state, DROP CONSTRAINT ck_import_ended, "
        f"ADD CONSTRAINT ck_import_state CHECK (state IN ({STATES})), "
        "ADD CONSTRAINT ck_import_ended "
        f"CHECK ((ended_at IS NOT NULL) = (state IN ({ENDED})))"
    )


def downgrade() -> None:
    """Go back by restoring a backup: history must not be lost."""
    raise NotImplementedError("restore a backup instead")
