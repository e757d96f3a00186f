"""What records answers about lists, the search, work-lists and history."""

from __future__ import annotations

from typing import Any

PAIR_ID = "018f0000-0000-7000-8000-000000000011"
SECOND_ID = "018f0000-0000-7000-8000-000000000012"
ENTRY_ID = "018f0000-0000-7000-8000-000000000014"
VISIT_ID = "018f0000-0000-7000-8000-000000000016"
CURSOR = "MjAyNC0wMi0wM3w"
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
            {"key": "postcode", "old": "AA1 1AA", "new": "AA1 1AB"},
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


def replies(row: dict[str, Any], record: dict[str, Any]) -> dict[tuple[str, str], Any]:
    """The answers, by method and path.

    Args:
        row: a record in a list; `record`: the same one whole.
    """
    base, one = "/records/v1", f"/records/v1/records/{record['record_id']}"
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
