"""Stores records that programs send: the door of the API. It refuses errors, as the file does."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from dataset.findings import Finding, is_error
from dataset.states import is_token, token_of
from dataset.values import Value, is_blank
from dataset.wire import wire_from_value
from services.records.actions.attesting import require_attestation
from services.records.actions.claiming import claims, settled
from services.records.actions.earlier import said_at
from services.records.actions.guarding import lock_site, refuse_locked, refuse_opted_out
from services.records.actions.identifying import patient_of, real_number
from services.records.actions.neighbours import findings_beside
from services.records.actions.opening import OpenRecord, get_stored
from services.records.actions.saving import Wanted, store_changes, store_new
from services.records.domain.authors import Author
from services.records.domain.saying import Said, Statement, Unread, findings_of, says, text_of
from services.records.domain.sent import Sent, read_sent
from services.records.domain.three_way import both_sides, changes_of
from services.records.identifiers import hash_candidates
from services.records.keys import Keys
from services.records.queries.patients import find_record_named, find_record_of_day
from services.records.queries.records import get_site_code
from services.shared.errors import Conflict, InvalidInput


def create_record(
    session: Session,
    keys: Keys,
    *,
    site_id: UUID,
    wire: Mapping[str, object],
    tokens: Collection[str],
    opt_out_checked_on: date | None,
    by: Author,
    today: date,
) -> UUID:
    """Stores a record that is new here; returns its id.

    Args:
        wire: field key -> value in the wire form of the dataset.
        tokens: warnings that are acknowledged at once; those that it has not are passed over.

    Raises:
        InvalidInput: errors, all of them as `findings`; or the opt-out was not looked up.
        Conflict: `already_recorded` with `record_id`, when local identifier, or NHS number and
            date of diagnosis, name a stored record; `opted_out`, `period_locked`.
    """
    lock_site(session, site_id)
    require_attestation(session, site_id=site_id, checked_on=opt_out_checked_on, today=today)
    return add_record(
        session,
        keys,
        site_id=site_id,
        record_id=uuid7(),
        wire=wire,
        tokens=tokens,
        opt_out_checked_on=opt_out_checked_on,
        by=by,
        today=today,
    )


def add_record(
    session: Session,
    keys: Keys,
    *,
    site_id: UUID,
    record_id: UUID,
    wire: Mapping[str, object],
    tokens: Collection[str],
    opt_out_checked_on: date | None,
    by: Author,
    today: date,
) -> UUID:
    """The same under the site's lock, where nobody has to say that the opt-out was looked up."""
    refuse_unknown_tokens(tokens)
    sent = read_sent(wire, site_code=get_site_code(session, site_id=site_id))
    statement = Statement(sent.values, sent.unreadable, sent.findings)
    refuse_opted_out(session, keys, real_number(sent.values.get("nhs_number")))
    findings = findings_of(statement, today=today)
    refuse_errors(findings)
    values = _given(sent.values)
    _refuse_already_recorded(session, keys, site_id=site_id, values=values)
    day = values["date_index_diagnosed"]
    assert isinstance(day, date)
    refuse_locked(session, site_id=site_id, record_id=None, days=[day], today=today)
    beside = findings_beside(
        session, keys, site_id=site_id, record_id=None, said=values, today=today
    )
    wanted = Wanted(values, {}, _present(tokens, [*findings, *beside]), opt_out_checked_on)
    store_new(
        session,
        keys,
        site_id=site_id,
        record_id=record_id,
        version=1,
        wanted=wanted,
        typed=None,
        by=by,
        today=today,
    )
    return record_id


