"""Applying goes on from the comparison while nothing at the site has changed since.

- `site_counts.changes` counts the transactions that took the site's lock to change its records; an
  import keeps in `compared_at` what it was when the import was compared (decision 0025).
- Look-ups by hash get one index that begins with the hash, which tells rows apart at once. The site
  is the same for all rows of a slice: an index that begins with it compares it for nothing, and
  across sites it could not be used, so patients had two.
- Records lose their foreign key to patients, as identities and keys had none from the first: they
  are only ever written in one statement with their patient, no patient is ever deleted, and the
  check read and locked a row for each.
"""

from alembic import op

revision = "0012_quick_apply"
down_revision = "0011_elsewhere_by_index"

# As in 0011, for one record: `state <> 'deleted'` let the planner take the index of lists.
IS_RECORDED_ELSEWHERE = """
CREATE OR REPLACE FUNCTION is_recorded_elsewhere(hash bytea, day date) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
SET enable_seqscan = off
AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM (
            SELECT p.patient_id, p.site_id FROM patient p
            WHERE p.nhs_hash = hash
                AND p.site_id <> NULLIF(current_setting('app.site_id', true), '')::uuid
            OFFSET 0
        ) AS known
        CROSS JOIN LATERAL (
            SELECT FROM fls_record r
            WHERE r.patient_id = known.patient_id AND r.site_id = known.site_id
                AND coalesce(r.state, '') <> 'deleted'
                AND r.date_index_diagnosed + 0 BETWEEN day - 7 AND day + 7
            OFFSET 0
        ) AS near);
END
$$
"""

STATEMENTS = (
    "ALTER TABLE site_counts ADD COLUMN changes bigint NOT NULL DEFAULT 0",
    "ALTER TABLE staged_import ADD COLUMN compared_at bigint, "
    "ADD COLUMN same_patient_rows integer[] NOT NULL DEFAULT '{}'",
    "CREATE UNIQUE INDEX uq_patient_nhs_hash_site_id ON patient (nhs_hash, site_id) "
    "WHERE nhs_hash IS NOT NULL",
    "DROP INDEX uq_patient_site_id_nhs_hash",
    "DROP INDEX ix_patient_nhs_hash",
    "CREATE UNIQUE INDEX uq_record_identity_local_id_hash_site_id "
    "ON record_identity (local_id_hash, site_id) WHERE local_id_hash IS NOT NULL",
    "DROP INDEX uq_record_identity_site_id_local_id_hash",
    "ALTER TABLE fls_record DROP CONSTRAINT fk_fls_record_patient_id_patient",
    IS_RECORDED_ELSEWHERE,
)


def upgrade() -> None:
    """Adds what the comparison leaves behind, and has hashes looked up by hash."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Go back by restoring a backup."""
    raise NotImplementedError("restore a backup instead")
