"""Counts of a site's records that others are told of, and whether they have to be counted anew."""

from alembic import op

from services.shared.migrate import enable_site_rls

revision = "0010_site_counts"
down_revision = "0009_held_rows"

SITE_COUNTS = """
CREATE TABLE site_counts (
    site_id uuid NOT NULL,
    is_due boolean NOT NULL,
    version bigint NOT NULL DEFAULT 0,
    told_sha256 bytea,
    told_at timestamptz,
    CONSTRAINT pk_site_counts PRIMARY KEY (site_id)
)
"""


def upgrade() -> None:
    """Makes the table; every site that is known is due, so that listeners hear of all."""
    op.execute(SITE_COUNTS)
    op.execute("INSERT INTO site_counts (site_id, is_due) SELECT site_id, true FROM site")
    enable_site_rls(op, "site_counts", "records")
    op.execute("GRANT SELECT, INSERT, UPDATE ON site_counts TO records_service")


def downgrade() -> None:
    """Go back by restoring a backup."""
    raise NotImplementedError("restore a backup instead")
