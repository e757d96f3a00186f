"""Gives sites more roles than the lead's, with grants and an end, and the audit team its visits."""

from alembic import op

revision = "0002_people_and_visits"
down_revision = "0001_first_tables"

ROLES = """
ALTER TABLE account_role
    ADD COLUMN grants text[] NOT NULL DEFAULT '{}',
    ADD COLUMN ended_at timestamptz,
    ADD COLUMN ended_by uuid,
    DROP CONSTRAINT uq_account_role_account_id,
    DROP CONSTRAINT ck_account_role_role,
    DROP CONSTRAINT ck_account_role_site,
    ADD CONSTRAINT ck_account_role_role CHECK (role IN (
        'site_reader', 'data_entry', 'clinician', 'site_lead', 'facilities_respondent',
        'audit_team', 'auditor', 'system_admin')),
    ADD CONSTRAINT ck_account_role_site
        CHECK ((role IN ('audit_team', 'auditor', 'system_admin')) = (site_id IS NULL)),
    ADD CONSTRAINT ck_account_role_grants CHECK (grants <@ CASE role
        WHEN 'data_entry' THEN ARRAY['import']
        WHEN 'clinician' THEN ARRAY['import', 'export']
        ELSE '{}'::text[] END),
    ADD CONSTRAINT ck_account_role_ended CHECK (ended_at IS NOT NULL OR ended_by IS NULL);
-- One role at a time, at a site or nationally; what was stays.
CREATE UNIQUE INDEX uq_account_role_current ON account_role (account_id, site_id)
    NULLS NOT DISTINCT WHERE ended_at IS NULL;
GRANT UPDATE (ended_at, ended_by) ON account_role TO registration_service;
"""

VISITS = """
CREATE TABLE visit (
    visit_id uuid NOT NULL,
    account_id uuid NOT NULL,
    site_id uuid NOT NULL,
    reason text NOT NULL,
    started_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    ended_at timestamptz,
    end_reason text,
    CONSTRAINT pk_visit PRIMARY KEY (visit_id),
    CONSTRAINT fk_visit_account_id_account FOREIGN KEY (account_id) REFERENCES account,
    CONSTRAINT fk_visit_site_id_site FOREIGN KEY (site_id) REFERENCES site,
    CONSTRAINT ck_visit_reason CHECK (length(reason) BETWEEN 10 AND 300),
    CONSTRAINT ck_visit_ended CHECK ((ended_at IS NULL) = (end_reason IS NULL)),
    CONSTRAINT ck_visit_period CHECK (ends_at > started_at AND ended_at <= ends_at)
);
CREATE INDEX ix_visit_site_id ON visit (site_id, started_at);
ALTER TABLE session
    ADD COLUMN visit_id uuid,
    ADD COLUMN replaced_by uuid,
    ADD CONSTRAINT fk_session_visit_id_visit FOREIGN KEY (visit_id) REFERENCES visit,
    ADD CONSTRAINT ck_session_visit CHECK (visit_id IS NULL OR site_id IS NULL);
GRANT SELECT, INSERT, UPDATE (ended_at, end_reason) ON visit TO registration_service;
"""


def upgrade() -> None:
    """Adds roles, grants and visits."""
    op.execute(ROLES)
    op.execute(VISITS)
