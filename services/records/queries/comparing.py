"""SQL of the comparison: what an import would do, and what a slice does when applied.

All of it is set-based and generated from the dataset's fields. Each statement is built once for
each choice of its arguments.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from services.records.domain.columns import CLINICAL, Column
from services.records.queries.matching import identity_columns, merged
from services.records.queries.slices import in_slice, rows_where
from services.records.queries.storing import (
    CLINICAL_COLUMNS,
    HISTORY,
    KEPT,
    STATE,
    inserts,
)
from services.records.queries.verdicts import ELSEWHERE, STAGED, judged_rows, new_rows, opted

_ALL = rows_where("v.import_id = :import_id")
_IS_CLEARLY_NEW = """(v.checked_record_id IS NULL
            AND v.row_number <> ALL(CAST(:unclear_rows AS integer[])))"""
_OTHERS = rows_where(f"v.import_id = :import_id AND NOT {_IS_CLEARLY_NEW}")

# What the comparison asks of a row that is not looked up; of its key, only whether it brings one.
# The wide rows are read once, and not again for each question.
_STAGED_KEYS = f"""staged AS MATERIALIZED (
        SELECT v.row_number, v.patient_id, v.nhs_hash, v.nhs_absent, v.date_index_diagnosed,
            v.local_id_hash, v.checked_record_id,
            CASE WHEN v.wrapped_key IS NOT NULL THEN '\\x'::bytea END AS wrapped_key
        FROM {_ALL} v
    )"""

# Worked out once and hashed. Without IS TRUE it became a join, which without hashing compares each
# row with all of `several`.
_OF_SEVERAL = "(t.nhs_hash IN (SELECT u.nhs_hash FROM several u)) IS TRUE"

LookedUp = Literal["all", "not_new", "nothing"]


@lru_cache
def compare_statement(overwrite_unknown: bool, *, looked_up: LookedUp) -> str:
    """Decides about all rows of an import, keeps what is held or rejected, counts by verdict.

    Two rows of one import about the same record are both held, however they name it: imports
    finds rows with equal keys, but only here it shows that a local identifier and an NHS number
    with a date mean the same record.
    Binds: import_id, site_id, mode, unclear_rows, and those of `lock_binds`.

    Args:
        looked_up: which rows are: all; those that a stored record was found behind when they were
            staged, and `unclear_rows`, if nothing at the site has changed since; nothing, if it has
            no record.

    Returns:
        (verdict, rows, unchecked_rows, other_rows, second_rows, last_row): how many rows have the
        verdict, and how many of them were not checked together with a stored record; two arrays in
        text: the rows that are to be applied and are not fresh (`queries.fresh`), and those of them
        that are the second new one of their patient; and the last row.
    """
    keys = "s.row_number, s.matched_id, s.nhs_hash, s.date_index_diagnosed, s.local_id_hash"
    keys += ", s.checked_record_id IS NULL AS unchecked"
    # It came with a key of its own, and its patient has been stored since: it is sealed anew.
    keys += ", s.wrapped_key IS NOT NULL AND s.known_patient_id IS NOT NULL AS is_late"
    if looked_up == "nothing":
        judged = new_rows("staged", keys)
    elif looked_up == "all":
        judged = judged_rows(_ALL, keys, overwrite_unknown)
    else:
        clearly_new = f"(SELECT v.* FROM staged v WHERE {_IS_CLEARLY_NEW})"
        judged = f"""{new_rows(clearly_new, keys)}
    UNION ALL
    {judged_rows(_OTHERS, keys, overwrite_unknown)}"""
    return f"""
    WITH {_STAGED_KEYS},
    {opted("staged")},
    judged AS MATERIALIZED ({judged}),
    several AS MATERIALIZED (
        SELECT t.nhs_hash FROM judged t WHERE t.verdict = 'new' AND t.nhs_hash IS NOT NULL
        GROUP BY t.nhs_hash HAVING count(*) > 1
    ),
    decided AS MATERIALIZED (
        SELECT j.row_number, j.unchecked, j.is_late,
        CASE WHEN NOT j.is_late THEN j.nhs_hash END AS nhs_hash,
        CASE
            WHEN j.verdict NOT IN ('new', 'changed', 'same') THEN j.verdict
            WHEN j.matched_id IN (
                SELECT t.matched_id FROM judged t WHERE t.matched_id IS NOT NULL
                GROUP BY t.matched_id HAVING count(*) > 1)
            OR j.local_id_hash IN (
                SELECT t.local_id_hash FROM judged t WHERE t.local_id_hash IS NOT NULL
                GROUP BY t.local_id_hash HAVING count(*) > 1)
            OR (j.matched_id IS NULL AND (j.nhs_hash, j.date_index_diagnosed) IN (
                SELECT t.nhs_hash, t.date_index_diagnosed FROM judged t
                WHERE t.verdict = 'new' AND {_OF_SEVERAL}
                GROUP BY t.nhs_hash, t.date_index_diagnosed HAVING count(*) > 1))
            THEN 'held:same_record_twice' ELSE j.verdict END AS verdict
        FROM judged j
    ),
    kept AS (
        INSERT INTO staged_decision (import_id, row_number, site_id, outcome, reason)
        SELECT :import_id, d.row_number, :site_id,
            split_part(d.verdict, ':', 1), split_part(d.verdict, ':', 2)
        FROM decided d WHERE d.verdict LIKE '%:%'
    ),
    first AS MATERIALIZED (
        SELECT t.nhs_hash, min(t.row_number) AS row_number,
            (array_agg(t.row_number ORDER BY t.row_number))[2] AS second_row
        FROM decided t WHERE t.verdict = 'new' AND {_OF_SEVERAL}
        GROUP BY t.nhs_hash HAVING count(*) > 1
    )
    SELECT d.verdict, count(*) AS rows, count(*) FILTER (WHERE d.unchecked) AS unchecked_rows,
        array_agg(d.row_number) FILTER (
            WHERE d.verdict IN ('changed', 'same') OR (d.verdict = 'new' AND (
                NOT d.unchecked OR d.is_late
                OR (d.nhs_hash IN (SELECT t.nhs_hash FROM first t)
                    AND d.row_number NOT IN (SELECT t.row_number FROM first t))))
        )::text AS other_rows,
        CASE d.verdict WHEN 'new' THEN (SELECT array_agg(t.second_row)::text FROM first t) END
            AS second_rows,
        max(d.row_number) AS last_row
    FROM decided d GROUP BY d.verdict
    """


@lru_cache
def apply_statement(overwrite_unknown: bool, *, as_compared: bool, listed: bool) -> str:
    """Compares the rows of a slice again and applies them, all in one statement.

    Every part reads the store as it was before the statement, so the history's old values are what
    the update replaces. A row that cannot be applied any more is held, whatever the cause.
    Binds: import_id, site_id, mode, after, upto, by, and those of `lock_binds`.

    Args:
        as_compared: nothing at the site has changed since the comparison but by this import, so
            that rows which no stored record was behind are new still, and are not looked up.
        listed: as for `in_slice`.

    Returns (verdict, rows, stored_rows, to_pair, to_look_at, elsewhere). Three of them are arrays
    in text, which only go back into the database: numbers of the rows that were stored, records
    that may have come near another one of their patient, and records that may have pairs, or a
    state other than their own. `elsewhere`: ids of records that another site has too, or None.
    """
    rows = "s.known_patient_id, s.matched_id, " + ", ".join(f"s.{name}" for name in STAGED)
    stored = f"r.version AS stored_version, r.date_index_diagnosed AS stored_day, {rows}"
    condition = in_slice(listed=listed)
    if not as_compared:
        judged = judged_rows(rows_where(condition), stored, overwrite_unknown)
    else:
        nothing = f"NULL::integer AS stored_version, NULL::date AS stored_day, {rows}"
        unchecked, checked = (
            rows_where(f"{condition} AND v.checked_record_id IS {test}")
            for test in ("NULL", "NOT NULL")
        )
        judged = f"""{new_rows(unchecked, nothing)}
    UNION ALL
{judged_rows(checked, stored, overwrite_unknown)}"""
    return f"""
    WITH {opted(rows_where(condition))},
    {ELSEWHERE},
    judged AS MATERIALIZED ({judged}),
    {inserts(own_patients=False)},
    {_moved(overwrite_unknown)},
    {_UPDATES},
    {_HISTORY},
    effects AS (
        INSERT INTO import_effect (
            import_id, record_id, site_id, outcome, version_before, version_after, before)
        SELECT CAST(:import_id AS uuid), s.matched_id, CAST(:site_id AS uuid), 'same',
            s.stored_version, s.stored_version, CAST(NULL AS jsonb)
        FROM judged s WHERE s.verdict = 'same'
        UNION ALL
        SELECT :import_id, s.matched_id, :site_id, 'changed', s.version, s.version + 1, s.before
        FROM moved s
    ),
    kept AS (
        {KEPT}
    )
    SELECT s.verdict, count(*) AS rows,
        array_agg(s.row_number) FILTER (
            WHERE s.verdict IN ('new', 'changed')
        )::text AS stored_rows,
        array_agg(CASE s.verdict WHEN 'new' THEN s.record_id ELSE s.matched_id END) FILTER (
            WHERE (s.verdict = 'new' AND (s.known_patient_id IS NOT NULL OR s.patient_id IN (
                    SELECT t.patient_id FROM judged t WHERE t.verdict = 'new'
                    GROUP BY t.patient_id HAVING count(*) > 1)))
                OR (s.verdict = 'changed' AND s.date_index_diagnosed <> s.stored_day)
        )::text AS to_pair,
        array_agg(CASE s.verdict WHEN 'new' THEN s.record_id ELSE s.matched_id END) FILTER (
            WHERE s.verdict = 'changed' OR (s.verdict = 'new' AND s.acknowledged IS NOT NULL)
        )::text AS to_look_at,
        array_agg(CASE s.verdict WHEN 'new' THEN s.record_id ELSE s.matched_id END) FILTER (
            WHERE s.verdict IN ('new', 'changed')
                AND s.row_number IN (SELECT e.row_number FROM elsewhere e)
        ) AS elsewhere
    FROM judged s GROUP BY s.verdict
    """


_PARTS = tuple(f"{name}_{part}" for name in identity_columns() for part in ("hash", "sealed"))


def _moved(overwrite_unknown: bool) -> str:
    """The changed rows with every value before and after, so that each is merged once.

    Left joins hold the order: from the rows to their records, never the other way.
    """
    pairs = [
        (column.key, f"r.{column.key}", merged(column, overwrite_unknown=overwrite_unknown))
        for column in CLINICAL
    ]
    # History knows lists, the record none where it would be empty.
    pairs += [("acknowledged", "coalesce(r.acknowledged, '{}')", "coalesce(s.acknowledged, '{}')")]
    pairs += [
        (f"{name}_{part}", f"i.{name}_{part}", _kept_identifier(name, key, part))
        for name, key in identity_columns().items()
        for part in ("hash", "sealed")
    ]
    values = ",\n".join(f"{old} AS old_{name}, {new} AS new_{name}" for name, old, new in pairs)
    return f"""moved AS MATERIALIZED (
        SELECT s.matched_id, s.has_warnings, s.dataset_version, s.age_at_diagnosis, s.age_band,
            s.outward_postcode, r.version, r.patient_id, r.created_at, r.created_import_id,
            CASE WHEN cardinality(r.unreadable) > 0 THEN 'invalid' ELSE {STATE} END AS own_state,
            {BEFORE} AS before,
            {values}
        FROM judged s
        LEFT JOIN fls_record r ON r.record_id = s.matched_id
        LEFT JOIN record_identity i ON i.record_id = s.matched_id
        WHERE s.verdict = 'changed'
    )"""


def _before() -> str:
    names = ("own_state", "has_warnings", "dataset_version", "age_at_diagnosis", "age_band")
    pairs = [f"'{name}', r.{name}" for name in (*names, "outward_postcode")]
    pairs += [f"'{name}_hash', encode(i.{name}_hash, 'hex')" for name in identity_columns()]
    return f"jsonb_build_object({', '.join(pairs)})"


BEFORE = _before()
"""What undoing cannot find in the history, of a record `r` with the identity `i`: hashes, and what
follows from the answers."""


def _kept_identifier(name: str, key: str, part: str) -> str:
    """What an identifier's column holds after the row. Only a changed one is sealed in staging."""
    return (
        f"CASE WHEN '{key}' = ANY(s.cleared) THEN NULL "
        f"WHEN s.{name}_sealed IS NOT NULL THEN s.{name}_{part} ELSE i.{name}_{part} END"
    )


