"""Answers that the patient audit can confirm or contradict.

A window follows from when the thing is due, so that nobody is blamed for what is not due yet: the
first follow-up at 12 to 16 weeks, the second at 52 weeks (done by week 56, so 13 months). Shares
are far from any threshold of quality: they only find answers that cannot be what is meant.
"""

from __future__ import annotations

from services.facilities.domain.questionnaires.organisation import HAS_FLS, NO_FLS
from services.facilities.domain.questions import Comparison, Condition

_LAST_YEAR = (12, 1)
_DONE_AT_16_WEEKS = (17, 5)
_DONE_AT_52_WEEKS = (26, 14)

COMPARISONS = (
    Comparison(
        "P01",
        "A3",
        "You say that there is a service, and no fracture diagnosed in the last twelve months has "
        "been recorded.",
        HAS_FLS,
        "records",
        _LAST_YEAR,
        below=0.01,
        fewest=0,
    ),
    Comparison(
        "P02",
        "A3",
        "You say that there is no service, and {records} fractures diagnosed in the last twelve "
        "months have been recorded by one.",
        NO_FLS,
        "records",
        _LAST_YEAR,
        above=0.0,
        fewest=1,
    ),
    Comparison(
        "P03",
        "C1",
        "You cover hip fractures, and none is among the {records} fractures recorded in the last "
        "twelve months.",
        (Condition("C1", ("1",)),),
        "hip",
        _LAST_YEAR,
        below=0.001,
    ),
    Comparison(
        "P04",
        "C1",
        "You cover vertebral fractures, and none is among the {records} fractures recorded in the "
        "last twelve months.",
        (Condition("C1", ("5", "6", "7")),),
        "spine",
        _LAST_YEAR,
        below=0.001,
        fewest=50,
    ),
    Comparison(
        "P05",
        "E2",
        "You say that patients have no access to DXA, and {counted} of {records} patients recorded "
        "in the last twelve months had a scan.",
        (Condition("E2", ("0",)),),
        "dxa_done",
        _LAST_YEAR,
        above=0.1,
    ),
    Comparison(
        "P06",
        "G1",
        "You say that all patients have an assessment of falls; it is recorded for {counted} of "
        "{records} diagnosed in the last twelve months.",
        (Condition("G1", ("1",)),),
        "falls_assessed",
        _LAST_YEAR,
        below=0.5,
    ),
    Comparison(
        "P07",
        "H2",
        "You monitor patients at 12 to 16 weeks; of {records} patients for whom that is over, none "
        "has this follow-up recorded.",
        (Condition("H2", ("1",)),),
        "followed_up_16",
        _DONE_AT_16_WEEKS,
        below=0.001,
    ),
    Comparison(
        "P08",
        "H2",
        "You monitor patients at 52 weeks; of {records} patients for whom that is over, none has "
        "this follow-up recorded.",
        (Condition("H2", ("2",)),),
        "followed_up_52",
        _DONE_AT_52_WEEKS,
        below=0.001,
    ),
    Comparison(
        "P09",
        "H1",
        "You say that nobody monitors patients, and {counted} of {records} have a follow-up at 12 "
        "to 16 weeks recorded.",
        (Condition("H1", ("0",)),),
        "followed_up_16",
        _DONE_AT_16_WEEKS,
        above=0.1,
    ),
)
