"""The audit team's extract: all sites, no identifier, one study key for each person.

A study key is a keyed hash (HMAC-SHA-256) of the NHS number. The key lies outside the database: the
same person has the same study key at every site and in every extract, and nobody without the key
can tell whose it is. Someone without an NHS number has one of their own for each record.

Source: domain notes 5.3 (research extract), 6.3 (opt-out) and 6.4 (pseudonym).
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.orm import Session

from services.records.domain.columns import CLINICAL_KEYS
from services.records.domain.exporting import (
    EXTRACT_FIELDS,
    CellWriter,
    Filters,
    clinical_writers,
)
from services.records.identifiers import Opener, hash_candidates
from services.records.keys import Keys
from services.records.queries.exporting import (
    NATIONAL_HEAD,
    opted_out_places,
    stream_of_all_sites,
)

STUDY_KEY_CHARACTERS = 32
"""Hexadecimal, 128 bits: two people never share one by chance."""


def table_of_all_sites(
    session: Session, keys: Keys, *, filters: Filters
) -> Iterator[list[Sequence[str]]]:
    """Records of all sites, in parts of columns below `EXTRACT_HEADINGS`; answers as codes.

    The transaction has the national reader's role. Whoever has opted out is left out, at whichever
    site the opt-out was recorded.

    Raises:
        sealing.CannotOpen: what is stored of a record does not open.
    """
    writers = clinical_writers(labels=False)
    for rows in stream_of_all_sites(session, filters=filters):
        numbers = [_nhs_number(row, keys) for row in rows]
        staying = _staying(session, keys, numbers)
        if staying:
            study_keys = [study_key(keys.study, numbers[i], rows[i][0]) for i in staying]
            yield _part([rows[i] for i in staying], study_keys, writers)


def study_key(key: bytes, nhs_number: str | None, patient_id: UUID) -> str:
    """What stands in an extract for a person; for one without an NHS number it is the patient's."""
    whom = f"nhs\0{nhs_number}" if nhs_number else f"patient\0{patient_id}"
    return hmac.digest(key, whom.encode(), "sha256").hex()[:STUDY_KEY_CHARACTERS]


def _nhs_number(row: Row[Any], keys: Keys) -> str | None:
    opener = Opener(keys, row.patient_id, row.wrapped_key)
    return opener.open("nhs_number", row.nhs_sealed)


def _staying(session: Session, keys: Keys, numbers: Sequence[str | None]) -> list[int]:
    """Places of the rows whose patients have not opted out."""
    hashes: list[bytes] = []
    owners: list[int] = []
    for place, number in enumerate(numbers):
        if number is not None:
            # An opt-out may have been noted when another hash key was the current one.
            candidates = hash_candidates(keys, "nhs_number", number)
            hashes += candidates
            owners += [place] * len(candidates)
    gone = {owners[place] for place in opted_out_places(session, hashes)}
    return [place for place in range(len(numbers)) if place not in gone]


def _part(
    rows: Sequence[Row[Any]], study_keys: Sequence[str], writers: dict[str, CellWriter]
) -> list[Sequence[str]]:
    columns = list(zip(*rows, strict=True))
    head = dict(zip(NATIONAL_HEAD, columns, strict=False))
    cells: dict[str, Sequence[str]] = {
        key: list(map(writers[key], column))
        for key, column in zip(CLINICAL_KEYS, columns[len(NATIONAL_HEAD) :], strict=True)
    }
    cells |= {
        "service_code": head["site_code"],
        "nhs_number": study_keys,
        "date_of_birth": [age or "" for age in head["age_at_diagnosis"]],
        "postcode": [outward or "" for outward in head["outward_postcode"]],
    }
    in_order = [cells[field.key] for field in EXTRACT_FIELDS]
    return [*in_order, head["dataset_version"], head["state"]]
