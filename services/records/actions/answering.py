"""Tells a person or a program all about a record, or about what is no record yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from dataset.fields import FIELD_BY_KEY
from dataset.findings import Finding
from dataset.progress import follow_up, progress
from dataset.values import Record
from dataset.wire import wire_from_record
from services.records.actions.claiming import claims
from services.records.actions.neighbours import (
    findings_beside,
    findings_beside_stored,
    period_as_json,
    period_of,
)
from services.records.actions.opening import (
    OpenEntry,
    OpenRecord,
    open_entry,
    open_sealed,
    open_sealed_draft,
)
from services.records.actions.recording import finding_as_json
from services.records.domain.columns import IDENTIFIERS
from services.records.domain.following import derived_from
from services.records.domain.history import ACKNOWLEDGED, REASON, Step
from services.records.domain.saying import Statement, findings_of, read_text, says
from services.records.keys import Keys
from services.records.queries.whole import WholeRecord, load_whole
from services.shared.errors import NotFound

UNFINISHED: Final = "unfinished"


def record_answer(
    session: Session, keys: Keys, *, site_id: UUID, record_id: UUID, account_id: UUID, today: date
) -> dict[str, Any]:
    """All about a record of the transaction's site, as `RecordAnswer` has it.

    Call `reading.log_read` first, and commit it.

    Args:
        account_id: who is asking; what they have typed and not saved comes along.

    Raises:
        NotFound: the site has nothing under this id, or the record was deleted.
    """
    whole = load_whole(
        session, site_id=site_id, record_id=record_id, account_id=account_id, today=today
    )
    if whole is not None and whole.head["state"] != "deleted":
        return _of_record(session, keys, whole, today=today)
    entry = open_entry(session, keys, record_id) if whole is None else None
    if entry is None:
        raise NotFound("There is no such record at your site.")
    return _of_entry(session, keys, entry, site_id=site_id, today=today)


def _of_record(session: Session, keys: Keys, whole: WholeRecord, *, today: date) -> dict[str, Any]:
    record = open_sealed(keys, whole.head, whole.stored, whole.entry)
    head, record_id, site_id = record.head, record.record_id, record.head["site_id"]
    statement = says(record.values, record.waiting)
    if record.data_key is None:
        # What was erased is not missing.
        statement = replace(statement, unreadable=frozenset(IDENTIFIERS))
    if _is_about_what_is_stored(keys, record, statement):
        beside = findings_beside_stored(whole)
    else:
        beside = findings_beside(
            session, keys, site_id=site_id, record_id=record_id, said=statement.values, today=today
        )
    claimed = claims(
        session,
        keys,
        site_id=site_id,
        record_id=record_id,
        stored=record.values,
        said=statement.values,
    )
    findings = [*findings_of(statement, today=today), *claimed, *beside]
    draft = open_sealed_draft(record, whole.draft)
    typed = {} if draft is None else _still_new(draft.texts, record)
    return {
        "record_id": record_id,
        "version": record.version,
        "entry_version": record.entry_version,
        "form_version": draft.version if draft is not None and typed else record.version,
        "stored": True,
        "identifiers_erased": record.data_key is None,
        "state": head["state"],
        "dataset_version": head["dataset_version"],
        "age_at_diagnosis": head["age_at_diagnosis"],
        "values": wire_from_record(record.values),
        "texts": {**record.waiting, **typed},
        "findings": _findings(findings, record.acknowledged, whole.steps),
        **_standing(record.values, today=today),
        "period": None if whole.period is None else period_as_json(whole.period),
        "pairs": whole.pairs,
        "recorded_elsewhere": head["elsewhere"],
        "opt_out_checked_on": head["opt_out_checked_on"],
        "created_at": head["created_at"],
        "updated_at": head["updated_at"],
        "history": [history_item(step) for step in whole.steps],
    }


def _is_about_what_is_stored(keys: Keys, record: OpenRecord, statement: Statement) -> bool:
    """Whether what is stored beside the record can be told by its own hash and day.

    No text waits in the place of its number or day, and no other hash key can hide anything.
    """
    if record.data_key is None or keys.has_older_hash_keys:
        return False
    named = ("nhs_number", "date_index_diagnosed")
    return all(statement.values.get(key) == record.values.get(key) for key in named)


def _of_entry(
    session: Session, keys: Keys, entry: OpenEntry, *, site_id: UUID, today: date
) -> dict[str, Any]:
    row, statement = entry.row, says({}, entry.texts)
    claimed = claims(
        session, keys, site_id=site_id, record_id=None, stored={}, said=statement.values
    )
    beside = findings_beside(
        session, keys, site_id=site_id, record_id=row.record_id, said=statement.values, today=today
    )
    values = {key: value for key, value in statement.values.items() if value is not None}
    derived = derived_from(values.get("date_of_birth"), values.get("date_index_diagnosed"), None)
    return {
        "record_id": row.record_id,
        "version": 0,
        "entry_version": row.version,
        "form_version": row.version,
        "stored": False,
        "identifiers_erased": False,
        "state": UNFINISHED,
        "dataset_version": derived.dataset_version,
        "age_at_diagnosis": derived.age_at_diagnosis,
        "values": wire_from_record(values),
        "texts": entry.texts,
        "findings": _findings([*findings_of(statement, today=today), *claimed, *beside], (), ()),
        **_standing(values, today=today),
        "period": period_of(
            session,
            site_id=site_id,
            record_id=row.record_id,
            day=values.get("date_index_diagnosed"),
            today=today,
        ),
        "pairs": [],
        "recorded_elsewhere": any(
            finding.name == "elsewhere" for finding in beside if finding.code == "V20"
        ),
        "opt_out_checked_on": row.opt_out_checked_on,
        "created_at": row.started_at,
        "updated_at": row.updated_at,
        "history": [],
    }


def _still_new(texts: Mapping[str, str], record: OpenRecord) -> dict[str, str]:
    """What was typed and not saved, where the record does not say the same by now."""
    said = record.said
    return {key: text for key, text in texts.items() if read_text(key, text)[0] != said.get(key)}


def _findings(
    findings: Iterable[Finding], acknowledged: Sequence[str], steps: Sequence[Step]
) -> list[dict[str, Any]]:
    by_whom = {token: _acknowledged_by(token, steps) for token in acknowledged}
    answers = []
    for finding in findings:
        answer = finding_as_json(finding)
        answers.append({**answer, "acknowledged": by_whom.get(answer["token"] or "")})
    return answers


def _acknowledged_by(token: str, steps: Sequence[Step]) -> dict[str, Any] | None:
    """Who acknowledged a token, and when: the newest step that brought it, else the first."""
    for step in steps:
        old, new = step.changes.get(ACKNOWLEDGED, ((), ()))
        if token in new and token not in old:
            return {"by": step.by, "at": step.at}
    return {"by": steps[-1].by, "at": steps[-1].at} if steps else None


def _standing(values: Record, *, today: date) -> dict[str, Any]:
    """How far the record is, and when its follow-ups are due."""
    found = progress(values, today=today)
    known = values.get("date_index_diagnosed") is not None
    return {
        "sections": [
            {
                "section": section,
                "state": state,
                "missing": [field.key for field in found.missing[section]],
            }
            for section, state in found.states.items()
        ],
        "progress": {"answered": found.answered, "needed": found.needed},
        "follow_up": {
            "first": follow_up(1, values, today=today),
            "second": follow_up(2, values, today=today),
        }
        if known
        else None,
    }


def history_item(step: Step) -> dict[str, Any]:
    """One change as a list of them shows it: no values."""
    old, new = step.changes.get(ACKNOWLEDGED, ((), ()))
    return {
        "version": step.version,
        "at": step.at,
        "by": step.by,
        "door": step.door,
        "import_id": step.import_id,
        "kind": step.kind,
        "changed": sorted(key for key in step.changes if key in FIELD_BY_KEY),
        "acknowledged": [token for token in new if token not in old],
        "reason": step.changes.get(REASON, (None, None))[1],
        "visit_id": step.visit_id,
    }
