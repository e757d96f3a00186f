"""SQL of undoing an import: which records it touched last, and what they were before.

A record is *touched* if anything has happened to it since the import: a person's change, or a later
import that changed or confirmed it. What was itself undone counts for nothing, so a chain of
imports can be undone from its end. Touched records are kept as they are.

Source: architecture, how a file becomes records (undo).
"""

from __future__ import annotations

from services.records.domain.columns import CLINICAL, Column
from services.records.domain.history import ACKNOWLEDGED, REASON
from services.records.queries.matching import identity_columns
from services.records.queries.verdicts import is_locked

UNDONE = "import_undone"
"""The kind of the history's step, and why a record that the import had made is deleted."""

KEPT, LOCKED, REMOVED, RESTORED, NOTHING = "kept", "locked", "removed", "restored", "nothing"

# Of a record that the import made and did nothing else to, its first step is all there is.
_EFFECTS = """(SELECT e.import_id, e.record_id, e.outcome, e.version_after, e.before
        FROM import_effect e
        WHERE e.import_id = :import_id AND e.record_id > CAST(:after AS uuid)
        UNION ALL
        SELECT c.import_id, c.record_id, 'new', c.version, NULL
        FROM record_change c
        WHERE c.import_id = :import_id AND c.record_id > CAST(:after AS uuid)
            AND c.kind = 'created' AND NOT EXISTS (
                SELECT FROM import_effect e
                WHERE e.import_id = c.import_id AND e.record_id = c.record_id)
        ORDER BY record_id LIMIT CAST(:limit AS integer))"""

_IS_UNDONE = f"""EXISTS (SELECT FROM record_change u
                WHERE u.record_id = c.record_id AND u.import_id = c.import_id
                    AND u.kind = '{UNDONE}')"""

_TOUCHED = f"""(EXISTS (
            SELECT FROM record_change c
            WHERE c.record_id = e.record_id AND c.version > e.version_after
                AND NOT (c.import_id IS NOT NULL AND {_IS_UNDONE}))
        OR EXISTS (
            SELECT FROM import_effect f
            LEFT JOIN staged_import i ON i.import_id = f.import_id
            WHERE f.record_id = e.record_id AND f.import_id <> e.import_id
                AND f.outcome = 'same' AND f.version_after >= e.version_after
                AND i.state NOT IN ('undoing', 'undone')))"""

_LOCAL_ID_TAKEN = """EXISTS (
            SELECT FROM record_identity o
            WHERE o.site_id = :site_id AND o.record_id <> e.record_id
                AND o.local_id_hash = decode(e.before ->> 'local_id_hash', 'hex'))"""

_OLD_DAY = "CAST(h.changes -> 'date_index_diagnosed' ->> 0 AS date)"

JUDGED = f"""SELECT e.record_id, e.outcome, e.before, e.version_after, r.version, h.changes,
        CASE WHEN e.outcome = 'same' THEN '{NOTHING}'
            WHEN r.state = 'deleted' OR {_TOUCHED} THEN '{KEPT}'
            WHEN {is_locked("r.date_index_diagnosed", "r.record_id")}
                OR {is_locked(_OLD_DAY, "r.record_id")} THEN '{LOCKED}'
            WHEN e.outcome = 'new' THEN '{REMOVED}'
            WHEN e.before IS NULL OR {_LOCAL_ID_TAKEN} THEN '{KEPT}'
            ELSE '{RESTORED}' END AS verdict
    FROM {_EFFECTS} e
    LEFT JOIN fls_record r ON r.record_id = e.record_id
    LEFT JOIN record_change h ON h.record_id = e.record_id AND h.version = e.version_after
        AND e.outcome = 'changed'"""
"""The next effects of an import with what undoing would do to each record.

Binds: import_id, site_id, after (a record's id), limit, and those of `lock_binds`.
"""

PREVIEW = f"""SELECT j.verdict, count(*) AS records,
    array_agg(DISTINCT extract(year FROM r.date_index_diagnosed)::integer) FILTER (
        WHERE j.verdict = '{LOCKED}') AS years
FROM ({JUDGED}) j LEFT JOIN fls_record r ON r.record_id = j.record_id
GROUP BY j.verdict"""


