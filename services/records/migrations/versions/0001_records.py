"""Sites, patients with their keys, records, history, read log, and the staging of imports."""

from alembic import op

from services.shared.migrate import enable_site_rls, plumbing_tables

revision = "0001_records"
down_revision = None

# The clinical columns as the dataset had them when this was written; a test compares the newest
# migration with the dataset. They stand in two tables: what is stored and what is staged.
CLINICAL = """
    gender text,
    care_home text,
    date_fls_contact date,
    date_fls_assessment date,
    admitted text,
    date_index_diagnosed date,
    fracture_type text,
    site_1 text,
    site_2 text,
    site_3 text,
    height_cm numeric(6,1),
    weight_kg numeric(6,1),
    previous_fracture text,
    parental_hip_fracture text,
    smoker text,
    therapy_at_fracture text[],
    dxa text,
    dxa_not_ordered text,
    dxa_date date,
    t_score numeric(6,1),
    fracture_risk text,
    therapy_recommended text[],
    calcium_vit_d_recommended text,
    falls_assessed text,
    two_falls text,
    fear_of_falling text,
    falls_risk_drugs text,
    mobility_pre text,
    vision text,
    toileting text,
    cardiac_abnormal text,
    cognition text,
    falls_referrals text[],
    fu16_done text,
    fu16_date date,
    fu16_by text,
    ca_vitd_started text,
    therapy_16w text[],
    strength_balance_started text,
    fu52_done text,
    fu52_date date,
    fu52_by text,
    ca_vitd_adherent text,
    therapy_52w text[],
    refracture_count text,
    refracture_1_site text,
    refracture_1_on date,
    refracture_2_site text,
    refracture_2_on date,
    refracture_3_site text,
    refracture_3_on date,
    date_of_death date"""

SITE = """
CREATE TABLE site (
    site_id uuid NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    nation text NOT NULL,
    state text NOT NULL,
    has_fls boolean NOT NULL,
    patient_audit boolean NOT NULL,
    facilities_audit boolean NOT NULL,
    organisation_codes jsonb NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT pk_site PRIMARY KEY (site_id)
)
"""

# A patient without an NHS number has the reason instead; each such record has its own patient.
PATIENT = """
CREATE TABLE patient (
    patient_id uuid NOT NULL,
    site_id uuid NOT NULL,
    nhs_hash bytea,
    nhs_sealed bytea,
    nhs_absent text,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_patient PRIMARY KEY (patient_id),
    CONSTRAINT ck_patient_identity CHECK ((nhs_hash IS NULL) = (nhs_absent IS NOT NULL)),
    CONSTRAINT ck_patient_sealed CHECK ((nhs_hash IS NULL) = (nhs_sealed IS NULL))
)
"""

# Apart from the patient: rotation rewrites this table alone, and erasing a patient deletes a row.
# No foreign key here nor on record_identity: both are only ever written in one statement with the
# row they belong to, and each key would cost an import five microseconds a row.
PATIENT_KEY = """
CREATE TABLE patient_key (
    patient_id uuid NOT NULL,
    site_id uuid NOT NULL,
    wrapped_key bytea NOT NULL,
    CONSTRAINT pk_patient_key PRIMARY KEY (patient_id)
)
"""

FLS_RECORD = f"""
CREATE TABLE fls_record (
    record_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    site_id uuid NOT NULL,
    version integer NOT NULL,
    state text NOT NULL,
    has_warnings boolean NOT NULL,
    dataset_version text NOT NULL,
    age_at_diagnosis smallint,
    age_band text,
    outward_postcode text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    created_import_id uuid,{CLINICAL},
    CONSTRAINT pk_fls_record PRIMARY KEY (record_id),
    CONSTRAINT fk_fls_record_patient_id_patient FOREIGN KEY (patient_id) REFERENCES patient,
    CONSTRAINT ck_fls_record_version CHECK (version > 0),
    CONSTRAINT ck_fls_record_state CHECK (state IN
        ('draft', 'to_confirm', 'valid', 'invalid', 'duplicate', 'deleted'))
) WITH (fillfactor = 90)
"""

# Identifiers that belong to one record: someone may have moved between two fractures.
RECORD_IDENTITY = """
CREATE TABLE record_identity (
    record_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    site_id uuid NOT NULL,
    birth_hash bytea,
    birth_sealed bytea,
    postcode_hash bytea,
    postcode_sealed bytea,
    local_id_hash bytea,
    local_id_sealed bytea,
    CONSTRAINT pk_record_identity PRIMARY KEY (record_id)
)
"""

