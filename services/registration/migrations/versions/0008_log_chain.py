"""The chain of hashes over the log, and its signed heads."""

from alembic import op

revision = "0008_log_chain"
down_revision = "0007_registrations"


def upgrade() -> None:
    """Adds the tables. The service's role may add to them and change nothing."""
    op.execute(
        """
        CREATE TABLE audit_seal (
            position bigint NOT NULL,
            entry_id bigint NOT NULL,
            digest bytea NOT NULL,
            sealed_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT pk_audit_seal PRIMARY KEY (position),
            CONSTRAINT uq_audit_seal_entry_id UNIQUE (entry_id),
            CONSTRAINT ck_audit_seal_digest CHECK (length(digest) = 32)
        );
        CREATE TABLE audit_head (
            day date NOT NULL,
            position bigint NOT NULL,
            digest bytea NOT NULL,
            key_id text NOT NULL,
            signature bytea NOT NULL,
            signed_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT pk_audit_head PRIMARY KEY (day)
        );
        DROP INDEX ix_audit_log_site_id;
        CREATE INDEX ix_audit_log_site_id ON audit_log (site_id, entry_id);
        GRANT SELECT, INSERT ON audit_seal, audit_head TO registration_service;
        """
    )


def downgrade() -> None:
    """Go back by restoring a backup."""
    raise NotImplementedError("restore a backup instead")
