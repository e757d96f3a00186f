"""Two more choices of an upload."""

from alembic import op

revision = "0006_choices"
down_revision = "0005_undo"


def upgrade() -> None:
    """Adds them; imports from before had neither."""
    op.execute(
        "ALTER TABLE import ADD COLUMN overwrite_unknown boolean NOT NULL DEFAULT false, "
        "ADD COLUMN all_or_nothing boolean NOT NULL DEFAULT false"
    )


def downgrade() -> None:
    """Go back by restoring a backup: what people chose must not be lost."""
    raise NotImplementedError("restore a backup instead")
