"""Two questions across sites about one person, quick enough to be asked at every reading."""

from alembic import op

revision = "0005_reading"
down_revision = "0004_drafts"

# The same as `recorded_elsewhere` and `opted_out` say of many, and no more. In PL/pgSQL, which
# keeps its plans: planning them anew cost more than all else that reading a record asks.
FUNCTIONS = (
    """
    CREATE FUNCTION is_recorded_elsewhere(hash bytea, day date) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
    SET enable_seqscan = off
    AS $$
    BEGIN
        RETURN EXISTS (
            SELECT FROM patient p JOIN fls_record r ON r.patient_id = p.patient_id
            WHERE p.nhs_hash = hash
                AND p.site_id <> NULLIF(current_setting('app.site_id', true), '')::uuid
                AND r.site_id = p.site_id AND r.state <> 'deleted'
                AND r.date_index_diagnosed + 0 BETWEEN day - 7 AND day + 7);
    END
    $$
    """,
    """
    CREATE FUNCTION has_opted_out(hash bytea) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
    SET enable_seqscan = off
    AS $$
    BEGIN
        RETURN EXISTS (SELECT FROM opt_out o WHERE o.nhs_hash = hash);
    END
    $$
    """,
)
GRANTS = (
    "REVOKE ALL ON FUNCTION is_recorded_elsewhere, has_opted_out FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION is_recorded_elsewhere, has_opted_out TO records_service",
)


def upgrade() -> None:
    """Add the functions, for the service's role alone."""
    for statement in (*FUNCTIONS, *GRANTS):
        op.execute(statement)


def downgrade() -> None:
    """Go back by restoring a backup: dropping records is no step of a program."""
    raise NotImplementedError("restore a backup instead")
