"""Makes list items: opens what a list shows of identifiers, and says how far each record is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from dataset.fields import FIELD_BY_KEY
from dataset.nhs_number import REASONS_FOR_NONE, is_valid, masked, normalised
from dataset.progress import COUNTED_SECTIONS, follow_up, section_state
from dataset.reading import read_cell
from dataset.values import Record
from services.records.actions.reading import ERASED
from services.records.domain.completeness import FOLLOW_UP_SECTIONS
from services.records.domain.lists import FOLLOW_UP_OF
from services.records.identifiers import hash_candidates, open_identifier, patient_key
from services.records.keys import Keys
from services.records.queries import finding as queries
from services.records.queries.worklists import Place
from services.records.tables import Entry

_TEN = 10


def list_item(keys: Keys, row: Row[Any], *, today: date) -> dict[str, Any]:
    """A row of a list with its local identifier and the last digits of its NHS number."""
    nhs, local_id = row.nhs_absent, None
    if row.wrapped_key is None:
        nhs = ERASED
    else:
        data_key = patient_key(keys, row.patient_id, row.wrapped_key)
        if row.nhs_sealed is not None:
            nhs = open_identifier(data_key, row.patient_id, "nhs_number", row.nhs_sealed)
        if row.local_id_sealed is not None:
            local_id = open_identifier(data_key, row.patient_id, "local_id", row.local_id_sealed)
    answers = _answers(row)
    return {
        "record_id": row.record_id,
        "local_id": local_id,
        "nhs_number_masked": nhs if nhs == ERASED else masked(nhs),
        "diagnosed_on": row.date_index_diagnosed,
        "site_1": row.site_1,
        "age_at_diagnosis": row.age_at_diagnosis,
        "state": row.state,
        "sections": {str(n): _section_state(row, n, answers, today) for n in COUNTED_SECTIONS},
        "follow_up": {
            "first": follow_up(1, answers, today=today).state,
            "second": follow_up(2, answers, today=today).state,
        },
        "updated_at": row.updated_at,
        "version": row.version,
    }


def _answers(row: Row[Any]) -> Record:
    """What a list row holds of the record's answers: those that tell about follow-ups."""
    given = ((key, getattr(row, key)) for key in queries.PROGRESS_KEYS)
    return {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in given
        if value is not None
    }


def _section_state(row: Row[Any], section: int, answers: Record, today: date) -> str:
    """A section's state: the follow-ups' by the day, the others' by their column alone."""
    if section in FOLLOW_UP_SECTIONS:
        return section_state(section, answers, today=today)
    return "complete" if getattr(row, f"section_{section}_complete") else "incomplete"


def entry_item(entry: Entry) -> dict[str, Any]:
    """Something unfinished, without a word of what was typed."""
    names = ("record_id", "version", "started_by", "started_at", "updated_by", "updated_at")
    return {**{name: getattr(entry, name) for name in names}, "answered": len(entry.keys)}


def search(
    session: Session, keys: Keys, *, site_id: Any, query: str, today: date
) -> dict[str, Any]:
    """Records and entries with exactly this NHS number or local identifier, spelt in any way."""
    nhs_hashes = [
        hashed
        for number in _nhs_numbers(query)
        for hashed in hash_candidates(keys, "nhs_number", number)
    ]
    local_id, _ = read_cell(FIELD_BY_KEY["local_id"], query)
    local_hashes = hash_candidates(keys, "local_id", local_id) if isinstance(local_id, str) else []
    rows = queries.search_records(
        session, site_id=site_id, nhs_hashes=nhs_hashes, local_id_hashes=local_hashes
    )
    entries = queries.search_entries(session, site_id=site_id, nhs_hashes=nhs_hashes)
    return {
        "items": [list_item(keys, row, today=today) for row in rows],
        "entries": [entry_item(entry) for entry in entries],
    }


def _nhs_numbers(query: str) -> list[str]:
    """What a text means as an NHS number: as it stands, and as the dataset would repair it."""
    plain = normalised(query)
    repaired, _ = read_cell(FIELD_BY_KEY["nhs_number"], query)
    found = [plain] if len(plain) == _TEN and plain.isdecimal() else []
    if isinstance(repaired, str) and is_valid(repaired) and repaired not in found:
        found.append(repaired)
    return [number for number in found if number not in REASONS_FOR_NONE]


def work_items(
    session: Session, keys: Keys, name: str, places: Sequence[Place], *, today: date
) -> list[dict[str, Any]]:
    """The things of a work-list with what is shown of them."""
    rows = queries.list_items(session, [p.record_id for p in places if p.entry is None])
    return [_work_item(keys, name, place, rows.get(place.record_id), today) for place in places]


def _work_item(
    keys: Keys, name: str, place: Place, row: Row[Any] | None, today: date
) -> dict[str, Any]:
    which = FOLLOW_UP_OF.get(name)
    window = follow_up(which, _answers(row), today=today) if which and row is not None else None
    return {
        "cursor": place.cursor.text(),
        "record_id": place.record_id,
        "due_on": window and window.due_on,
        "until": window and window.until,
        "record": None if row is None else list_item(keys, row, today=today),
        "entry": None if place.entry is None else entry_item(place.entry),
        "pair": place.pair,
    }
