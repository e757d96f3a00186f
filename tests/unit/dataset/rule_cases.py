"""For each rule a table of cases: every reason alone, both sides of each limit, blanks, Don't know.

A case is a good record (`whole_records.KEYS`) with some changes, and what the rule says of it:
level and field of each of its findings, and words of its message where these differ. What other
rules say is no affair of the table. `R01` and `T03` are not rules of `dataset.rules` but are
checked with them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from dataset.fields import FIELDS
from dataset.findings import Finding
from dataset.values import CLEAR
from tests.unit.dataset.whole_records import DIAGNOSED_ON

TODAY = date(2026, 11, 23)
TOMORROW = TODAY + timedelta(1)

NHS, BORN, DIAGNOSED = "nhs_number", "date_of_birth", "date_index_diagnosed"
CONTACT, ASSESSED = "date_fls_contact", "date_fls_assessment"
AT_FRACTURE, RECOMMENDED, REFERRALS = (
    "therapy_at_fracture",
    "therapy_recommended",
    "falls_referrals",
)

Said = tuple[str, str, str]
Case = tuple[str, dict[str, Any], list[Said]]
CASES: dict[str, list[Case]] = {}


def after(days: int) -> date:
    """A day so many days after the diagnosis; before it if negative."""
    return DIAGNOSED_ON + timedelta(days)


def error(field: str, words: str = "") -> list[Said]:
    """Exactly one error, with these words in its message."""
    return [("error", field, words)]


def warning(field: str, words: str = "") -> list[Said]:
    """Exactly one warning, with these words in its message."""
    return [("warning", field, words)]


def is_as_expected(rule_findings: list[Finding], expected: list[Said]) -> bool:
    """Whether a rule said what its table expects, in this order."""
    return len(rule_findings) == len(expected) and all(
        (finding.level, finding.field) == (level, field) and words in finding.message
        for finding, (level, field, words) in zip(rule_findings, expected, strict=True)
    )


def of(born_on: Any, diagnosed_on: Any) -> dict[str, Any]:
    """A date of birth and one of diagnosis."""
    return {BORN: born_on, DIAGNOSED: diagnosed_on}


CASES["R01"] = [
    ("a good record", {}, []),
    ("no NHS number", {NHS: None}, error(NHS)),
    ("NHS number cleared", {NHS: CLEAR}, error(NHS)),
    ("no date of birth", {BORN: None}, error(BORN)),
    ("no gender", {"gender": None}, error("gender")),
    ("gender unknown is an answer", {"gender": "U"}, []),
    ("no date of diagnosis", {DIAGNOSED: None}, error(DIAGNOSED)),
    ("no site", {"site_1": None}, error("site_1")),
    ("not UK without local id", {NHS: "NOT_UK"}, error("local_id")),
    ("untraced without local id", {NHS: "UNTRACED"}, error("local_id")),
    ("not UK with local id", {NHS: "NOT_UK", "local_id": "H1"}, []),
    ("untraced with local id", {NHS: "UNTRACED", "local_id": "H1"}, []),
]

CASES["T03"] = [
    ("code 7 in v3", {"site_1": "7", DIAGNOSED: date(2023, 12, 31)}, []),
    ("code 7 in v4", {"site_1": "7", DIAGNOSED: date(2024, 1, 1)}, error("site_1")),
    ("code 7 of a second site in v4", {"site_2": "7"}, error("site_2")),
    ("code 7 of a new fracture in v4", {"refracture_1_site": "7"}, error("refracture_1_site")),
    ("code 7 without a date", {"site_1": "7", DIAGNOSED: None}, []),
    ("code 6 in both", {"site_1": "6"}, []),
]

CASES["V01"] = [
    ("a good number", {}, []),
    ("blank", {NHS: None}, []),
    ("cleared", {NHS: CLEAR}, []),
    ("not UK", {NHS: "NOT_UK"}, []),
    ("untraced", {NHS: "UNTRACED"}, []),
    ("valid vector in range", {NHS: "4010232137"}, []),
    ("wrong check digit", {NHS: "9990000019"}, error(NHS, "last digit")),
    ("nine digits", {NHS: "999000001"}, error(NHS, "has 10 digits")),
    ("eleven digits", {NHS: "99900000180"}, error(NHS, "has 10 digits")),
    ("letters", {NHS: "99900000I8"}, error(NHS, "has 10 digits")),
    ("digits of another script", {NHS: "९९९००००१८०"}, error(NHS, "has 10 digits")),
    ("ten equal digits", {NHS: "1111111111"}, error(NHS, "last digit")),
    ("range not issued", {NHS: "9876543210"}, warning(NHS)),
]

CASES["V02"] = [
    ("50 on the day", of(date(1974, 1, 10), DIAGNOSED_ON), []),
    ("50 the day after", of(date(1974, 1, 11), DIAGNOSED_ON), error(BORN, "under 50")),
    (
        "born on 29 February, 28 February in a common year",
        of(date(1972, 2, 29), date(2022, 2, 28)),
        error(BORN),
    ),
    (
        "born on 29 February, 1 March in a common year",
        of(date(1972, 2, 29), date(2022, 3, 1)),
        [],
    ),
    ("born on 29 February, 29 February", of(date(1972, 2, 29), date(2024, 2, 29)), []),
    ("born on the day of diagnosis", of(DIAGNOSED_ON, DIAGNOSED_ON), error(BORN, "under 50")),
    ("born after the diagnosis", of(after(1), DIAGNOSED_ON), error(BORN, "is after")),
    ("no date of birth", of(None, DIAGNOSED_ON), []),
    ("no date of diagnosis", of(date(1990, 1, 1), None), []),
    ("diagnosis cleared", of(date(1990, 1, 1), CLEAR), []),
]

CASES["V03"] = [
    ("105 and a day short of 106", of(date(1918, 1, 11), DIAGNOSED_ON), []),
    ("106 on the day", of(date(1918, 1, 10), DIAGNOSED_ON), warning(BORN)),
    ("a day short of 121", of(date(1903, 1, 11), DIAGNOSED_ON), warning(BORN)),
    ("121 on the day", of(date(1903, 1, 10), DIAGNOSED_ON), error(BORN)),
    (
        "born on 29 February, 106 from 1 March only",
        of(date(1912, 2, 29), date(2018, 2, 28)),
        [],
    ),
    ("no date of birth", of(None, DIAGNOSED_ON), []),
    ("no date of diagnosis", of(date(1890, 1, 1), None), []),
]

CASES["V04"] = [
    ("first day of the audit", {DIAGNOSED: date(2016, 1, 1)}, []),
    ("the day before the audit", {DIAGNOSED: date(2015, 12, 31)}, error(DIAGNOSED)),
    ("diagnosed today", {DIAGNOSED: TODAY}, []),
    ("diagnosed tomorrow", {DIAGNOSED: TOMORROW}, error(DIAGNOSED)),
    ("blank", {DIAGNOSED: None}, []),
]


def _v05() -> Iterator[Case]:
    for field in FIELDS:
        if field.kind == "date" and field.key != DIAGNOSED:
            yield f"{field.key} today", {field.key: TODAY}, []
            yield f"{field.key} tomorrow", {field.key: TOMORROW}, error(field.key)
            yield f"{field.key} blank", {field.key: None}, []
    yield "diagnosis is for V04", {DIAGNOSED: TOMORROW}, []


CASES["V05"] = list(_v05())

CASES["V06"] = [
    ("assessed on the day of diagnosis", {ASSESSED: after(0)}, []),
    ("assessed the day before", {ASSESSED: after(-1)}, error(ASSESSED)),
    ("assessed on the day of contact", {ASSESSED: after(5), CONTACT: after(5)}, []),
    ("assessed the day before contact", {ASSESSED: after(4), CONTACT: after(5)}, warning(ASSESSED)),
    (
        "assessed before both",
        {ASSESSED: after(-2), CONTACT: after(-1)},
        [*error(ASSESSED), *warning(ASSESSED)],
    ),
    ("not assessed", {CONTACT: after(5)}, []),
    ("assessment cleared", {ASSESSED: CLEAR, CONTACT: after(5)}, []),
    ("no date of diagnosis", {ASSESSED: after(-1), DIAGNOSED: None}, []),
    ("contact cleared", {ASSESSED: after(4), CONTACT: CLEAR}, []),
]

CASES["V07"] = [
    ("contact on the day of diagnosis", {CONTACT: after(0)}, []),
    ("contact the day before", {CONTACT: after(-1)}, warning(CONTACT)),
    ("contact after 365 days", {CONTACT: after(365)}, []),
    ("contact after 366 days", {CONTACT: after(366)}, warning(CONTACT)),
    ("no contact", {CONTACT: None}, []),
    ("no date of diagnosis", {CONTACT: after(-1), DIAGNOSED: None}, []),
]

CASES["V08"] = [
    ("assessed after 365 days", {ASSESSED: after(365)}, []),
    ("assessed after 366 days", {ASSESSED: after(366)}, warning(ASSESSED)),
    ("assessed early is for V06", {ASSESSED: after(-400)}, []),
    ("not assessed", {ASSESSED: None}, []),
    ("no date of diagnosis", {ASSESSED: after(366), DIAGNOSED: None}, []),
]

DXA, WHY_NOT, SCANNED, SCORE = "dxa", "dxa_not_ordered", "dxa_date", "t_score"
CASES["V09"] = [
    ("scanned on the day of diagnosis", {SCANNED: after(0)}, []),
    ("scanned the day before", {SCANNED: after(-1)}, warning(SCANNED)),
    ("scanned the day before, a recent scan", {SCANNED: after(-1), DXA: "2"}, warning(SCANNED)),
    ("18 on the day of the scan", {SCANNED: date(1968, 3, 1)}, warning(SCANNED)),
    ("18 the day after the scan", {SCANNED: date(1968, 2, 29)}, error(SCANNED)),
    (
        "born on 29 February, scanned on 1 March at 18",
        {BORN: date(1952, 2, 29), SCANNED: date(1970, 3, 1)},
        warning(SCANNED),
    ),
    (
        "born on 29 February, scanned on 28 February",
        {BORN: date(1952, 2, 29), SCANNED: date(1970, 2, 28)},
        error(SCANNED),
    ),
    ("scanned before birth", {SCANNED: date(1949, 1, 1)}, error(SCANNED)),
    (
        "scanned after both at 17",
        of(date(2010, 1, 1), DIAGNOSED_ON) | {SCANNED: after(1)},
        error(SCANNED),
    ),
    ("not scanned", {SCANNED: None}, []),
    ("scan cleared", {SCANNED: CLEAR}, []),
    ("no date of birth", {SCANNED: date(1968, 2, 29), BORN: None}, warning(SCANNED)),
    ("no date of diagnosis", {SCANNED: after(-1), DIAGNOSED: None}, []),
]

ZERO = Decimal("0.0")
CASES["V10"] = [
    ("a date with a scan", {DXA: "1", SCANNED: after(5)}, []),
    ("a date with a recent scan", {DXA: "2", SCANNED: after(5)}, []),
    ("a date where none was ordered", {DXA: "0", SCANNED: after(5)}, error(SCANNED)),
    ("a date where it is not known", {DXA: "U", SCANNED: after(5)}, []),
    ("a date and no answer", {SCANNED: after(5)}, []),
    ("no scan and no date", {DXA: "0"}, []),
    ("no scan and the date cleared", {DXA: "0", SCANNED: CLEAR}, []),
    ("a score with a date", {DXA: "1", SCANNED: after(5), SCORE: Decimal("-2.5")}, []),
    ("a score without a date", {DXA: "1", SCORE: Decimal("-2.5")}, error(SCORE)),
    ("a score of zero without a date", {SCORE: ZERO}, error(SCORE)),
    ("a score, the date cleared", {SCORE: ZERO, SCANNED: CLEAR}, error(SCORE)),
    ("the score cleared", {SCORE: CLEAR}, []),
    (
        "a date and a score where none was ordered",
        {DXA: "0", SCANNED: after(5), SCORE: ZERO},
        error(SCANNED),
    ),
    ("a score where none was ordered", {DXA: "0", SCORE: ZERO}, error(SCORE)),
]

CASES["V11"] = [
    ("no scan and no reason", {DXA: "0"}, error(WHY_NOT)),
    ("no scan and the reason cleared", {DXA: "0", WHY_NOT: CLEAR}, error(WHY_NOT)),
    ("no scan and a reason", {DXA: "0", WHY_NOT: "1"}, []),
    ("no scan and the reason not known", {DXA: "0", WHY_NOT: "U"}, []),
    ("a scan and no reason", {DXA: "1"}, []),
    ("a scan and a reason", {DXA: "1", WHY_NOT: "1"}, error(WHY_NOT)),
    ("a scan and the reason not known", {DXA: "1", WHY_NOT: "U"}, error(WHY_NOT)),
    ("a recent scan and no reason", {DXA: "2"}, []),
    ("a recent scan and a reason", {DXA: "2", WHY_NOT: "2"}, warning(WHY_NOT)),
    ("not known, with a reason", {DXA: "U", WHY_NOT: "1"}, []),
    ("not known, without", {DXA: "U"}, []),
    ("no answer, with a reason", {WHY_NOT: "1"}, []),
]

CASES["V12"] = [
    ("two drugs", {RECOMMENDED: ("1", "6")}, []),
    ("a status alone", {RECOMMENDED: ("43",)}, []),
    ("don't know alone", {RECOMMENDED: ("U",)}, []),
    ("therapy cleared", {RECOMMENDED: CLEAR}, []),
    *(
        (f"4.01 drug and {code}", {RECOMMENDED: ("1", code)}, error(RECOMMENDED))
        for code in ["40", "41", "42", "43", "U"]
    ),
    ("4.01 two statuses", {RECOMMENDED: ("40", "41")}, error(RECOMMENDED)),
    ("2.06 none alone", {AT_FRACTURE: ("0",)}, []),
    ("2.06 none and a drug", {AT_FRACTURE: ("0", "1")}, error(AT_FRACTURE)),
    ("2.06 drug and don't know", {AT_FRACTURE: ("1", "U")}, error(AT_FRACTURE)),
    ("5.10 two referrals", {REFERRALS: ("1", "9")}, []),
    ("5.10 none and a referral", {REFERRALS: ("0", "1")}, error(REFERRALS)),
    ("5.10 referral and decline", {REFERRALS: ("1", "10")}, error(REFERRALS)),
    *(
        (f"6.05 drug and {code}", {"therapy_16w": ("1", code)}, error("therapy_16w"))
        for code in ["43", "44", "45", "46", "U"]
    ),
    *(
        (f"7.05 drug and {code}", {"therapy_52w": ("1", code)}, error("therapy_52w"))
        for code in ["43", "44", "45", "46", "47", "U"]
    ),
]

CASES["V13"] = [
    ("one drug", {RECOMMENDED: ("1",)}, []),
    ("two drugs", {RECOMMENDED: ("1", "29")}, warning(RECOMMENDED)),
    ("three drugs", {RECOMMENDED: ("1", "4", "6")}, warning(RECOMMENDED)),
    ("a drug and a status is for V12", {RECOMMENDED: ("1", "43")}, []),
    ("two statuses", {RECOMMENDED: ("40", "41")}, []),
    ("don't know", {RECOMMENDED: ("U",)}, []),
    ("blank", {RECOMMENDED: None}, []),
    ("cleared", {RECOMMENDED: CLEAR}, []),
    ("two drugs at the fracture", {AT_FRACTURE: ("1", "4")}, []),
]

FALLS = "falls_assessed"
_FALLS_QUESTIONS = (
    "two_falls",
    "fear_of_falling",
    "falls_risk_drugs",
    "mobility_pre",
    "vision",
    "toileting",
    "cardiac_abnormal",
    "cognition",
)
CASES["V14"] = [
    ("assessed and answered", {FALLS: "1", "two_falls": "1", "cognition": "U"}, []),
    ("assessed and not answered", {FALLS: "1"}, []),
    ("not assessed", {FALLS: "0"}, []),
    ("all blank", {}, []),
    ("not assessed, answer cleared", {FALLS: "0", "two_falls": CLEAR}, []),
    ("assessment cleared, answered", {FALLS: CLEAR, "two_falls": "1"}, error(FALLS, "is blank")),
    ("referrals are asked always", {FALLS: "0", REFERRALS: ("1",)}, []),
    *(
        (
            f"5.01 is {code} and 5.02 is answered",
            {FALLS: code, "two_falls": "1"},
            error(FALLS, "is not Yes"),
        )
        for code in ["0", "2", "3", "4", "U"]
    ),
    *((f"{key} without 5.01", {key: "1"}, error(FALLS)) for key in _FALLS_QUESTIONS),
    *((f"{key} is unknown, without 5.01", {key: "U"}, error(FALLS)) for key in _FALLS_QUESTIONS),
    ("5.02 is No, without 5.01", {"two_falls": "0"}, error(FALLS, "5.02 is answered")),
    (
        "two answered without 5.01",
        {"two_falls": "0", "vision": "1"},
        error(FALLS, "5.02, 5.06 are answered"),
    ),
    ("all answered without 5.01", dict.fromkeys(_FALLS_QUESTIONS, "1"), error(FALLS)),
]

DONE_16, ON_16, DONE_52, ON_52 = "fu16_done", "fu16_date", "fu52_done", "fu52_date"


def _visit_cases(done: str, on: str, due: int, until: int) -> Iterator[Case]:
    def visited(days: int) -> dict[str, Any]:
        return {done: "1", on: after(days)}

    yield "took place, first day of the window", visited(due), []
    yield "the day before the window", visited(due - 1), warning(on)
    yield "last day of the window", visited(until), []
    yield "the day after the window", visited(until + 1), warning(on)
    yield "on the day of diagnosis", visited(0), warning(on)
    yield "the day before the diagnosis", visited(-1), error(on)
    yield "took place without a date", {done: "1"}, error(on)
    yield "took place, date cleared", {done: "1", on: CLEAR}, error(on)
    yield "no date of diagnosis", visited(-1) | {DIAGNOSED: None}, []
    yield "a date and no answer", {on: after(due)}, error(on)
    for code in ["0", "2", "3", "4", "5", *(["U"] if done == DONE_52 else [])]:
        yield f"did not take place ({code})", {done: code}, []
        yield f"did not take place ({code}) with a date", {done: code, on: after(due)}, error(on)
    yield (
        "neither took place nor in its window",
        {done: "0", on: after(due - 1)},
        [*error(on), *warning(on)],
    )
    yield "all blank", {}, []


CASES["V15"] = list(_visit_cases(DONE_16, ON_16, 84, 112))
CASES["V16"] = [
    *_visit_cases(DONE_52, ON_52, 336, 392),
    ("after the first", {DONE_52: "1", ON_52: after(340), ON_16: after(339)}, []),
    ("on the day of the first", {DONE_52: "1", ON_52: after(340), ON_16: after(340)}, error(ON_52)),
    ("before the first", {DONE_52: "1", ON_52: after(340), ON_16: after(341)}, error(ON_52)),
    ("the first cleared", {DONE_52: "1", ON_52: after(340), ON_16: CLEAR}, []),
    ("only the first", {ON_16: after(100)}, []),
]

TAKEN_16, TAKEN_52 = "therapy_16w", "therapy_52w"
CASES["V17"] = [
    ("recommended and taken", {RECOMMENDED: ("1",), TAKEN_16: ("1",)}, []),
    ("inappropriate and taken", {RECOMMENDED: ("42",), TAKEN_16: ("1",)}, warning(TAKEN_16)),
    ("declined and taken", {RECOMMENDED: ("43",), TAKEN_16: ("29",)}, warning(TAKEN_16)),
    ("referred and taken", {RECOMMENDED: ("40",), TAKEN_16: ("1",)}, []),
    ("not known and taken", {RECOMMENDED: ("U",), TAKEN_16: ("1",)}, []),
    ("nothing said and taken", {TAKEN_16: ("1",)}, []),
    ("declined and not started", {RECOMMENDED: ("43",), TAKEN_16: ("44",)}, []),
    ("declined and not known", {RECOMMENDED: ("43",), TAKEN_16: ("U",)}, []),
    ("declined and blank", {RECOMMENDED: ("43",)}, []),
    ("declined and cleared", {RECOMMENDED: ("43",), TAKEN_16: CLEAR}, []),
    ("declined and taken at 52 weeks", {RECOMMENDED: ("43",), TAKEN_52: ("1",)}, []),
    ("not started and taken later", {TAKEN_16: ("44",), TAKEN_52: ("6",)}, warning(TAKEN_52)),
    ("declined at 16 weeks and taken later", {TAKEN_16: ("43",), TAKEN_52: ("6",)}, []),
    ("not started and stopped", {TAKEN_16: ("44",), TAKEN_52: ("47",)}, []),
    ("not started and blank", {TAKEN_16: ("44",)}, []),
    ("taken at both", {TAKEN_16: ("6",), TAKEN_52: ("6",)}, []),
    ("blank and taken later", {TAKEN_52: ("6",)}, []),
    (
        "both at once, one of them mixed up",
        {RECOMMENDED: ("42",), TAKEN_16: ("1", "44"), TAKEN_52: ("1",)},
        [*warning(TAKEN_16), *warning(TAKEN_52)],
    ),
]

CASES["V18"] = [
    ("three different sites", {"site_2": "2", "site_3": "3"}, []),
    ("third site without second", {"site_3": "3"}, error("site_3")),
    ("second site without first", {"site_1": None, "site_2": "3"}, error("site_2")),
    (
        "third site alone",
        {"site_1": None, "site_3": "3"},
        error("site_3"),
    ),
    ("first and second equal", {"site_2": "1"}, warning("site_2")),
    ("first and third equal", {"site_2": "3", "site_3": "1"}, warning("site_3")),
    ("second and third equal", {"site_2": "3", "site_3": "3"}, warning("site_3")),
    ("two vertebrae", {"site_1": "2", "site_2": "2"}, []),
    ("three vertebrae", {"site_1": "2", "site_2": "2", "site_3": "2"}, []),
    (
        "three wrists",
        {"site_1": "3", "site_2": "3", "site_3": "3"},
        [*warning("site_2"), *warning("site_3", "1.11 and 1.13")],
    ),
    (
        "third equal to first, without second",
        {"site_3": "1"},
        [*error("site_3"), *warning("site_3")],
    ),
    ("second site cleared", {"site_2": CLEAR}, []),
]

COUNT = "refracture_count"


def new_fractures(number: int) -> dict[str, Any]:
    """So many of the three described, each with site and date."""
    described: dict[str, Any] = {}
    for which in range(1, number + 1):
        described |= {
            f"refracture_{which}_site": "3",
            f"refracture_{which}_on": after(100 * which),
        }
    return described


CASES["V19"] = [
    ("none", {COUNT: "0"}, []),
    ("not known", {COUNT: "U"}, []),
    ("blank", {}, []),
    *((f"{n} of {n}", {COUNT: str(n)} | new_fractures(n), []) for n in (1, 2, 3)),
    *((f"{n}, three described", {COUNT: str(n)} | new_fractures(3), []) for n in (4, 9)),
    ("four, two described", {COUNT: "4"} | new_fractures(2), error(COUNT, "counts more")),
    ("one, none described", {COUNT: "1"}, error(COUNT, "counts more")),
    ("one, two described", {COUNT: "1"} | new_fractures(2), error(COUNT, "describe more")),
    ("two, one described", {COUNT: "2"} | new_fractures(1), error(COUNT, "counts more")),
    ("none, one described", {COUNT: "0"} | new_fractures(1), error(COUNT, "describe more")),
    ("not known, one described", {COUNT: "U"} | new_fractures(1), error(COUNT, "not say")),
    ("blank, one described", new_fractures(1), error(COUNT, "not say")),
    *((f"blank, site {n} alone", {f"refracture_{n}_site": "3"}, error(COUNT)) for n in (1, 2, 3)),
    *(
        (f"blank, date {n} alone", {f"refracture_{n}_on": after(5)}, error(COUNT))
        for n in (1, 2, 3)
    ),
    ("one, a site alone", {COUNT: "1", "refracture_1_site": "3"}, []),
    ("one, a date alone", {COUNT: "1", "refracture_1_on": after(5)}, []),
    ("one, described as the second", {COUNT: "1", "refracture_2_site": "3"}, []),
    ("one, site cleared", {COUNT: "1", "refracture_1_site": CLEAR}, error(COUNT)),
    *(
        (
            f"new fracture {n}, {words}",
            {COUNT: "3"} | new_fractures(3) | {f"refracture_{n}_on": after(days)},
            error(f"refracture_{n}_on") if days < 1 else [],
        )
        for n in (1, 2, 3)
        for words, days in (("the day after", 1), ("the same day", 0), ("the day before", -1))
    ),
    (
        "no date of diagnosis",
        {COUNT: "1", "refracture_1_on": after(-1), DIAGNOSED: None},
        [],
    ),
]

DIED = "date_of_death"
_EVENTS = (
    CONTACT,
    ASSESSED,
    DIAGNOSED,
    SCANNED,
    ON_16,
    ON_52,
    "refracture_1_on",
    "refracture_2_on",
    "refracture_3_on",
)
CASES["V21"] = [
    ("died after the diagnosis", {DIED: after(1)}, []),
    ("died on the day of diagnosis", {DIED: after(0)}, []),
    ("died before the diagnosis", {DIED: after(-1)}, error(DIAGNOSED)),
    *(
        (f"{key} {words}", {DIED: after(500), key: after(500 + days)}, found)
        for key in _EVENTS
        for words, days, found in (
            ("on the day of death", 0, []),
            ("the day after death", 1, error(key)),
        )
    ),
    *((f"{key}, death cleared", {DIED: CLEAR, key: after(501)}, []) for key in _EVENTS),
    (
        "two after death",
        {DIED: after(10), CONTACT: after(11), SCANNED: after(12)},
        [*error(CONTACT), *error(SCANNED)],
    ),
    ("no date of diagnosis", {DIED: after(10), DIAGNOSED: None}, []),
]


def _v22() -> Iterator[Case]:
    step = Decimal("0.1")
    limits = {"height_cm": (130, 205), "weight_kg": (35, 180), SCORE: (-6, 4)}
    for key, (low, high) in limits.items():
        yield f"{key} as low as is likely", {key: Decimal(low).quantize(step)}, []
        yield f"{key} lower", {key: Decimal(low) - step}, warning(key)
        yield f"{key} as high as is likely", {key: Decimal(high).quantize(step)}, []
        yield f"{key} higher", {key: Decimal(high) + step}, warning(key)
        yield f"{key} blank", {key: None}, []
        yield f"{key} cleared", {key: CLEAR}, []
    yield "a score of zero", {SCORE: ZERO}, []
    yield (
        "two at once",
        {"height_cm": Decimal("129.9"), "weight_kg": Decimal("180.1")},
        [*warning("height_cm"), *warning("weight_kg")],
    )


CASES["V22"] = list(_v22())

POSTCODE = "postcode"
CASES["V23"] = [
    *((f"form {code}", {POSTCODE: code}, []) for code in ("M1 1AE", "B33 8TH", "CR2 6XH")),
    *((f"form {code}", {POSTCODE: code}, []) for code in ("DN55 1PT", "W1A 1HQ", "EC1A 1BB")),
    *(
        (f"{code} of the islands", {POSTCODE: code}, [])
        for code in ("JE2 3AB", "GY1 1AA", "IM1 1AA")
    ),
    ("forces", {POSTCODE: "BF1 1AA"}, []),
    ("Northern Ireland", {POSTCODE: "BT1 1AA"}, []),
    ("no fixed address", {POSTCODE: "ZZ99 3VZ"}, []),
    ("no fixed address, another", {POSTCODE: "ZZ99 3CZ"}, []),
    ("another of ZZ", {POSTCODE: "ZZ98 3AZ"}, warning(POSTCODE)),
    ("no such area", {POSTCODE: "AA1 1AA"}, warning(POSTCODE)),
    ("no such area of one letter", {POSTCODE: "A1 1AA"}, warning(POSTCODE)),
    ("blank", {POSTCODE: None}, []),
    ("cleared", {POSTCODE: CLEAR}, []),
    ("outward part alone", {POSTCODE: "EX4"}, error(POSTCODE)),
    ("no letter in front", {POSTCODE: "11 1AA"}, error(POSTCODE)),
    ("three letters in front", {POSTCODE: "EXE1 1AA"}, error(POSTCODE)),
    ("no digit in the outward part", {POSTCODE: "EX 1AA"}, error(POSTCODE)),
    ("three digits in the outward part", {POSTCODE: "EX123 1AA"}, error(POSTCODE)),
    ("a letter for the digit", {POSTCODE: "EX1 AAA"}, error(POSTCODE)),
    ("a digit for a letter", {POSTCODE: "EX1 1A1"}, error(POSTCODE)),
    ("one letter at the end", {POSTCODE: "EX1 1A"}, error(POSTCODE)),
    ("three letters at the end", {POSTCODE: "EX1 1AAA"}, error(POSTCODE)),
    *((f"{c} near the end", {POSTCODE: f"EX1 1{c}A"}, error(POSTCODE)) for c in "CIKMOV"),
    *((f"{c} at the end", {POSTCODE: f"EX1 1A{c}"}, error(POSTCODE)) for c in "CIKMOV"),
    ("no space", {POSTCODE: "EX11AA"}, error(POSTCODE)),
    ("a text before it", {POSTCODE: "AT EX1 1AA"}, error(POSTCODE)),
    ("a text behind it", {POSTCODE: "EX1 1AA UK"}, error(POSTCODE)),
    ("another country's", {POSTCODE: "75001"}, error(POSTCODE)),
]
