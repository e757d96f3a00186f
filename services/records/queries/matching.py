"""SQL that finds the record a row is about, and says what the row would do to it.

One text for all who ask (checking a batch, comparing an import, applying a slice), so that they can
never disagree. The parts that speak of fields are generated from the dataset.

The row key (domain notes 5.2 and 5.2.1), in this order:
    1. the local identifier, if it is given and known at the site: it names the record, and only
       through it can an NHS number or a date of diagnosis be corrected;
    2. NHS number and date of diagnosis;
    3. the same NHS number and fracture site within seven days: perhaps the same, a person decides.
A patient without an NHS number is found by the local identifier alone.
"""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.records.domain.columns import CLINICAL, Column
from services.records.domain.decisions import NEAR_DAYS

# Bitmaps of two indexes are put together to save the reading of rows; but the index of all rows of
# the site is no saving.
_OFF = (
    "enable_hashjoin",
    "enable_mergejoin",
    "enable_seqscan",
    "enable_material",
    "enable_bitmapscan",
    "jit",
)
_BY_INDEX = text("SELECT " + ", ".join(f"set_config('{name}', 'off', true)" for name in _OFF))


def look_up_by_index(session: Session) -> None:
    """Has the statements of this transaction find stored rows by index, row by row.

    Rows that were staged or stored a moment ago are not in the planner's statistics yet, and a plan
    kept from when a table was empty reads all of it for each row. Look-ups by index cost the same
    however much is stored; and nothing is prepared, so that every plan knows the present sizes.
    """
    driver = session.connection().connection.driver_connection
    assert driver is not None
    driver.prepare_threshold = None
    session.execute(_BY_INDEX)


_NO_IDENTITY = "s.nhs_hash IS NULL AND s.nhs_absent IS NULL"
_KEY_COLUMNS = (
    "row_number",
    "nhs_hash",
    "nhs_absent",
    "local_id_hash",
    "date_index_diagnosed",
    "site_1",
)

GIVEN_KEYS = """(
    SELECT * FROM unnest(
        CAST(:row_numbers AS integer[]), CAST(:nhs_hashes AS bytea[]),
        CAST(:nhs_absents AS text[]), CAST(:local_id_hashes AS bytea[]),
        CAST(:dates AS date[]), CAST(:sites AS text[])
    ) AS given (row_number, nhs_hash, nhs_absent, local_id_hash, date_index_diagnosed, site_1)
)"""
"""A source of rows for `judged`: the keys of a batch, given as arrays."""


def judged(source: str, columns: tuple[str, ...] = _KEY_COLUMNS) -> str:
    """A SELECT that names, for each row of a source, the record it is about.

    OFFSET 0 has each step end in plain columns. Under row-level security an index is only used for
    a comparison that cannot leak, and PostgreSQL takes expressions such as COALESCE as leaking:
    joined by one, every row would read the whole site.

    Binds: `site_id`, `import_id` (whose own new records do not count as stored).

    Args:
        source: a relation in SQL with at least the key columns of a staged row.
        columns: which of its columns to pass on.

    Returns:
        The columns, and: `known_patient_id` (the stored patient of the NHS number, or None),
        `owner_key` (the wrapped key of the patient whom the row is about), `match` (`known`, `new`,
        `held:<reason>`, `rejected:<code>`), `matched_id` (the record's id when `known`).
    """
    passed = ", ".join(f"s.{name}" for name in columns)
    return f"""
    SELECT {passed}, s.known_patient_id, s.owner_key, s.match,
        CASE WHEN s.match <> 'known' THEN NULL
            WHEN s.local_record_id IS NOT NULL THEN s.local_record_id
            ELSE s.day_record_ids[1] END AS matched_id
    FROM (
        SELECT s.*, pk.wrapped_key AS owner_key, {_MATCH} AS match
        FROM (
            SELECT s.*, r.day_record_ids, r.is_near
            FROM (
                SELECT s.*, p.patient_id AS known_patient_id, li.record_id AS local_record_id,
                    li.patient_id AS local_patient_id,
                    coalesce(li.patient_id, p.patient_id) AS owner_id
                FROM {source} AS s
                LEFT JOIN patient p ON p.site_id = :site_id AND p.nhs_hash = s.nhs_hash
                LEFT JOIN record_identity li
                    ON li.site_id = :site_id AND li.local_id_hash = s.local_id_hash
                OFFSET 0
            ) s
            LEFT JOIN LATERAL ({_RECORDS_OF_OWNER}) r ON true
            OFFSET 0
        ) s
        LEFT JOIN patient lp ON lp.patient_id = s.local_patient_id
        LEFT JOIN patient_key pk ON pk.patient_id = s.owner_id
        OFFSET 0
    ) s
    OFFSET 0"""


# Not `state <> 'deleted'`: that would let the planner take the index of lists, made for just that,
# and read the whole site in it for each row while fresh rows are not in its statistics.
_STANDS = "coalesce(r.state, '') <> 'deleted'"

