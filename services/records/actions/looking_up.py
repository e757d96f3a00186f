"""Looks an NHS number up before anything is typed: is it one, is the patient here already?"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from dataset.engine import check_record
from dataset.findings import Finding
from dataset.nhs_number import REASONS_FOR_NONE
from services.records.actions.identifying import patient_of, real_number
from services.records.actions.neighbours import findings_beside
from services.records.domain.saying import Unread, read_text
from services.records.identifiers import hash_candidates
from services.records.keys import Keys
from services.records.queries.entries import list_unfinished
from services.records.queries.patients import list_records_of


def look_up(
    session: Session, keys: Keys, *, site_id: UUID, text: str, today: date
) -> dict[str, Any]:
    """What is known about an NHS number at a site, as `LookupAnswer` has it."""
    said, finding = read_text("nhs_number", text)
    findings: list[Finding] = [] if finding is None else [finding]
    value = None if isinstance(said, Unread) else said
    number = real_number(value)
    if value is not None:
        about_it = check_record({"nhs_number": value}, today=today)
        findings += [each for each in about_it if each.field == "nhs_number"]
        beside = findings_beside(
            session, keys, site_id=site_id, record_id=None, said={"nhs_number": number}, today=today
        )
        findings += beside
    answer: dict[str, Any] = {
        "nhs_number": value if number or value in REASONS_FOR_NONE else None,
        "findings": findings,
        "records": [],
        "entries": [],
    }
    patient = patient_of(session, keys, site_id=site_id, value=number)
    if patient is not None:
        answer["records"] = list_records_of(session, site_id=site_id, patient_id=patient.patient_id)
    if number is not None:
        hashes = hash_candidates(keys, "nhs_number", number)
        answer["entries"] = list_unfinished(session, site_id=site_id, nhs_hashes=hashes)
    return answer
