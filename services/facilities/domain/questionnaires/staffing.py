"""Section B: who works for the service, in whole-time equivalents by role and pay band."""

from __future__ import annotations

from services.facilities.domain.questionnaires.organisation import HAS_FLS
from services.facilities.domain.questions import (
    Check,
    Column,
    Derived,
    Kind,
    Question,
    Row,
    Rule,
)

_BANDS = ("2", "3", "4", "5", "6", "7", "8a", "8b", "8c", "8d", "9")
_COLUMNS = (*(Column(band, f"Band {band}") for band in _BANDS), Column("other", "Not on a band"))

_ROWS = (
    Row("administrator", "Administrator", ("2", "3", "4", "5", "6", "7")),
    Row("nurse", "Nurse", _BANDS),
    Row("radiographer", "Radiographer", _BANDS),
    Row("physiotherapist", "Physiotherapist", _BANDS),
    Row("pharmacist", "Pharmacist", _BANDS),
    Row("gp", "GP with an extended role", ("other",)),
    Row("other", "Anyone else"),
)

CONSULTANTS = Question(
    "B1",
    "B1",
    "How many consultant programmed activities a week does the service have?",
    "the programmed activities of consultants",
    Kind.DECIMAL,
    help="Only those set aside for the fracture liaison service. One is usually four hours. "
    "Enter 0 if there are none.",
    when=HAS_FLS,
    maximum=100,
    usual_maximum=10,
    unit="a week",
)

STAFF = Question(
    "B2",
    "B2",
    "How many whole-time-equivalent staff does the service have?",
    "the staff of the service",
    Kind.GRID,
    help="By role and Agenda for Change band, for example 0.6 for three days a week. Count posts "
    "that are filled, not vacancies. Leave boxes blank where there is nobody.",
    rows=_ROWS,
    columns=_COLUMNS,
    when=HAS_FLS,
    maximum=100,
    usual_maximum=15,
)

DERIVED = (
    Derived("B3_band", "B3", "Highest band of a nurse", "B2", Rule.HIGHEST, ("nurse",)),
    Derived("B3_nurse", "B3", "Nurses, whole-time equivalents", "B2", Rule.TOTAL, ("nurse",)),
    Derived(
        "B3_admin",
        "B3",
        "Administrators, whole-time equivalents",
        "B2",
        Rule.TOTAL,
        ("administrator",),
    ),
    Derived("B3_all", "B3", "All staff, whole-time equivalents", "B2", Rule.TOTAL),
)

CHECKS = (
    Check(
        "Q01",
        "B2",
        "There are no staff at all. Who runs the service? Write it in a comment if it is right.",
        all_of=HAS_FLS,
        nobody_in="B2",
    ),
)

STAFFING = (CONSULTANTS, STAFF)
