"""Sections 6 and 7: the two follow-ups and new fractures. Source: domain notes 1.8."""

from __future__ import annotations

from dataset import options
from dataset.conditions import AnswerIn
from dataset.field import Field

_ORDINAL = {1: "first", 2: "second", 3: "third"}
_IF_16 = AnswerIn("fu16_done", ("1",))
_IF_52 = AnswerIn("fu52_done", ("1",))

FIRST = (
    Field(
        "6.01",
        "fu16_done",
        "6.01 FollowUp12_16",
        "Followed up at 12 to 16 weeks?",
        "Counted from the day the index fracture was diagnosed.",
        "single",
        section=6,
        required="C",
        options=options.FOLLOW_UP_16,
        asked_when="from 12 weeks after 1.09",
    ),
    Field(
        "6.02",
        "fu16_date",
        "6.02 Dateof16WeekAss",
        "Date of this follow-up",
        "The day the patient was reviewed.",
        "date",
        section=6,
        required="c",
        asked_when="6.01 is Yes",
        asked_if=_IF_16,
    ),
    Field(
        "6.03",
        "fu16_by",
        "6.03 FLS16WeekAss",
        "Followed up by",
        "Who reviewed the patient.",
        "single",
        section=6,
        required="c",
        options=options.FOLLOW_UP_BY,
        asked_when="6.01 is Yes",
        asked_if=_IF_16,
    ),
    Field(
        "6.04",
        "ca_vitd_started",
        "6.04 StartCalVitDSupp",
        "Calcium or vitamin D started?",
        "Whether the patient has started what was recommended.",
        "single",
        section=6,
        required="c",
        options=options.SUPPLEMENT_STARTED,
        asked_when="6.01 is Yes",
        asked_if=_IF_16,
    ),
    Field(
        "6.05",
        "therapy_16w",
        "6.05 BoneTherapy1216",
        "Bone therapy being taken",
        "Every drug the patient takes at this follow-up, or the one answer that says why not. "
        "It may be given even if 6.01 is not Yes.",
        "multi",
        section=6,
        required="c",
        options=options.THERAPY_16W,
        exclusive=options.THERAPY_16W_ALONE,
        asked_when="6.01 is Yes",
        asked_if=_IF_16,
        given_unasked=True,
    ),
    Field(
        "6.06",
        "strength_balance_started",
        "6.06 StartStrenBalExe",
        "Strength and balance exercise started?",
        "Whether the patient has begun an exercise programme.",
        "single",
        section=6,
        required="c",
        options=options.EXERCISE_STARTED,
        asked_when="6.01 is Yes",
        asked_if=_IF_16,
    ),
)

SECOND = (
    Field(
        "7.01",
        "fu52_done",
        "7.01 FollowUp48_56",
        "Followed up at 48 to 56 weeks?",
        "Counted from the day the index fracture was diagnosed.",
        "single",
        section=7,
        required="C",
        options=options.FOLLOW_UP_52,
        asked_when="from 48 weeks after 1.09",
    ),
    Field(
        "7.02",
        "fu52_date",
        "7.02 Dateof52WeekAss",
        "Date of this follow-up",
        "The day the patient was reviewed.",
        "date",
        section=7,
        required="c",
        asked_when="7.01 is Yes",
        asked_if=_IF_52,
    ),
    Field(
        "7.03",
        "fu52_by",
        "7.03 FLS52WeekAss",
        "Followed up by",
        "Who reviewed the patient.",
        "single",
        section=7,
        required="c",
        options=options.FOLLOW_UP_BY,
        asked_when="7.01 is Yes",
        asked_if=_IF_52,
    ),
    Field(
        "7.04",
        "ca_vitd_adherent",
        "7.04 ConfirmAdhereVitD",
        "Still taking calcium or vitamin D?",
        "Whether the patient still takes what was recommended.",
        "single",
        section=7,
        required="c",
        options=options.SUPPLEMENT_TAKEN,
        asked_when="7.01 is Yes",
        asked_if=_IF_52,
    ),
    Field(
        "7.05",
        "therapy_52w",
        "7.05 BoneTherapy4856",
        "Bone therapy confirmed",
        "Every drug the patient is confirmed to take at 12 months, or the one answer that says "
        "why not. It may be given even if 7.01 is not Yes.",
        "multi",
        section=7,
        required="c",
        options=options.THERAPY_52W,
        exclusive=options.THERAPY_52W_ALONE,
        asked_when="7.01 is Yes",
        asked_if=_IF_52,
        given_unasked=True,
    ),
    Field(
        "7.06",
        "refracture_count",
        "7.06 NumReFracSinceIndex",
        "New fractures since the index fracture",
        "How many new fragility fractures, 0 to 9, or U if not known.",
        "integer",
        section=7,
        required="c",
        options=options.REFRACTURE_COUNT,
        asked_when="7.01 is Yes",
        asked_if=_IF_52,
    ),
)


def _refracture(number: int) -> tuple[Field, Field]:
    """The two columns of one new fracture: its site and its date."""
    which = _ORDINAL[number]
    no = f"7.{6 + number:02d}"
    asked = f"7.06 is {number} or more"
    asked_if = AnswerIn("refracture_count", tuple(str(n) for n in range(number, 10)))
    return (
        Field(
            no,
            f"refracture_{number}_site",
            f"{no} ReFracture{number}Site",
            f"Site of the {which} new fracture",
            "Where the new fracture is.",
            "single",
            section=7,
            required="c",
            options=options.SITES,
            asked_when=asked,
            asked_if=asked_if,
        ),
        Field(
            no,
            f"refracture_{number}_on",
            f"{no} ReFracture{number}Date",
            f"Date of the {which} new fracture",
            "The day it happened or, if that is not known, was found.",
            "date",
            section=7,
            required="c",
            asked_when=asked,
            asked_if=asked_if,
        ),
    )


REFRACTURES = (*_refracture(1), *_refracture(2), *_refracture(3))
