"""Typed records, acknowledgements, duplicates, opt-outs, deletion, audit periods, export log."""

from alembic import op

from services.shared.migrate import enable_site_rls

revision = "0002_records_complete"
down_revision = "0001_records"

# `own_state` is what the record's own values say; `state` is what counts: deleted, then duplicate,
# then `own_state`, held at `to_confirm` while a possible duplicate waits for a decision.
# `acknowledged` holds tokens of warnings ("V09:dxa_date"), `unreadable` the keys of fields whose
# typed texts could not be read and wait, sealed, in `entry`.
FLS_RECORD = """
ALTER TABLE fls_record
    ADD COLUMN own_state text,
    ADD COLUMN acknowledged text[],
    ADD COLUMN unreadable text[],
    ADD COLUMN elsewhere boolean NOT NULL DEFAULT false,
    ADD COLUMN opt_out_checked_on date,
    ADD COLUMN deleted_reason text
"""
FLS_RECORD_STATES = """
ALTER TABLE fls_record
    ALTER COLUMN own_state SET NOT NULL,
    ADD CONSTRAINT ck_fls_record_own_state CHECK (own_state IN
        ('draft', 'to_confirm', 'valid', 'invalid')),
    ADD CONSTRAINT ck_fls_record_deleted CHECK ((state = 'deleted') = (deleted_reason IS NOT NULL)),
    ADD CONSTRAINT ck_fls_record_deleted_reason CHECK (deleted_reason IN
        ('entered_in_error', 'not_eligible', 'duplicate', 'opt_out', 'other'))
"""

# `patient_id`: whose key sealed the identifiers in `changes`; None for rows of before, whose key is
# that of the record's patient.
RECORD_CHANGE = """
ALTER TABLE record_change
    ADD COLUMN patient_id uuid,
    ADD COLUMN visit_id uuid,
    DROP CONSTRAINT ck_record_change_kind,
    ADD CONSTRAINT ck_record_change_kind CHECK (kind IN ('created', 'updated', 'acknowledged',
        'deleted', 'restored', 'erased', 'duplicate_decided'))
"""

READ_LOG = "ALTER TABLE read_log ADD COLUMN visit_id uuid"

STAGED_ROW = "ALTER TABLE staged_row ADD COLUMN acknowledged text[], ADD COLUMN next_state text"

OWN_STAGED_ROW = """
CREATE OR REPLACE VIEW own_staged_row WITH (security_barrier) AS
SELECT * FROM staged_row
WHERE site_id = (SELECT NULLIF(current_setting('app.site_id', true), '')::uuid)
"""

# What was typed and is no record yet, or could not be read. Sealed as a whole: with the patient's
# key where the record is stored (`wrapped_key` is null), so that erasing the patient blinds it,
# before that with a key of its own. `keys` names the fields in it, `nhs_hash` finds the patient.
ENTRY = """
CREATE TABLE entry (
    record_id uuid NOT NULL,
    site_id uuid NOT NULL,
    version integer NOT NULL,
    wrapped_key bytea,
    sealed bytea NOT NULL,
    keys text[] NOT NULL,
    nhs_hash bytea,
    opt_out_checked_on date,
    started_by uuid NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    updated_by uuid NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_entry PRIMARY KEY (record_id),
    CONSTRAINT ck_entry_version CHECK (version > 0)
)
"""

# Two records of one patient at one site: the same day of diagnosis (an error), or near it (V20).
# The first is the one that was there first.
DUPLICATE_PAIR = """
CREATE TABLE duplicate_pair (
    pair_id uuid NOT NULL,
    site_id uuid NOT NULL,
    first_record_id uuid NOT NULL,
    second_record_id uuid NOT NULL,
    kind text NOT NULL,
    found_at timestamptz NOT NULL DEFAULT now(),
    decision text,
    decided_by uuid,
    decided_at timestamptz,
    CONSTRAINT pk_duplicate_pair PRIMARY KEY (pair_id),
    CONSTRAINT uq_duplicate_pair_first_record_id_second_record_id
        UNIQUE (first_record_id, second_record_id),
    CONSTRAINT ck_duplicate_pair_two CHECK (first_record_id <> second_record_id),
    CONSTRAINT ck_duplicate_pair_kind CHECK (kind IN ('same_day', 'near')),
    CONSTRAINT ck_duplicate_pair_decision CHECK (decision IN
        ('kept_first', 'kept_second', 'both_right', 'apart')),
    CONSTRAINT ck_duplicate_pair_decided CHECK ((decision IS NULL) = (decided_at IS NULL))
)
"""

