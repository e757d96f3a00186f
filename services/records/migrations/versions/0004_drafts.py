"""Texts that wait, in the history; how an entry came about; drafts of stored records."""

from alembic import op

from services.shared.migrate import enable_site_rls

revision = "0004_drafts"
down_revision = "0003_finding"

# `waiting`: sealed, the texts that wait after this change; null if it did not change them.
RECORD_CHANGE = "ALTER TABLE record_change ADD COLUMN waiting bytea"

# `earlier`: sealed, how the texts of an unfinished entry came about.
ENTRY = "ALTER TABLE entry ADD COLUMN earlier bytea"

# What somebody has typed into the form of a stored record and not saved, on the version they saw;
# sealed with the patient's key.
DRAFT = """
CREATE TABLE draft (
    record_id uuid NOT NULL,
    account_id uuid NOT NULL,
    site_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    version integer NOT NULL,
    sealed bytea NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_draft PRIMARY KEY (record_id, account_id),
    CONSTRAINT ck_draft_version CHECK (version > 0)
)
"""


def upgrade() -> None:
    """Widen two tables and add one."""
    for statement in (RECORD_CHANGE, ENTRY, DRAFT):
        op.execute(statement)
    enable_site_rls(op, "draft", "records")
    op.execute("REVOKE SELECT ON draft FROM records_reader")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON draft TO records_service")


def downgrade() -> None:
    """Go back by restoring a backup: dropping records is no step of a program."""
    raise NotImplementedError("restore a backup instead")
