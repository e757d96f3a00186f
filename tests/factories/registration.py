"""A registration form that passes, and what an invited person would do."""

from __future__ import annotations

import itertools
from typing import Any

_numbers = itertools.count(1)
PASSWORD = "three green bicycles"


def make_form(**changes: Any) -> dict[str, Any]:
    """Returns the body of a registration, different each time in ODS code and e-mail address."""
    number = next(_numbers)
    form = {
        "organisation_name": f"Example Hospital {number}",
        "organisation_kind": "hospital",
        "ods_code": f"R{_base36(number)}",
        "nation": "england",
        "has_fls": True,
        "fls_name": "Example fracture liaison service",
        "lead_name": "Sam Example",
        "lead_email": f"lead{number}@example.org",
        "lead_job": "Consultant",
        "lead_phone": "020 7946 0000",
        "statements_accepted": True,
    }
    form.update(changes)
    return {key: value for key, value in form.items() if value is not ...}


def _base36(number: int) -> str:
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return digits[number // 36 % 36] + digits[number % 36]