_SET_RECORD = ", ".join(
    f"{name} = excluded.{name}"
    for name in (
        "version",
        "state",
        "own_state",
        "has_warnings",
        "acknowledged",
        "dataset_version",
        "age_at_diagnosis",
        "age_band",
        "outward_postcode",
        "updated_at",
        *(column.key for column in CLINICAL),
    )
)

# An upsert, though every row is there: it goes by the primary key whatever the planner thinks. An
# update with a join was planned, at times, to read all rows of the slice for each record of the
# site.
_UPDATES = f"""updated_record AS (
        INSERT INTO fls_record (
            record_id, patient_id, site_id, version, state, own_state, has_warnings,
            acknowledged, dataset_version, age_at_diagnosis, age_band, outward_postcode,
            created_at, updated_at, created_import_id, {CLINICAL_COLUMNS})
        SELECT s.matched_id, s.patient_id, :site_id, s.version + 1, s.own_state, s.own_state,
            s.has_warnings, nullif(s.new_acknowledged, '{{}}'), s.dataset_version,
            s.age_at_diagnosis, s.age_band, s.outward_postcode, s.created_at, now(),
            s.created_import_id,
            {", ".join(f"s.new_{column.key}" for column in CLINICAL)}
        FROM moved s
        ON CONFLICT (record_id) DO UPDATE SET {_SET_RECORD}
    ),
    updated_identity AS (
        INSERT INTO record_identity (record_id, patient_id, site_id, {", ".join(_PARTS)})
        SELECT s.matched_id, s.patient_id, :site_id, {", ".join(f"s.new_{p}" for p in _PARTS)}
        FROM moved s
        WHERE {" OR ".join(f"s.old_{part} IS DISTINCT FROM s.new_{part}" for part in _PARTS)}
        ON CONFLICT (record_id) DO UPDATE SET {", ".join(f"{p} = excluded.{p}" for p in _PARTS)}
    )"""


