"""SQL that finds rows of one patient which were sealed with a key each."""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import TextClause, text

from services.records.queries.slices import of_slice


@lru_cache
def rows_to_reseal(*, listed: bool) -> TextClause:
    """Rows of a slice that brought a key of their own although their patient has one.

    The patient is stored, or comes with an earlier row of the slice: their identifiers have to be
    sealed anew with that key. Binds: site_id, and those of `slices.of_slice`.
    """
    return text(f"""
SELECT s.row_number, s.patient_id, s.wrapped_key, s.nhs_sealed, s.birth_sealed,
    s.postcode_sealed, s.local_id_sealed,
    coalesce(p.patient_id, s.first_patient_id) AS target_id,
    coalesce(pk.wrapped_key, s.first_key) AS target_key,
    p.patient_id IS NOT NULL AS target_is_stored
FROM (
    SELECT v.*, first_value(v.patient_id) OVER same AS first_patient_id,
        first_value(v.wrapped_key) OVER same AS first_key
    FROM own_staged_row v
    WHERE {of_slice(listed=listed)} AND v.wrapped_key IS NOT NULL AND v.nhs_hash IS NOT NULL
    WINDOW same AS (PARTITION BY v.nhs_hash ORDER BY v.row_number)
) s
LEFT JOIN patient p ON p.site_id = :site_id AND p.nhs_hash = s.nhs_hash
LEFT JOIN patient_key pk ON pk.patient_id = p.patient_id
WHERE (p.patient_id IS NULL AND s.first_patient_id <> s.patient_id)
    OR pk.patient_id IS NOT NULL
ORDER BY s.row_number
""")


RESEALED = text("""
UPDATE own_staged_row s SET patient_id = n.patient_id, wrapped_key = n.wrapped_key,
    nhs_sealed = n.nhs, birth_sealed = n.birth, postcode_sealed = n.postcode,
    local_id_sealed = n.local_id
FROM unnest(
    CAST(:row_numbers AS integer[]), CAST(:patient_ids AS uuid[]), CAST(:wrapped_keys AS bytea[]),
    CAST(:nhs AS bytea[]), CAST(:birth AS bytea[]), CAST(:postcode AS bytea[]),
    CAST(:local_id AS bytea[])
) AS n (row_number, patient_id, wrapped_key, nhs, birth, postcode, local_id)
WHERE s.import_id = :import_id AND s.row_number = n.row_number
    AND s.row_number = ANY(CAST(:row_numbers AS integer[]))
""")
"""Gives rows their patient and what is sealed with that patient's key. To be run with `BY_HASH`."""

BY_HASH = text("SELECT set_config('enable_hashjoin', 'on', true)")
"""An update is joined by index only if the planner thinks so; it may read all arrays for each row
instead. `look_up_by_index` undoes this."""
