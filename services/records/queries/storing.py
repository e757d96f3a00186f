"""SQL that stores the new rows among `judged`: patients with their keys, records, history.

What the import did to them is in their history (`queries.undoing`).

Parts of the statements that apply an import. `judged` has the columns of a staged row `s` and its
`verdict`. Binds: import_id, site_id, by.
"""

from __future__ import annotations

from services.records.domain.columns import CLINICAL

CLINICAL_COLUMNS = ", ".join(column.key for column in CLINICAL)
_S_CLINICAL = ", ".join(f"s.{column.key}" for column in CLINICAL)

# Rows that were staged by a release that knew no `next_state` have none.
STATE = "coalesce(s.next_state, CASE WHEN s.has_warnings THEN 'to_confirm' ELSE 'valid' END)"
"""The state that a row gives its record, from its answers alone."""


def inserts(*, own_patients: bool) -> str:
    """New patients and keys, records and their identities.

    Args:
        own_patients: each new row makes a patient of its own. Else several may share one, which
            any of them makes.
    """
    each, in_order = "SELECT", ""
    if not own_patients:
        each = "SELECT DISTINCT ON (s.patient_id)"
        in_order = "ORDER BY s.patient_id, s.row_number"
    return f"""new_patient AS (
        INSERT INTO patient (patient_id, site_id, nhs_hash, nhs_sealed, nhs_absent)
        {each} s.patient_id, :site_id, s.nhs_hash, s.nhs_sealed, s.nhs_absent
        FROM judged s WHERE s.verdict = 'new' AND s.wrapped_key IS NOT NULL
        {in_order}
    ),
    new_key AS (
        INSERT INTO patient_key (patient_id, site_id, wrapped_key)
        {each} s.patient_id, :site_id, s.wrapped_key
        FROM judged s WHERE s.verdict = 'new' AND s.wrapped_key IS NOT NULL
        {in_order}
    ),
    new_record AS (
        INSERT INTO fls_record (
            record_id, patient_id, site_id, version, state, own_state, has_warnings,
            acknowledged, dataset_version, age_at_diagnosis, age_band, outward_postcode,
            created_import_id, {CLINICAL_COLUMNS})
        SELECT s.record_id, s.patient_id, :site_id, 1, {STATE}, {STATE}, s.has_warnings,
            s.acknowledged, s.dataset_version, s.age_at_diagnosis, s.age_band, s.outward_postcode,
            :import_id, {_S_CLINICAL}
        FROM judged s WHERE s.verdict = 'new'
    ),
    new_identity AS (
        INSERT INTO record_identity (
            record_id, patient_id, site_id, birth_hash, birth_sealed, postcode_hash,
            postcode_sealed, local_id_hash, local_id_sealed)
        SELECT s.record_id, s.patient_id, :site_id, s.birth_hash, s.birth_sealed,
            s.postcode_hash, s.postcode_sealed, s.local_id_hash, s.local_id_sealed
        FROM judged s WHERE s.verdict = 'new'
    )"""


HISTORY = """INSERT INTO record_change (
            record_id, version, site_id, actor_id, door, import_id, kind, changes, patient_id)
        SELECT s.record_id, 1, :site_id, CAST(:by AS uuid), 'import', CAST(:import_id AS uuid),
            'created', CAST(NULL AS jsonb), s.patient_id
        FROM judged s WHERE s.verdict = 'new'"""

KEPT = """INSERT INTO staged_decision (import_id, row_number, site_id, outcome, reason)
        SELECT :import_id, s.row_number, :site_id, 'held',
            CASE s.verdict WHEN 'rejected:M01' THEN 'stored_since_check'
                ELSE split_part(s.verdict, ':', 2) END
        FROM judged s WHERE s.verdict LIKE '%:%'"""
"""A row that cannot be applied any more is held, whatever the cause."""
