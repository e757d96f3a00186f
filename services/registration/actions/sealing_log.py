"""Chains the log, signs its head each day, and verifies the whole.

One writer at a time, over committed lines alone: a line that was committed late comes later in the
chain, so that the chain never waits and never has a hole.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.registration import queries
from services.registration.actions.mails import MailDesk, queue_mail
from services.registration.domain import security_mails
from services.registration.domain.log_chain import START, HeadSigner, head_text, next_digest
from services.registration.tables import AuditHead, AuditSeal

LINES_AT_ONCE = 2_000
_GRACE_SECONDS = 300
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

    None while another writer is at it.
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
    heads = {head.position: head for head in queries.list_heads(session)}
    faults: list[str] = []
    position, digest = 0, START
    at_known: bytes | None = None
    with closing(queries.iterate_chain(session)) as chain:
        for seal, line in chain:
            if seal.position != position + 1:
                faults.append(f"Seal {position + 1} is missing: somebody has removed it.")
                break
            if line is None:
                faults.append(f"Line {seal.entry_id} (position {seal.position}) is missing.")
                break
            expected = next_digest(digest, line)
            if expected != seal.digest:
                faults.append(
                    f"Line {seal.entry_id} (position {seal.position}) was altered, or is not the "
                    f"one that was sealed: {line['what']}, {line['at']:%Y-%m-%d %H:%M:%S} UTC."
                )
                break
            position, digest = seal.position, seal.digest
            if known_head is not None and known_head[0] == position:
                at_known = digest
            head = heads.pop(position, None)
            if head is not None:
                faults += _head_faults(head, digest, signer)
    if not faults:
        faults += [
            f"The head of {head.day:%-d %B %Y} speaks of {head.position} lines, and the chain has "
            f"{position}: its tail was cut."
            for head in heads.values()
            if head.position > position
        ]
    if known_head is not None and not faults and at_known != known_head[1]:
        cut = f"the chain has {position} lines" if known_head[0] > position else "it was rewritten"
        faults.append(f"The chain does not lead to the head that you gave: {cut}.")
    faults += [
        f"Line {line['entry_id']} is in no chain: it was put in past the writer, or the writer "
        f"does not run ({line['what']}, {line['at']:%Y-%m-%d %H:%M:%S} UTC)."
        for line in queries.list_unsealed(session, limit=1, older_than_seconds=_GRACE_SECONDS)
    ]
    return Verdict(position, head_text(position, digest), faults)


def _head_faults(head: AuditHead, digest: bytes, signer: HeadSigner) -> list[str]:
    day = f"{head.day:%-d %B %Y}"
    if head.digest != digest:
        return [f"Up to line {head.position} the chain is another than was signed on {day}."]
    if not signer.is_right(
        head.key_id, head.signature, day=head.day, position=head.position, digest=digest
    ):
        return [f"The head of {day} carries a signature that is not ours."]
    return []
