"""Notices of the audit team."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories.registration import day


def publish(team: Any, title: str, first: int, last: int) -> Any:
    body = {
        "title": title,
        "words": "One.\n\nTwo.",
        "shown_from": day(first).isoformat(),
        "shown_until": day(last).isoformat(),
    }
    return team("POST", "/notices", json=body)


def shown(person: Any) -> list[str]:
    return [one["title"] for one in person("GET", "/notices/current").json["items"]]


def test_a_notice_is_shown_to_everybody_on_its_days_until_it_is_withdrawn(
    site: Any, other_site: Any, team: Any
) -> None:
    now = publish(team, "Now", -1, 0).json
    for title, first, last in (("Today", 0, 9), ("Later", 1, 9)):
        assert publish(team, title, first, last).status_code == 201
    assert shown(site.lead) == shown(other_site.lead) == ["Today", "Now"]
    for _ in range(2):
        assert team("DELETE", f"/notices/{now['notice_id']}").status_code == 204
    assert shown(site.lead) == ["Today"]
    assert team("GET", "/notices").json["total"] == 3


@pytest.mark.parametrize(("first", "last"), [(-5, -1), (5, 4)])
def test_a_time_that_cannot_be_is_refused(team: Any, first: int, last: int) -> None:
    answer = publish(team, "Never", first, last)
    assert answer.status_code == 422 and "shown_until" in answer.json["errors"]
