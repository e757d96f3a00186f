"""Section A: the organisation, its service, and whom to ask. Every site answers it."""

from __future__ import annotations

from services.facilities.domain.questions import Condition, Kind, Option, Question

HAS_FLS = (Condition("A3", ("1",)),)
NO_FLS = (Condition("A3", ("2", "3")),)

_WHERE_DELIVERED = (
    Option("1", "Acute hospital"),
    Option("2", "Community service"),
    Option("3", "Primary care"),
    Option("4", "A mixture of these"),
    Option("5", "Somewhere else"),
)

_CONTRACTS = (
    Option("1", "Substantively commissioned", "Permanent funding, agreed with a commissioner"),
    Option("2", "Fixed term or pilot"),
    Option("3", "No formal contract"),
    Option("4", "Part of another contract", "For example rheumatology or orthogeriatrics"),
    Option("5", "Another arrangement"),
)

ORGANISATION = (
    Question(
        "A1",
        "A1",
        "What is the organisation's code?",
        "the organisation code",
        Kind.TEXT,
        help="The ODS code of your trust, health board or practice, for example RCF or A81001.",
        max_length=10,
        prefill="organisation_code",
    ),
    Question(
        "A3",
        "A3",
        "Does your organisation have a fracture liaison service?",
        "whether your organisation has a fracture liaison service",
        Kind.SINGLE,
        help="A service that systematically finds, assesses and treats or refers people aged 50 "
        "and over after a fragility fracture.",
        options=(
            Option("1", "Yes"),
            Option("2", "No, but one is planned"),
            Option("3", "No"),
        ),
        prefill="has_fls",
    ),
)

SERVICE = (
    Question(
        "A2",
        "A2",
        "What is the name of the service?",
        "the name of the service",
        Kind.TEXT,
        when=HAS_FLS,
    ),
    Question(
        "A4",
        "A4",
        "Where is the service delivered from?",
        "where the service is delivered from",
        Kind.SINGLE,
        help="Without a fracture liaison service: where people are cared for today after a "
        "fragility fracture.",
        options=_WHERE_DELIVERED,
    ),
    Question(
        "A4_other",
        "A4",
        "Where else?",
        "where the service is delivered from",
        Kind.TEXT,
        when=(Condition("A4", ("5",)),),
    ),
    Question(
        "A5",
        "A5",
        "Which hospitals does the service serve?",
        "the hospitals that the service serves",
        Kind.TEXTAREA,
        help="Hospitals that treat hip fractures and report them nationally. One on each line.",
        when=HAS_FLS,
        max_length=1000,
    ),
    Question(
        "A6",
        "A6",
        "When did the service begin in its present form?",
        "the month and year in which the service began",
        Kind.MONTH,
        help="Month and year, for example 4 2019. Without a fracture liaison service: the month in "
        "which one is planned to begin, or leave this blank.",
        required_when=HAS_FLS,
    ),
    Question(
        "A7",
        "A7",
        "What contract does the service have at present?",
        "the present contract",
        Kind.SINGLE,
        options=_CONTRACTS,
        when=HAS_FLS,
    ),
    Question(
        "A7_other",
        "A7",
        "What arrangement is it?",
        "the arrangement that the service has",
        Kind.TEXT,
        when=(Condition("A7", ("5",)),),
    ),
    Question(
        "A8",
        "A8",
        "How many people live in the area that the service covers?",
        "the population served",
        Kind.INTEGER,
        help="An estimate for all ages is enough. A whole number, for example 350000.",
        when=HAS_FLS,
        minimum=100,
        maximum=10_000_000,
        usual_minimum=5_000,
        usual_maximum=3_000_000,
        unit="people",
    ),
)

OLDER_POPULATION = Question(
    "A8_over50",
    "A8",
    "How many of them are aged 50 and over?",
    "the population aged 50 and over",
    Kind.INTEGER,
    help="Leave this blank if you do not know.",
    when=HAS_FLS,
    required=False,
    minimum=100,
    maximum=10_000_000,
    unit="people",
)

CONTACT = (
    Question(
        "A9_name",
        "A9",
        "Who is the lead contact?",
        "the name of the lead contact",
        Kind.TEXT,
        max_length=100,
        autocomplete="name",
        is_personal=True,
    ),
    Question(
        "A9_email",
        "A9",
        "What is the lead contact's email address?",
        "the email address of the lead contact",
        Kind.EMAIL,
        max_length=254,
        autocomplete="email",
        is_personal=True,
    ),
    Question(
        "A9_phone",
        "A9",
        "What is the lead contact's telephone number?",
        "the telephone number of the lead contact",
        Kind.PHONE,
        required=False,
        max_length=30,
        autocomplete="tel",
        is_personal=True,
    ),
)
