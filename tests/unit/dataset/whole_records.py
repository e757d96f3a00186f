"""Records in which nothing is missing and nothing is wrong, shared by the tests of this folder."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

DIAGNOSED_ON = date(2024, 1, 10)
KEYS: dict[str, Any] = {
    "nhs_number": "9990000018",
    "date_of_birth": date(1950, 3, 1),
    "gender": "2",
    "date_index_diagnosed": DIAGNOSED_ON,
    "site_1": "1",
}
WHOLE: dict[str, Any] = KEYS | {
    "postcode": "EX50 1AA",
    "care_home": "U",
    "date_fls_contact": date(2024, 1, 12),
    "admitted": "0",
    "fracture_type": "1",
    "previous_fracture": "0",
    "parental_hip_fracture": "U",
    "smoker": "0",
    "therapy_at_fracture": ("U",),
    "dxa": "U",
    "fracture_risk": "0",
    "therapy_recommended": ("1",),
    "calcium_vit_d_recommended": "1",
    "falls_assessed": "0",
    "falls_referrals": ("0",),
    "fu16_done": "0",
    "fu52_done": "U",
}
"""Every needed question answered, with as few answers as that takes."""

FALLS_ANSWERS: dict[str, Any] = {
    "two_falls": "0",
    "fear_of_falling": "1",
    "falls_risk_drugs": "U",
    "mobility_pre": "1",
    "vision": "0",
    "toileting": "0",
    "cardiac_abnormal": "2",
    "cognition": "0",
}
VISIT_16: dict[str, Any] = {
    "fu16_done": "1",
    "fu16_date": date(2024, 4, 10),
    "fu16_by": "1",
    "ca_vitd_started": "1",
    "therapy_16w": ("1",),
    "strength_balance_started": "U",
}
VISIT_52: dict[str, Any] = {
    "fu52_done": "1",
    "fu52_date": date(2025, 1, 2),
    "fu52_by": "1",
    "ca_vitd_adherent": "1",
    "therapy_52w": ("1",),
    "refracture_count": "0",
}
FULL: dict[str, Any] = (
    WHOLE
    | FALLS_ANSWERS
    | VISIT_16
    | VISIT_52
    | {
        "service_code": "ABC",
        "local_id": "H1",
        "date_fls_assessment": date(2024, 1, 20),
        "site_2": "2",
        "site_3": "2",
        "height_cm": Decimal("165.0"),
        "weight_kg": Decimal("70.0"),
        "dxa": "1",
        "dxa_date": date(2024, 2, 1),
        "t_score": Decimal("-2.5"),
        "falls_assessed": "1",
        "refracture_count": "3",
        "refracture_1_site": "3",
        "refracture_1_on": date(2024, 5, 1),
        "refracture_2_site": "2",
        "refracture_2_on": date(2024, 6, 1),
        "refracture_3_site": "2",
        "refracture_3_on": date(2024, 7, 1),
        "date_of_death": date(2026, 1, 1),
    }
)
"""All questions answered but 3.02, which has no place beside a scan."""
