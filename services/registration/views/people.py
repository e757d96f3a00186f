"""The people of a site, and the visits of the audit team to it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from marshmallow import RAISE

from services.registration import queries
from services.registration.actions.keeping_current import confirm_people
from services.registration.actions.people import (
    NewPerson,
    add_person,
    change_person,
    held_role_of,
    invite_again,
    remove_person,
    transfer_lead,
)
from services.registration.actions.second_factors import take_away
from services.registration.domain.currency import is_confirmation_due
from services.registration.domain.roles import Role
from services.registration.parts import parts
from services.registration.queries import Person
from services.registration.schemas.answers import account_state, page_of
from services.registration.schemas.people import (
    AddPersonBody,
    ChangePersonBody,
    ConfirmedPeopleAnswer,
    PeopleAnswer,
    PeopleQuery,
    PersonAnswer,
    TransferLeadBody,
    VisitAnswer,
    VisitsQuery,
)
from services.shared.errors import InvalidInput, NotFound
from services.shared.identity import Actor, allows, current_actor, signed_in
from services.shared.web import site_transaction

blueprint = Blueprint("people", __name__, url_prefix="/people", description="People of a site")
visits = Blueprint("visits", __name__, url_prefix="/visits", description="Visits to a site")


@blueprint.get("")
@signed_in
@blueprint.arguments(PeopleQuery, location="query", unknown=RAISE)
@blueprint.response(200, PeopleAnswer)
def list_all(query: dict[str, Any]) -> Any:
    """List who is or was at your site, so that its history can be read.

    Roles, grants and addresses are told to those who manage the site's people. People of the
    audit team who visited the site appear as “Audit team”.
    """
    actor = current_actor()
    site_id = _site_of(actor, query["site_id"])
    with site_transaction(read_only=True) as session:
        people = queries.list_people(session, site_id)
    told = [_told(person, in_full=_manages(actor)) for person in people]
    return {"site_id": site_id, "items": told, "total": len(told)}


@blueprint.post("")
@allows("site.manage", "accounts.manage")
@blueprint.arguments(AddPersonBody)
@blueprint.response(201, PersonAnswer)
def add(body: dict[str, Any]) -> Any:
    """Add someone to the site; they are written to, with a one-time link if they need one."""
    actor = current_actor()
    site_id = _site_of(actor, body["site_id"])
    held = held_role_of(body["role"], body["grants"])
    with site_transaction() as session:
        account_id = add_person(
            session,
            site_id=site_id,
            new=NewPerson(name=body["name"], email=body["email"], held=held),
            by=actor,
            desk=parts().desk,
        )
        return _told(queries.get_person(session, site_id, account_id), in_full=True)


@blueprint.put("/<uuid:account_id>")
@allows("site.manage", "accounts.manage")
@blueprint.arguments(ChangePersonBody)
@blueprint.response(200, PersonAnswer)
def change(body: dict[str, Any], account_id: UUID) -> Any:
    """Change someone's role and grants at the site; it works within five seconds."""
    actor = current_actor()
    site_id = _site_of(actor, body["site_id"])
    held = held_role_of(body["role"], body["grants"])
    with site_transaction() as session:
        change_person(session, site_id=site_id, account_id=account_id, held=held, by=actor)
        return _told(queries.get_person(session, site_id, account_id), in_full=True)


@blueprint.delete("/<uuid:account_id>")
@allows("site.manage", "accounts.manage")
@blueprint.arguments(PeopleQuery, location="query", unknown=RAISE)
@blueprint.response(204)
def remove(query: dict[str, Any], account_id: UUID) -> None:
    """Take someone out of the site; it works within five seconds. What they did stays."""
    actor = current_actor()
    site_id = _site_of(actor, query["site_id"])
    with site_transaction() as session:
        remove_person(session, site_id=site_id, account_id=account_id, by=actor)


@blueprint.post("/<uuid:account_id>/invitation")
@allows("site.manage", "accounts.manage")
@blueprint.arguments(PeopleQuery, location="query", unknown=RAISE)
@blueprint.response(204)
def invite(query: dict[str, Any], account_id: UUID) -> None:
    """Mail a fresh one-time link to someone who has not chosen a password yet."""
    actor = current_actor()
    site_id = _site_of(actor, query["site_id"])
    with site_transaction() as session:
        invite_again(session, site_id=site_id, account_id=account_id, by=actor, desk=parts().desk)


