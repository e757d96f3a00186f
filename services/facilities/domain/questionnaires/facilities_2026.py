"""The yearly questionnaire as it is asked now: sections A to K, B3 worked out, all checks."""

from __future__ import annotations

from services.facilities.domain.questionnaires import care, finding, running, staffing
from services.facilities.domain.questionnaires.comparisons import COMPARISONS
from services.facilities.domain.questionnaires.organisation import (
    CONTACT,
    HAS_FLS,
    OLDER_POPULATION,
    ORGANISATION,
    SERVICE,
)
from services.facilities.domain.questions import Check, Questionnaire, Section

_SECTIONS = (
    Section(
        "A",
        "Your organisation and its service",
        "Every organisation answers this section, with or without a fracture liaison service. "
        "What you answer to A3 decides which sections follow.",
        (*ORGANISATION, *SERVICE, OLDER_POPULATION, *CONTACT),
    ),
    Section(
        "B",
        "Staff",
        "Who works for the service today. Totals are worked out from what you enter.",
        staffing.STAFFING,
    ),
    Section("C", "Patients", "Who is the service's patient.", finding.PATIENTS),
    Section("D", "Finding patients", "How each kind of patient is found.", finding.FINDING),
    Section("E", "Assessment", "Tests, scans and the risk of fracture.", care.ASSESSMENT),
    Section("F", "Treatment", "What the service can recommend or start.", care.TREATMENT),
    Section("G", "Falls", "How falls are assessed and prevented.", care.FALLS),
    Section("H", "Monitoring", "Who looks after patients afterwards.", care.MONITORING),
    Section("I", "Patients' experience", "Surveys of patients.", running.EXPERIENCE),
    Section("J", "Governance", "Who looks at how the service does.", running.GOVERNANCE),
    Section(
        "K",
        "Without a fracture liaison service",
        "For organisations that have no service, whether one is planned or not.",
        running.WITHOUT_A_SERVICE,
    ),
)

_CHECKS = (
    *staffing.CHECKS,
    *finding.CHECKS,
    *care.CHECKS,
    Check(
        "Q07",
        "A8_over50",
        "More people are aged 50 and over than there are people. One of the two is wrong.",
        level="error",
        all_of=HAS_FLS,
        larger=("A8_over50", "A8"),
    ),
)

FACILITIES_2026 = Questionnaire(
    id="facilities-2026-2",
    title="Facilities audit 2026",
    sections=_SECTIONS,
    derived=staffing.DERIVED,
    checks=_CHECKS,
    comparisons=COMPARISONS,
)
