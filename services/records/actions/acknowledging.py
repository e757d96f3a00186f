"""A person confirms warnings of a record: with name and time, on answers they have seen."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from dataset.states import remaining, token_of
from services.records.actions.earlier import said_at
from services.records.actions.guarding import lock_site
from services.records.actions.neighbours import findings_beside
from services.records.actions.opening import OpenRecord, get_stored
from services.records.actions.saving import Wanted, store_changes
from services.records.domain.authors import Author
from services.records.domain.history import ACKNOWLEDGED
from services.records.domain.saying import findings_of, says
from services.records.keys import Keys
from services.records.queries.history import list_steps
from services.shared.errors import Conflict, InvalidInput


def acknowledge(
    session: Session,
    keys: Keys,
    *,
    site_id: UUID,
    record_id: UUID,
    version: int,
    tokens: Collection[str],
    by: Author,
    today: date,
) -> None:
    """Notes that warnings of a record were looked at and are right.

    What is acknowledged already stays so, whoever says it again.

    Raises:
        NotFound: the site has no such record.
        InvalidInput: the record has no such warning.
        Conflict: `version_moved` when answers that one of the warnings is about have changed since
            that version; `period_locked`, `identifiers_erased`.
    """
    lock_site(session, site_id)
    current = get_stored(session, keys, record_id)
    current.own_key()
    statement = says(current.values, current.waiting)
    findings = findings_of(statement, today=today) + findings_beside(
        session, keys, site_id=site_id, record_id=record_id, said=statement.values, today=today
    )
    warned = {token_of(finding) for finding in findings if finding.level == "warning"}
    wanted = set(tokens) - set(current.acknowledged)
    new = wanted & warned
    if wanted - new - _acknowledged_since(session, record_id, version):
        raise InvalidInput(
            {"tokens": ["The record has no such warning, or has it no more. Look at it again."]}
        )
    _refuse_moved(session, keys, current, version, new)
    store_changes(
        session,
        keys,
        current=current,
        wanted=Wanted(current.values, current.waiting, frozenset(new)),
        by=by,
        today=today,
        kind="acknowledged",
    )


def _acknowledged_since(session: Session, record_id: UUID, version: int) -> set[str]:
    """Tokens acknowledged after a version; one that decides about pairs does not stay."""
    return {
        token
        for step in list_steps(session, record_id)
        if step.version > version and ACKNOWLEDGED in step.changes
        for token in step.changes[ACKNOWLEDGED][1]
    }


def _refuse_moved(
    session: Session, keys: Keys, current: OpenRecord, version: int, tokens: Collection[str]
) -> None:
    seen, now = said_at(session, keys, current, version), current.said
    changed = {key for key in {*seen, *now} if seen.get(key) != now.get(key)}
    if len(remaining(tokens, changed)) < len(tokens):
        raise Conflict(
            "The answers that this warning is about have changed since you opened the record. Look "
            "at them again; nothing was acknowledged.",
            "version_moved",
            {"version": current.version, "conflicts": {}},
        )
