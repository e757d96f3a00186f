"""Cells that people have corrected on the page: what, from what, by whom; never changed."""

from alembic import op

from services.shared.migrate import enable_site_rls

revision = "0009_corrections"
down_revision = "0008_profiles"


def upgrade() -> None:
    """Adds the table, and which import another one goes on from."""
    op.execute("ALTER TABLE import ADD COLUMN corrects uuid")
    op.execute("""
CREATE TABLE correction (
    correction_id bigint GENERATED ALWAYS AS IDENTITY,
    import_id uuid NOT NULL,
    site_id uuid NOT NULL,
    row_number integer NOT NULL,
    field text NOT NULL,
    heading text NOT NULL,
    sealed_old bytea,
    sealed_new bytea,
    by uuid NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_correction PRIMARY KEY (correction_id),
    CONSTRAINT fk_correction_import_id_import FOREIGN KEY (import_id) REFERENCES import (import_id)
)
""")
    op.execute("CREATE INDEX ix_correction_import ON correction (import_id, row_number)")
    op.execute(
        "GRANT SELECT, INSERT, UPDATE (sealed_old, sealed_new) ON correction TO imports_service"
    )
    enable_site_rls(op, "correction", "imports")
    op.execute("REVOKE SELECT ON correction FROM imports_reader")


def downgrade() -> None:
    """Go back by restoring a backup: who changed what must not be lost."""
    raise NotImplementedError("restore a backup instead")
