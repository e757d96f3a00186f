"""What registration answers about registration forms and sites, for the pages."""

from __future__ import annotations

from typing import Any

import httpx

_NONE: dict[str, Any] = {
    "hint": "",
    "is_required": False,
    "options": [],
    "when_key": None,
    "when_values": [],
}


def question(key: str, label: str, kind: str = "line", **more: Any) -> dict[str, Any]:
    """A question as registration describes it."""
    return _NONE | {"key": key, "label": label, "kind": kind} | more


YES_NO = [{"value": "yes", "text": "Yes", "hint": "Both audits"}] + [
    {"value": "no", "text": "No", "hint": ""}
]
FORM = {
    "sections": [
        {
            "name": "organisation",
            "title": "Your organisation",
            "questions": [
                question("organisation_name", "Name", is_required=True),
                question("ods_code", "ODS code", "ods", hint="Such as R1A.", is_required=True),
                question("address", "Address", "paragraph"),
            ],
        },
        {
            "name": "service",
            "title": "The service",
            "questions": [
                question("has_fls", "Is there one?", "choice", options=YES_NO, is_required=True),
                question(
                    "population", "How many?", "number", when_key="has_fls", when_values=["yes"]
                ),
            ],
        },
        {
            "name": "people",
            "title": "People",
            "questions": [
                question("lead_name", "Lead", is_required=True),
                question("lead_phone", "Telephone", "phone"),
                question("guardian_email", "Guardian", "email", is_required=True),
            ],
        },
        {
            "name": "statements",
            "title": "Statements",
            "questions": [question("states_accuracy", "We are true.", "confirm", is_required=True)],
        },
    ]
}
ANSWERS = {
    "organisation_name": "Elm General Hospital",
    "ods_code": "R1A",
    "address": "1 Road\nTown",
    "has_fls": "yes",
    "lead_name": "Sam Łead",
    "guardian_email": "pat@demo.example",
    "states_accuracy": "yes",
}
COMPLETE = dict.fromkeys(("organisation", "service", "people", "statements"), "complete")
DRAFT = {
    "email": "sam@demo.example",
    "answers": ANSWERS,
    "sections": COMPLETE,
    "problems": {},
    "reference": None,
    "state": None,
    "submitted_at": None,
    "decided_at": None,
    "refusal_reason": None,
    "messages": [],
}
MESSAGE = {"at": "2026-02-04T09:05:00Z", "is_from_team": True, "words": "Which ward?"}
SENT = DRAFT | {
    "reference": "FA-7K3M-2Q",
    "state": "queried",
    "submitted_at": "2026-02-03T14:05:00Z",
    "messages": [MESSAGE],
}
LINE = {
    "at": "2026-02-03T14:05:00Z",
    "what": "application_submitted",
    "actor_kind": "visitor",
    "actor_name": None,
    "details": {"reference": "FA-7K3M-2Q"},
}
REVIEW = {
    "lines": [
        {"section": "Your organisation", "label": "Name", "text": "Demo General Hospital"},
        {"section": "People", "label": "Caldicott Guardian", "text": "Pat Guardian"},
    ],
    "messages": [MESSAGE],
    "similar": [
        {
            "name": "Other Hospital",
            "code": "RZ1",
            "why": "nearly the same name",
            "state": "approved",
            "site_id": "018f0000-0000-7000-8000-000000000014",
            "application_id": None,
        }
    ],
    "history": [LINE],
}
HISTORY = {
    "codes": [
        {"scheme": "ods", "code": "R1B", "valid_from": "2026-01-05", "valid_to": None},
        {"scheme": "ods", "code": "R1A", "valid_from": "2025-01-05", "valid_to": "2026-01-05"},
    ],
    "participation": [
        {"has_fls": True, "valid_from": "2025-01-05", "recorded_at": "2025-01-05T09:00:00Z"}
    ],
    "events": [
        LINE
        | {
            "what": "organisation_code_changed",
            "actor_kind": "account",
            "actor_name": "Alex Team",
            "details": {"ods_code": "R1B", "valid_from": "2026-01-05"},
        }
    ],
}


NOTICE_ID = "018f0000-0000-7000-8000-000000000099"
NOTICE = {
    "notice_id": NOTICE_ID,
    "title": "Closed at Easter",
    "words": "Nobody answers on Friday.",
    "shown_from": "2026-02-01",
    "shown_until": "2026-02-09",
    "made_at": "2026-02-01T09:05:00Z",
    "withdrawn_at": None,
}
STATEMENT = {
    "site_code": "AAA",
    "site_name": "Demo General Hospital",
    "begins": "2025-04-01",
    "ends": "2026-03-31",
    "patient_audit": {"eligible": False, "first_day": None, "last_day": None},
    "facilities_audit": {"eligible": True, "first_day": "2025-09-01", "last_day": "2026-03-31"},
}
LISTED_LINE = LINE | {
    "what": "signed_in",
    "actor_kind": "account",
    "actor_name": "Sam Lead",
    "details": {},
    "entry_id": 7,
    "site_name": "Demo General Hospital",
    "subject_kind": "session",
    "subject_name": None,
}


def replies(site_ids: list[str], application_path: str) -> dict[Any, Any]:
    """What is answered when all is well."""
    v1 = "/registration/v1/registrations"
    found: dict[Any, Any] = {
        ("GET", f"{v1}/form"): FORM,
        ("POST", v1): httpx.Response(204),
        ("POST", f"{v1}/open"): DRAFT,
        ("POST", f"{v1}/submission"): SENT | {"state": "submitted"},
        ("POST", f"{v1}/reply"): SENT | {"state": "submitted"},
        ("POST", f"{application_path}/query"): httpx.Response(200, json={}),
    }
    found["GET", "/registration/v1/notices/current"] = {"items": [NOTICE]}
    found["GET", "/registration/v1/notices"] = {
        "items": [NOTICE],
        "page": 1,
        "page_size": 25,
        "total": 1,
    }
    found["POST", "/registration/v1/messages"] = httpx.Response(204)
    found["POST", "/registration/v1/notices"] = NOTICE
    found["DELETE", f"/registration/v1/notices/{NOTICE_ID}"] = httpx.Response(204)
    found["GET", "/registration/v1/log"] = {
        "items": [LISTED_LINE],
        "page": 1,
        "page_size": 25,
        "total": 60,
    }
    for name in COMPLETE:
        found["PUT", f"{v1}/sections/{name}"] = DRAFT
    for site_id in site_ids:
        site = f"/registration/v1/sites/{site_id}"
        found["GET", f"{site}/history"] = HISTORY
        found["GET", f"{site}/participation-statement"] = STATEMENT
        found["POST", f"{site}/suspension"] = {}
        found["POST", f"{site}/reinstatement"] = {}
        found["PUT", f"{site}/participation"] = {}
        found["PUT", f"{site}/ods-code"] = {}
    return found