def change_record(
    session: Session,
    keys: Keys,
    *,
    site_id: UUID,
    record_id: UUID,
    version: int,
    wire: Mapping[str, object],
    tokens: Collection[str],
    by: Author,
    today: date,
) -> None:
    """Changes answers of a stored record; fields that are not named stay, null empties.

    The record as it would be is checked as a whole, texts that wait for a person included.

    Raises:
        NotFound: the site has no such record.
        InvalidInput: errors, all of them as `findings`.
        Conflict: `version_moved` with both values of each field; `opted_out`, `period_locked`,
            `identifiers_erased`.
    """
    lock_site(session, site_id)
    refuse_unknown_tokens(tokens)
    current = get_stored(session, keys, record_id)
    current.own_key()
    sent = read_sent(wire, site_code=get_site_code(session, site_id=site_id))
    if sent.findings:
        refuse_errors(findings_of(_with_unreadable(current, sent), today=today))
    mine = _mine(session, keys, current=current, version=version, sent=sent)
    typed = {**current.waiting, **{key: text_of(key, said) for key, said in mine.items()}}
    statement = says(current.values, typed)
    refuse_opted_out(session, keys, real_number(statement.values.get("nhs_number")))
    claimed = claims(
        session,
        keys,
        site_id=site_id,
        record_id=record_id,
        stored=current.values,
        said=statement.values,
    )
    beside = findings_beside(
        session, keys, site_id=site_id, record_id=record_id, said=statement.values, today=today
    )
    findings = [*findings_of(statement, today=today), *claimed, *beside]
    if mine:
        refuse_errors(finding for finding in findings if finding.code != "R05")
    values = settled(current.values, statement, frozenset(typed), claimed).values
    waiting = {key: text for key, text in current.waiting.items() if key not in mine}
    wanted = Wanted(values, waiting, _present(tokens, findings))
    store_changes(session, keys, current=current, wanted=wanted, by=by, today=today)


def _with_unreadable(current: OpenRecord, sent: Sent) -> Statement:
    """The record as it would be, were what cannot be read left out."""
    waiting = {key: text for key, text in current.waiting.items() if key not in sent.values}
    before = says(current.values, waiting)
    return Statement(
        {**before.values, **sent.values},
        before.unreadable | sent.unreadable,
        (*before.findings, *sent.findings),
    )


def _mine(
    session: Session, keys: Keys, *, current: OpenRecord, version: int, sent: Sent
) -> dict[str, Said]:
    """What the caller changes. Raises Conflict `version_moved` where somebody else did too."""
    changes = changes_of(
        sent.values, seen=said_at(session, keys, current, version), now=current.said
    )
    if changes.conflicts:
        raise Conflict(
            "Somebody else has changed the same answers since the version you name. Compare both "
            "and send again with the present version; nothing was saved.",
            "version_moved",
            {
                "version": current.version,
                "conflicts": {
                    key: both_sides(key, _wire(yours), _wire(theirs))
                    for key, (yours, theirs) in changes.conflicts.items()
                },
            },
        )
    return changes.mine


def _wire(said: Said) -> Any:
    return said.text if isinstance(said, Unread) else wire_from_value(said)


def refuse_unknown_tokens(tokens: Collection[str]) -> None:
    """Refuses what cannot be the token of a warning. Raises InvalidInput."""
    if not all(map(is_token, tokens)):
        raise InvalidInput({"acknowledged": ["One of these is no token of a warning."]})


def refuse_errors(findings: Iterable[Finding]) -> None:
    """Refuses a record with errors. Raises InvalidInput with all of its findings."""
    found = list(findings)
    if not any(map(is_error, found)):
        return
    errors: dict[str, list[str]] = {}
    for finding in filter(is_error, found):
        errors.setdefault(finding.field or "values", []).append(finding.message)
    raise InvalidInput(errors, extra={"findings": [finding_as_json(each) for each in found]})


def finding_as_json(finding: Finding) -> dict[str, Any]:
    """A finding as every answer has it; only a warning has a token."""
    return {
        "code": finding.code,
        "level": finding.level,
        "field": finding.field,
        "fields": list(finding.fields),
        "message": finding.message,
        "token": None if is_error(finding) else token_of(finding),
    }


def _refuse_already_recorded(
    session: Session, keys: Keys, *, site_id: UUID, values: Mapping[str, Value]
) -> None:
    """The row key of files, in its order: local identifier, then NHS number and day."""
    found = None
    local_id, day = values.get("local_id"), values["date_index_diagnosed"]
    if isinstance(local_id, str):
        hashes = hash_candidates(keys, "local_id", local_id)
        found = find_record_named(session, site_id=site_id, local_id_hashes=hashes)
    patient = patient_of(session, keys, site_id=site_id, value=values["nhs_number"])
    if found is None and patient is not None and isinstance(day, date):
        found = find_record_of_day(
            session, site_id=site_id, patient_id=patient.patient_id, diagnosed_on=day
        )
    if found is not None:
        raise Conflict(
            "This fracture is recorded here already. Change that record instead.",
            "already_recorded",
            {"record_id": str(found)},
        )


def _present(tokens: Collection[str], findings: Iterable[Finding]) -> frozenset[str]:
    warnings = {token_of(finding) for finding in findings if not is_error(finding)}
    return frozenset(warnings.intersection(tokens))


def _given(values: Mapping[str, Value]) -> dict[str, Value]:
    return {key: value for key, value in values.items() if not is_blank(value)}
