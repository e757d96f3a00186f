"""What records answers about a record that is typed: stored, or only begun."""

from __future__ import annotations

from typing import Any

import httpx

RECORD_ID = "018f0000-0000-7000-8000-000000000002"
OTHER_RECORD_ID = "018f0000-0000-7000-8000-00000000000a"
PAIR_ID = "018f0000-0000-7000-8000-000000000009"
IMPORT_ID = "018f0000-0000-7000-8000-000000000001"
ACCOUNT_ID = "018f0000-0000-7000-8000-000000000007"
CLERK_ID = "018f0000-0000-7000-8000-000000000011"


def _sections(**states: str) -> list[dict[str, Any]]:
    return [
        {"section": n, "state": states.get(f"s{n}", "incomplete"), "missing": []}
        for n in range(1, 8)
    ]


STORED: dict[str, Any] = {
    "record_id": RECORD_ID,
    "version": 2,
    "entry_version": None,
    "form_version": 2,
    "stored": True,
    "identifiers_erased": False,
    "state": "to_confirm",
    "dataset_version": "v4",
    "age_at_diagnosis": 73,
    "values": {
        "local_id": "H-0001",
        "nhs_number": "9990000018",
        "date_of_birth": "1950-03-01",
        "gender": "2",
        "postcode": "EX50 1AA",
        "date_index_diagnosed": "2024-02-03",
        "site_1": "3",
        "height_cm": "172.5",
        "therapy_recommended": ["1", "7"],
    },
    "texts": {},
    "findings": [
        {
            "code": "V13",
            "level": "warning",
            "field": "therapy_recommended",
            "fields": [],
            "message": "Two drugs are recommended.",
            "token": "V13:therapy_recommended",
            "acknowledged": None,
        },
        {
            "code": "V22",
            "level": "warning",
            "field": "height_cm",
            "fields": [],
            "message": "The height is unusual.",
            "token": "V22:height_cm",
            "acknowledged": {"by": CLERK_ID, "at": "2026-02-03T14:05:00Z"},
        },
    ],
    "sections": [
        {"section": 1, "state": "incomplete", "missing": ["care_home", "admitted"]},
        {"section": 2, "state": "complete", "missing": []},
        *_sections(s6="not_due", s7="not_due")[2:],
    ],
    "progress": {"answered": 9, "needed": 20},
    "follow_up": {
        "first": {"state": "overdue", "due_on": "2024-04-27", "until": "2024-05-25"},
        "second": {"state": "not_due", "due_on": "2025-01-04", "until": "2025-03-01"},
    },
    "period": {
        "year": 2024,
        "status": "open",
        "entry_deadline": None,
        "locks_on": None,
        "unlocked_until": None,
    },
    "pairs": [],
    "recorded_elsewhere": False,
    "opt_out_checked_on": "2024-02-05",
    "created_at": "2026-02-01T09:00:00Z",
    "updated_at": "2026-02-03T14:05:00Z",
    "history": [
        {
            "version": 2,
            "at": "2026-02-03T14:05:00Z",
            "by": CLERK_ID,
            "door": "page",
            "import_id": None,
            "kind": "updated",
            "changed": ["height_cm", "site_1"],
            "acknowledged": [],
            "visit_id": None,
        },
        {
            "version": 1,
            "at": "2026-02-01T09:00:00Z",
            "by": ACCOUNT_ID,
            "door": "import",
            "import_id": IMPORT_ID,
            "kind": "created",
            "changed": [],
            "acknowledged": [],
            "visit_id": None,
        },
    ],
}
BEGUN: dict[str, Any] = STORED | {
    "version": 0,
    "entry_version": 1,
    "form_version": 1,
    "stored": False,
    "state": "unfinished",
    "dataset_version": None,
    "age_at_diagnosis": None,
    "values": {"nhs_number": "9990000018"},
    "texts": {"nhs_number": "999 000 0018"},
    "findings": [
        {
            "code": "R01",
            "level": "error",
            "field": "date_of_birth",
            "fields": [],
            "message": "1.02 Date of birth is missing. Every record needs it.",
            "token": None,
            "acknowledged": None,
        }
    ],
    "sections": _sections(),
    "progress": {"answered": 1, "needed": 20},
    "follow_up": None,
    "period": None,
    "history": [],
}
LOOKED_UP: dict[str, Any] = {
    "nhs_number": "9990000018",
    "findings": [],
    "records": [],
    "entries": [],
}


def replies() -> dict[tuple[str, str], Any]:
    """The answers, by method and path."""
    record, form = f"/records/v1/records/{RECORD_ID}", f"/records/v1/forms/{RECORD_ID}"
    return {
        ("GET", record): STORED,
        ("POST", "/records/v1/records/lookup"): LOOKED_UP,
        ("POST", "/records/v1/forms"): BEGUN,
        ("PUT", form): STORED | {"version": 3, "form_version": 3},
        ("DELETE", form): httpx.Response(204),
        ("POST", f"{record}/acknowledgements"): STORED | {"version": 3, "form_version": 3},
    }
