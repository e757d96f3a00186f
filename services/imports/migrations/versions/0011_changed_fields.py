"""Which answers an import would change, and in how many rows."""

from alembic import op

revision = "0011_changed_fields"
down_revision = "0010_decided_rows"


def upgrade() -> None:
    """Adds the column; of imports checked before it is not known."""
    op.execute("ALTER TABLE import ADD COLUMN changed_fields jsonb")


def downgrade() -> None:
    """Go back by restoring a backup: dropping a column is no step of a program."""
    raise NotImplementedError("restore a backup instead")
