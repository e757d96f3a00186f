"""Sites, imports with their history, sealed parts, chunks, findings."""

from alembic import op

from services.shared.migrate import enable_site_rls, plumbing_tables

revision = "0001_imports"
down_revision = None

SITE = """
CREATE TABLE site (
    site_id uuid NOT NULL,
    version bigint NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    state text NOT NULL,
    patient_audit boolean NOT NULL,
    CONSTRAINT pk_site PRIMARY KEY (site_id)
)
"""

IMPORT = """
CREATE TABLE import (
    import_id uuid NOT NULL,
    site_id uuid NOT NULL,
    version integer NOT NULL DEFAULT 1,
    state text NOT NULL,
    file_name text NOT NULL,
    size_bytes bigint NOT NULL,
    sha256 bytea NOT NULL,
    wrapped_key bytea NOT NULL,
    mode text NOT NULL,
    date_order text,
    confirm text NOT NULL,
    plan jsonb,
    rows_total integer,
    rows_applied integer NOT NULL DEFAULT 0,
    outcome jsonb,
    passed_over jsonb,
    failure text,
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by uuid NOT NULL,
    confirmed_at timestamptz,
    confirmed_by uuid,
    ended_at timestamptz,
    asked_at timestamptz NOT NULL DEFAULT now(),
    asks integer NOT NULL DEFAULT 1,
    CONSTRAINT pk_import PRIMARY KEY (import_id),
    CONSTRAINT ck_import_state CHECK (state IN ('received', 'checking', 'checked', 'applying',
        'applied', 'cancelled', 'refused', 'failed')),
    CONSTRAINT ck_import_mode CHECK (mode IN ('add_and_update', 'add_only', 'update_only')),
    CONSTRAINT ck_import_date_order CHECK (date_order IN ('dmy', 'mdy', 'iso')),
    CONSTRAINT ck_import_confirm CHECK (confirm IN ('person', 'automatic')),
    CONSTRAINT ck_import_name CHECK (length(file_name) BETWEEN 1 AND 200),
    CONSTRAINT ck_import_size CHECK (size_bytes > 0),
    CONSTRAINT ck_import_sha256 CHECK (length(sha256) = 32),
    CONSTRAINT ck_import_read CHECK (state IN ('received', 'refused', 'cancelled', 'failed')
        OR (plan IS NOT NULL AND rows_total IS NOT NULL)),
    CONSTRAINT ck_import_ended CHECK ((ended_at IS NOT NULL)
        = (state IN ('applied', 'cancelled', 'refused', 'failed')))
)
"""

LIVE_ONCE = """
CREATE UNIQUE INDEX uq_import_live ON import (site_id, sha256)
WHERE state IN ('received', 'checking', 'checked', 'applying')
"""

IMPORT_EVENT = """
CREATE TABLE import_event (
    event_id bigint GENERATED ALWAYS AS IDENTITY,
    import_id uuid NOT NULL,
    site_id uuid NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    by uuid,
    kind text NOT NULL,
    counts jsonb,
    CONSTRAINT pk_import_event PRIMARY KEY (event_id)
)
"""

# The file's row is written last, when its SHA-256 is known: hence deferred.
UPLOAD_PART = """
CREATE TABLE upload_part (
    import_id uuid NOT NULL,
    number integer NOT NULL,
    site_id uuid NOT NULL,
    sealed bytea NOT NULL,
    CONSTRAINT pk_upload_part PRIMARY KEY (import_id, number),
    CONSTRAINT fk_upload_part_import_id_import FOREIGN KEY (import_id)
        REFERENCES import (import_id) DEFERRABLE INITIALLY DEFERRED
)
"""

FILE_FINDING = """
CREATE TABLE file_finding (
    import_id uuid NOT NULL,
    place integer NOT NULL,
    site_id uuid NOT NULL,
    code text NOT NULL,
    level text NOT NULL,
    field text,
    message text NOT NULL,
    CONSTRAINT pk_file_finding PRIMARY KEY (import_id, place),
    CONSTRAINT fk_file_finding_import_id_import FOREIGN KEY (import_id)
        REFERENCES import (import_id),
    CONSTRAINT ck_file_finding_level CHECK (level IN ('error', 'warning'))
)
"""

