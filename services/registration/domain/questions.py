"""The questions of the registration form, as data.

Source: our own reconstruction, informed by what national audits ask of those who register.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question of the form.

    Attributes:
        kind: `line`, `paragraph`, `choice`, `email`, `phone`, `number`, `month`, `ods`, `confirm`.
        ask: what is said when a required answer is missing.
        options: of a choice: value, words, hint.
        when: the question before it and the answers with which this one applies; None: always.
    """

    key: str
    section: str
    label: str
    kind: str = "line"
    ask: str = ""
    hint: str = ""
    options: tuple[tuple[str, str, str], ...] = ()
    when: tuple[str, tuple[str, ...]] | None = None

    @property
    def is_required(self) -> bool:
        """Whether the form cannot be sent without it."""
        return bool(self.ask)


SECTIONS: Mapping[str, str] = {
    "organisation": "Your organisation",
    "service": "The fracture liaison service",
    "people": "People",
    "statements": "Statements",
}
_WITH = ("has_fls", ("yes",))
_WITH_OR_PLANNED = ("has_fls", ("yes", "planned"))

QUESTIONS: tuple[Question, ...] = (
    Question(
        key="organisation_name",
        section="organisation",
        label="Name of the organisation",
        ask="Enter the name of the hospital, practice, network or service.",
    ),
    Question(
        key="organisation_kind",
        section="organisation",
        label="What kind of organisation is it?",
        kind="choice",
        ask="Choose hospital, GP practice, network or community service.",
        options=(
            ("hospital", "Hospital", "An acute trust or health board, or one of its hospitals"),
            ("gp_practice", "GP practice", ""),
            ("network", "Network", "Such as a primary care network"),
            ("community", "Community service", ""),
        ),
    ),
    Question(
        key="nation",
        section="organisation",
        label="Where is it?",
        kind="choice",
        ask="Choose England, Wales or Northern Ireland.",
        options=(
            ("england", "England", ""),
            ("wales", "Wales", ""),
            ("northern_ireland", "Northern Ireland", ""),
        ),
    ),
    Question(
        key="ods_code",
        section="organisation",
        label="ODS code",
        kind="ods",
        ask="Enter the organisation's ODS code.",
        hint="The code by which the NHS knows your organisation, such as R1A, R1A02 or B81001. "
        "It is on letters, and your informatics team knows it.",
    ),
    Question(
        key="parent_name",
        section="organisation",
        label="Trust, health board or other organisation that it belongs to",
    ),
    Question(
        key="parent_ods_code",
        section="organisation",
        label="ODS code of that organisation",
        kind="ods",
    ),
    Question(
        key="board",
        section="organisation",
        label="Integrated care board or health board",
    ),
    Question(key="address", section="organisation", label="Address", kind="paragraph"),
    Question(
        key="has_fls",
        section="service",
        label="Does your site have a fracture liaison service?",
        kind="choice",
        ask="Say whether there is a fracture liaison service.",
        hint="A service that systematically finds, and treats or refers, people aged 50 and over "
        "after a fragility fracture.",
        options=(
            ("yes", "Yes", "You take part in the patient audit and the facilities audit"),
            ("planned", "Not yet, it is planned", "The facilities audit only, until it starts"),
            ("no", "No", "You take part in the facilities audit only"),
        ),
    ),
    Question(
        key="fls_name",
        section="service",
        label="Name of the service",
        hint="If it has one that differs from the organisation's.",
        when=_WITH_OR_PLANNED,
    ),
    Question(
        key="fls_start",
        section="service",
        label="Month in which it started or will start",
        kind="month",
        hint="Year and month, for example 2019-04.",
        when=_WITH_OR_PLANNED,
    ),
    Question(
        key="delivered_from",
        section="service",
        label="Where is it delivered from?",
        kind="choice",
        options=(
            ("hospital", "A hospital", ""),
            ("community", "A community service", ""),
            ("primary_care", "General practice", ""),
            ("other", "Elsewhere", ""),
        ),
        when=_WITH,
    ),
    Question(
        key="nhfd_hospitals",
        section="service",
        label="Hospitals whose patients with a hip fracture it looks after",
        kind="paragraph",
        hint="Names, one in each line.",
        when=_WITH,
    ),
    Question(
        key="population",
        section="service",
        label="How many people live in the area that it serves?",
        kind="number",
        when=_WITH,
    ),
    Question(
        key="hip_fractures",
        section="service",
        label="How many hip fractures are there in a year?",
        kind="number",
        when=_WITH,
    ),
    Question(
        key="expected_patients",
        section="service",
        label="How many patients do you expect to enter in a year?",
        kind="number",
        when=_WITH,
    ),
    Question(
        key="lead_name",
        section="people",
        label="Full name of the lead",
        ask="Enter the name of the person who will lead.",
        hint="The lead answers for the site's data and is the first to receive an account. The "
        "e-mail address is the one to which this form's link was sent.",
    ),
    Question(key="lead_job", section="people", label="Job title of the lead"),
    Question(
        key="lead_registration",
        section="people",
        label="Professional registration number of the lead",
        hint="Such as the number at the GMC, NMC or HCPC.",
    ),
    Question(
        key="lead_phone", section="people", label="Telephone number of the lead", kind="phone"
    ),
    Question(key="deputy_name", section="people", label="Full name of the deputy"),
    Question(
        key="deputy_email", section="people", label="E-mail address of the deputy", kind="email"
    ),
    Question(
        key="data_entry",
        section="people",
        label="Who else will enter data, and what may each of them do?",
        kind="paragraph",
        hint="For your own records: the lead invites them once the site is approved.",
    ),
    Question(
        key="facilities_name", section="people", label="Full name of the facilities audit's contact"
    ),
    Question(
        key="facilities_email",
        section="people",
        label="E-mail address of the facilities audit's contact",
        kind="email",
    ),
    Question(
        key="guardian_name",
        section="people",
        label="Full name of the Caldicott Guardian",
        ask="Enter the name of the Caldicott Guardian.",
        hint="Whoever answers in your organisation for the confidentiality of patients' data.",
    ),
    Question(
        key="guardian_email",
        section="people",
        label="E-mail address of the Caldicott Guardian",
        kind="email",
        ask="Enter the e-mail address of the Caldicott Guardian.",
    ),
    Question(
        key="governance_name",
        section="people",
        label="Full name of the information governance lead",
    ),
    Question(
        key="governance_email",
        section="people",
        label="E-mail address of the information governance lead",
        kind="email",
    ),
    Question(
        key="states_informed",
        section="statements",
        label="Our Caldicott Guardian and information governance lead know of this registration.",
        kind="confirm",
        ask="Confirm that they know, or tell them first.",
    ),
    Question(
        key="states_opt_out",
        section="statements",
        label="We leave out patients who have opted out of the use of their data, where that "
        "applies; that is our responsibility.",
        kind="confirm",
        ask="Confirm that you leave out those who have opted out.",
    ),
    Question(
        key="states_accuracy",
        section="statements",
        label="We send true and complete data to the best of our knowledge, and correct mistakes.",
        kind="confirm",
        ask="Confirm that you send true and complete data.",
    ),
    Question(
        key="states_confidential",
        section="statements",
        label="We keep what we see in the audit confidential, also after we have left it.",
        kind="confirm",
        ask="Confirm that you keep it confidential.",
    ),
    Question(
        key="states_accounts",
        section="statements",
        label="Everyone who works with the audit has an account of their own; none is shared.",
        kind="confirm",
        ask="Confirm that no account is shared.",
    ),
    Question(
        key="states_authority",
        section="statements",
        label="I may confirm this on behalf of the organisation.",
        kind="confirm",
        ask="Confirm that you may do so, or find out first who can.",
    ),
)
BY_KEY: Mapping[str, Question] = {question.key: question for question in QUESTIONS}
