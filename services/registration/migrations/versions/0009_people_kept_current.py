"""Accounts that nobody uses, lists of people confirmed, tokens that take another's place."""

from alembic import op

revision = "0009_people_kept_current"
down_revision = "0008_log_chain"


def upgrade() -> None:
    """Adds columns and a table. Which accounts made a token that is in use, the owner tells."""
    op.execute(
        """
        ALTER TABLE account
            ADD COLUMN switched_on_at timestamptz,
            ADD COLUMN unused_warned_at timestamptz;
        ALTER TABLE api_token ADD COLUMN replaced_by uuid;
        CREATE TABLE people_confirmation (
            people_confirmation_id uuid NOT NULL,
            site_id uuid NOT NULL,
            confirmed_at timestamptz NOT NULL,
            confirmed_by uuid NOT NULL,
            people integer NOT NULL,
            CONSTRAINT pk_people_confirmation PRIMARY KEY (people_confirmation_id),
            CONSTRAINT fk_people_confirmation_site_id_site FOREIGN KEY (site_id) REFERENCES site
        );
        CREATE INDEX ix_people_confirmation_site_id
            ON people_confirmation (site_id, confirmed_at);
        GRANT SELECT, INSERT ON people_confirmation TO registration_service;
        -- A program at work is use of the account that gave it its token.
        CREATE FUNCTION token_used_at(account uuid) RETURNS timestamptz
            LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
            AS 'SELECT max(t.last_used_at) FROM api_token t WHERE t.account_id = account';
        REVOKE ALL ON FUNCTION token_used_at(uuid) FROM PUBLIC;
        GRANT EXECUTE ON FUNCTION token_used_at(uuid) TO registration_service;
        """
    )


def downgrade() -> None:
    """Go back by restoring a backup."""
    raise NotImplementedError("restore a backup instead")