# No foreign keys: history outlives what it tells. A `created` row has no values: an earlier state
# is found by going back from the present one.
RECORD_CHANGE = """
CREATE TABLE record_change (
    record_id uuid NOT NULL,
    version integer NOT NULL,
    site_id uuid NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    actor_id uuid NOT NULL,
    door text NOT NULL,
    import_id uuid,
    kind text NOT NULL,
    changes jsonb,
    CONSTRAINT pk_record_change PRIMARY KEY (record_id, version),
    CONSTRAINT ck_record_change_door CHECK (door IN ('page', 'api', 'import')),
    CONSTRAINT ck_record_change_kind CHECK (kind IN ('created', 'updated')),
    CONSTRAINT ck_record_change_import CHECK ((door = 'import') = (import_id IS NOT NULL))
)
"""

READ_LOG = """
CREATE TABLE read_log (
    position bigint GENERATED ALWAYS AS IDENTITY,
    site_id uuid NOT NULL,
    record_id uuid NOT NULL,
    actor_id uuid NOT NULL,
    request_id text,
    at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_read_log PRIMARY KEY (position)
)
"""

# Stays for good: the ledger of an applied import, the tombstone of a cancelled one.
STAGED_IMPORT = """
CREATE TABLE staged_import (
    import_id uuid NOT NULL,
    site_id uuid NOT NULL,
    state text NOT NULL,
    batches_announced integer,
    mode text,
    overwrite_unknown boolean,
    confirm text,
    apply_asked_by uuid,
    compared jsonb,
    applied jsonb,
    next_slice integer,
    applied_to_row integer NOT NULL DEFAULT 0,
    rows_total integer,
    rows_done integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    CONSTRAINT pk_staged_import PRIMARY KEY (import_id),
    CONSTRAINT ck_staged_import_state CHECK (state IN
        ('staging', 'compared', 'applying', 'applied', 'cancelled')),
    CONSTRAINT ck_staged_import_mode CHECK (mode IN
        ('add_and_update', 'add_only', 'update_only'))
)
"""

# `waiting` holds a batch, sealed as it came, that was faster than the announcement of its import.
STAGED_BATCH = """
CREATE TABLE staged_batch (
    import_id uuid NOT NULL,
    number integer NOT NULL,
    site_id uuid NOT NULL,
    waiting bytea,
    answer jsonb,
    passed_over jsonb,
    CONSTRAINT pk_staged_batch PRIMARY KEY (import_id, number)
)
"""

# COPY does not work on tables with row-level security. So the service's role can only add to this
# table, never for another site (the site is a default it cannot set), and reads it through the
# view, which shows the transaction's own site.
STAGED_ROW = f"""
CREATE TABLE staged_row (
    import_id uuid NOT NULL,
    row_number integer NOT NULL,
    site_id uuid NOT NULL DEFAULT NULLIF(current_setting('app.site_id', true), '')::uuid,
    has_warnings boolean NOT NULL,
    cleared text[],
    checked_record_id uuid,
    checked_version integer,
    record_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    wrapped_key bytea,
    nhs_hash bytea,
    nhs_absent text,
    nhs_sealed bytea,
    birth_hash bytea,
    birth_sealed bytea,
    postcode_hash bytea,
    postcode_sealed bytea,
    local_id_hash bytea,
    local_id_sealed bytea,
    dataset_version text,
    age_at_diagnosis smallint,
    age_band text,
    outward_postcode text,{CLINICAL},
    CONSTRAINT pk_staged_row PRIMARY KEY (import_id, row_number)
)
"""

OWN_STAGED_ROW = """
CREATE VIEW own_staged_row WITH (security_barrier) AS
SELECT * FROM staged_row
WHERE site_id = (SELECT NULLIF(current_setting('app.site_id', true), '')::uuid)
"""

# What the comparison decided about rows that will not be applied: they stay as they were shown.
STAGED_DECISION = """
CREATE TABLE staged_decision (
    import_id uuid NOT NULL,
    row_number integer NOT NULL,
    site_id uuid NOT NULL,
    outcome text NOT NULL,
    reason text NOT NULL,
    CONSTRAINT pk_staged_decision PRIMARY KEY (import_id, row_number),
    CONSTRAINT ck_staged_decision_outcome CHECK (outcome IN ('held', 'rejected'))
)
"""

