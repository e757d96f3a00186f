"""Chains the log, signs its head each day, and verifies the whole.

One writer at a time, over committed lines alone: a line that was committed late comes later in the
chain, so that the chain never waits and never has a hole.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.registration import queries
from services.registration.actions.mails import MailDesk, queue_mail
from services.registration.domain import security_mails
from services.registration.domain.log_chain import START, HeadSigner, head_text, next_digest
from services.registration.tables import AuditHead, AuditSeal

LINES_AT_ONCE = 2_000
_GRACE = timedelta(minutes=5)
_ONE_WRITER = text("SELECT pg_try_advisory_xact_lock(hashtext('log chain'))")


@dataclass(frozen=True)
class Verdict:
    """What verifying the log has found.

    Attributes:
        lines: how many lines of the chain were looked at.
        head: of the chain, as `head_text` writes it.
        faults: what is wrong, the first altered, missing or inserted line first; empty if nothing.
    """

    lines: int
    head: str
    faults: list[str]


def seal_log(session: Session) -> int:
    """Takes lines that were committed into the chain; returns how many; does not commit.

    Takes none while another writer is at it.
    """
    if not session.scalar(_ONE_WRITER):
        return 0
    last = queries.find_last_seal(session)
    position, digest = (last.position, last.digest) if last else (0, START)
    lines = queries.list_unsealed(session, limit=LINES_AT_ONCE)
    for line in lines:
        position += 1
        digest = next_digest(digest, line)
        session.add(AuditSeal(position=position, entry_id=line["entry_id"], digest=digest))
    session.flush()
    return len(lines)


def sign_head(
    session: Session, signer: HeadSigner, *, today: date, address: str, desk: MailDesk
) -> bool:
    """Signs the head of the chain once a day and mails it to the audit team; does not commit."""
    if not session.scalar(_ONE_WRITER) or session.get(AuditHead, today) is not None:
        return False
    last = queries.find_last_seal(session)
    if last is None:
        return False
    signature = signer.sign(today, last.position, last.digest)
    session.add(
        AuditHead(
            day=today,
            position=last.position,
            digest=last.digest,
            key_id=signer.current_id,
            signature=signature,
        )
    )
    words = security_mails.log_head(
        day=today, head=head_text(last.position, last.digest), signature=signature.hex()
    )
    queue_mail(session, to_address=address, words=words, desk=desk)
    return True


def verify_log(
    session: Session, signer: HeadSigner, *, known_head: tuple[int, bytes] | None = None
) -> Verdict:
    """Goes through the whole chain and says what is wrong with it.

    Args:
        session: A read-only transaction.
        signer: Its keys check the signed heads.
        known_head: Position and digest from a mail; it shows a cut or rewritten tail.
    """
    # On a day without a line the head is that of the day before: several may be at one place.
    heads: dict[int, list[AuditHead]] = defaultdict(list)
    for head in queries.list_heads(session):
        heads[head.position].append(head)
    faults: list[str] = []
    position, digest = 0, START
    at_known: bytes | None = None
    with closing(queries.iterate_chain(session)) as chain:
        for seal, line in chain:
            fault = _fault_of(seal, line, position, digest)
            if fault is not None:
                faults.append(fault)
                break
            position, digest = seal.position, seal.digest
            if known_head is not None and known_head[0] == position:
                at_known = digest
            for head in heads.pop(position, ()):
                faults += _head_faults(head, digest, signer)
    if not faults:
        faults += [
            f"The head of {head.day:%-d %B %Y} speaks of {head.position} lines, and the chain has "
            f"{position}: its tail was cut."
            for at, of_place in heads.items()
            for head in of_place
            if at > position
        ]
    if known_head is not None and not faults and at_known != known_head[1]:
        cut = f"the chain has {position} lines" if known_head[0] > position else "it was rewritten"
        faults.append(f"The chain does not lead to the head that you gave: {cut}.")
    left_out = queries.find_left_out(session, older_than=_GRACE)
    if left_out is not None:
        faults.append(
            f"Line {left_out['entry_id']} is in no chain: it was put in past the writer, or the "
            f"writer does not run ({left_out['what']}, {left_out['at']:%Y-%m-%d %H:%M:%S} UTC)."
        )
    return Verdict(position, head_text(position, digest), faults)


def _fault_of(
    seal: AuditSeal, line: dict[str, Any] | None, position: int, digest: bytes
) -> str | None:
    """Returns what is wrong with a link of the chain, given the one before it."""
    if seal.position != position + 1:
        return f"Seal {position + 1} is missing: somebody has removed it."
    if line is None:
        return f"Line {seal.entry_id} (position {seal.position}) is missing."
    if next_digest(digest, line) != seal.digest:
        return (
            f"Line {seal.entry_id} (position {seal.position}) was altered, or is not the one that "
            f"was sealed: {line['what']}, {line['at']:%Y-%m-%d %H:%M:%S} UTC."
        )
    return None


def _head_faults(head: AuditHead, digest: bytes, signer: HeadSigner) -> list[str]:
    day = f"{head.day:%-d %B %Y}"
    if head.digest != digest:
        return [f"Up to line {head.position} the chain is another than was signed on {day}."]
    if not signer.is_right(
        head.key_id, head.signature, day=head.day, position=head.position, digest=digest
    ):
        return [f"The head of {day} carries a signature that is not ours."]
    return []
