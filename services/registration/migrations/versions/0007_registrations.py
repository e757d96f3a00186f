"""Registration forms that are filled in over days, queries to applicants, changes of sites."""

from alembic import op

revision = "0007_registrations"
down_revision = "0006_second_factor"


def upgrade() -> None:
    """Adds the tables; a form may be queried, and keeps all its answers."""
    op.execute(
        """
        ALTER TABLE application
            ADD COLUMN answers jsonb,
            DROP CONSTRAINT ck_application_state,
            DROP CONSTRAINT ck_application_decided,
            ADD CONSTRAINT ck_application_state
                CHECK (state IN ('submitted', 'queried', 'approved', 'declined')),
            ADD CONSTRAINT ck_application_decided CHECK (
                (state IN ('submitted', 'queried')) = (decided_at IS NULL AND decided_by IS NULL));
        DROP INDEX uq_application_open_ods_code;
        DROP INDEX uq_application_open_lead_email;
        CREATE UNIQUE INDEX uq_application_open_ods_code ON application (ods_code)
            WHERE state IN ('submitted', 'queried');
        CREATE UNIQUE INDEX uq_application_open_lead_email ON application (lower(lead_email))
            WHERE state IN ('submitted', 'queried');
        CREATE TABLE registration (
            registration_id uuid NOT NULL,
            email text NOT NULL,
            answers jsonb NOT NULL,
            application_id uuid,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            confirmed_at timestamptz,
            CONSTRAINT pk_registration PRIMARY KEY (registration_id),
            CONSTRAINT uq_registration_application_id UNIQUE (application_id),
            CONSTRAINT fk_registration_application_id_application FOREIGN KEY (application_id)
                REFERENCES application
        );
        CREATE UNIQUE INDEX uq_registration_open_email ON registration (lower(email))
            WHERE application_id IS NULL;
        CREATE TABLE registration_link (
            secret_sha256 bytea NOT NULL,
            registration_id uuid NOT NULL,
            created_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            CONSTRAINT pk_registration_link PRIMARY KEY (secret_sha256),
            CONSTRAINT fk_registration_link_registration_id_registration
                FOREIGN KEY (registration_id) REFERENCES registration ON DELETE CASCADE
        );
        CREATE INDEX ix_registration_link_registration_id
            ON registration_link (registration_id, created_at);
        CREATE TABLE application_message (
            message_id uuid NOT NULL,
            application_id uuid NOT NULL,
            at timestamptz NOT NULL,
            is_from_team boolean NOT NULL,
            actor_id uuid,
            words text NOT NULL,
            CONSTRAINT pk_application_message PRIMARY KEY (message_id),
            CONSTRAINT fk_application_message_application_id_application
                FOREIGN KEY (application_id) REFERENCES application
        );
        CREATE INDEX ix_application_message_application_id
            ON application_message (application_id, at);
        CREATE TABLE participation_change (
            participation_change_id uuid NOT NULL,
            site_id uuid NOT NULL,
            has_fls boolean NOT NULL,
            valid_from date NOT NULL,
            recorded_at timestamptz NOT NULL,
            recorded_by uuid NOT NULL,
            CONSTRAINT pk_participation_change PRIMARY KEY (participation_change_id),
            CONSTRAINT fk_participation_change_site_id_site FOREIGN KEY (site_id) REFERENCES site
        );
        CREATE INDEX ix_participation_change_site_id ON participation_change (site_id, valid_from);
        INSERT INTO registration (
            registration_id, email, answers, application_id, created_at, updated_at, confirmed_at)
        SELECT gen_random_uuid(), lead_email,
            jsonb_strip_nulls(jsonb_build_object(
                'organisation_name', organisation_name, 'organisation_kind', organisation_kind,
                'ods_code', ods_code, 'nation', nation, 'fls_name', fls_name,
                'has_fls', CASE WHEN has_fls THEN 'yes' ELSE 'no' END,
                'lead_name', lead_name, 'lead_job', lead_job, 'lead_phone', lead_phone)),
            application_id, submitted_at, submitted_at, NULL
        FROM application;
        INSERT INTO participation_change (
            participation_change_id, site_id, has_fls, valid_from, recorded_at, recorded_by)
        SELECT gen_random_uuid(), s.site_id, s.has_fls, s.approved_at::date, s.approved_at,
            a.decided_by
        FROM site s JOIN application a ON a.site_id = s.site_id;
        GRANT SELECT, INSERT, UPDATE ON registration TO registration_service;
        GRANT SELECT, INSERT ON registration_link, application_message, participation_change
            TO registration_service;
        GRANT SELECT, DELETE ON registration, registration_link TO registration_maintenance;
        """
    )


def downgrade() -> None:
    """Go back by restoring a backup."""
    raise NotImplementedError("restore a backup instead")