# A `same` row is remembered too: the import has confirmed the record, which an undo must know.
IMPORT_EFFECT = """
CREATE TABLE import_effect (
    import_id uuid NOT NULL,
    record_id uuid NOT NULL,
    site_id uuid NOT NULL,
    outcome text NOT NULL,
    version_before integer,
    version_after integer NOT NULL,
    CONSTRAINT pk_import_effect PRIMARY KEY (import_id, record_id),
    CONSTRAINT ck_import_effect_outcome CHECK (outcome IN ('new', 'changed', 'same'))
)
"""

TABLES = (
    SITE,
    PATIENT,
    PATIENT_KEY,
    FLS_RECORD,
    RECORD_IDENTITY,
    RECORD_CHANGE,
    READ_LOG,
    STAGED_IMPORT,
    STAGED_BATCH,
    STAGED_ROW,
    OWN_STAGED_ROW,
    STAGED_DECISION,
    IMPORT_EFFECT,
)

INDEXES = (
    "CREATE UNIQUE INDEX uq_patient_site_id_nhs_hash ON patient (site_id, nhs_hash) "
    "WHERE nhs_hash IS NOT NULL",
    # Not unique with the day: two records of a patient on one day are a finding for people (V20).
    # It begins with the site because every look-up does (row-level security), so that the planner
    # prefers it to the site's dates even before it knows anything of the table.
    "CREATE INDEX ix_fls_record_site_id_patient_id ON fls_record (site_id, patient_id)",
    "CREATE INDEX ix_fls_record_site_id_date_index_diagnosed "
    "ON fls_record (site_id, date_index_diagnosed, record_id)",
    "CREATE UNIQUE INDEX uq_record_identity_site_id_local_id_hash "
    "ON record_identity (site_id, local_id_hash) WHERE local_id_hash IS NOT NULL",
    "CREATE INDEX ix_read_log_record_id ON read_log (record_id, at)",
)

OF_A_SITE = (
    "site",
    "patient",
    "patient_key",
    "fls_record",
    "record_identity",
    "record_change",
    "read_log",
    "staged_import",
    "staged_batch",
    "staged_decision",
    "import_effect",
)

# Identifiers and what lies in staging are not for national reads.
NOT_NATIONAL = (
    "patient",
    "patient_key",
    "record_identity",
    "record_change",
    "read_log",
    "staged_batch",
    "staged_decision",
)

GRANTS = (
    "GRANT SELECT, INSERT, UPDATE ON site, patient, patient_key, fls_record, record_identity, "
    "staged_import TO records_service",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON staged_batch TO records_service",
    "GRANT SELECT, INSERT, DELETE ON staged_decision TO records_service",
    # History, read log and the memory of imports: added to and read, never changed.
    "GRANT SELECT, INSERT ON record_change, read_log, import_effect TO records_service",
    "GRANT SELECT, DELETE ON own_staged_row TO records_service",
    "GRANT UPDATE (patient_id, wrapped_key, nhs_sealed, birth_sealed, postcode_sealed, "
    "local_id_sealed) ON own_staged_row TO records_service",
)


def upgrade() -> None:
    """Make the tables; the service's role gets no right that it does not use."""
    plumbing_tables(op, "records")
    for statement in (*TABLES, *INDEXES):
        op.execute(statement)
    for table in OF_A_SITE:
        enable_site_rls(op, table, "records")
    for table in NOT_NATIONAL:
        op.execute(f"REVOKE SELECT ON {table} FROM records_reader")
    for statement in GRANTS:
        op.execute(statement)
    op.execute(f"GRANT INSERT ({', '.join(_stageable())}) ON staged_row TO records_service")


def _stageable() -> list[str]:
    """The columns of a staged row that the service sets: all but its site."""
    lines = STAGED_ROW.split("(", 1)[1].split(",\n")
    names = [line.split()[0] for line in lines if not line.strip().startswith("CONSTRAINT")]
    return [name for name in names if name != "site_id"]


def downgrade() -> None:
    """Go back by restoring a backup: dropping records is no step of a program."""
    raise NotImplementedError("restore a backup instead")
