"""What registration answers about sites, people and visits, for the pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

PERSON_ID = "018f0000-0000-7000-8000-000000000011"
FORMER_ID = "018f0000-0000-7000-8000-000000000012"
VISITOR_ID = "018f0000-0000-7000-8000-000000000013"
OTHER_SITE_ID = "018f0000-0000-7000-8000-000000000014"

VISIT = {
    "visit_id": "018f0000-0000-7000-8000-000000000015",
    "reason": "Help with the import of May",
    "ends_at": "2026-02-03T15:05:00Z",
}
LISTED_VISIT = VISIT | {
    "site_id": "018f0000-0000-7000-8000-000000000006",
    "started_at": "2026-02-03T14:05:00Z",
    "ended_at": None,
}
LISTED_SITE = {
    "site_id": OTHER_SITE_ID,
    "code": "BBB",
    "name": "Other Hospital",
    "kind": "hospital",
    "nation": "wales",
    "state": "approved",
    "has_fls": False,
    "fls_name": None,
    "patient_audit": False,
    "facilities_audit": True,
    "approved_at": "2026-01-03T14:05:00Z",
    "version": 1,
}
PERSON = {
    "account_id": PERSON_ID,
    "name": "Kim Clerk",
    "email": "kim@demo.example",
    "is_audit_team": False,
    "is_here": True,
    "role": "data_entry",
    "grants": ["import"],
    "state": "invited",
    "since": "2026-02-01T14:05:00Z",
    "ended_at": None,
    "last_signed_in_at": None,
}
FORMER = PERSON | {
    "account_id": FORMER_ID,
    "name": "Lee Former",
    "email": "lee@demo.example",
    "role": "clinician",
    "grants": [],
    "state": "active",
    "is_here": False,
    "ended_at": "2026-02-02T14:05:00Z",
}
VISITOR = {
    "account_id": VISITOR_ID,
    "name": "Audit team",
    "is_audit_team": True,
    "is_here": False,
}


def lead_of(account: Mapping[str, Any]) -> dict[str, Any]:
    """The lead among the people of the site."""
    own = {name: account[name] for name in ("account_id", "name", "email")}
    return PERSON | own | {"role": "site_lead", "grants": [], "state": "active"}


def replies(account: Mapping[str, Any]) -> dict[tuple[str, str], Any]:
    """What is answered when all is well; the lead of the site is the caller."""
    people = [lead_of(account), PERSON, FORMER, VISITOR]
    person = f"/registration/v1/people/{PERSON_ID}"
    site = account["site"]
    opened = {"session": "another", "expires_at": "2026-02-03T22:05:00Z", "account": account}

    def page(*items: Any, size: int = 25) -> dict[str, Any]:
        return {"items": list(items), "page": 1, "page_size": size, "total": len(items)}

    return {
        ("GET", "/registration/v1/sites"): page(LISTED_SITE, LISTED_SITE | site),
        ("GET", f"/registration/v1/sites/{OTHER_SITE_ID}"): LISTED_SITE,
        ("GET", f"/registration/v1/sites/{site['site_id']}"): LISTED_SITE | site,
        ("POST", "/registration/v1/sessions/current/visit"): opened,
        ("DELETE", "/registration/v1/sessions/current/visit"): opened,
        ("PUT", "/registration/v1/sessions/current/site"): opened,
        ("GET", "/registration/v1/people/confirmation"): {
            "confirmed_at": "2025-06-01T09:00:00Z",
            "is_due": True,
        },
        ("POST", "/registration/v1/people/confirmation"): {
            "confirmed_at": "2026-02-03T09:00:00Z",
            "is_due": False,
        },
        ("POST", "/registration/v1/people/transfer"): httpx.Response(204),
        ("DELETE", "/registration/v1/me/site"): httpx.Response(204),
        ("GET", "/registration/v1/people"): {
            "site_id": site["site_id"],
            "items": people,
            "total": len(people),
        },
        ("POST", "/registration/v1/people"): PERSON,
        ("PUT", person): PERSON,
        ("DELETE", person): httpx.Response(204),
        ("POST", f"{person}/invitation"): httpx.Response(204),
        ("GET", "/registration/v1/visits"): page(LISTED_VISIT, size=10),
    }