# A person's wish, as a keyed hash and nothing else; it holds at every site.
OPT_OUT = """
CREATE TABLE opt_out (
    nhs_hash bytea NOT NULL,
    site_id uuid NOT NULL,
    recorded_by uuid NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_opt_out PRIMARY KEY (nhs_hash)
)
"""

# A year without a row is open. Status follows from the days: open to the entry deadline, grace to
# the day it locks.
AUDIT_PERIOD = """
CREATE TABLE audit_period (
    year smallint NOT NULL,
    entry_deadline date NOT NULL,
    locks_on date NOT NULL,
    version integer NOT NULL,
    updated_by uuid NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_audit_period PRIMARY KEY (year),
    CONSTRAINT ck_audit_period_days CHECK (entry_deadline < locks_on)
)
"""

PERIOD_EXTENSION = """
CREATE TABLE period_extension (
    extension_id uuid NOT NULL,
    site_id uuid NOT NULL,
    year smallint NOT NULL,
    until_on date NOT NULL,
    reason_code text NOT NULL,
    reason text NOT NULL,
    granted_by uuid NOT NULL,
    granted_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_period_extension PRIMARY KEY (extension_id)
)
"""

# About one record, or a whole year where `record_id` is null.
UNLOCK_REQUEST = """
CREATE TABLE unlock_request (
    request_id uuid NOT NULL,
    site_id uuid NOT NULL,
    record_id uuid,
    year smallint NOT NULL,
    reason text NOT NULL,
    asked_by uuid NOT NULL,
    asked_at timestamptz NOT NULL DEFAULT now(),
    state text NOT NULL,
    decided_by uuid,
    decided_at timestamptz,
    decision_reason text,
    until_on date,
    CONSTRAINT pk_unlock_request PRIMARY KEY (request_id),
    CONSTRAINT ck_unlock_request_state CHECK (state IN ('asked', 'granted', 'refused')),
    CONSTRAINT ck_unlock_request_decided CHECK ((state = 'asked') = (decided_at IS NULL)),
    CONSTRAINT ck_unlock_request_until CHECK ((state = 'granted') = (until_on IS NOT NULL))
)
"""

# Who took records out, national extracts too (no site). Added to, never changed.
EXPORT_LOG = """
CREATE TABLE export_log (
    position bigint GENERATED ALWAYS AS IDENTITY,
    site_id uuid,
    kind text NOT NULL,
    filters jsonb NOT NULL,
    actor_id uuid NOT NULL,
    visit_id uuid,
    request_id text,
    at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_export_log PRIMARY KEY (position),
    CONSTRAINT ck_export_log_kind CHECK (kind IN ('export', 'extract')),
    CONSTRAINT ck_export_log_site CHECK ((kind = 'export') = (site_id IS NOT NULL))
)
"""

TABLES = (
    ENTRY,
    DUPLICATE_PAIR,
    OPT_OUT,
    AUDIT_PERIOD,
    PERIOD_EXTENSION,
    UNLOCK_REQUEST,
    EXPORT_LOG,
)
OF_A_SITE = ("entry", "duplicate_pair", "opt_out", "period_extension", "unlock_request")
NOT_NATIONAL = ("entry", "opt_out")

INDEXES = (
    "CREATE INDEX ix_patient_nhs_hash ON patient (nhs_hash) WHERE nhs_hash IS NOT NULL",
    "CREATE INDEX ix_entry_site_id ON entry (site_id, updated_at)",
    "CREATE INDEX ix_entry_site_id_nhs_hash ON entry (site_id, nhs_hash) "
    "WHERE nhs_hash IS NOT NULL",
    "CREATE INDEX ix_duplicate_pair_second_record_id ON duplicate_pair (second_record_id)",
    "CREATE INDEX ix_duplicate_pair_undecided ON duplicate_pair (site_id, found_at) "
    "WHERE decision IS NULL",
    "CREATE INDEX ix_period_extension_site_id_year ON period_extension (site_id, year)",
    "CREATE INDEX ix_unlock_request_site_id ON unlock_request (site_id, state)",
)

