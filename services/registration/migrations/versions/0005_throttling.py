"""Wrong passwords, counted; and browsers that have signed in with an account before."""

from alembic import op

revision = "0005_throttling"
down_revision = "0004_idle_sessions"


def upgrade() -> None:
    """Adds the tables. Neither holds an address or a secret, only digests."""
    op.execute(
        """
        CREATE TABLE sign_in_failure (
            counted_under bytea NOT NULL,
            failures integer NOT NULL,
            failed_at timestamptz NOT NULL,
            CONSTRAINT pk_sign_in_failure PRIMARY KEY (counted_under)
        );
        CREATE INDEX ix_sign_in_failure_failed_at ON sign_in_failure (failed_at);
        CREATE TABLE known_device (
            secret_sha256 bytea NOT NULL,
            account_id uuid NOT NULL,
            created_at timestamptz NOT NULL,
            CONSTRAINT pk_known_device PRIMARY KEY (secret_sha256),
            CONSTRAINT fk_known_device_account_id_account FOREIGN KEY (account_id)
                REFERENCES account
        );
        CREATE INDEX ix_known_device_account_id ON known_device (account_id);
        GRANT SELECT, INSERT, UPDATE, DELETE ON sign_in_failure TO registration_service;
        GRANT SELECT, INSERT ON known_device TO registration_service;
        GRANT SELECT, DELETE ON sign_in_failure, known_device TO registration_maintenance;
        """
    )


def downgrade() -> None:
    """Go back by restoring a backup."""
    raise NotImplementedError("restore a backup instead")
