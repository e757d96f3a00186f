"""How a site's own files are read, set up once; and whether an upload's bytes are still kept."""

from alembic import op

from services.shared.migrate import enable_site_rls

revision = "0008_profiles"
down_revision = "0007_receipt"


def upgrade() -> None:
    """Adds profiles, each version a row of its own, and what the timer of deletion needs."""
    op.execute("""
CREATE TABLE profile (
    profile_id uuid NOT NULL,
    version integer NOT NULL,
    site_id uuid NOT NULL,
    name text NOT NULL,
    fingerprint bytea NOT NULL,
    setup jsonb NOT NULL,
    dataset_version text NOT NULL,
    saved_at timestamptz NOT NULL DEFAULT now(),
    saved_by uuid NOT NULL,
    CONSTRAINT pk_profile PRIMARY KEY (profile_id, version),
    CONSTRAINT ck_profile_name CHECK (length(name) BETWEEN 1 AND 80)
)
""")
    op.execute("CREATE INDEX ix_profile_fingerprint ON profile (site_id, fingerprint, saved_at)")
    op.execute("GRANT SELECT, INSERT ON profile TO imports_service")
    enable_site_rls(op, "profile", "imports")
    op.execute("REVOKE SELECT ON profile FROM imports_reader")
    op.execute(
        "ALTER TABLE import ADD COLUMN profile_id uuid, ADD COLUMN profile_version integer, "
        "ADD COLUMN file_kept boolean NOT NULL DEFAULT true"
    )
    # Imports that ended without a file that anybody could read again.
    op.execute("UPDATE import SET file_kept = false WHERE state IN ('cancelled', 'refused')")
    op.execute("GRANT SELECT (file_kept, ended_at) ON import TO imports_reader")
    op.execute("GRANT UPDATE (sealed_value) ON finding TO imports_service")
    op.execute("CREATE INDEX ix_import_kept ON import (ended_at) WHERE file_kept")


def downgrade() -> None:
    """Go back by restoring a backup: what people have set up must not be lost."""
    raise NotImplementedError("restore a backup instead")