# They answer across sites with a place in what was asked, and nothing else. The owner they run as
# reads all sites by the policies below; it signs in for migrations alone. Look-ups go by index
# whatever the planner believes of fresh rows.
_BY_INDEX = "SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off"
FUNCTIONS = (
    f"""
    CREATE FUNCTION recorded_elsewhere(hashes bytea[], days date[]) RETURNS SETOF integer
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public {_BY_INDEX}
    AS $$
        SELECT g.place::integer
        FROM unnest(hashes, days) WITH ORDINALITY AS g (hash, day, place)
        WHERE EXISTS (
            SELECT FROM patient p JOIN fls_record r ON r.patient_id = p.patient_id
            WHERE p.nhs_hash = g.hash
                AND p.site_id <> NULLIF(current_setting('app.site_id', true), '')::uuid
                AND r.site_id = p.site_id AND r.state <> 'deleted'
                AND r.date_index_diagnosed + 0 BETWEEN g.day - 7 AND g.day + 7)
        ORDER BY g.place
    $$
    """,
    f"""
    CREATE FUNCTION opted_out(hashes bytea[]) RETURNS SETOF integer
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public {_BY_INDEX}
    AS $$
        SELECT g.place::integer
        FROM unnest(hashes) WITH ORDINALITY AS g (hash, place)
        WHERE EXISTS (SELECT FROM opt_out o WHERE o.nhs_hash = g.hash)
        ORDER BY g.place
    $$
    """,
)
READ_ACROSS_SITES = ("patient", "fls_record", "opt_out")

GRANTS = (
    "GRANT SELECT, INSERT, UPDATE, DELETE ON entry TO records_service",
    "GRANT SELECT, INSERT, UPDATE ON duplicate_pair, audit_period, unlock_request "
    "TO records_service",
    "GRANT SELECT, INSERT ON opt_out, period_extension, export_log TO records_service",
    "GRANT SELECT ON audit_period TO records_reader",
    # For the extract: sealed numbers and wrapped keys, which no database can open, and whether
    # their owners have opted out. No hash, and none of the other identifiers.
    "GRANT SELECT (patient_id, nhs_sealed) ON patient TO records_reader",
    "GRANT SELECT (patient_id, wrapped_key) ON patient_key TO records_reader",
    # Erasing a patient deletes the key.
    "GRANT DELETE ON patient_key TO records_service",
    "GRANT INSERT (acknowledged, next_state) ON staged_row TO records_service",
    # Rotation re-wraps keys and touches nothing else.
    "GRANT SELECT (patient_id, wrapped_key), UPDATE (wrapped_key) ON patient_key "
    "TO records_maintenance",
    "GRANT SELECT (record_id, wrapped_key), UPDATE (wrapped_key) ON entry TO records_maintenance",
    "GRANT SELECT (import_id, row_number, patient_id, wrapped_key), UPDATE (wrapped_key) "
    "ON staged_row TO records_maintenance",
    "REVOKE ALL ON FUNCTION recorded_elsewhere, opted_out FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION recorded_elsewhere, opted_out TO records_service",
    "GRANT EXECUTE ON FUNCTION opted_out TO records_reader",
)


def upgrade() -> None:
    """Widen the tables; a record that was stored so far keeps its state as its own."""
    op.execute(FLS_RECORD)
    # Row-level security holds for the owner too, who would find no row to update.
    op.execute("ALTER TABLE fls_record NO FORCE ROW LEVEL SECURITY")
    op.execute(
        "UPDATE fls_record SET own_state = CASE WHEN state IN ('duplicate', 'deleted') "
        "THEN 'valid' ELSE state END, "
        "deleted_reason = CASE WHEN state = 'deleted' THEN 'other' END"
    )
    op.execute("ALTER TABLE fls_record FORCE ROW LEVEL SECURITY")
    for statement in (
        FLS_RECORD_STATES,
        RECORD_CHANGE,
        READ_LOG,
        STAGED_ROW,
        OWN_STAGED_ROW,
        *TABLES,
        *INDEXES,
        *FUNCTIONS,
    ):
        op.execute(statement)
    for table in OF_A_SITE:
        enable_site_rls(op, table, "records")
    _export_log_rls()
    for table in NOT_NATIONAL:
        op.execute(f"REVOKE SELECT ON {table} FROM records_reader")
    for table in READ_ACROSS_SITES:
        op.execute(
            f"CREATE POLICY across_sites ON {table} FOR SELECT TO records_owner USING (true)"
        )
    for statement in GRANTS:
        op.execute(statement)


def _export_log_rls() -> None:
    """A site's own rows, and for the national extract (no site) adding alone."""
    enable_site_rls(op, "export_log", "records")
    op.execute(
        "CREATE POLICY extract ON export_log FOR INSERT TO records_service "
        "WITH CHECK (site_id IS NULL)"
    )


def downgrade() -> None:
    """Go back by restoring a backup: dropping records is no step of a program."""
    raise NotImplementedError("restore a backup instead")