@blueprint.post("/transfer")
@allows("site.manage")
@blueprint.arguments(TransferLeadBody)
@blueprint.response(204)
def transfer(body: dict[str, Any]) -> None:
    """Make somebody else of your site its lead, in your place."""
    actor = current_actor()
    own = held_role_of(Role(body["own_role"]), ()) if body["own_role"] else None
    with site_transaction() as session:
        transfer_lead(
            session,
            site_id=actor.own_site(),
            account_id=body["account_id"],
            own=own,
            by=actor,
        )


@blueprint.get("/confirmation")
@allows("site.manage", "accounts.manage")
@blueprint.arguments(PeopleQuery, location="query", unknown=RAISE)
@blueprint.response(200, ConfirmedPeopleAnswer)
def confirmation(query: dict[str, Any]) -> Any:
    """See when the list of people was confirmed last, and whether it is time again."""
    site_id = _site_of(current_actor(), query["site_id"])
    with site_transaction(read_only=True) as session:
        confirmed_at = queries.find_people_confirmed_at(session, site_id)
    if confirmed_at is None:
        raise NotFound("There is no such site.")
    return {
        "confirmed_at": confirmed_at,
        "is_due": is_confirmation_due(confirmed_at, datetime.now(UTC)),
    }


@blueprint.post("/confirmation")
@allows("site.manage")
@blueprint.response(200, ConfirmedPeopleAnswer)
def confirm() -> Any:
    """Confirm that everybody on the list is still here, and may do what it says."""
    actor = current_actor()
    with site_transaction() as session:
        row = confirm_people(session, site_id=actor.own_site(), by=actor)
        return {"confirmed_at": row.confirmed_at, "is_due": False}


@blueprint.delete("/<uuid:account_id>/second-factor")
@allows("site.manage", "accounts.manage")
@blueprint.arguments(PeopleQuery, location="query", unknown=RAISE)
@blueprint.response(204)
def forget_second_factor(query: dict[str, Any], account_id: UUID) -> None:
    """Take someone's lost authenticator app away; they set another up when they sign in next."""
    actor = current_actor()
    site_id = _site_of(actor, query["site_id"])
    with site_transaction() as session:
        queries.get_person(session, site_id, account_id)
        take_away(session, account_id=account_id, by=actor, desk=parts().desk, site_id=site_id)


@visits.get("")
@allows("site.manage", "accounts.manage")
@visits.arguments(VisitsQuery, location="query", unknown=RAISE)
@visits.response(200, page_of(VisitAnswer))
def list_visits(query: dict[str, Any]) -> Any:
    """List when the audit team acted at the site, and why, newest first."""
    site_id = _site_of(current_actor(), query.pop("site_id"))
    with site_transaction(read_only=True) as session:
        return queries.list_visits(session, site_id, **query)


def _manages(actor: Actor) -> bool:
    return actor.has("site.manage") or actor.has("accounts.manage")


def _site_of(actor: Actor, named: UUID | None) -> UUID:
    """Returns the site that is meant: the caller's, or any for who manages those of all sites."""
    if named is None and actor.site_id is None and actor.has("accounts.manage"):
        raise InvalidInput({"site_id": ["Say which site."]})
    if named is None or named == actor.site_id:
        return actor.own_site()
    if not actor.has("accounts.manage"):
        raise NotFound("There is no such site.")
    return named


def _told(person: Person, *, in_full: bool) -> dict[str, Any]:
    brief = {
        "account_id": person.account_id,
        "name": person.name,
        "is_audit_team": person.is_audit_team,
        "is_here": person.role is not None and person.ended_at is None,
    }
    if not in_full or person.account is None:
        return brief
    return brief | {
        "email": person.account.email,
        "role": person.role,
        "grants": list(person.grants),
        "since": person.since,
        "ended_at": person.ended_at,
        "state": account_state(person.account),
        "last_signed_in_at": person.account.last_signed_in_at,
    }
