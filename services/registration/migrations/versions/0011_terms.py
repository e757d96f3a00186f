"""Terms of use that people have accepted, by version."""

from alembic import op

revision = "0011_terms"
down_revision = "0010_notices"


def upgrade() -> None:
    """Adds the table. What was accepted is never changed."""
    op.execute(
        """
        CREATE TABLE terms_acceptance (
            account_id uuid NOT NULL,
            version text NOT NULL,
            accepted_at timestamptz NOT NULL,
            CONSTRAINT pk_terms_acceptance PRIMARY KEY (account_id, version),
            CONSTRAINT fk_terms_acceptance_account_id_account FOREIGN KEY (account_id)
                REFERENCES account
        );
        GRANT SELECT, INSERT ON terms_acceptance TO registration_service;
        """
    )


def downgrade() -> None:
    """Go back by restoring a backup."""
    raise NotImplementedError("restore a backup instead")
