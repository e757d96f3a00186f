"""The second factor: authenticator apps, recovery codes, and sign-ins that wait for a code."""

from alembic import op

revision = "0006_second_factor"
down_revision = "0005_throttling"


def upgrade() -> None:
    """Adds the tables. Secrets of apps are sealed, recovery codes are kept as SHA-256 alone."""
    op.execute(
        """
        CREATE TABLE second_factor (
            account_id uuid NOT NULL,
            sealed bytea NOT NULL,
            last_step bigint NOT NULL,
            set_up_at timestamptz NOT NULL,
            CONSTRAINT pk_second_factor PRIMARY KEY (account_id),
            CONSTRAINT fk_second_factor_account_id_account FOREIGN KEY (account_id)
                REFERENCES account
        );
        CREATE TABLE recovery_code (
            code_sha256 bytea NOT NULL,
            account_id uuid NOT NULL,
            created_at timestamptz NOT NULL,
            used_at timestamptz,
            CONSTRAINT pk_recovery_code PRIMARY KEY (code_sha256),
            CONSTRAINT fk_recovery_code_account_id_account FOREIGN KEY (account_id)
                REFERENCES account
        );
        CREATE INDEX ix_recovery_code_account_id ON recovery_code (account_id);
        CREATE TABLE waiting_sign_in (
            waiting_sign_in_id uuid NOT NULL,
            secret_sha256 bytea NOT NULL,
            account_id uuid NOT NULL,
            password_sha256 bytea NOT NULL,
            offered bytea,
            failures integer NOT NULL,
            created_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            ended_at timestamptz,
            CONSTRAINT pk_waiting_sign_in PRIMARY KEY (waiting_sign_in_id),
            CONSTRAINT uq_waiting_sign_in_secret_sha256 UNIQUE (secret_sha256),
            CONSTRAINT fk_waiting_sign_in_account_id_account FOREIGN KEY (account_id)
                REFERENCES account
        );
        CREATE INDEX ix_waiting_sign_in_account_id ON waiting_sign_in (account_id, created_at);
        ALTER TABLE session
            ADD COLUMN second_factor boolean NOT NULL DEFAULT false,
            ADD COLUMN offered bytea;
        GRANT SELECT, INSERT, UPDATE, DELETE ON second_factor, recovery_code
            TO registration_service;
        GRANT SELECT, INSERT, UPDATE ON waiting_sign_in TO registration_service;
        GRANT SELECT, DELETE ON waiting_sign_in TO registration_maintenance;
        """
    )


def downgrade() -> None:
    """Go back by restoring a backup."""
    raise NotImplementedError("restore a backup instead")
