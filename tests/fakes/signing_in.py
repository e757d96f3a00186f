"""What registration answers about the second factor, for the pages."""

from __future__ import annotations

from typing import Any

import httpx

WAITING = {"waiting": "fls_w_abc", "wants": "code", "expires_at": "2026-02-03T14:20:00Z"}
OFFER = {
    "secret": "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ",
    "address": "otpauth://totp/Fracture%20Audit:sam%40demo.example?digits=6"
    "&secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&algorithm=SHA1&issuer=Fracture%20Audit&period=30",
}
OWN = {"is_needed": True, "set_up_at": "2026-01-05T09:00:00Z", "recovery_codes_left": 9}
CODES = [f"ABCDEF-GHJKLM-NPQRST-UVWX2{n}" for n in range(10)]


def replies(account: dict[str, Any], person_id: str, account_id: str) -> dict[Any, Any]:
    """What is answered when all is well."""
    gone = httpx.Response(204)
    opened = {"session": "opaque", "account": account, "recovery_codes": None}
    return {
        ("GET", "/registration/v1/terms"): {"version": "2026-11", "terms": ["One.", "Two."]},
        ("GET", "/registration/v1/me/terms"): {"version": "2026-11", "is_due": False},
        ("POST", "/registration/v1/me/terms"): gone,
        ("POST", "/registration/v1/sessions/second-factor"): opened,
        ("POST", "/registration/v1/sessions/second-factor/enrolment"): OFFER,
        ("GET", "/registration/v1/me/second-factor"): OWN,
        ("PUT", "/registration/v1/me/second-factor"): {"recovery_codes": CODES},
        ("POST", "/registration/v1/me/second-factor/enrolment"): OFFER,
        ("POST", "/registration/v1/me/second-factor/recovery-codes"): {"recovery_codes": CODES},
        ("DELETE", f"/registration/v1/people/{person_id}/second-factor"): gone,
        ("DELETE", f"/registration/v1/accounts/{account_id}/second-factor"): gone,
    }