def _changes() -> str:
    """{key: [old, new]} of exactly what a row of `moved` changes, in wire form.

    Identifiers stand there as their sealed bytes in base64; `acknowledged`, which is no field, as
    tokens.
    """
    pairs = [_change(c.key, c.key, _wire_form(c)) for c in CLINICAL]
    pairs += [_change("acknowledged", "acknowledged", "{}")]
    pairs += [_change(key, f"{name}_sealed", _BASE64) for name, key in identity_columns().items()]
    # A function takes at most 100 arguments, which is 50 pairs.
    objects = [
        f"jsonb_build_object({', '.join(pairs[start : start + 40])})"
        for start in range(0, len(pairs), 40)
    ]
    return f"jsonb_strip_nulls({' || '.join(objects)})"


def _wire_form(column: Column) -> str:
    return "{}::text" if column.sql_type.startswith("numeric") else "{}"


# encode() breaks base64 into lines; they are joined again.
_BASE64 = "translate(encode({}, 'base64'), E'\\n', '')"


def _change(key: str, name: str, form: str) -> str:
    """`'key', [old, new]` when the value changes, `'key', null` (stripped) when it does not."""
    old, new = f"s.old_{name}", f"s.new_{name}"
    return (
        f"'{key}', CASE WHEN {old} IS DISTINCT FROM {new} "
        f"THEN jsonb_build_array({form.format(old)}, {form.format(new)}) END"
    )


_HISTORY = f"""history AS (
        {HISTORY}
        UNION ALL
        SELECT s.matched_id, s.version + 1, :site_id, :by, 'import', :import_id, 'updated',
            {_changes()}, s.patient_id
        FROM moved s
    )"""
