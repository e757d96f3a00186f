"""Looks up patient by patient what other sites have recorded, whatever the planner believes.

Records of a patient are found by site and patient. `state <> 'deleted'` is also the condition of
the index of lists, and beside a large import the planner took that one: it read the whole of the
other site for each patient, and the one consumer stood for 17 seconds. An expression is no such
condition; OFFSET 0 keeps both steps apart and in this order.
"""

from alembic import op

revision = "0011_elsewhere_by_index"
down_revision = "0010_site_counts"

_BY_INDEX = "SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off"

RECORDED_ELSEWHERE = f"""
CREATE OR REPLACE FUNCTION recorded_elsewhere(hashes bytea[], days date[]) RETURNS SETOF integer
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public {_BY_INDEX}
AS $$
    SELECT g.place::integer
    FROM unnest(hashes, days) WITH ORDINALITY AS g (hash, day, place)
    WHERE EXISTS (
        SELECT FROM (
            SELECT p.patient_id, p.site_id FROM patient p
            WHERE p.nhs_hash = g.hash
                AND p.site_id <> NULLIF(current_setting('app.site_id', true), '')::uuid
            OFFSET 0
        ) AS known
        CROSS JOIN LATERAL (
            SELECT FROM fls_record r
            WHERE r.patient_id = known.patient_id AND r.site_id = known.site_id
                AND coalesce(r.state, '') <> 'deleted'
                AND r.date_index_diagnosed + 0 BETWEEN g.day - 7 AND g.day + 7
            OFFSET 0
        ) AS near
        OFFSET 0)
    ORDER BY g.place
$$
"""


def upgrade() -> None:
    """Writes the function anew; it answers as before, and its grants stay."""
    op.execute(RECORDED_ELSEWHERE)


def downgrade() -> None:
    """Go back by restoring a backup."""
    raise NotImplementedError("restore a backup instead")
