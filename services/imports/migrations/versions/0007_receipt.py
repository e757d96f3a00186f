"""Receipts of what was stored, signed; never changed, never deleted."""

from alembic import op

from services.shared.migrate import enable_site_rls

revision = "0007_receipt"
down_revision = "0006_choices"


def upgrade() -> None:
    """Adds the table."""
    op.execute("""
CREATE TABLE receipt (
    receipt_id uuid NOT NULL,
    import_id uuid NOT NULL,
    number integer NOT NULL,
    site_id uuid NOT NULL,
    issued_at timestamptz NOT NULL DEFAULT now(),
    document jsonb NOT NULL,
    key_id text NOT NULL,
    signature bytea NOT NULL,
    CONSTRAINT pk_receipt PRIMARY KEY (receipt_id),
    CONSTRAINT fk_receipt_import_id_import FOREIGN KEY (import_id) REFERENCES import (import_id),
    CONSTRAINT uq_receipt_import_id_number UNIQUE (import_id, number)
)
""")
    op.execute("GRANT SELECT, INSERT ON receipt TO imports_service")
    enable_site_rls(op, "receipt", "imports")
    op.execute("REVOKE SELECT ON receipt FROM imports_reader")


def downgrade() -> None:
    """Go back by restoring a backup: receipts are for ever."""
    raise NotImplementedError("restore a backup instead")