CHUNK = """
CREATE TABLE chunk (
    import_id uuid NOT NULL,
    number integer NOT NULL,
    site_id uuid NOT NULL,
    first_row integer NOT NULL,
    last_row integer NOT NULL,
    row_count integer NOT NULL,
    byte_start bigint NOT NULL,
    byte_end bigint NOT NULL,
    repeats jsonb NOT NULL,
    state text NOT NULL,
    asked_at timestamptz,
    asks integer NOT NULL DEFAULT 0,
    rows_sent integer NOT NULL DEFAULT 0,
    rows_same integer NOT NULL DEFAULT 0,
    rows_rejected integer NOT NULL DEFAULT 0,
    rows_warned integer NOT NULL DEFAULT 0,
    CONSTRAINT pk_chunk PRIMARY KEY (import_id, number),
    CONSTRAINT fk_chunk_import_id_import FOREIGN KEY (import_id) REFERENCES import (import_id),
    CONSTRAINT ck_chunk_state CHECK (state IN ('waiting', 'wanted', 'checked', 'staged')),
    CONSTRAINT ck_chunk_bytes CHECK (byte_start >= 0 AND byte_end > byte_start),
    CONSTRAINT ck_chunk_rows CHECK (state IN ('waiting', 'wanted')
        OR rows_sent + rows_same + rows_rejected = row_count)
)
"""

# No foreign key: checking it for each of a million findings costs more than writing them.
FINDING = """
CREATE TABLE finding (
    finding_id bigint GENERATED ALWAYS AS IDENTITY,
    import_id uuid NOT NULL,
    site_id uuid NOT NULL,
    row_number integer NOT NULL,
    heading text,
    field text,
    code text NOT NULL,
    level text NOT NULL,
    message text NOT NULL,
    sealed_value bytea,
    source text NOT NULL,
    CONSTRAINT pk_finding PRIMARY KEY (finding_id),
    CONSTRAINT ck_finding_level CHECK (level IN ('error', 'warning')),
    CONSTRAINT ck_finding_source CHECK (source IN ('file', 'records'))
)
"""

INDEXES = (
    "CREATE INDEX ix_import_site_created ON import (site_id, created_at DESC)",
    "CREATE INDEX ix_import_sha256 ON import (site_id, sha256)",
    "CREATE INDEX ix_import_received ON import (asked_at) WHERE state = 'received'",
    "CREATE INDEX ix_import_event_import ON import_event (import_id, event_id)",
    "CREATE INDEX ix_chunk_open ON chunk (asked_at) WHERE state = 'wanted'",
    "CREATE INDEX ix_finding_row ON finding (import_id, row_number, finding_id)",
    "CREATE INDEX ix_finding_code ON finding (import_id, code, row_number)",
)

GRANTS = {
    "site": "SELECT, INSERT, UPDATE",
    "import": "SELECT, INSERT, UPDATE",
    "import_event": "SELECT, INSERT",
    "upload_part": "SELECT, INSERT, DELETE",
    "file_finding": "SELECT, INSERT",
    "chunk": "SELECT, INSERT, UPDATE",
    "finding": "SELECT, INSERT",
}

# The sweeper looks for stuck steps over all sites; names, keys, bytes and cells are not its affair.
NOT_NATIONAL = ("upload_part", "file_finding", "finding", "import_event", "site", "import")
SWEPT = "import_id, site_id, state, asked_at, asks"


def upgrade() -> None:
    """Makes all tables, with the service's rights and each site's rows for itself."""
    plumbing_tables(op, "imports")
    for table in (SITE, IMPORT, LIVE_ONCE, IMPORT_EVENT, UPLOAD_PART, FILE_FINDING, CHUNK, FINDING):
        op.execute(table)
    for index in INDEXES:
        op.execute(index)
    # Sealed bytes do not compress: trying costs time for nothing.
    op.execute("ALTER TABLE upload_part ALTER COLUMN sealed SET STORAGE EXTERNAL")
    for table, rights in GRANTS.items():
        op.execute(f"GRANT {rights} ON {table} TO imports_service")
        enable_site_rls(op, table, "imports")
    for table in NOT_NATIONAL:
        op.execute(f"REVOKE SELECT ON {table} FROM imports_reader")
    op.execute(f"GRANT SELECT ({SWEPT}) ON import TO imports_reader")
