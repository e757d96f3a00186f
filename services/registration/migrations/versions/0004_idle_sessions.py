"""When a session was last used, so that one that lies idle ends."""

from alembic import op

revision = "0004_idle_sessions"
down_revision = "0003_password_resets"


def upgrade() -> None:
    """Adds the moment; sessions that are open now count as used now."""
    op.execute("ALTER TABLE session ADD COLUMN last_used_at timestamptz NOT NULL DEFAULT now()")


def downgrade() -> None:
    """Go back by restoring a backup: dropping a column is no step of a program."""
    raise NotImplementedError("restore a backup instead")
