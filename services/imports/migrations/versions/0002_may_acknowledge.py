"""Whether the uploader of a file may confirm warnings."""

from alembic import op

revision = "0002_may_acknowledge"
down_revision = "0001_imports"


def upgrade() -> None:
    """Adds the flag; of imports from before nobody knows, so theirs may not."""
    op.execute("ALTER TABLE import ADD COLUMN may_acknowledge boolean NOT NULL DEFAULT false")