def _old(column: Column) -> str:
    """What a field held before the import, if the import changed it."""
    value = f"j.changes -> '{column.key}' -> 0"
    text = f"j.changes -> '{column.key}' ->> 0"
    if column.sql_type == "text[]":
        old = f"CASE WHEN jsonb_typeof({value}) = 'array' THEN {_texts(value)} END"
    else:
        old = f"CAST({text} AS {column.sql_type})"
    return f"CASE WHEN j.changes ? '{column.key}' THEN {old} ELSE r.{column.key} END"


def _texts(value: str) -> str:
    return f"ARRAY(SELECT jsonb_array_elements_text({value}))"


def _old_sealed(name: str, key: str) -> str:
    return (
        f"CASE WHEN j.changes ? '{key}' THEN decode(j.changes -> '{key}' ->> 0, 'base64') "
        f"ELSE i.{name}_sealed END"
    )


_DERIVED = {
    "own_state": "text",
    "has_warnings": "boolean",
    "dataset_version": "text",
    "age_at_diagnosis": "smallint",
    "age_band": "text",
    "outward_postcode": "text",
}
"""Columns of a record that follow from its answers -> their type; `before` has their values."""

_ACKNOWLEDGED = (
    f"CASE WHEN j.changes ? '{ACKNOWLEDGED}' "
    f"THEN nullif({_texts(f'''j.changes -> '{ACKNOWLEDGED}' -> 0''')}, '{{}}') "
    "ELSE r.acknowledged END"
)
_SETS = ",\n        ".join(
    [
        *(f"{column.key} = {_old(column)}" for column in CLINICAL),
        *(f"{name} = CAST(j.before ->> '{name}' AS {kind})" for name, kind in _DERIVED.items()),
        "state = j.before ->> 'own_state'",
        f"acknowledged = {_ACKNOWLEDGED}",
    ]
)
_IDENTITY_SETS = ", ".join(
    f"{name}_sealed = {_old_sealed(name, key)}, "
    f"{name}_hash = decode(j.before ->> '{name}_hash', 'hex')"
    for name, key in identity_columns().items()
)

UNDO = f"""
WITH judged AS MATERIALIZED ({JUDGED}),
restored AS (
    UPDATE fls_record r SET version = r.version + 1, updated_at = now(),
        {_SETS}
    FROM judged j WHERE j.verdict = '{RESTORED}' AND r.record_id = j.record_id
),
restored_identity AS (
    UPDATE record_identity i SET {_IDENTITY_SETS}
    FROM judged j WHERE j.verdict = '{RESTORED}' AND i.record_id = j.record_id
),
removed AS (
    UPDATE fls_record r SET version = r.version + 1, updated_at = now(),
        state = 'deleted', deleted_reason = '{UNDONE}'
    FROM judged j WHERE j.verdict = '{REMOVED}' AND r.record_id = j.record_id
),
removed_identity AS (
    UPDATE record_identity i SET local_id_hash = NULL
    FROM judged j WHERE j.verdict = '{REMOVED}' AND i.record_id = j.record_id
),
history AS (
    INSERT INTO record_change (
        record_id, version, site_id, actor_id, door, import_id, kind, changes)
    SELECT j.record_id, j.version + 1, :site_id, CAST(:by AS uuid), 'import',
        CAST(:import_id AS uuid), '{UNDONE}',
        CASE WHEN j.verdict = '{REMOVED}'
            THEN jsonb_build_object('{REASON}', jsonb_build_array(NULL, '{UNDONE}'))
            ELSE (SELECT jsonb_object_agg(c.key, jsonb_build_array(c.value -> 1, c.value -> 0))
                FROM jsonb_each(j.changes) c) END
    FROM judged j WHERE j.verdict IN ('{REMOVED}', '{RESTORED}')
)
SELECT j.record_id, j.verdict, j.changes ? 'date_index_diagnosed' AS moved
FROM judged j ORDER BY j.record_id
"""
"""Undoes the next effects of an import. Binds: those of `JUDGED`, and by."""
