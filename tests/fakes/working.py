"""What records answers about lists, work-lists, history, duplicates, withdrawal and periods."""

from __future__ import annotations

from typing import Any

import httpx

PAIR_ID = "018f0000-0000-7000-8000-000000000011"
SECOND_ID = "018f0000-0000-7000-8000-000000000012"
DELETED_ID = "018f0000-0000-7000-8000-000000000013"
ENTRY_ID = "018f0000-0000-7000-8000-000000000014"
REQUEST_ID = "018f0000-0000-7000-8000-000000000015"
VISIT_ID = "018f0000-0000-7000-8000-000000000016"
CURSOR = "MjAyNC0wMi0wM3w"
_SITE_ID = "018f0000-0000-7000-8000-000000000006"
_SAM_ID = "018f0000-0000-7000-8000-000000000007"
_CLERK_ID = "018f0000-0000-7000-8000-000000000011"

SECTIONS = {
    "1": "complete",
    "2": "complete",
    "3": "incomplete",
    "4": "incomplete",
    "5": "complete",
    "6": "incomplete",
    "7": "not_due",
}
COUNTS = {
    "unfinished": 2,
    "errors": 14,
    "warnings": 31,
    "duplicates": 1,
    "assessment": 1204,
    "followup_16_due": 57,
    "followup_16_overdue": 0,
    "followup_52_due": 12,
    "followup_52_overdue": 3,
}
SITE_1_CHANGE = {"key": "site_1", "old": "1", "new": "3"}
HISTORY = [
    {
        "version": 3,
        "at": "2026-02-05T10:00:00Z",
        "by": _CLERK_ID,
        "door": "page",
        "import_id": None,
        "visit_id": VISIT_ID,
        "kind": "updated",
        "changed": ["height_cm", "postcode", "site_1"],
        "changes": [
            {"key": "height_cm", "old": None, "new": "172.5"},
            {"key": "postcode", "old": "EX50 1AA", "new": "EX50 1AB"},
            SITE_1_CHANGE,
        ],
        "acknowledged": [],
    },
    {
        "version": 2,
        "at": "2026-02-04T10:00:00Z",
        "by": _SAM_ID,
        "door": "page",
        "import_id": None,
        "visit_id": None,
        "kind": "acknowledged",
        "changed": [],
        "changes": [],
        "acknowledged": ["V18:site_2"],
    },
]
VERSION = {
    "version": 1,
    "at": "2026-02-03T14:05:00Z",
    "by": _CLERK_ID,
    "door": "import",
    "kind": "created",
    "texts": {"weight_kg": "about 80"},
    "values": {
        "local_id": "H-0001",
        "nhs_number": "9990000018",
        "date_of_birth": "1950-03-01",
        "gender": "2",
        "postcode": "EX50 1AA",
        "date_index_diagnosed": "2024-02-03",
        "site_1": "1",
    },
}
READ = {"at": "2026-02-06T08:15:00Z", "by": _CLERK_ID, "visit_id": None}
PERIODS = [
    {
        "year": 2023,
        "status": "locked",
        "entry_deadline": "2024-06-30",
        "locks_on": "2024-10-01",
        "unlocked_until": None,
        "extended_until": None,
        "version": 1,
    },
    {
        "year": 2024,
        "status": "grace",
        "entry_deadline": "2025-06-30",
        "locks_on": "2099-10-01",
        "unlocked_until": None,
        "extended_until": None,
        "version": 2,
    },
    {
        "year": 2025,
        "status": "open",
        "entry_deadline": None,
        "locks_on": None,
        "unlocked_until": None,
        "extended_until": None,
        "version": 0,
    },
]
UNLOCK_REQUEST = {
    "request_id": REQUEST_ID,
    "site_id": _SITE_ID,
    "record_id": None,
    "year": 2023,
    "reason": "The dates of one clinic were a month out.",
    "asked_by": _CLERK_ID,
    "asked_at": "2026-02-05T09:00:00Z",
    "state": "asked",
    "decided_by": None,
    "decided_at": None,
    "decision_reason": None,
    "until_on": None,
}
EXTENSION = {
    "extension_id": "018f0000-0000-7000-8000-000000000017",
    "site_id": _SITE_ID,
    "year": 2024,
    "until_on": "2026-12-31",
    "reason_code": "it_failure",
    "reason": "The ward system was down for a month.",
    "granted_by": _SAM_ID,
    "granted_at": "2026-02-05T09:00:00Z",
}


