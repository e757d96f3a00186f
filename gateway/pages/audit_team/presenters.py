"""Registrations, accounts and progress in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.pages import states
from gateway.pages.people.presenters import role_title
from gateway.wording import day

KINDS = {
    "hospital": "Hospital",
    "gp_practice": "GP practice",
    "network": "Network",
    "community": "Community service",
}
NATIONS = {"england": "England", "wales": "Wales", "northern_ireland": "Northern Ireland"}
APPLICATION_FILTERS = {
    "submitted": "Waiting",
    "queried": "Asked back",
    "approved": "Approved",
    "declined": "Declined",
    "all": "All",
}


def tag_of(application: Mapping[str, Any]) -> states.State:
    """Where a registration stands."""
    return states.shown(states.APPLICATION, application["state"])


def applications_of(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of the queue."""
    return [
        {
            **item,
            "tag": tag_of(item),
            "kind": KINDS.get(item["organisation_kind"], item["organisation_kind"]),
            "service": "Yes" if item["has_fls"] else "No",
        }
        for item in items
    ]


def parts_of(application: Mapping[str, Any]) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """The answers of a registration form by section; what was left blank is not among them."""
    parts: dict[str, list[Mapping[str, Any]]] = {}
    for line in application["lines"]:
        parts.setdefault(line["section"], []).append(line)
    return list(parts.items())


DEEDS = {
    "signed_in": "Signed in",
    "sign_in_refused": "Sign-in refused: wrong password or code",
    "signed_out": "Signed out",
    "session_ended": "Session ended",
    "other_sessions_ended": "Other sessions ended",
    "site_changed": "Went to another site",
    "password_reset_asked": "New password asked for",
    "password_link_made": "Link for a password made",
    "password_chosen": "Password chosen",
    "password_changed": "Password changed",
    "password_set_by_operator": "Password set by an operator",
    "second_factor_set_up": "Authenticator app set up",
    "second_factor_changed": "Other authenticator app",
    "second_factor_taken_away": "Authenticator app taken away",
    "recovery_code_used": "Recovery code used",
    "recovery_codes_made": "New recovery codes",
    "account_opened": "Account opened",
    "account_switched_off": "Account switched off",
    "account_switched_on": "Account switched on",
    "role_given": "Role given",
    "person_added": "Person added",
    "person_changed": "Role changed",
    "person_invited_again": "Invited again",
    "person_removed": "Person taken out",
    "people_confirmed": "List of people confirmed",
    "lead_transferred": "Lead handed over",
    "person_left": "Left the site",
    "token_replaced": "API token replaced",
    "notice_published": "Notice published",
    "notice_withdrawn": "Notice withdrawn",
    "terms_accepted": "Terms of use accepted",
    "token_made": "API token made",
    "token_revoked": "API token revoked",
    "visit_begun": "Visit begun",
    "visit_ended": "Visit ended",
    "application_submitted": "Registration sent",
    "application_queried": "Question asked",
    "application_answered": "Question answered",
    "application_approved": "Registration approved",
    "application_declined": "Registration declined",
    "site_suspended": "Site suspended",
    "site_reinstated": "Site reinstated",
    "participation_changed": "Participation changed",
    "organisation_code_changed": "ODS code changed",
    "sites_republished": "Sites told again",
}
"""Everything that the log tells of, in words."""
_ACTORS = {"visitor": "The applicant", "operator": "An operator", "system": "The system"}


def history_of(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What was done to a registration or a site, in words."""
    return [
        {
            **line,
            "deed": DEEDS.get(line["what"], line["what"].replace("_", " ").capitalize()),
            "who": line["actor_name"] or _ACTORS.get(line["actor_kind"], "–"),
            "more": _more(line["details"]),
        }
        for line in lines
    ]


def _more(details: Mapping[str, Any]) -> str:
    """What a line of the log says beyond who and when."""
    parts = []
    if "has_fls" in details:
        parts.append("with a service" if details["has_fls"] else "without a service")
    if "ods_code" in details:
        parts.append(str(details["ods_code"]))
    if "valid_from" in details:
        parts.append(f"from {day(details['valid_from'])}")
    if "reason" in details:
        parts.append(str(details["reason"]))
    return ", ".join(parts)


def accounts_of(items: list[dict[str, Any]], own_id: object) -> list[dict[str, Any]]:
    """The rows of the list of accounts; nobody can switch off the account they use."""
    return [
        {
            **item,
            "tag": states.shown(states.ACCOUNT, item.get("state") or "active"),
            "role": ", ".join(role_title(role) for role in item.get("roles") or []),
            "own": str(item["account_id"]) == str(own_id),
        }
        for item in items
    ]


def counts_of(counts: Mapping[str, int]) -> list[dict[str, Any]]:
    """Sites by state, in the order of the work."""
    return [
        {"label": state.text, "value": counts.get(key, 0)} for key, state in states.ANSWERS.items()
    ]


def sites_of(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of the list of sites."""
    return [
        {
            **item,
            "tag": states.shown(states.ANSWERS, item["state"]),
            "service": "Yes" if item.get("has_fls") else "No",
        }
        for item in items
    ]


PARTS_ASKED = {
    "facilities": "All sites of the facilities audit",
    "patient": "Sites that take part in the patient audit",
}
_ROUND_DEEDS = {
    "last_day": "The last day was changed",
    "closed": "Closed",
    "opened_again": "Opened again",
}


def round_of(round_: Mapping[str, Any]) -> dict[str, Any]:
    """A round with its tag and who is asked, in words."""
    asked = PARTS_ASKED.get(round_["asked_part"], round_["asked_part"])
    kinds = ", ".join(KINDS.get(kind, kind).lower() for kind in round_["asked_kinds"])
    return {
        **round_,
        "tag": states.shown(states.ROUND, round_["state"]),
        "asked_words": f"{asked}; only {kinds}" if kinds else asked,
    }


def round_changes_of(changes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What was done to a round, in words."""
    lines = []
    for change in changes:
        to = change["details"].get("to")
        words = _ROUND_DEEDS.get(change["what"], change["what"])
        until = f", now {day(to)}" if to else ", now none" if "to" in change["details"] else ""
        lines.append({**change, "words": f"{words}{until}"})
    return lines
