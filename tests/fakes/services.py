"""The four services behind an httpx transport, for the pages: answers by method and path.

Answers have the shapes of the services' own schemas; `calls` remembers what was asked.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.fakes import facilities, forms, joining, people, signing_in, working

IMPORT_ID = "018f0000-0000-7000-8000-000000000001"
RECORD_ID = "018f0000-0000-7000-8000-000000000002"
APPLICATION_ID = "018f0000-0000-7000-8000-000000000004"
TOKEN_ID = "018f0000-0000-7000-8000-000000000005"
SITE_ID = "018f0000-0000-7000-8000-000000000006"
ACCOUNT_ID = "018f0000-0000-7000-8000-000000000007"
OTHER_ACCOUNT_ID = "018f0000-0000-7000-8000-000000000008"

SITE = {
    "site_id": SITE_ID,
    "code": "AAA",
    "name": "Demo General Hospital",
    "nation": "england",
    "patient_audit": True,
    "facilities_audit": True,
}
ACCOUNT = {
    "account_id": ACCOUNT_ID,
    "name": "Sam Lead",
    "email": "sam@demo.example",
    "site": SITE,
    "visit": None,
    "roles": ["site_lead"],
    "rights": [],
}
ME = ACCOUNT | {"sites": [{name: SITE[name] for name in ("site_id", "code", "name")}]}
RECORD_ROW = {
    "record_id": RECORD_ID,
    "local_id": "H-0001",
    "nhs_number_masked": "••• ••• •018",
    "diagnosed_on": "2024-02-03",
    "site_1": "3",
    "age_at_diagnosis": 74,
    "state": "valid",
    "updated_at": "2026-02-03T14:05:00Z",
    "version": 1,
    "sections": working.SECTIONS,
    "follow_up": {"first": "overdue", "second": "not_due"},
}
RECORD = forms.STORED
IMPORT = {
    "import_id": IMPORT_ID,
    "file_name": "january.csv",
    "size_bytes": 1_300_000,
    "sha256": "00" * 32,
    "state": "checked",
    "stage": "waiting_for_confirmation",
    "mode": "add_and_update",
    "date_order": None,
    "confirm": "person",
    "rows_total": 5000,
    "rows_checked": 5000,
    "rows_staged": 5000,
    "rows_applied": 0,
    "counts": {
        "received": 5000,
        "new": 4800,
        "changed": 60,
        "same": 40,
        "rejected": 98,
        "held": 2,
        "with_warnings": 31,
    },
    "passed_over": {"M01": 3},
    "changed_fields": [{"field": "smoker", "rows": 41}, {"field": "postcode", "rows": 3}],
    "queue": None,
    "file_findings": [
        {"code": "H01", "level": "warning", "message": "Column “Ward” is not known."}
    ],
    "created_at": "2026-02-03T14:05:00Z",
    "created_by": ACCOUNT_ID,
    "confirmed_at": None,
    "ended_at": None,
    "undone": None,
    "undo_until": None,
    "corrects": None,
    "file_kept": True,
    "live": True,
}
OPEN_SESSION: dict[str, Any] = {
    "session_id": "018f0000-0000-7000-8000-0000000000b1",
    "created_at": "2026-02-03T09:00:00Z",
    "last_used_at": "2026-02-03T14:05:00Z",
    "expires_at": "2026-02-03T21:00:00Z",
    "site_name": "Demo General Hospital",
    "is_current": True,
}
OTHER_SESSION: dict[str, Any] = OPEN_SESSION | {
    "session_id": ACCOUNT_ID,
    "is_current": False,
    "site_name": None,
}
CHANGES: dict[str, Any] = {
    "items": [{"row": 7, "record_id": RECORD_ID, "before": "1", "after": "0"}]
}
HELD_ROWS: dict[str, Any] = {
    "state": "applied",
    "total": 2,
    "items": [
        {"row": 7, "code": "possible_match", "reason": "Perhaps the same fracture. Say which."},
        {"row": 9, "code": "opted_out", "reason": "The patient has opted out."},
    ],
}
HELD_ROW: dict[str, Any] = {
    **HELD_ROWS["items"][0],
    "may_add": True,
    "values": {
        "local_id": "LOC-2", "nhs_number": "9990000018", "date_index_diagnosed": "2024-01-12",
        "smoker": "0", "height_cm": "#CLEAR", "therapy_recommended": ["1"],
    },
    "candidates": [
        {
            "record_id": RECORD_ID,
            "version": 3,
            "values": {"local_id": "LOC-1", "nhs_number": "9990000018"},
            "changes": [
                {"field": "smoker", "before": "1", "after": "0"},
                {"field": "height_cm", "before": "162.5", "after": None},
            ],
        }
    ],
}  # fmt: skip
MENDABLE = {
    "row": 17,
    "cells": [
        {
            "field": "gender", "heading": "1.03 Gender", "value": "perhaps",
            "messages": ["T03: This is no answer of the list."],
        },
        {
            "field": "nhs_number", "heading": "NHS", "value": "9990000",
            "messages": ["V01: The number is not valid."],
        },
        {"field": "local_id", "heading": "Own id", "value": "H1", "messages": []},
    ],
}  # fmt: skip
CORRECTION = {
    "row": 17, "field": "nhs_number", "heading": "NHS", "old": "•••••000", "new": None,
    "by": ACCOUNT_ID, "at": "2026-02-03T14:05:00Z",
}  # fmt: skip
PROFILE: dict[str, Any] = {
    "profile_id": "0197d7a4-0000-7000-8000-0000000000e1",
    "version": 2,
    "name": "PAS export",
    "date_order": None,
    "blank": "leave",
    "dataset_version": "v3",
    "changes": [
        {"kind": "gone_answers", "field": "site_1", "codes": ["7"]},
        {"kind": "new_answers", "field": "smoker", "codes": ["1"]},
        {"kind": "new_field", "field": "dxa", "codes": []},
        {"kind": "gone_field", "field": "ward_round", "codes": []},
    ],
    "saved_at": "2026-02-03T14:05:00Z",
    "saved_by": ACCOUNT_ID,
}
SETUP = {
    "profile": PROFILE,
    "columns": [
        {
            "position": 0, "heading": "Sex of patient", "key": None, "proposed": "gender",
            "values": ["Female", "M"], "not_known": {"M": "1", "<b>?": ""},
        },
        {
            "position": 1, "heading": "1.09", "key": "date_index_diagnosed", "proposed": None,
            "values": ["03/04/2024"], "not_known": {},
        },
        {
            "position": 2, "heading": "Ward", "key": None, "proposed": None, "values": [],
            "not_known": {},
        },
    ],
}  # fmt: skip
RECEIPT = {
    "receipt": {
        "format": "fls-db receipt 1",
        "receipt_id": "0197d7a4-0000-7000-8000-0000000000f1",
        "number": 2,
        "replaces": "0197d7a4-0000-7000-8000-0000000000f0",
        "issued_at": "2026-02-03T14:06:00Z",
        "import_id": IMPORT_ID,
        "site_code": "BNT",
        "file_sha256": "00" * 32,
        "file_bytes": 1_300_000,
        "state": "undone",
        "ledger": {key: IMPORT["counts"][key] for key in IMPORT["counts"]},  # type: ignore[index, attr-defined]
        "undone": {"removed": 12, "restored": 1, "kept": 2},
        "uploaded_at": "2026-02-03T14:05:00Z",
        "confirmed_at": "2026-02-03T14:05:30Z",
        "stored_at": "2026-02-03T14:06:00Z",
    },
    "key_id": "k1",
    "signature": "c2lnbmF0dXJl",
}
FINDING = {
    "row": 17,
    "column": "1.02 DateOfBirth",
    "field": "date_of_birth",
    "code": "T01",
    "level": "error",
    "message": "There is no such day in the calendar. Check day and month.",
    "value_masked": "31/02/••••",
}
GROUP = {
    "code": "T01",
    "level": "error",
    "field": "date_of_birth",
    "heading": "1.02 DateOfBirth",
    "title": "Date cannot be read",
    "mend": "Write day, month and four-digit year: 31/01/2024.",
    "count": 312,
    "first_rows": [17, 29, 44, 51, 80],
}
APPLICATION = {
    "application_id": APPLICATION_ID,
    "reference": "FA-7K3M-2Q",
    "state": "submitted",
    "organisation_name": "Demo General Hospital",
    "organisation_kind": "hospital",
    "ods_code": "R1A",
    "nation": "england",
    "has_fls": True,
    "fls_name": None,
    "lead_name": "Sam Lead",
    "lead_email": "sam@demo.example",
    "lead_job": None,
    "lead_phone": None,
    "submitted_at": "2026-02-03T14:05:00Z",
    "decided_at": None,
    "refusal_reason": None,
    "site_id": None,
}
TOKEN = {
    "token_id": TOKEN_ID,
    "name": "Ward system",
    "rights": ["records.import"],
    "created_at": "2026-02-03T14:05:00Z",
    "expires_at": "2026-05-03T14:05:00Z",
    "last_used_at": None,
    "revoked_at": None,
}
LISTED_ACCOUNT = ACCOUNT | {
    "state": "active",
    "created_at": "2026-02-03T14:05:00Z",
    "switched_off_at": None,
    "last_signed_in_at": None,
}
SHOWN_ACCOUNT = LISTED_ACCOUNT | {"second_factor_set_up_at": "2026-01-05T09:00:00Z"}


def page(*items: Any, number: int = 1, size: int = 25, total: int | None = None) -> dict[str, Any]:
    """A list answer."""
    total = len(items) if total is None else total
    return {"items": list(items), "page": number, "page_size": size, "total": total}


def problem(status: int, detail: str = "No.", **members: Any) -> httpx.Response:
    """A problem document."""
    body = {"type": "about:blank", "title": "No", "status": status, "detail": detail, **members}
    return httpx.Response(status, json=body, headers={"Content-Type": "application/problem+json"})


Reply = Any | Callable[[httpx.Request], Any]


def _good_replies() -> dict[tuple[str, str], Reply]:
    imports = f"/imports/v1/imports/{IMPORT_ID}"
    application = f"/registration/v1/applications/{APPLICATION_ID}"
    other = LISTED_ACCOUNT | {"account_id": OTHER_ACCOUNT_ID, "state": "switched_off"}
    return {
        ("GET", "/registration/v1/applications"): page(APPLICATION),
        ("GET", application): APPLICATION | joining.REVIEW,
        ("POST", f"{application}/approval"): {"site_id": SITE_ID, "site_code": "AAA"},
        ("POST", f"{application}/refusal"): APPLICATION | {"state": "declined"},
        ("POST", "/registration/v1/sessions"): {"session": "opaque", "account": ACCOUNT},
        ("DELETE", "/registration/v1/sessions/current"): httpx.Response(204),
        ("GET", "/registration/v1/me"): ME,
        ("POST", "/registration/v1/password-links/check"): {
            "email": "sam@demo.example", "name": "Sam Lead", "purpose": "invitation",
            "terms_due": True
        },
        ("POST", "/registration/v1/passwords"): httpx.Response(204),
        ("POST", "/registration/v1/password-resets"): httpx.Response(204),
        ("GET", "/registration/v1/sessions"): {"items": [OPEN_SESSION, OTHER_SESSION]},
        ("DELETE", "/registration/v1/sessions/others"): httpx.Response(204),
        ("DELETE", f"/registration/v1/sessions/{ACCOUNT_ID}"): httpx.Response(204),
        ("PUT", "/registration/v1/me/password"): httpx.Response(204),
        ("GET", "/registration/v1/tokens"): page(TOKEN),
        ("POST", "/registration/v1/tokens"): TOKEN | {"token": "fla_secret"},
        ("DELETE", f"/registration/v1/tokens/{TOKEN_ID}"): httpx.Response(204),
        ("POST", f"/registration/v1/tokens/{TOKEN_ID}/rotation"): TOKEN | {"token": "fla_new"},
        ("GET", "/registration/v1/accounts"): page(LISTED_ACCOUNT, other),
        ("POST", f"/registration/v1/accounts/{OTHER_ACCOUNT_ID}/switch-off"): other,
        ("POST", f"/registration/v1/accounts/{OTHER_ACCOUNT_ID}/switch-on"): other,
        ("GET", "/registration/v1/mails"): page(),
        ("GET", f"/registration/v1/accounts/{ACCOUNT_ID}"): SHOWN_ACCOUNT,
        ("GET", f"/registration/v1/accounts/{OTHER_ACCOUNT_ID}"): SHOWN_ACCOUNT | {
            "account_id": OTHER_ACCOUNT_ID
        },
        **joining.replies([SITE_ID, people.OTHER_SITE_ID], application),
        **people.replies(ACCOUNT),
        **signing_in.replies(ACCOUNT, people.PERSON_ID, OTHER_ACCOUNT_ID),
        ("GET", "/records/v1/records"): page(RECORD_ROW, total=60),
        **forms.replies(),
        **working.replies(RECORD_ROW, RECORD),
        ("GET", "/imports/v1/imports"): page(IMPORT),
        ("GET", imports): IMPORT,
        ("GET", f"{imports}/findings"): page(FINDING, size=50, total=312),
        ("GET", f"{imports}/finding-groups"): page(GROUP),
        ("POST", f"{imports}/confirmation"): IMPORT | {"state": "applying"},
        ("POST", f"{imports}/cancellation"): IMPORT | {"state": "cancelled"},
        ("GET", f"{imports}/receipt"): RECEIPT,
        ("GET", f"{imports}/mendable"): page(MENDABLE, size=20, total=41),
        ("POST", f"{imports}/corrections"): httpx.Response(201, json=IMPORT),
        ("GET", f"{imports}/corrections"): {"items": [CORRECTION]},
        ("GET", f"{imports}/setup"): SETUP,
        ("GET", "/imports/v1/profiles"): {"items": [PROFILE]},
        ("PUT", f"{imports}/setup"): PROFILE,
        ("POST", f"{imports}/again"): httpx.Response(201, json=IMPORT | {"state": "received"}),
        ("POST", f"{imports}/undo"): IMPORT | {"state": "undoing"},
        ("GET", f"/records/v1/imports/{IMPORT_ID}/changes"): CHANGES,
        ("GET", f"/records/v1/imports/{IMPORT_ID}/held-rows"): HELD_ROWS,
        ("GET", f"/records/v1/imports/{IMPORT_ID}/held-rows/7"): HELD_ROW,
        ("POST", f"/records/v1/imports/{IMPORT_ID}/held-rows/7/decision"): {"outcome": "changed"},
        ("POST", f"/records/v1/imports/{IMPORT_ID}/held-rows/leave"): {"left": 0},
        ("GET", f"/records/v1/imports/{IMPORT_ID}/undo-preview"): {
            "removed": 12, "restored": 1, "kept": 2, "locked_years": [],
        },
        **facilities.replies(page),
    }  # fmt: skip


@dataclass
class FakeServices(httpx.BaseTransport):
    """Answers what every service answers when all is well; `replies` can be changed.

    Attributes:
        replies: (method, path below /api) -> JSON value, `httpx.Response`, exception, or a function
            of the request that gives one of these.
        calls: what was asked, in order: method, path, JSON body.
        headers: the headers of the last call.
    """

    replies: dict[tuple[str, str], Reply] = field(default_factory=_good_replies)
    calls: list[tuple[str, str, Any]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api")
        body = json.loads(request.content) if request.content else None
        self.calls.append((request.method, path, body))
        self.headers = dict(request.headers)
        reply = self.replies.get((request.method, path))
        if reply is None:
            return problem(404)
        if callable(reply) and not isinstance(reply, httpx.Response):
            reply = reply(request)
        if isinstance(reply, Exception):
            raise reply
        if isinstance(reply, httpx.Response):
            return reply
        return httpx.Response(200, json=reply)

    def body_of(self, method: str, path: str) -> Any:
        """The body of the last call of this kind."""
        return next(b for m, p, b in reversed(self.calls) if (m, p) == (method, path))