def pair(record: dict[str, Any]) -> dict[str, Any]:
    """A pair with both its records, of which `record` is the first."""
    values = record["values"]
    second = {**values, "date_index_diagnosed": "2024-02-10", "site_1": "1", "smoker": "1"}
    first = {"created_at": "2026-02-01T09:00:00Z", "created_by": _SAM_ID, "version": 2}
    return {
        "pair_id": PAIR_ID,
        "kind": "near",
        "found_at": "2026-02-03T14:05:00Z",
        "decision": None,
        "decided_by": None,
        "decided_at": None,
        "first": {
            **first,
            "record_id": record["record_id"],
            "state": "to_confirm",
            "values": values,
        },
        "second": {
            **first,
            "record_id": SECOND_ID,
            "state": "to_confirm",
            "values": second,
            "created_by": _CLERK_ID,
        },
    }


def replies(row: dict[str, Any], record: dict[str, Any]) -> dict[tuple[str, str], Any]:
    """The answers, by method and path.

    Args:
        row: a record in a list; `record`: the same one whole.
    """
    base, one = "/records/v1", f"/records/v1/records/{record['record_id']}"
    listed = {key: value for key, value in pair(record).items() if key not in ("first", "second")}
    listed |= {"first": row, "second": row | {"record_id": SECOND_ID}}
    deleted = row | {
        "record_id": DELETED_ID,
        "state": "deleted",
        "reason": "entered_in_error",
        "deleted_at": "2026-02-05T09:00:00Z",
        "deleted_by": _CLERK_ID,
    }
    entry = {
        "record_id": ENTRY_ID,
        "version": 2,
        "answered": 4,
        "started_by": _CLERK_ID,
        "started_at": "2026-02-05T08:55:00Z",
        "updated_by": _CLERK_ID,
        "updated_at": "2026-02-05T09:00:00Z",
    }

    def page(*items: Any) -> dict[str, Any]:
        return {"items": list(items), "page": 1, "page_size": 25, "total": len(items)}

    answers: dict[tuple[str, str], Any] = {
        ("POST", f"{base}/records/search"): {"items": [row], "entries": [entry]},
        ("GET", f"{base}/worklists"): {
            "items": [{"name": name, "count": count} for name, count in COUNTS.items()]
        },
        ("GET", f"{one}/history"): HISTORY,
        ("GET", f"{one}/versions/1"): VERSION,
        ("GET", f"{one}/reads"): page(READ),
        ("GET", f"{base}/duplicates"): page(listed),
        ("GET", f"{base}/duplicates/{PAIR_ID}"): pair(record),
        ("POST", f"{base}/duplicates/{PAIR_ID}/decision"): pair(record) | {"decision": "apart"},
        ("POST", f"{one}/deletion"): httpx.Response(204),
        ("POST", f"{base}/records/{DELETED_ID}/restoration"): record,
        ("GET", f"{base}/records/deleted"): page(deleted, deleted | {"reason": "opt_out"}),
        ("POST", f"{base}/opt-outs"): httpx.Response(204),
        ("GET", f"{base}/opt-outs/count"): {"count": 3},
        ("POST", f"{one}/erasure"): record,
        ("GET", f"{base}/periods"): {"items": PERIODS},
        ("PUT", f"{base}/periods/2025"): PERIODS[2],
        ("GET", f"{base}/period-extensions"): {"items": [EXTENSION]},
        ("POST", f"{base}/period-extensions"): EXTENSION,
        ("GET", f"{base}/unlock-requests"): {"items": [UNLOCK_REQUEST]},
        ("POST", f"{base}/unlock-requests"): UNLOCK_REQUEST,
        ("POST", f"{base}/unlock-requests/{REQUEST_ID}/decision"): UNLOCK_REQUEST
        | {"state": "granted", "until_on": "2026-03-31"},
    }
    for name, total in COUNTS.items():
        item = _item(name, row, entry)
        answers["GET", f"{base}/worklists/{name}"] = {
            "name": name,
            "total": total,
            "position": 1,
            "items": [item] if total else [],
            "next": CURSOR if total > 1 else None,
        }
        answers["GET", f"{base}/worklists/{name}/next"] = {
            "name": name,
            "total": total,
            "position": 1,
            "item": item if total else None,
        }
    return answers


def _item(name: str, row: dict[str, Any], entry: dict[str, Any]) -> dict[str, Any]:
    """The first thing of a work-list."""
    pair = {
        "pair_id": PAIR_ID,
        "kind": "near",
        "first_record_id": row["record_id"],
        "second_record_id": SECOND_ID,
        "found_at": "2026-02-03T14:05:00Z",
    }
    follow_up = name.startswith("followup")
    return {
        "cursor": CURSOR,
        "record_id": ENTRY_ID if name == "unfinished" else row["record_id"],
        "due_on": "2026-02-01" if follow_up else None,
        "until": "2026-03-01" if follow_up else None,
        "record": None if name == "unfinished" else row,
        "entry": entry if name == "unfinished" else None,
        "pair": pair if name == "duplicates" else None,
    }
