"""What facilities answers: one round with the real questions, a site in the middle of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import httpx

from services.facilities.domain.proposing import question_changes
from services.facilities.domain.questionnaires import FACILITIES_2019, FACILITIES_2026
from services.facilities.domain.results import results
from services.facilities.schemas import answers as answers_schemas
from services.facilities.schemas import national
from services.facilities.schemas.rounds import QuestionnaireAnswer
from tests.factories.facilities import COMPLETE, SHORT

ROUND_ID = UUID("01890000-0000-7000-8000-0000000000f1")
EXTRA_ROUND_ID = UUID("01890000-0000-7000-8000-0000000000f2")
SITE = {
    "site_id": "018f0000-0000-7000-8000-000000000006",
    "code": "AAA",
    "name": "Demo General Hospital",
}
SOMEBODY = "01890000-0000-7000-8000-0000000000b2"
AT = "2026-02-03T14:05:00Z"

ROUND = {
    "round_id": str(ROUND_ID),
    "name": "2026",
    "year": 2026,
    "title": "Facilities audit 2026",
    "questionnaire_id": "facilities-2026-2",
    "opens_on": "2026-01-01",
    "closes_on": "2026-12-31",
    "asked_kinds": [],
    "asked_part": "facilities",
    "reminds": True,
    "closed_at": None,
    "state": "open",
}
OWN_ROUND = ROUND | {
    "window": "open",
    "last_day": "2026-12-31",
    "is_asked": True,
    "answers_state": "in_progress",
    "submitted_at": None,
}
QUESTIONNAIRE: dict[str, Any] = QuestionnaireAnswer().dump(FACILITIES_2026)


def _section(section: str, state: str, asked: int, answered: int, **more: Any) -> dict[str, Any]:
    titles = {each.id: each.title for each in FACILITIES_2026.sections}
    return {
        "section": section,
        "title": titles[section],
        "state": state,
        "asked": asked,
        "answered": answered,
        "to_confirm": 0,
        "to_mend": 0,
        "warnings": 0,
        "owner": None,
        "confirmed_at": None,
        "confirmed_by": None,
        **more,
    }


SECTIONS = [
    _section("A", "in_progress", 11, 3, to_confirm=1),
    _section("B", "ready", 2, 2, owner=SOMEBODY),
    _section("C", "in_progress", 2, 2, to_mend=1),
    _section("D", "confirmed", 6, 6, confirmed_at=AT, confirmed_by=SOMEBODY),
    *(_section(name, "not_started", 2, 0) for name in "EFGHIJ"),
    _section("K", "not_asked", 0, 0),
]
ANSWERS: dict[str, Any] = {
    "round_id": str(ROUND_ID),
    "state": "in_progress",
    "window": "open",
    "last_day": "2026-12-31",
    "is_asked": True,
    "has_fls": True,
    "version": 3,
    "answers": {
        "A3": "1",
        "A6": "2019-04",
        "A8": 3000,
        "B1": 1.0,
        "B2.nurse.6": 0.6,
        "C1": ["1"],
        "C2": ["0"],
    },
    "explanations": {},
    "derived": {"B3_nurse": 0.6, "B3_all": 0.6},
    "asked": [
        each.id
        for each in FACILITIES_2026
        if not each.id.endswith("_other") and each.id[0] != "K" and each.id != "C3"
    ],
    "answered_count": 6,
    "asked_count": 40,
    "findings": [
        {
            "question": "A7",
            "key": "A7",
            "code": "missing",
            "level": "error",
            "message": "Select the present contract.",
        },
        {
            "question": "A8",
            "key": "A8",
            "code": "unusual",
            "level": "warning",
            "message": "3,000 is unusual for the population served. Check that it is right.",
        },
        {
            "question": "C1",
            "key": "C1",
            "code": "P03",
            "level": "contradiction",
            "message": "You cover hip fractures, and none is among the 40 fractures recorded.",
        },
    ],
    "proposals": {
        "A1": {"value": "R1A", "source": "registration"},
        "A4": {"value": "1", "source": "Facilities audit 2019"},
        "B2.administrator.3": {"value": 0.5, "source": "Facilities audit 2019"},
    },
    "sections": SECTIONS,
    "updated_at": AT,
    "submitted_at": None,
}
SUBMITTED = ANSWERS | {
    "state": "submitted",
    "submitted_at": "2026-07-03T14:05:00Z",
    "proposals": {},
    "findings": [],
    "explanations": {"P03": "Hips are recorded by our other site."},
}
SHORT_PATH = ANSWERS | {
    "has_fls": False,
    "answers": SHORT,
    "proposals": {},
    "derived": {},
    "findings": [],
    "asked": ["A1", "A3", "A4", "A6", "A9_name", "A9_email", "A9_phone", "K1", "K2", "K3"],
    "sections": [
        _section("A", "ready", 7, 5),
        *(_section(name, "not_asked", 0, 0) for name in "BCDEFGHIJ"),
        _section("K", "ready", 3, 2),
    ],
}
ALL_CONFIRMED = ANSWERS | {
    "findings": [],
    "sections": [
        {**section, "state": "confirmed" if section["state"] != "not_asked" else "not_asked"}
        for section in SECTIONS
    ],
}
SITE_ANSWERS = SUBMITTED | {"site": SITE}
LAST_TIME: dict[str, Any] = answers_schemas.LastTimeAnswer().dump(
    {
        "round_title": "Facilities audit 2019",
        "answers": {"A4": "2", "A8": 210000, "D4": ["1"], "B2.administrator.3": 0.5},
        "questions": question_changes(FACILITIES_2026, FACILITIES_2019),
        "differences": [{"key": "A8", "then": 210000, "now": 3000}],
    }
)
CHANGE = {
    "question": "B2.nurse.6",
    "old": 1.0,
    "new": 0.6,
    "version": 3,
    "changed_at": AT,
    "changed_by": SOMEBODY,
}
COMMENT = {
    "comment_id": "01890000-0000-7000-8000-0000000000c1",
    "question": "B2",
    "words": "One post is vacant",
    "written_at": AT,
    "written_by": SOMEBODY,
}
RECEIPT = {
    "reference": "2026-AAA-4",
    "round_title": "Facilities audit 2026",
    "questionnaire_id": "facilities-2026-2",
    "site": SITE,
    "version": 4,
    "submitted_at": "2026-07-03T14:05:00Z",
    "submitted_by": SOMEBODY,
    "answers": COMPLETE,
    "explanations": {"P03": "Hips are recorded by our other site."},
    "derived": {"B3_all": 2.1},
    "sha256": "ab" * 32,
}
RESULTS: dict[str, Any] = national.ResultsAnswer().dump(
    {
        "round_id": ROUND_ID,
        "sites": 2,
        "is_final": False,
        "kinds": ["hospital"],
        "nations": ["england", "wales"],
        "regions": ["West Yorkshire"],
        "sections": [
            {"section": section.id, "title": section.title, "questions": questions}
            for section, questions in zip(
                FACILITIES_2026.sections,
                results(FACILITIES_2026, [COMPLETE, SHORT]).values(),
                strict=True,
            )
        ],
    }
)
OWN_RESULTS = RESULTS | {"answers": COMPLETE, "derived": {"B3_all": 2.1, "B3_band": "Band 7"}}
ROUND_CHANGE = {
    "what": "last_day",
    "details": {"from": "2026-11-30", "to": "2026-12-31"},
    "reason": "The winter was hard",
    "changed_at": AT,
    "changed_by": SOMEBODY,
}
QUESTIONNAIRES = [
    {
        "questionnaire_id": "facilities-2026-2",
        "title": "Facilities audit 2026",
        "series": "facilities",
        "is_retired": False,
    },
    {
        "questionnaire_id": "facilities-2019",
        "title": "Facilities audit 2019",
        "series": "facilities",
        "is_retired": True,
    },
]


def _csv(name: str) -> httpx.Response:
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return httpx.Response(200, headers=disposition, content=b"\xef\xbb\xbfsite_code\r\n")


def replies(page: Any) -> dict[tuple[str, str], Any]:
    """The good answers; `page` wraps an item as a list."""
    base, round_ = "/facilities/v1/rounds", f"/facilities/v1/rounds/{ROUND_ID}"
    site = f"{round_}/sites/{SITE['site_id']}"
    progress = {"kind": "hospital", "nation": "england", "region": "", "has_fls": True}
    sections = {
        ("PUT", f"{round_}/sections/{name}/confirmation"): ANSWERS
        for name in "ABCDEFGHIJK"
    }  # fmt: skip
    return {
        ("GET", "/facilities/v1/questionnaires"): {"items": QUESTIONNAIRES},
        ("GET", base): page(ROUND),
        ("POST", base): ROUND,
        ("GET", f"{base}/own"): page(OWN_ROUND),
        ("GET", round_): ROUND,
        ("GET", f"{round_}/questionnaire"): QUESTIONNAIRE,
        ("GET", f"{round_}/answers"): ANSWERS,
        ("PUT", f"{round_}/answers"): ANSWERS | {"version": 4, "changed": ["A8"]},
        **sections,
        ("PUT", f"{round_}/sections/B/owner"): httpx.Response(204),
        ("DELETE", f"{round_}/sections/D/confirmation"): httpx.Response(204),
        ("GET", f"{round_}/comments"): {"items": [COMMENT]},
        ("POST", f"{round_}/comments"): {"items": [COMMENT]},
        ("POST", f"{round_}/submission"): SUBMITTED,
        ("GET", f"{round_}/receipt"): RECEIPT,
        ("GET", f"{round_}/last-time"): LAST_TIME,
        ("GET", f"{round_}/answers/history"): page(CHANGE),
        ("GET", f"{round_}/own-results"): OWN_RESULTS,
        ("GET", f"{round_}/definitions.csv"): _csv("facilities-2026-definitions.csv"),
        ("GET", f"{round_}/data.csv"): _csv("facilities-2026-data.csv"),
        ("GET", f"{round_}/results"): RESULTS,
        ("GET", f"{round_}/changes"): {"items": [ROUND_CHANGE]},
        ("PUT", f"{round_}/last-day"): ROUND,
        ("POST", f"{round_}/closing"): ROUND | {"state": "closed"},
        ("POST", f"{round_}/reminders"): {"sites": 3},
        ("GET", f"{site}/answers"): SITE_ANSWERS,
        ("POST", f"{site}/reopening"): httpx.Response(204),
        ("POST", f"{site}/extension"): httpx.Response(204),
        ("GET", f"{round_}/progress"): page(
            SITE
            | progress
            | {
                "state": "submitted",
                "updated_at": None,
                "submitted_at": None,
                "extended_until": "2027-01-05",
            }
        )
        | {"counts": {"submitted": 1}, "round_id": str(ROUND_ID)},
    }
