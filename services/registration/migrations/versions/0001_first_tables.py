"""Makes all tables of registration, with the rights of its roles."""

from alembic import op

from services.shared.migrate import enable_site_rls, plumbing_tables

revision = "0001_first_tables"
down_revision = None

SERVICE = "registration"

APPLICATION = """
CREATE TABLE application (
    application_id uuid NOT NULL,
    reference text NOT NULL,
    state text NOT NULL,
    organisation_name text NOT NULL,
    organisation_kind text NOT NULL,
    ods_code text NOT NULL,
    nation text NOT NULL,
    has_fls boolean NOT NULL,
    fls_name text,
    lead_name text NOT NULL,
    lead_email text NOT NULL,
    lead_job text,
    lead_phone text,
    submitted_at timestamptz NOT NULL,
    statements_accepted_at timestamptz NOT NULL,
    decided_at timestamptz,
    decided_by uuid,
    refusal_reason text,
    site_id uuid,
    CONSTRAINT pk_application PRIMARY KEY (application_id),
    CONSTRAINT uq_application_reference UNIQUE (reference),
    CONSTRAINT ck_application_state CHECK (state IN ('submitted', 'approved', 'declined')),
    CONSTRAINT ck_application_decided
        CHECK ((state = 'submitted') = (decided_at IS NULL AND decided_by IS NULL)),
    CONSTRAINT ck_application_approved CHECK ((state = 'approved') = (site_id IS NOT NULL)),
    CONSTRAINT ck_application_declined CHECK ((state = 'declined') = (refusal_reason IS NOT NULL))
);
-- One open form for a site and for a lead; decided ones do not stand in the way.
CREATE UNIQUE INDEX uq_application_open_ods_code ON application (ods_code)
    WHERE state = 'submitted';
CREATE UNIQUE INDEX uq_application_open_lead_email ON application (lower(lead_email))
    WHERE state = 'submitted';
CREATE INDEX ix_application_state ON application (state, submitted_at);
"""

SITE = """
CREATE TABLE site (
    site_id uuid NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    nation text NOT NULL,
    state text NOT NULL,
    has_fls boolean NOT NULL,
    fls_name text,
    patient_audit boolean NOT NULL,
    facilities_audit boolean NOT NULL,
    version integer NOT NULL,
    approved_at timestamptz NOT NULL,
    CONSTRAINT pk_site PRIMARY KEY (site_id),
    CONSTRAINT uq_site_code UNIQUE (code),
    CONSTRAINT ck_site_code CHECK (code ~ '^[A-Z0-9]{3}$'),
    CONSTRAINT ck_site_state CHECK (state IN ('approved', 'suspended', 'closed'))
);
CREATE TABLE organisation_code (
    organisation_code_id uuid NOT NULL,
    site_id uuid NOT NULL,
    scheme text NOT NULL,
    code text NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    CONSTRAINT pk_organisation_code PRIMARY KEY (organisation_code_id),
    CONSTRAINT fk_organisation_code_site_id_site FOREIGN KEY (site_id) REFERENCES site,
    CONSTRAINT ck_organisation_code_period CHECK (valid_to IS NULL OR valid_to >= valid_from)
);
CREATE UNIQUE INDEX uq_organisation_code_current ON organisation_code (scheme, code)
    WHERE valid_to IS NULL;
CREATE INDEX ix_organisation_code_site_id ON organisation_code (site_id);
"""

ACCOUNT = """
CREATE TABLE account (
    account_id uuid NOT NULL,
    email text NOT NULL,
    name text NOT NULL,
    password_hash text,
    password_set_at timestamptz,
    created_at timestamptz NOT NULL,
    switched_off_at timestamptz,
    last_signed_in_at timestamptz,
    CONSTRAINT pk_account PRIMARY KEY (account_id)
);
CREATE UNIQUE INDEX uq_account_email ON account (lower(email));
CREATE TABLE account_role (
    account_role_id uuid NOT NULL,
    account_id uuid NOT NULL,
    role text NOT NULL,
    site_id uuid,
    granted_at timestamptz NOT NULL,
    granted_by uuid,
    CONSTRAINT pk_account_role PRIMARY KEY (account_role_id),
    CONSTRAINT fk_account_role_account_id_account FOREIGN KEY (account_id) REFERENCES account,
    CONSTRAINT fk_account_role_site_id_site FOREIGN KEY (site_id) REFERENCES site,
    CONSTRAINT uq_account_role_account_id UNIQUE NULLS NOT DISTINCT (account_id, role, site_id),
    CONSTRAINT ck_account_role_role CHECK (role IN ('site_lead', 'audit_team')),
    CONSTRAINT ck_account_role_site CHECK ((role = 'audit_team') = (site_id IS NULL))
);
CREATE INDEX ix_account_role_site_id ON account_role (site_id);
"""

