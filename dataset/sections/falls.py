"""Section 5: falls. Source: domain notes 1.7."""

from __future__ import annotations

from dataset import options
from dataset.conditions import AnswerIn
from dataset.field import Field, Option

_IF_ASSESSED = AnswerIn("falls_assessed", ("1",))


def _asked_if_assessed(
    no: str,
    key: str,
    heading: str,
    label: str,
    help_text: str,
    answers: tuple[Option, ...] = options.NO_YES,
) -> Field:
    return Field(
        no,
        key,
        heading,
        label,
        help_text,
        "single",
        section=5,
        required="c",
        options=answers,
        asked_when="5.01 is Yes",
        asked_if=_IF_ASSESSED,
    )


FALLS = (
    Field(
        "5.01",
        "falls_assessed",
        "5.01 RiskAssesByFLS",
        "Falls risk assessed by the FLS?",
        "Yes only if your service did the assessment itself.",
        "single",
        section=5,
        required="C",
        options=options.FALLS_ASSESSED,
    ),
    _asked_if_assessed(
        "5.02",
        "two_falls",
        "5.02 TwoFalls",
        "Two or more falls?",
        "In the last 12 months.",
    ),
    _asked_if_assessed(
        "5.03",
        "fear_of_falling",
        "5.03 FearOfFalling",
        "Afraid of falling?",
        "As the patient says.",
    ),
    _asked_if_assessed(
        "5.04",
        "falls_risk_drugs",
        "5.04 MedsIncRiskFall",
        "Medicines that raise the risk?",
        "Whether the patient takes any medicine that makes a fall more likely.",
    ),
    _asked_if_assessed(
        "5.05",
        "mobility_pre",
        "5.05 PreFracMob",
        "Mobility before the fracture",
        "How the patient got about before the fracture happened.",
        options.MOBILITY,
    ),
    _asked_if_assessed(
        "5.06",
        "vision",
        "5.06 Vision",
        "Problem with eyesight?",
        "One that glasses or treatment have not put right.",
    ),
    _asked_if_assessed(
        "5.07",
        "toileting",
        "5.07 Toileting",
        "Continence or urgency problem?",
        "Including hurrying to the toilet at night.",
    ),
    _asked_if_assessed(
        "5.08",
        "cardiac_abnormal",
        "5.08 AbnormalCardAssess",
        "Abnormal heart or blood pressure check?",
        "For example a drop of blood pressure on standing, or an abnormal ECG.",
        options.CARDIAC,
    ),
    _asked_if_assessed(
        "5.09",
        "cognition",
        "5.09 CognitiveImpairment",
        "Cognitive impairment?",
        "Known, or found in the assessment.",
    ),
    Field(
        "5.10",
        "falls_referrals",
        "5.10 Referrals",
        "Referrals made",
        "Every referral made because of the risk of falling, or None.",
        "multi",
        section=5,
        required="C",
        options=options.REFERRALS,
        exclusive=options.REFERRALS_ALONE,
    ),
)
