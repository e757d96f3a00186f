"""Sections C and D: which patients are the service's, and how each kind is found."""

from __future__ import annotations

from services.facilities.domain.questionnaires.organisation import HAS_FLS
from services.facilities.domain.questions import Check, Condition, Kind, Option, Question

_GROUPS = (
    Option("1", "Hip fractures, those of inpatients included"),
    Option("2", "Other inpatients with a fracture on orthopaedic and trauma wards"),
    Option("3", "Inpatients with a fracture on other wards"),
    Option("4", "Orthopaedic and trauma outpatients", "For example wrist fractures"),
    Option("5", "Vertebral fractures seen by chance in radiology"),
    Option("6", "Clinical vertebral fractures"),
    Option("7", "Vertebral fractures found by DXA (vertebral fracture assessment)"),
)
_RESTRICTIONS = (
    Option("0", "None", "All patients of these groups are seen", alone=True),
    Option("1", "An upper age"),
    Option("2", "The site of the fracture"),
    Option("3", "Residents of care homes"),
    Option("4", "Cognitive impairment"),
    Option("5", "Where the patient lives"),
    Option("6", "The patient's GP practice"),
    Option("9", "Another restriction"),
)
_INPATIENTS = (
    Option("1", "Ward round"),
    Option("2", "The hip fracture database's list"),
    Option("3", "Theatre list"),
    Option("4", "Emergency department's list"),
    Option("5", "Electronic search"),
    Option("6", "Referral by the team"),
    Option("0", "They are not covered", alone=True),
    Option("9", "Another way"),
)
_OUTPATIENTS = (
    Option("1", "Fracture clinic's list"),
    Option("2", "Virtual clinic"),
    Option("3", "Emergency department's list"),
    Option("4", "Search in radiology"),
    Option("5", "Referral"),
    Option("0", "They are not covered", alone=True),
    Option("9", "Another way"),
)
_VERTEBRAL = (
    Option("1", "Search in radiology reports"),
    Option("2", "Alert code set by the radiologist"),
    Option("3", "Vertebral fracture assessment by DXA"),
    Option("4", "Referral by a spine clinic or a GP"),
    Option("5", "A tool with artificial intelligence"),
    Option("0", "They are not covered", alone=True),
    Option("9", "Another way"),
)
_BARRIERS = (
    Option("1", "No agreement with radiology"),
    Option("2", "Reports are worded differently each time"),
    Option("3", "Not enough staff"),
    Option("4", "Computer systems"),
    Option("5", "Funding"),
    Option("0", "None", alone=True),
    Option("9", "Another one"),
)
YES_NO = (Option("1", "Yes"), Option("2", "No"))


def other(question: str, text: str, phrase: str) -> Question:
    """Return the text question that goes with option 9 ("another") of a question."""
    return Question(
        f"{question}_other",
        question,
        text,
        phrase,
        Kind.TEXT,
        when=(Condition(question, ("9",)),),
    )


COVERED = Question(
    "C1",
    "C1",
    "Which patients does the service cover?",
    "the groups of patients covered",
    Kind.MULTI,
    help="Choose all whose fracture brings them to the service.",
    options=_GROUPS,
    when=HAS_FLS,
)
RESTRICTIONS = Question(
    "C2",
    "C2",
    "What restricts who is seen?",
    "what restricts who is seen",
    Kind.MULTI,
    options=_RESTRICTIONS,
    when=HAS_FLS,
)
PATIENTS = (
    COVERED,
    RESTRICTIONS,
    other("C2", "Which other restriction?", "the other restriction"),
    Question(
        "C3",
        "C3",
        "Which sites of fracture are left out?",
        "the sites of fracture that are left out",
        Kind.TEXT,
        when=(Condition("C2", ("2",)),),
    ),
)

HIP = Question(
    "D1",
    "D1",
    "How are patients with a hip fracture found?",
    "how patients with a hip fracture are found",
    Kind.MULTI,
    options=_INPATIENTS,
    when=HAS_FLS,
)
INPATIENTS = Question(
    "D2",
    "D2",
    "How are other inpatients found, whose fracture is neither of the hip nor of the spine?",
    "how other inpatients are found",
    Kind.MULTI,
    options=_INPATIENTS,
    when=HAS_FLS,
)
OUTPATIENTS = Question(
    "D3",
    "D3",
    "How are outpatients found?",
    "how outpatients are found",
    Kind.MULTI,
    options=_OUTPATIENTS,
    when=HAS_FLS,
)
VERTEBRAL = Question(
    "D4",
    "D4",
    "How are patients with a vertebral fracture found?",
    "how patients with a vertebral fracture are found",
    Kind.MULTI,
    options=_VERTEBRAL,
    when=HAS_FLS,
)
VERTEBRAL_OTHER = other("D4", "Which other way?", "the other way to find vertebral fractures")
BARRIERS = Question(
    "D5",
    "D5",
    "What stands in the way of finding vertebral fractures?",
    "what stands in the way of finding vertebral fractures",
    Kind.MULTI,
    options=_BARRIERS,
    when=HAS_FLS,
)
BARRIERS_OTHER = other("D5", "What else stands in the way?", "what else stands in the way")
FINDING = (
    HIP,
    other("D1", "Which other way?", "the other way to find hip fractures"),
    INPATIENTS,
    other("D2", "Which other way?", "the other way to find inpatients"),
    OUTPATIENTS,
    other("D3", "Which other way?", "the other way to find outpatients"),
    VERTEBRAL,
    VERTEBRAL_OTHER,
    BARRIERS,
    BARRIERS_OTHER,
    Question(
        "D6",
        "D6",
        "Is there a process to find eligible patients whose assessment was missed?",
        "whether there is a process to find missed patients",
        Kind.SINGLE,
        options=YES_NO,
        when=HAS_FLS,
    ),
    Question(
        "D6_details",
        "D6",
        "What is the process?",
        "what the process is",
        Kind.TEXTAREA,
        when=(Condition("D6", ("1",)),),
        max_length=1000,
    ),
)


def _uncovered(code: str, covered: tuple[str, ...], question: str, who: str) -> Check:
    message = f"C1 says that {who} are covered, and here they are not. One of the two is wrong."
    return Check(
        code,
        question,
        message,
        all_of=(Condition("C1", covered), Condition(question, ("0",))),
    )


CHECKS = (
    _uncovered("Q02", ("1",), "D1", "hip fractures"),
    _uncovered("Q03", ("2", "3"), "D2", "other inpatients"),
    _uncovered("Q04", ("4",), "D3", "outpatients"),
    _uncovered("Q05", ("5", "6", "7"), "D4", "vertebral fractures"),
)