CREDENTIALS = """
CREATE TABLE password_link (
    password_link_id uuid NOT NULL,
    secret_sha256 bytea NOT NULL,
    account_id uuid NOT NULL,
    purpose text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    CONSTRAINT pk_password_link PRIMARY KEY (password_link_id),
    CONSTRAINT uq_password_link_secret_sha256 UNIQUE (secret_sha256),
    CONSTRAINT fk_password_link_account_id_account FOREIGN KEY (account_id) REFERENCES account
);
CREATE INDEX ix_password_link_account_id ON password_link (account_id);
CREATE TABLE session (
    session_id uuid NOT NULL,
    secret_sha256 bytea NOT NULL,
    account_id uuid NOT NULL,
    site_id uuid,
    csrf text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    end_reason text,
    CONSTRAINT pk_session PRIMARY KEY (session_id),
    CONSTRAINT uq_session_secret_sha256 UNIQUE (secret_sha256),
    CONSTRAINT fk_session_account_id_account FOREIGN KEY (account_id) REFERENCES account,
    CONSTRAINT fk_session_site_id_site FOREIGN KEY (site_id) REFERENCES site,
    CONSTRAINT ck_session_ended CHECK ((ended_at IS NULL) = (end_reason IS NULL))
);
CREATE INDEX ix_session_account_id ON session (account_id) WHERE ended_at IS NULL;
CREATE TABLE api_token (
    api_token_id uuid NOT NULL,
    site_id uuid NOT NULL,
    account_id uuid NOT NULL,
    secret_sha256 bytea NOT NULL,
    name text NOT NULL,
    rights text[] NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    last_used_at timestamptz,
    revoked_at timestamptz,
    CONSTRAINT pk_api_token PRIMARY KEY (api_token_id),
    CONSTRAINT uq_api_token_secret_sha256 UNIQUE (secret_sha256),
    CONSTRAINT fk_api_token_site_id_site FOREIGN KEY (site_id) REFERENCES site,
    CONSTRAINT fk_api_token_account_id_account FOREIGN KEY (account_id) REFERENCES account
);
CREATE INDEX ix_api_token_site_id ON api_token (site_id);
"""

# Who a token belongs to must be found before any site is known, so this one question is answered
# with the owner's eyes: it needs the whole secret's digest and gives one row or none.
FIND_BY_DIGEST = """
CREATE POLICY look_up ON api_token FOR SELECT TO registration_owner USING (true);
CREATE FUNCTION find_api_token(digest bytea)
    RETURNS TABLE (api_token_id uuid, site_id uuid, account_id uuid, rights text[],
                   last_used_at timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT t.api_token_id, t.site_id, t.account_id, t.rights, t.last_used_at
        FROM api_token t
        WHERE t.secret_sha256 = digest AND t.revoked_at IS NULL AND t.expires_at > now()
    $$;
REVOKE ALL ON FUNCTION find_api_token(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_api_token(bytea) TO registration_service;
"""

MAIL_AND_LOG = """
CREATE TABLE mail (
    mail_id uuid NOT NULL,
    kind text NOT NULL,
    to_address text NOT NULL,
    subject text NOT NULL,
    body text,
    message_id text NOT NULL,
    state text NOT NULL,
    attempts integer NOT NULL,
    last_error text,
    created_at timestamptz NOT NULL,
    sent_at timestamptz,
    CONSTRAINT pk_mail PRIMARY KEY (mail_id),
    CONSTRAINT uq_mail_message_id UNIQUE (message_id),
    CONSTRAINT ck_mail_state CHECK (state IN ('queued', 'sent', 'failed')),
    CONSTRAINT ck_mail_body_wiped CHECK ((state = 'queued') = (body IS NOT NULL)),
    CONSTRAINT ck_mail_sent CHECK ((state = 'sent') = (sent_at IS NOT NULL))
);
CREATE INDEX ix_mail_state ON mail (state, created_at);
-- No foreign keys: the log outlives what it speaks of.
CREATE TABLE audit_log (
    entry_id bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL,
    actor_kind text NOT NULL,
    actor_id uuid,
    credential_id text,
    site_id uuid,
    what text NOT NULL,
    subject_kind text NOT NULL,
    subject_id uuid,
    details jsonb NOT NULL,
    CONSTRAINT pk_audit_log PRIMARY KEY (entry_id),
    CONSTRAINT ck_audit_log_actor_kind
        CHECK (actor_kind IN ('account', 'visitor', 'operator', 'system')),
    CONSTRAINT ck_audit_log_actor_id CHECK ((actor_kind = 'account') = (actor_id IS NOT NULL))
);
CREATE INDEX ix_audit_log_subject_id ON audit_log (subject_id);
CREATE INDEX ix_audit_log_site_id ON audit_log (site_id);
"""

GRANTS = """
GRANT SELECT, INSERT, UPDATE ON application, site, organisation_code, account, password_link,
    session, api_token, mail TO registration_service;
GRANT SELECT, INSERT ON account_role, audit_log TO registration_service;
GRANT SELECT, DELETE ON session, password_link, mail TO registration_maintenance;
GRANT SELECT ON site, organisation_code TO registration_reader;
"""


def upgrade() -> None:
    """Makes the tables."""
    for statements in (APPLICATION, SITE, ACCOUNT, CREDENTIALS, MAIL_AND_LOG, GRANTS):
        op.execute(statements)
    enable_site_rls(op, "api_token", SERVICE)
    # Nobody reads the tokens of all sites.
    op.execute("REVOKE SELECT ON api_token FROM registration_reader")
    op.execute(FIND_BY_DIGEST)
    plumbing_tables(op, SERVICE)
