"""An extra questionnaire beside the yearly one: how vertebral fractures are found in radiology.

After the sprint audit of radiology reports that was planned for services in 2020 (domain dossier
4.2); the questions of that one are not published, these are ours.
"""

from __future__ import annotations

from services.facilities.domain.questionnaires.finding import (
    BARRIERS,
    BARRIERS_OTHER,
    VERTEBRAL,
    VERTEBRAL_OTHER,
)
from services.facilities.domain.questionnaires.organisation import ORGANISATION
from services.facilities.domain.questions import (
    Check,
    Condition,
    Kind,
    Option,
    Question,
    Questionnaire,
    Section,
)

_SEARCHES = (Condition("D4", ("1", "5")),)

_REPORTS = (
    Question(
        "S1",
        "S1",
        "How often are reports searched?",
        "how often reports are searched",
        Kind.SINGLE,
        options=(
            Option("1", "Every day"),
            Option("2", "Every week"),
            Option("3", "Every month"),
            Option("4", "Less often"),
        ),
        when=_SEARCHES,
    ),
    Question(
        "S2",
        "S2",
        "How many reports did the last search look through?",
        "the reports that the last search looked through",
        Kind.INTEGER,
        when=_SEARCHES,
        maximum=1_000_000,
        unit="reports",
    ),
    Question(
        "S3",
        "S3",
        "In how many of them was a vertebral fracture described?",
        "the reports that describe a vertebral fracture",
        Kind.INTEGER,
        when=_SEARCHES,
        maximum=1_000_000,
        unit="reports",
    ),
)

VERTEBRAL_2026 = Questionnaire(
    id="vertebral-2026",
    title="Finding vertebral fractures: extra questions 2026",
    series="vertebral",
    sections=(
        Section(
            "V",
            "Finding vertebral fractures",
            "A short extra questionnaire beside the yearly facilities audit.",
            (ORGANISATION[1], VERTEBRAL, VERTEBRAL_OTHER, BARRIERS, BARRIERS_OTHER),
        ),
        Section("S", "Searches of reports", "The last search that was done.", _REPORTS),
    ),
    checks=(
        Check(
            "Q01",
            "S3",
            "More reports describe a fracture than were looked through. One of the two is wrong.",
            level="error",
            all_of=_SEARCHES,
            larger=("S3", "S2"),
        ),
    ),
)