# What the stored records of the patient say of the row, in one look: those of its day, and whether
# one of its fracture site is near.
_RECORDS_OF_OWNER = f"""
                SELECT array_agg(r.record_id ORDER BY r.record_id) FILTER (
                        WHERE r.date_index_diagnosed = s.date_index_diagnosed) AS day_record_ids,
                    bool_or(r.site_1 = s.site_1 AND r.date_index_diagnosed
                        BETWEEN s.date_index_diagnosed - {NEAR_DAYS}
                            AND s.date_index_diagnosed + {NEAR_DAYS}) AS is_near
                FROM fls_record r
                WHERE r.patient_id = s.owner_id
                    AND {_STANDS} AND r.created_import_id IS DISTINCT FROM :import_id"""

_MATCH = f"""CASE
            WHEN s.owner_id IS NOT NULL AND pk.patient_id IS NULL THEN 'held:identifiers_erased'
            WHEN s.local_record_id IS NOT NULL THEN CASE
                WHEN NOT ({_NO_IDENTITY})
                    AND (s.nhs_hash IS DISTINCT FROM lp.nhs_hash
                        OR s.nhs_absent IS DISTINCT FROM lp.nhs_absent)
                THEN CASE WHEN s.known_patient_id IS NOT NULL
                    THEN 'rejected:R07' ELSE 'held:change_of_identity' END
                WHEN s.day_record_ids[1] IS NOT NULL
                    AND NOT s.local_record_id = ANY(s.day_record_ids)
                    THEN 'held:two_records'
                ELSE 'known' END
            WHEN {_NO_IDENTITY} THEN 'rejected:R01'
            WHEN s.day_record_ids[2] IS NOT NULL THEN 'held:several_records'
            WHEN s.day_record_ids[1] IS NOT NULL THEN 'known'
            WHEN s.is_near THEN 'held:possible_match'
            ELSE 'new' END"""


def merged(column: Column, *, overwrite_unknown: bool) -> str:
    """The value a field has after the row: what `dataset.merging.merge` says, in SQL.

    `s` is the staged row and `r` the stored record: a blank leaves, #CLEAR empties, and "don't
    know" takes no known answer's place unless asked to.
    """
    key = column.key
    kept = f"coalesce(s.{key}, r.{key})"
    if column.has_unknown and not overwrite_unknown:
        known = f"coalesce(r.{key}, s.{key})"
        kept = f"CASE WHEN s.{key} = {_unknown(column)} THEN {known} ELSE {kept} END"
    return f"CASE WHEN '{key}' = ANY(s.cleared) THEN NULL ELSE {kept} END"


def _unknown(column: Column) -> str:
    return "ARRAY['U']" if column.sql_type == "text[]" else "'U'"


def differs(*, overwrite_unknown: bool) -> str:
    """A condition: the row `s` would change the record `r` with the identity `i`.

    Acknowledgements that the record has already change nothing. It is written so that a blank
    cell, the usual case, costs one test.
    """
    tests = [_field_differs(column, overwrite_unknown) for column in CLINICAL]
    tests += [f"(s.{name}_hash <> i.{name}_hash)" for name in _IDENTITY]
    tests += [f"(s.{name}_hash IS NOT NULL AND i.{name}_hash IS NULL)" for name in _IDENTITY]
    tests += [
        "(s.acknowledged IS NOT NULL AND NOT s.acknowledged <@ coalesce(r.acknowledged, '{}'))"
    ]
    return (
        "(coalesce(" + "\n OR ".join(tests) + ", false)\n"
        f" OR (s.cleared IS NOT NULL AND ({_cleared_differs()})))"
    )


def field_differences(*, overwrite_unknown: bool) -> dict[str, str]:
    """Field key -> a condition: the row `s` would change this answer of the record `r`, `i`."""
    tests = {
        column.key: f"(coalesce({_field_differs(column, overwrite_unknown)}, false) "
        f"OR coalesce('{column.key}' = ANY(s.cleared) AND r.{column.key} IS NOT NULL, false))"
        for column in CLINICAL
    }
    for name, key in _IDENTITY.items():
        tests[key] = (
            f"((s.{name}_hash IS NOT NULL AND s.{name}_hash IS DISTINCT FROM i.{name}_hash) "
            f"OR coalesce('{key}' = ANY(s.cleared) AND i.{name}_hash IS NOT NULL, false))"
        )
    return tests


_IDENTITY = {"birth": "date_of_birth", "postcode": "postcode", "local_id": "local_id"}


def _field_differs(column: Column, overwrite_unknown: bool) -> str:
    key = column.key
    test = f"s.{key} IS NOT NULL AND s.{key} IS DISTINCT FROM r.{key}"
    if column.has_unknown and not overwrite_unknown:
        test += f" AND (s.{key} <> {_unknown(column)} OR r.{key} IS NULL)"
    return f"({test})"


def _cleared_differs() -> str:
    tests = [f"('{c.key}' = ANY(s.cleared) AND r.{c.key} IS NOT NULL)" for c in CLINICAL]
    tests += [
        f"('{key}' = ANY(s.cleared) AND i.{name}_hash IS NOT NULL)"
        for name, key in _IDENTITY.items()
    ]
    return "\n OR ".join(tests)


def identity_columns() -> dict[str, str]:
    """Stem of the columns of an identifier -> its field's key."""
    return dict(_IDENTITY)
