"""Makes, notes and revokes API tokens. All of it inside the site's row-level security."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from services.registration import queries
from services.registration.actions.log import write_log
from services.registration.domain.credentials import digest, is_last_used_stale, new_token
from services.registration.domain.roles import TOKEN_RIGHTS
from services.registration.tables import ApiToken
from services.shared.errors import Conflict, InvalidInput
from services.shared.identity import Actor


@dataclass(frozen=True)
class MadeToken:
    """A token just made; `secret` is the string, shown this once."""

    row: ApiToken
    secret: str


def make_token(
    session: Session,
    *,
    name: str,
    expires_in_days: int,
    rights: Collection[str] | None,
    site_id: UUID,
    by: Actor,
) -> MadeToken:
    """Makes an API token of the site; does not commit.

    Args:
        session: The transaction.
        name: What the site calls it.
        expires_in_days: Its life.
        rights: What it may do; None gives all that a token of this person can have.
        site_id: The caller's site.
        by: Who makes it. A token never has more rights than they.

    Raises:
        InvalidInput: A right that the caller or any token cannot have.
    """
    possible = TOKEN_RIGHTS & by.rights
    wanted = possible if rights is None else frozenset(rights)
    if not wanted or not wanted <= possible:
        names = ", ".join(sorted(possible))
        raise InvalidInput({"rights": [f"A token of this site can have: {names}."]})
    now = datetime.now(UTC)
    secret = new_token()
    token = ApiToken(
        api_token_id=uuid7(),
        site_id=site_id,
        account_id=by.account_id,
        secret_sha256=digest(secret),
        name=name,
        rights=sorted(wanted),
        created_at=now,
        expires_at=now + timedelta(days=expires_in_days),
    )
    session.add(token)
    session.flush()
    _log(session, by, "token_made", token)
    return MadeToken(token, secret)


def rotate_token(session: Session, *, token_id: UUID, overlap_days: int, by: Actor) -> MadeToken:
    """Makes a token that takes another's place; does not commit.

    It has the same name, rights and length of life. The old one works on for the overlap, so that a
    system can be given the new one without a gap, and not longer than it would have.

    Raises:
        NotFound: The site has no such token.
        Conflict: It is revoked, has ended, or was replaced already.
        InvalidInput: A right of it that the caller does not have any more.
    """
    old = queries.get_token(session, token_id, lock=True)
    now = datetime.now(UTC)
    if old.revoked_at is not None or old.expires_at <= now or old.replaced_by is not None:
        raise Conflict(
            "This token is revoked, has ended or was replaced already. Make a new one.",
            code="token_over",
        )
    days = max(1, round((old.expires_at - old.created_at).total_seconds() / 86_400))
    made = make_token(
        session,
        name=old.name,
        expires_in_days=days,
        rights=old.rights,
        site_id=old.site_id,
        by=by,
    )
    old.replaced_by = made.row.api_token_id
    old.expires_at = min(old.expires_at, now + timedelta(days=overlap_days))
    _log(session, by, "token_replaced", old)
    return made


def revoke_token(session: Session, *, token_id: UUID, by: Actor) -> None:
    """Revokes a token of the caller's site; does not commit. Harmless when it is revoked already.

    Raises:
        NotFound: The site has no such token.
    """
    token = queries.get_token(session, token_id)
    if token.revoked_at is None:
        token.revoked_at = datetime.now(UTC)
        _log(session, by, "token_revoked", token)


def note_token_use(session: Session, *, token_id: UUID) -> None:
    """Writes down that a token was used, at most once an hour; does not commit."""
    token = queries.get_token(session, token_id)
    now = datetime.now(UTC)
    if is_last_used_stale(token.last_used_at, now):
        token.last_used_at = now


def _log(session: Session, by: Actor, what: str, token: ApiToken) -> None:
    write_log(
        session,
        by=by,
        what=what,
        subject_kind="token",
        subject_id=token.api_token_id,
        site_id=token.site_id,
    )
