"""Sections I, J and K: patients' experience, governance, and care without a service."""

from __future__ import annotations

from services.facilities.domain.questionnaires.finding import YES_NO
from services.facilities.domain.questionnaires.organisation import HAS_FLS, NO_FLS
from services.facilities.domain.questions import Condition, Kind, Option, Question

_SURVEYED = (Condition("I1", ("1",)),)

_MEETINGS = (
    Option("1", "Monthly"),
    Option("2", "Every quarter"),
    Option("3", "Every six months"),
    Option("4", "Once a year"),
    Option("0", "Never"),
)
_INSTEAD = (
    Option("1", "Orthogeriatricians"),
    Option("2", "GPs"),
    Option("3", "Rheumatology"),
    Option("0", "Nobody", alone=True),
)

EXPERIENCE = (
    Question(
        "I1",
        "I1",
        "Has there been a formal survey of patients' experience in the last 12 months?",
        "whether patients' experience was surveyed",
        Kind.SINGLE,
        options=YES_NO,
        when=HAS_FLS,
    ),
    Question(
        "I2",
        "I2",
        "How many completed responses did it have?",
        "the completed responses",
        Kind.INTEGER,
        when=_SURVEYED,
        maximum=100_000,
        usual_maximum=2_000,
        unit="responses",
    ),
    Question(
        "I3",
        "I3",
        "Was it the survey of the Royal Osteoporosis Society?",
        "whether it was the survey of the Royal Osteoporosis Society",
        Kind.SINGLE,
        options=YES_NO,
        when=_SURVEYED,
    ),
)

MEETINGS = Question(
    "J1",
    "J1",
    "How often does a governance meeting with minutes take place?",
    "how often a governance meeting takes place",
    Kind.SINGLE,
    options=_MEETINGS,
    when=HAS_FLS,
)
GOVERNANCE = (
    MEETINGS,
    Question(
        "J2",
        "J2",
        "Are the audit's results shared with the board or the commissioner?",
        "whether results are shared",
        Kind.SINGLE,
        options=YES_NO,
        when=HAS_FLS,
    ),
)

WITHOUT_A_SERVICE = (
    Question(
        "K1",
        "K1",
        "Who deals with preventing the next fracture?",
        "who deals with preventing the next fracture",
        Kind.MULTI,
        options=_INSTEAD,
        when=NO_FLS,
    ),
    Question(
        "K2",
        "K2",
        "What are the plans for a fracture liaison service?",
        "the plans for a fracture liaison service",
        Kind.TEXTAREA,
        help="Without plans, leave this blank.",
        when=NO_FLS,
        required_when=(Condition("A3", ("2",)),),
        max_length=1000,
    ),
    Question(
        "K2_month",
        "K2",
        "When is it to begin?",
        "the month in which a service is to begin",
        Kind.MONTH,
        help="Month and year, for example 4 2027. If no date is set, leave this blank.",
        when=(Condition("A3", ("2",)),),
        required=False,
    ),
    Question(
        "K3",
        "K3",
        "How many hip fractures are treated each year?",
        "the hip fractures treated each year",
        Kind.INTEGER,
        help="As reported to the hip fracture database; 0 if you treat none.",
        when=NO_FLS,
        maximum=5_000,
        usual_maximum=1_500,
        unit="a year",
    ),
)
