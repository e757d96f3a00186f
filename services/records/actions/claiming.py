"""Whether NHS number and local identifier can be this record's, at a form and at the API.

Source: domain notes 5.2 (row key) and 5.2.1 (`local_id` known with another NHS number).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from dataset.fields import KEY_FIELDS
from dataset.findings import Finding
from dataset.nhs_number import REASONS_FOR_NONE
from dataset.store import other_patients_number
from dataset.values import Record, Value, is_blank
from services.records.actions.identifying import patient_of, real_number
from services.records.domain.claims import LOCAL_ID_TAKEN
from services.records.domain.saying import Statement
from services.records.identifiers import hash_candidates
from services.records.keys import Keys
from services.records.queries.patients import find_record_named, list_records_of

KEY_KEYS: Final = tuple(field.key for field in KEY_FIELDS)


@dataclass(frozen=True, slots=True)
class Settled:
    """What of a statement can be stored.

    Attributes:
        values: every answer to store; blanks left out.
        held: keys whose text has to wait: it cannot be read, or must not take the place of what is
            stored.
    """

    values: dict[str, Value]
    held: frozenset[str]

    @property
    def is_a_record(self) -> bool:
        """Whether everything is there without which no record can be."""
        return set(KEY_KEYS) <= self.values.keys() and not _lacks_local_id(self.values)


def claims(
    session: Session,
    keys: Keys,
    *,
    site_id: UUID,
    record_id: UUID | None,
    stored: Record,
    said: Record,
) -> list[Finding]:
    """What is wrong with the identifiers because they are another record's; errors all.

    Args:
        record_id: None for a record that is not stored yet.
        stored: the record as it is; empty if it is new.
        said: as somebody wants it.
    """
    found = []
    local_id = said.get("local_id")
    if isinstance(local_id, str) and local_id != stored.get("local_id"):
        hashes = hash_candidates(keys, "local_id", local_id)
        named = find_record_named(session, site_id=site_id, local_id_hashes=hashes)
        if named is not None and named != record_id:
            found.append(LOCAL_ID_TAKEN)
    if _is_anothers_number(session, keys, site_id=site_id, stored=stored, said=said):
        found.append(other_patients_number())
    return found


def _is_anothers_number(
    session: Session, keys: Keys, *, site_id: UUID, stored: Record, said: Record
) -> bool:
    """R07: a record that its local id names goes to another patient who has records here.

    Without the local identifier the file has no way to change the number, and a person who sees
    both may; a patient who had no NHS number so far has none that could be another.
    """
    before, after = real_number(stored.get("nhs_number")), real_number(said.get("nhs_number"))
    if before is None or after is None or before == after:
        return False
    if is_blank(said.get("local_id")) or said.get("local_id") != stored.get("local_id"):
        return False
    other = patient_of(session, keys, site_id=site_id, value=after)
    return other is not None and bool(
        list_records_of(session, site_id=site_id, patient_id=other.patient_id)
    )


def settled(
    stored: Record, statement: Statement, typed: frozenset[str], claimed: list[Finding]
) -> Settled:
    """Sorts what is said into what can be stored and what has to wait. Pure.

    A key field is never emptied nor made unreadable: what is stored stays until it is mended.

    Args:
        typed: keys of all texts that are typed and not stored.
        claimed: the findings of `claims`.
    """
    held = set(statement.unreadable)
    held |= {key for key in KEY_KEYS if key in typed and is_blank(statement.values.get(key))}
    number = statement.values.get("nhs_number")
    if number not in REASONS_FOR_NONE and real_number(number) is None:
        held |= {"nhs_number"} & typed
    held |= {finding.field for finding in claimed if finding.field is not None} & typed
    values = _stored_with(stored, statement, held)
    for key in ("nhs_number", "local_id"):
        if _lacks_local_id(values) and key in typed and stored:
            held.add(key)
            values = _stored_with(stored, statement, held)
    return Settled(values, frozenset(held))


def _stored_with(stored: Record, statement: Statement, held: set[str]) -> dict[str, Value]:
    values = {
        key: stored.get(key) if key in held else value for key, value in statement.values.items()
    }
    return {key: value for key, value in values.items() if not is_blank(value)}


def _lacks_local_id(values: Record) -> bool:
    return values.get("nhs_number") in REASONS_FOR_NONE and "local_id" not in values
