"""Keeps what somebody types into the form of a stored record before saving it, for them alone.

A draft never changes the record. It remembers the oldest version it was typed on, so that saving it
later meets what others have changed meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import delete, func, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from services.records.actions.opening import OpenRecord, open_draft, open_stored
from services.records.domain.authors import Author
from services.records.domain.three_way import Changes
from services.records.identifiers import open_texts, seal_texts
from services.records.keys import Keys
from services.records.queries.entries import list_drafts
from services.records.tables import Draft


def keep_draft(
    session: Session,
    current: OpenRecord,
    *,
    version: int,
    texts: Mapping[str, str],
    changes: Changes,
    by: Author,
) -> None:
    """Keeps what was typed and differs from the record, for its author alone.

    Args:
        version: the one it was typed on; the draft keeps the oldest.
        changes: what of the texts is new to the record, and what is in another's way.
    """
    draft = open_draft(session, current, by.account_id)
    kept = {} if draft is None else dict(draft.texts)
    for key, text in texts.items():
        if key in changes.mine or key in changes.conflicts:
            kept[key] = text
        else:
            kept.pop(key, None)
    oldest = version if draft is None else min(version, draft.version)
    _put_draft(session, current, version=oldest, texts=kept, by=by)


def drop_drafted(
    session: Session, keys: Keys, *, record_id: UUID, by: Author, saved: Collection[str]
) -> None:
    """Takes fields that were saved out of their author's draft."""
    current = open_stored(session, keys, record_id)
    draft = None if current is None else open_draft(session, current, by.account_id)
    if current is None or draft is None:
        return
    left = {key: text for key, text in draft.texts.items() if key not in saved}
    _put_draft(session, current, version=draft.version, texts=left, by=by)


def hand_over_drafts(
    session: Session, current: OpenRecord, *, patient_id: UUID, data_key: bytes
) -> None:
    """Seals what people have typed and not saved with the key of the record's new patient."""
    record_id = current.record_id
    for draft in list_drafts(session, record_id=record_id):
        texts = open_texts(current.own_key(), draft.patient_id, "draft", record_id, draft.sealed)
        session.execute(
            update(Draft)
            .where(Draft.record_id == record_id, Draft.account_id == draft.account_id)
            .values(
                patient_id=patient_id,
                sealed=seal_texts(data_key, patient_id, "draft", record_id, texts),
            )
        )


def _put_draft(
    session: Session, current: OpenRecord, *, version: int, texts: Mapping[str, str], by: Author
) -> None:
    record_id, patient_id = current.record_id, current.patient_id
    if not texts:
        ours = (Draft.record_id == record_id, Draft.account_id == by.account_id)
        session.execute(delete(Draft).where(*ours))
        return
    changing = {
        "patient_id": patient_id,
        "version": max(version, 1),
        "sealed": seal_texts(current.own_key(), patient_id, "draft", record_id, texts),
        "updated_at": func.now(),
    }
    statement = upsert(Draft).values(
        record_id=record_id,
        account_id=by.account_id,
        site_id=current.head["site_id"],
        **changing,
    )
    session.execute(statement.on_conflict_do_update(constraint="pk_draft", set_=changing))
