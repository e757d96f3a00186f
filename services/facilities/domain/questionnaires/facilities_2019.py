"""The questionnaire of 2019, after its published columns: what later rounds carry over from.

Retired: rounds of that year may have used it, new ones do not.
"""

from __future__ import annotations

from dataclasses import replace

from services.facilities.domain.questionnaires import care, finding, running, staffing
from services.facilities.domain.questionnaires.organisation import CONTACT, ORGANISATION, SERVICE
from services.facilities.domain.questions import Option, Question, Questionnaire, Section

_GROUPS = (
    Option("1", "Hip fractures, those of inpatients included"),
    Option("2", "Other inpatients with a fracture on orthopaedic and trauma wards"),
    Option("4", "Orthopaedic and trauma outpatients", "For example wrist fractures"),
    Option("6", "Clinical vertebral fractures"),
)
_NO_HOSPITALS = tuple(question for question in SERVICE if question.id != "A5")
_ROWS_OF_THE_TIME = ("administrator", "nurse", "radiographer", "physiotherapist")


def _without(question: Question, code: str) -> Question:
    options = tuple(option for option in question.options if option.code != code)
    return replace(question, options=options)


FACILITIES_2019 = Questionnaire(
    id="facilities-2019",
    title="Facilities audit 2019",
    sections=(
        Section("A", "Your organisation", "", (*ORGANISATION, *_NO_HOSPITALS, *CONTACT)),
        Section(
            "B",
            "Staff",
            "",
            (
                staffing.CONSULTANTS,
                replace(
                    staffing.STAFF,
                    rows=tuple(r for r in staffing.STAFF.rows if r.code in _ROWS_OF_THE_TIME),
                    columns=staffing.STAFF.columns[:-1],
                ),
            ),
        ),
        Section(
            "C",
            "Patients and how they are found",
            "",
            (
                replace(finding.COVERED, options=_GROUPS),
                finding.HIP,
                finding.INPATIENTS,
                finding.OUTPATIENTS,
                _without(finding.VERTEBRAL, "5"),
                finding.VERTEBRAL_OTHER,
            ),
        ),
        Section(
            "D",
            "Care",
            "",
            (
                care.BLOOD_TESTS,
                care.treatments(care.OLDER_TREATMENTS),
                care.PRESCRIPTION,
                *care.FALLS,
                care.MONITORS,
                care.MONITORS_OTHER,
            ),
        ),
        Section("E", "Experience", "", (*running.EXPERIENCE, running.MEETINGS)),
    ),
    derived=staffing.DERIVED[:3],
    is_retired=True,
)
