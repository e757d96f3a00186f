"""The converted form of files that are no UTF-8 text."""

from alembic import op

from services.shared.migrate import enable_site_rls

revision = "0004_converted"
down_revision = "0003_if_new"


def upgrade() -> None:
    """Adds the parts of converted files, sealed like those of uploads."""
    op.execute("""
CREATE TABLE converted_part (
    import_id uuid NOT NULL,
    number integer NOT NULL,
    site_id uuid NOT NULL,
    sealed bytea NOT NULL,
    CONSTRAINT pk_converted_part PRIMARY KEY (import_id, number),
    CONSTRAINT fk_converted_part_import_id_import FOREIGN KEY (import_id)
        REFERENCES import (import_id)
)
""")
    op.execute("ALTER TABLE converted_part ALTER COLUMN sealed SET STORAGE EXTERNAL")
    op.execute("GRANT SELECT, INSERT, DELETE ON converted_part TO imports_service")
    enable_site_rls(op, "converted_part", "imports")
    op.execute("REVOKE SELECT ON converted_part FROM imports_reader")


def downgrade() -> None:
    """Go back by restoring a backup: what is being read would lose its chunks."""
    raise NotImplementedError("restore a backup instead")
