"""Reminders of a round go to those of the site who answer it, and to nobody else."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from services.registration.actions.round_news import write_round_reminder
from services.shared.db import transaction
from tests.integration.registration.conftest import DESK

ROUND = UUID("01890000-0000-7000-8000-0000000000f1")


def remind(engine: Any, site_id: UUID, **changes: Any) -> None:
    wanted = {
        "round_id": ROUND,
        "title": "Facilities audit 2026",
        "kind": "7",
        "last_day": date(2026, 12, 31),
        "is_begun": True,
        **changes,
    }
    with transaction(engine) as session:
        write_round_reminder(session, site_id=site_id, desk=DESK, **wanted)


def mails(look: Any) -> list[Any]:
    return look.rows(
        "SELECT to_address, subject, body FROM mail WHERE kind LIKE 'round_%%' ORDER BY to_address"
    )


def test_leads_and_respondents_are_written_to_and_nobody_else(
    engine: Any, site: Any, other_site: Any, add_person: Any, look: Any
) -> None:
    add_person(site, "facilities_respondent", email="answers@example.nhs.uk")
    add_person(site, "clinician", email="clinician@example.nhs.uk")
    remind(engine, site.site_id)
    to = [mail["to_address"] for mail in mails(look)]
    assert to == sorted([site.email, "answers@example.nhs.uk"])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kind": "opened", "is_begun": False}, "is asked to answer"),
        ({"kind": "28", "is_begun": False}, "has not begun Facilities audit 2026"),
        ({"kind": "1"}, "has not submitted its answers. The last day is 31 December 2026"),
        ({"kind": "reopened"}, "to Facilities audit 2026 again. Correct them"),
        ({"kind": "extended"}, "more time for Facilities audit 2026. The last day is 31 December"),
        ({"kind": "asked", "last_day": None}, "has not submitted its answers."),
    ],
)
def test_the_mail_says_how_far_the_site_is_and_where_to_go(
    engine: Any, site: Any, look: Any, changes: dict[str, Any], words: str
) -> None:
    remind(engine, site.site_id, **changes)
    (mail,) = mails(look)
    body = " ".join((mail["body"]).split())
    assert words in body and f"/facilities/{ROUND}" in body
