"""What is said of a record because of what is stored beside it: V20, V24 and R05 to R07.

Only the words are here. The records service, which knows the store, decides when they are said,
for every door alike. No message tells anything of another site's record, or of another patient.

Source: domain notes 1.10 (V20, V24), 5.2 (row key, error codes) and 6.3 (opt-out).
"""

from __future__ import annotations

from dataset.findings import Finding
from dataset.rules.registry import BOTH, ERROR, RuleText

NEAR_DAYS = 28
"""Two fractures of a patient at one service with at most so many days between them are near."""
ELSEWHERE_DAYS = 7
"""The same across services."""

_KEY = ("nhs_number", "date_index_diagnosed")

STORE_RULES: tuple[RuleText, ...] = (
    RuleText(
        "V20",
        BOTH,
        _KEY,
        "A fracture is recorded once: the same NHS number and date of diagnosis at the same "
        "service is an error. Within 28 days at the same service, or within 7 days at another, "
        "it is unlikely.",
        "domain notes 1.10 V20.",
    ),
    RuleText(
        "V24",
        ERROR,
        ("nhs_number",),
        "Nothing is stored about a patient who has opted out; in a file it is said as R06.",
        "domain notes 1.10 V24 and 6.3.",
    ),
    RuleText(
        "R05",
        ERROR,
        ("date_index_diagnosed",),
        "Records of a year of diagnosis that is closed cannot be added or changed.",
        "domain notes 5.2 R05.",
    ),
    RuleText(
        "R06",
        ERROR,
        ("nhs_number",),
        "Nothing is stored about a patient who has opted out; on a form it is said as V24.",
        "domain notes 5.2 R06 and 6.3.",
    ),
    RuleText(
        "R07",
        ERROR,
        ("local_id", "nhs_number"),
        "A local identifier that is known cannot be given to another patient who is stored.",
        "domain notes 5.2 (row key) and 5.2.1.",
    ),
)
"""The rules decided with the store, for lists of all rules."""


def same_fracture() -> Finding:
    """The same NHS number and date of diagnosis are recorded at this service already."""
    return Finding(
        "V20",
        "error",
        "nhs_number",
        "This fracture is recorded here already: NHS number (1.01) and date of diagnosis (1.09) "
        "are the same. Open the other record and keep one of the two, or correct the one that is "
        "wrong.",
        ("date_index_diagnosed",),
        "same",
    )


def near_fracture(days: int) -> Finding:
    """Another fracture of the patient is recorded at this service, 1 to 28 days away."""
    apart = "1 day" if days == 1 else f"{days} days"
    return Finding(
        "V20",
        "warning",
        "date_index_diagnosed",
        f"A fracture of this patient is recorded here already, diagnosed {apart} before or "
        "after this one. If these are two fractures, confirm it; if it is one, keep one record.",
        ("nhs_number",),
        "near",
    )


def recorded_elsewhere() -> Finding:
    """The same NHS number is recorded at another service with nearly the same diagnosis."""
    return Finding(
        "V20",
        "warning",
        "nhs_number",
        "This fracture may also be recorded at another service. If your service looks after the "
        "patient, confirm it; otherwise check NHS number (1.01) and date of diagnosis (1.09).",
        ("date_index_diagnosed",),
        "elsewhere",
    )


def opted_out() -> Finding:
    """V24, for a form or the API: the patient may not be recorded at all."""
    return Finding(
        "V24",
        "error",
        "nhs_number",
        "This patient has opted out of having their data used for audits, so nothing about them "
        "can be saved. If the NHS number (1.01) is wrong, correct it; otherwise leave the record "
        "out.",
    )


def opted_out_row() -> Finding:
    """R06, for a row of a file: what `opted_out` says, in words for a file."""
    return Finding(
        "R06",
        "error",
        "nhs_number",
        "This patient has opted out of having their data used for audits; nothing of the row is "
        "stored. If the NHS number (1.01) is wrong, correct it; otherwise remove the row from "
        "your files.",
    )


def period_locked(year: int) -> Finding:
    """The year of diagnosis is closed to changes at this site."""
    return Finding(
        "R05",
        "error",
        "date_index_diagnosed",
        f"Records of fractures diagnosed in {year} are locked. If the date of diagnosis (1.09) is "
        "right, your site lead can ask the audit team to unlock the period.",
    )


def other_patients_number() -> Finding:
    """The local identifier is known, and the row's NHS number is that of another patient here."""
    return Finding(
        "R07",
        "error",
        "nhs_number",
        "The local identifier belongs to a record with another NHS number, and this NHS number "
        "(1.01) to another patient recorded here. Correct the one that is wrong.",
        ("local_id",),
    )
