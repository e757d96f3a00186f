"""Reads all records of a site, or of all sites, as a stream: identifiers sealed, answers as texts.

The database hands rows out as they are asked for (a cursor on its side), so that memory here is
bounded by a part of them, however many there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, TextClause, select, text
from sqlalchemy.orm import Session

from services.records.domain.columns import CLINICAL, Column
from services.records.domain.exporting import Filters
from services.records.queries.matching import look_up_by_index
from services.records.tables import Site

PART_ROWS = 1_000

SITE_HEAD = (
    "patient_id",
    "wrapped_key",
    "nhs_sealed",
    "nhs_absent",
    "birth_sealed",
    "postcode_sealed",
    "local_id_sealed",
    "acknowledged",
)
"""What stands before the clinical texts in a row of a site."""

NATIONAL_HEAD = (
    "patient_id",
    "wrapped_key",
    "nhs_sealed",
    "site_code",
    "age_at_diagnosis",
    "outward_postcode",
    "dataset_version",
    "state",
)
"""What stands before the clinical texts in a row of the extract."""


def _as_text(column: Column) -> str:
    """A clinical column as one text: dates in ISO form, several values joined by ";"."""
    name = f"r.{column.key}"
    if column.sql_type == "text[]":
        return f"array_to_string({name}, ';')"
    return name if column.sql_type == "text" else f"{name}::text"


_CLINICAL = ", ".join(map(_as_text, CLINICAL))
_WANTED = """
    r.state <> 'deleted'
    AND (CAST(:diagnosed_from AS date) IS NULL OR r.date_index_diagnosed >= :diagnosed_from)
    AND (CAST(:diagnosed_to AS date) IS NULL OR r.date_index_diagnosed <= :diagnosed_to)
    AND (CAST(:state AS text) IS NULL OR r.state = :state)"""

_OF_SITE = text(f"""
SELECT r.patient_id, pk.wrapped_key, p.nhs_sealed, p.nhs_absent, i.birth_sealed, i.postcode_sealed,
    i.local_id_sealed, array_to_string(r.acknowledged, ';'), {_CLINICAL}
FROM fls_record r
JOIN record_identity i ON i.record_id = r.record_id
JOIN patient p ON p.patient_id = r.patient_id
LEFT JOIN patient_key pk ON pk.patient_id = r.patient_id
WHERE r.site_id = :site_id AND {_WANTED}
ORDER BY r.record_id
""")

# Who was erased has no key any more and is left out, and so are records that repeat another.
_OF_ALL_SITES = text(f"""
SELECT r.patient_id, pk.wrapped_key, p.nhs_sealed, s.code, r.age_at_diagnosis::text,
    r.outward_postcode, r.dataset_version, r.state, {_CLINICAL}
FROM fls_record r
JOIN site s ON s.site_id = r.site_id
JOIN patient p ON p.patient_id = r.patient_id
JOIN patient_key pk ON pk.patient_id = r.patient_id
WHERE r.state <> 'duplicate' AND {_WANTED}
ORDER BY r.record_id
""")

_OPTED_OUT = text("SELECT place FROM opted_out(CAST(:hashes AS bytea[])) AS place")


def stream_of_site(
    session: Session, *, site_id: UUID, filters: Filters
) -> Iterator[Sequence[Row[Any]]]:
    """The records of a site in order of their ids, in parts; `SITE_HEAD`, then clinical texts."""
    return _parts(session, _OF_SITE, filters, site_id=site_id)


def stream_of_all_sites(session: Session, *, filters: Filters) -> Iterator[Sequence[Row[Any]]]:
    """The records of all sites, in parts; `NATIONAL_HEAD`, then clinical texts.

    Needs the national reader's role. Deleted, erased and duplicate records are left out.
    """
    return _parts(session, _OF_ALL_SITES, filters)


def get_site_code(session: Session, *, site_id: UUID) -> str:
    """The code of a site, as it stands in the column of the template."""
    return session.scalars(select(Site.code).where(Site.site_id == site_id)).one()


def opted_out_places(session: Session, hashes: Sequence[bytes]) -> set[int]:
    """Places (from 0) of the hashes of NHS numbers whose owners have opted out."""
    if not hashes:
        return set()
    return {row[0] - 1 for row in session.execute(_OPTED_OUT, {"hashes": list(hashes)})}


def _parts(
    session: Session, statement: TextClause, filters: Filters, **binds: object
) -> Iterator[Sequence[Row[Any]]]:
    look_up_by_index(session)
    given = {
        "diagnosed_from": filters.diagnosed_from,
        "diagnosed_to": filters.diagnosed_to,
        "state": filters.state,
    }
    # With this option SQLAlchemy opens a cursor on the database's side.
    found = session.execute(statement, given | binds, execution_options={"stream_results": True})
    with found.yield_per(PART_ROWS) as rows:
        yield from rows.partitions(PART_ROWS)
