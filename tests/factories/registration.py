"""A registration form that passes, and what an invited person would do."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from typing import Any

from services.registration.today import today_in_london

_numbers = itertools.count(1)
PASSWORD = "three green bicycles"


def day(days: int = 0) -> date:
    """So many days from today, which may have changed since the tests were gathered."""
    return today_in_london() + timedelta(days=days)


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


def long_form(**changes: str) -> dict[str, str]:
    """Returns the answers of a whole registration form, different each time in its ODS code."""
    number = next(_numbers)
    return {
        "organisation_name": f"Example Hospital {number}",
        "organisation_kind": "hospital",
        "nation": "england",
        "ods_code": f"T{_base36(number)}",
        "parent_name": "Example Trust",
        "address": "1 Example Road\nExampleton",
        "has_fls": "yes",
        "fls_name": "Example fracture liaison service",
        "fls_start": "2019-04",
        "delivered_from": "hospital",
        "population": "250,000",
        "lead_name": "Sam Example",
        "lead_job": "Consultant",
        "lead_phone": "020 7946 0000",
        "guardian_name": "Pat Guardian",
        "guardian_email": "pat@example.org",
        "states_informed": "yes",
        "states_opt_out": "yes",
        "states_accuracy": "yes",
        "states_confidential": "yes",
        "states_accounts": "yes",
        "states_authority": "yes",
        **changes,
    }
