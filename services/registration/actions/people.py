"""Adds people to a site, changes what they may do there, and takes them out again.

Each of these holds the site's row, so that two at once are decided one after the other: a site
never loses its last lead by two leads removing each other.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from services.registration import queries
from services.registration.actions.accounts import give_role, make_password_link, open_account
from services.registration.actions.log import write_log
from services.registration.actions.mails import MailDesk, queue_mail
from services.registration.actions.sessions import end_all_sessions
from services.registration.domain import mails
from services.registration.domain.roles import GRANTABLE, ROLE_NAMES, Grant, HeldRole, Role
from services.registration.tables import Account, AccountRole, Site
from services.shared.db import broken_constraint
from services.shared.errors import Conflict, InvalidInput, NotFound
from services.shared.identity import Actor

LAST_LEAD = (
    "A site keeps at least one lead who has chosen a password. Add another lead first, and wait "
    "until they have signed in."
)
OWN_ROLE = "You cannot change your own role. Ask another lead of your site, or the audit team."


@dataclass(frozen=True, kw_only=True)
class NewPerson:
    """Who is to be added, and as what."""

    name: str
    email: str
    held: HeldRole


def held_role_of(role: Role, grants: Collection[Grant]) -> HeldRole:
    """Returns a role with its grants.

    Raises:
        InvalidInput: A grant that this role cannot have.
    """
    if not frozenset(grants) <= GRANTABLE.get(role, frozenset()):
        possible = " and ".join(sorted(GRANTABLE.get(role, frozenset()))) or "nothing more"
        words = f"Someone with the role “{ROLE_NAMES[role]}” can be granted {possible}."
        raise InvalidInput({"grants": [words]})
    return HeldRole(role, frozenset(grants))


def add_person(
    session: Session, *, site_id: UUID, new: NewPerson, by: Actor, desk: MailDesk
) -> UUID:
    """Gives someone a role at a site, with an account if they have none; does not commit.

    Who has not chosen a password is sent a one-time link, who has is told.

    Returns:
        The account's id.

    Raises:
        NotFound: There is no such site.
        Conflict: They are here already, are switched off, or have a national account.
    """
    site = queries.get_site(session, site_id, lock=True)
    account = queries.find_account(session, new.email, lock=True)
    try:
        if account is None:
            account = open_account(
                session, email=new.email, name=new.name, held=new.held, site_id=site_id, by=by
            )
        else:
            _refuse_if_unfit(session, account, site_id)
            give_role(session, account=account, held=new.held, site_id=site_id, by=by)
    except IntegrityError as error:
        if broken_constraint(error) != "uq_account_email":
            raise
        raise Conflict("This address was added elsewhere a moment ago. Try again.") from None
    _log(session, by, "person_added", account, site_id, _facts(new.held))
    _write_to(session, account, site, new.held, by=by, desk=desk)
    return account.account_id


def change_person(
    session: Session, *, site_id: UUID, account_id: UUID, held: HeldRole, by: Actor
) -> None:
    """Changes role and grants of someone at a site; does not commit. Harmless when they have them.

    Raises:
        NotFound: They are not at the site.
        Conflict: It is the caller, or the site's last lead.
    """
    role, account = _take(session, site_id, account_id)
    if (role.role, sorted(role.grants)) == (held.role, sorted(held.grants)):
        return
    _refuse_own(by, account_id)
    if held.role is not Role.SITE_LEAD:
        _keep_a_lead(session, role)
    before = {"role": role.role, "grants": sorted(role.grants)}
    _end(session, role, by)
    give_role(session, account=account, held=held, site_id=site_id, by=by)
    details = _facts(held) | {"before": before}
    _log(session, by, "person_changed", account, site_id, details)


def transfer_lead(
    session: Session, *, site_id: UUID, account_id: UUID, own: HeldRole | None, by: Actor
) -> None:
    """Makes somebody of the site its lead, and gives the caller another role or none; no commit.

    The one way in which a lead changes their own role: with another lead in their place.

    Args:
        session: The transaction.
        site_id: The caller's site.
        account_id: Who is to lead.
        own: What the caller is from then on; None: they leave the site.
        by: The caller, a lead of the site.

    Raises:
        NotFound: There is no such person at the site, or the caller is none of its people.
        Conflict: It is the caller, is switched off, or has not chosen a password yet.
        InvalidInput: `own` is lead again.
    """
    if own is not None and own.role is Role.SITE_LEAD:
        raise InvalidInput({"own_role": ["Choose what you are from then on: not lead."]})
    if account_id == by.account_id:
        raise Conflict("Choose somebody else: you are the lead.", code="own_account")
    role, account = _take(session, site_id, account_id)
    mine, me = _take(session, site_id, by.account_id)
    if account.switched_off_at is not None:
        raise _switched_off()
    if account.password_hash is None:
        raise Conflict(f"{account.name} has not chosen a password yet. Wait until they have.")
    lead = HeldRole(Role.SITE_LEAD)
    if role.role != Role.SITE_LEAD:
        _end(session, role, by)
        give_role(session, account=account, held=lead, site_id=site_id, by=by)
        _log(session, by, "person_changed", account, site_id, _facts(lead))
    _end(session, mine, by)
    if own is not None:
        give_role(session, account=me, held=own, site_id=site_id, by=by)
    else:
        end_all_sessions(session, account_id=by.account_id, site_id=site_id, reason="left the site")
    _log(session, by, "lead_transferred", account, site_id, {"own_role": own and str(own.role)})


def leave_site(session: Session, *, site_id: UUID, by: Actor) -> None:
    """Takes the caller out of their site; does not commit.

    Raises:
        NotFound: They are none of its people.
        Conflict: They are its last lead.
    """
    role, account = _take(session, site_id, by.account_id)
    _keep_a_lead(session, role)
    _end(session, role, by)
    end_all_sessions(session, account_id=by.account_id, site_id=site_id, reason="left the site")
    _log(session, by, "person_left", account, site_id, {"role": role.role})


def remove_person(session: Session, *, site_id: UUID, account_id: UUID, by: Actor) -> None:
    """Ends someone's role at a site and their sessions there; does not commit.

    Their API tokens of this site have no rights from then on.

    Raises:
        NotFound: They are not at the site.
        Conflict: It is the caller, or the site's last lead.
    """
    role, account = _take(session, site_id, account_id)
    _refuse_own(by, account_id)
    _keep_a_lead(session, role)
    _end(session, role, by)
    end_all_sessions(session, account_id=account_id, site_id=site_id, reason="removed from site")
    details = {"role": role.role, "grants": sorted(role.grants)}
    _log(session, by, "person_removed", account, site_id, details)


def invite_again(
    session: Session, *, site_id: UUID, account_id: UUID, by: Actor, desk: MailDesk
) -> None:
    """Mails a fresh one-time link to someone who has not chosen a password; does not commit.

    Raises:
        NotFound: They are not at the site.
        Conflict: They have chosen a password, or their account is switched off.
    """
    role, account = _take(session, site_id, account_id)
    if account.switched_off_at is not None:
        raise _switched_off()
    if account.password_hash is not None:
        raise Conflict(f"{account.name} has chosen a password already, and can sign in.")
    site = queries.get_site(session, site_id)
    _log(session, by, "person_invited_again", account, site_id, {})
    held = HeldRole(Role(role.role), frozenset(Grant(one) for one in role.grants))
    _write_to(session, account, site, held, by=by, desk=desk)


def _refuse_if_unfit(session: Session, account: Account, site_id: UUID) -> None:
    if queries.find_national_role(session, account.account_id) is not None:
        raise _conflict(
            "This address belongs to a national account, which cannot be at a site. "
            "Use another address."
        )
    here = queries.find_role_at(session, account.account_id, site_id)
    if here is not None:
        name = ROLE_NAMES[Role(here.role)]
        raise _conflict(f"{account.name} is at this site already, with the role “{name}”.")
    if account.switched_off_at is not None:
        raise _switched_off()


def _conflict(words: str) -> Conflict:
    return Conflict(words, code="email_taken", extra={"errors": {"email": [words]}})


def _switched_off() -> Conflict:
    return _conflict("This account is switched off. The audit team can switch it on again.")


def _take(session: Session, site_id: UUID, account_id: UUID) -> tuple[AccountRole, Account]:
    queries.get_site(session, site_id, lock=True)
    role = queries.find_role_at(session, account_id, site_id)
    if role is None:
        raise NotFound("There is no such person at this site.")
    return role, queries.get_account(session, account_id, lock=True)


def _refuse_own(by: Actor, account_id: UUID) -> None:
    if by.account_id == account_id:
        raise Conflict(OWN_ROLE, code="own_account")


def _keep_a_lead(session: Session, role: AccountRole) -> None:
    assert role.site_id is not None
    if role.role == Role.SITE_LEAD and not queries.has_other_lead(
        session, role.site_id, role.account_id
    ):
        raise Conflict(LAST_LEAD, code="last_lead")


def _end(session: Session, role: AccountRole, by: Actor) -> None:
    role.ended_at, role.ended_by = datetime.now(UTC), by.account_id
    session.flush()


def _write_to(
    session: Session, account: Account, site: Site, held: HeldRole, *, by: Actor, desk: MailDesk
) -> None:
    giver = queries.get_account(session, by.account_id)
    national = queries.find_national_role(session, by.account_id)
    facts = {
        "name": account.name,
        "organisation": site.name,
        "role": ROLE_NAMES[held.role],
        "by_name": f"The {ROLE_NAMES[national]}" if national else giver.name,
    }
    if account.password_hash is None:
        link = make_password_link(session, account=account, purpose="invitation")
        words = mails.person_invited(**facts, link=desk.password_page(link))
    else:
        words = mails.person_added(**facts, link=desk.sign_in_page())
    queue_mail(session, to_address=account.email, words=words, desk=desk)


def _facts(held: HeldRole) -> dict[str, Any]:
    return {"role": str(held.role), "grants": sorted(held.grants)}


def _log(
    session: Session,
    by: Actor,
    what: str,
    account: Account,
    site_id: UUID,
    details: dict[str, Any],
) -> None:
    write_log(
        session,
        by=by,
        what=what,
        subject_kind="account",
        subject_id=account.account_id,
        site_id=site_id,
        details=details,
    )
