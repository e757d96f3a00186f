"""Sections E to H: assessment, treatment, falls, and who monitors patients afterwards."""

from __future__ import annotations

from services.facilities.domain.questionnaires.finding import other
from services.facilities.domain.questionnaires.organisation import HAS_FLS
from services.facilities.domain.questions import Check, Condition, Kind, Option, Question

TESTS = (
    Option("1", "Full blood count"),
    Option("2", "Urea and electrolytes, eGFR"),
    Option("3", "Liver function, alkaline phosphatase"),
    Option("4", "Calcium and phosphate"),
    Option("5", "Vitamin D"),
    Option("6", "Thyroid function"),
    Option("7", "ESR or CRP"),
    Option("8", "Myeloma screen"),
    Option("10", "Coeliac serology"),
    Option("11", "Testosterone, in men"),
    Option("12", "Parathyroid hormone"),
    Option("0", "None", alone=True),
)
_DXA = (
    Option("1", "On site"),
    Option("2", "At another site"),
    Option("3", "A mobile scanner"),
    Option("0", "None"),
)
_RISK_TOOLS = (
    Option("1", "FRAX"),
    Option("2", "QFracture"),
    Option("3", "FRAX with NOGG thresholds"),
    Option("0", "None"),
)
OLDER_TREATMENTS = (
    Option("1", "Advice on calcium and vitamin D"),
    Option("2", "Referral to a specialist clinic if bloods are abnormal"),
    Option("3", "Oral bisphosphonate"),
    Option("4", "Intravenous bisphosphonate"),
    Option("5", "Denosumab"),
    Option("6", "Teriparatide"),
    Option("7", "Education programme or resources"),
    Option("8", "Written material"),
)
_TREATMENTS = (
    *OLDER_TREATMENTS[:6],
    Option("10", "Romosozumab"),
    Option("11", "Abaloparatide"),
    Option("12", "Hormone replacement or raloxifene"),
    *OLDER_TREATMENTS[6:],
)
_PRESCRIPTION = (
    Option("1", "The service prescribes"),
    Option("2", "A hospital doctor prescribes"),
    Option("3", "By letter to the GP"),
    Option("4", "A specialist clinic prescribes"),
    Option("5", "A mixture of these"),
)
_FALLS = (
    Option("1", "Yes, for all patients"),
    Option("2", "Yes, for selected patients"),
    Option("3", "No, patients are referred to another service"),
    Option("4", "No"),
)
_EXERCISE = (
    Option("1", "FaME or Otago", "Programmes with evidence that they prevent falls"),
    Option("2", "Other strength and balance training"),
    Option("3", "General exercise"),
    Option("0", "None", alone=True),
)
_MONITORS = (
    Option("1", "The fracture liaison service"),
    Option("2", "The GP"),
    Option("3", "Both together"),
    Option("0", "Nobody", alone=True),
    Option("9", "Somebody else"),
)
_WHEN_AND_HOW = (
    Option("1", "At 12 to 16 weeks"),
    Option("2", "At 52 weeks"),
    Option("3", "By telephone"),
    Option("4", "By letter"),
    Option("5", "In clinic"),
)


BLOOD_TESTS = Question(
    "E1",
    "E1",
    "Which tests does the service use to look for secondary causes?",
    "the tests for secondary causes",
    Kind.MULTI,
    options=TESTS,
    when=HAS_FLS,
)
DXA = Question(
    "E2",
    "E2",
    "Where can patients have a DXA scan?",
    "where patients can have a DXA scan",
    Kind.SINGLE,
    options=_DXA,
    when=HAS_FLS,
)
ASSESSMENT = (
    BLOOD_TESTS,
    DXA,
    Question(
        "E2_weeks",
        "E2",
        "How many weeks do patients usually wait for the scan?",
        "the usual wait for a scan",
        Kind.INTEGER,
        when=(Condition("E2", ("1", "2", "3")),),
        maximum=104,
        usual_maximum=26,
        unit="weeks",
    ),
    Question(
        "E3",
        "E3",
        "Which tool does the service use to assess the risk of fracture?",
        "the tool to assess the risk of fracture",
        Kind.SINGLE,
        options=_RISK_TOOLS,
        when=HAS_FLS,
    ),
)


def treatments(options: tuple[Option, ...]) -> Question:
    """Return F1 with this edition's list of treatments."""
    return Question(
        "F1",
        "F1",
        "What can the service recommend or start?",
        "what the service can recommend or start",
        Kind.MULTI,
        options=options,
        when=HAS_FLS,
    )


PRESCRIPTION = Question(
    "F2",
    "F2",
    "How does the first prescription reach the patient?",
    "how the first prescription reaches the patient",
    Kind.SINGLE,
    options=_PRESCRIPTION,
    when=HAS_FLS,
)
TREATMENT = (treatments(_TREATMENTS), PRESCRIPTION)

FALLS = (
    Question(
        "G1",
        "G1",
        "Is an assessment of falls a routine part of the service?",
        "whether falls are assessed",
        Kind.SINGLE,
        options=_FALLS,
        when=HAS_FLS,
    ),
    Question(
        "G2",
        "G2",
        "To which exercise programmes are patients referred?",
        "the exercise programmes",
        Kind.MULTI,
        options=_EXERCISE,
        when=HAS_FLS,
    ),
)

MONITORS = Question(
    "H1",
    "H1",
    "Who monitors patients after the assessment?",
    "who monitors patients",
    Kind.MULTI,
    options=_MONITORS,
    when=HAS_FLS,
)
MONITORS_OTHER = other("H1", "Who else?", "who else monitors patients")
MONITORING = (
    MONITORS,
    MONITORS_OTHER,
    Question(
        "H2",
        "H2",
        "When and how are patients monitored?",
        "when and how patients are monitored",
        Kind.MULTI,
        options=_WHEN_AND_HOW,
        when=(Condition("H1", ("1", "2", "3", "9")),),
    ),
)

CHECKS = (
    Check(
        "Q06",
        "H1",
        "The service itself monitors patients and H2 names no time. Is that right?",
        all_of=(Condition("H1", ("1", "3")), Condition("H2", ("3", "4", "5"))),
        none_of=(Condition("H2", ("1", "2")),),
    ),
)
