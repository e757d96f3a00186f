"""Possible duplicates: two records side by side, and what each decision does."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.fakes import services as fakes
from tests.fakes.services import RECORD_ID, FakeServices, page, problem
from tests.fakes.working import CURSOR, PAIR_ID, SECOND_ID, pair
from tests.unit.gateway.conftest import Person
from tests.unit.gateway.test_pages import check

ADDRESS = f"/duplicates/{PAIR_ID}"
PAIR_OF = "GET", f"/records/v1/duplicates/{PAIR_ID}"
DECISION = "POST", f"/records/v1/duplicates/{PAIR_ID}/decision"
LIST = "GET", "/records/v1/duplicates"


def _plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html)).strip()


def _rows(text: str) -> list[str]:
    return [_plain(row) for row in re.findall(r"<tr[^>]*data-field=.*?</tr>", text, re.S)]


def test_what_differs_comes_first_and_is_marked(lead: Person) -> None:
    text = lead.get(ADDRESS).text
    differing = _rows(text.partition("<details")[0])
    assert differing == [
        "Question Index fracture diagnosed 1.09 First 3 February 2024 Second 10 February 2024",
        "Question Fracture site 1.11 First Wrist Second Hip",
        "Question Smokes now? 2.05 First Not recorded Second Yes",
    ]
    alike = _rows(text.partition("<details")[2])
    assert "Question NHS number 1.01 First 999 000 0018 Second 999 000 0018" in alike
    assert not any("FLS assessment" in row for row in alike), "blank in both is left out"
    assert text.count("fa-differs") == len(differing)
    assert "What is the same in both: 7 answers" in text


def test_why_they_are_suspected_and_where_they_come_from_is_said(lead: Person) -> None:
    text = _plain(lead.get(ADDRESS).text)
    assert "Same patient, diagnosed within 28 days." in text
    assert "The two dates of diagnosis are 7 days apart." in text
    assert "Made 1 February 2026, 9:00am by Sam Lead (you)." in text
    assert "Made 1 February 2026, 9:00am by Kim Clerk." in text


def test_the_same_day_is_said_in_words(lead: Person, services: FakeServices) -> None:
    both = pair(fakes.RECORD)
    both["second"] = both["first"] | {"record_id": SECOND_ID}
    services.replies[PAIR_OF] = both | {"kind": "same_day"}
    text = lead.get(ADDRESS).text
    assert "Same patient, same day of diagnosis." in text
    assert "diagnosed on the same day." in text
    assert "Nothing: both records have the same answers." in text
    check(text)


@pytest.mark.parametrize(
    ("rights", "choices"),
    [
        ((), set()),
        (("records.acknowledge",), {"both_right"}),
        (("records.delete",), {"kept_first", "kept_second"}),
        (("records.acknowledge", "records.delete"), {"kept_first", "kept_second", "both_right"}),
    ],
)
def test_one_may_choose_what_one_has_the_right_to(
    person_with: Callable[..., Person], rights: tuple[str, ...], choices: set[str]
) -> None:
    text = person_with("records.read", *rights).get(ADDRESS).text
    assert set(re.findall(r'name="decision" type="radio" value="(\w+)"', text)) == choices
    assert ("somebody else at your site decides" in text) == (not choices)
    for choice in choices:
        assert f'id="decision-{choice}-item-hint"' in text or "nhsuk-radios__hint" in text


@pytest.mark.parametrize("decision", ["kept_first", "kept_second", "both_right"])
def test_a_decision_is_sent_and_told(lead: Person, services: FakeServices, decision: str) -> None:
    answer = lead.post(ADDRESS, {"decision": decision})
    assert (answer.status_code, answer.headers["Location"]) == (
        303,
        f"/duplicates?notice={decision}",
    )
    assert services.body_of(*DECISION) == {"decision": decision}
    told = lead.get(answer.headers["Location"]).text
    assert "nhsuk-notification-banner--success" in told
    check(told)


def test_in_a_work_list_the_decision_leads_to_the_next_pair(lead: Person) -> None:
    step = f"?step=duplicates~1~2~{CURSOR}"
    assert f'action="{ADDRESS}{step}"' in lead.get(ADDRESS + step).text
    answer = lead.post(ADDRESS + step, {"decision": "both_right"})
    assert answer.headers["Location"] == (
        f"/worklists/duplicates/next?after={CURSOR}&number=2&total=2"
    )


@pytest.mark.parametrize("decision", ["", "apart", "kept_third"])
def test_a_choice_has_to_be_made(lead: Person, services: FakeServices, decision: str) -> None:
    answer = lead.post(ADDRESS, {"decision": decision})
    assert answer.status_code == 422
    assert 'href="#decision"' in answer.text
    assert DECISION not in [call[:2] for call in services.calls]
    check(answer.text)


def test_what_one_has_no_right_to_is_not_sent(
    person_with: Callable[..., Person], services: FakeServices
) -> None:
    clinician = person_with("records.read", "records.acknowledge")
    assert clinician.post(ADDRESS, {"decision": "kept_first"}).status_code == 422
    assert DECISION not in [call[:2] for call in services.calls]


def test_a_locked_record_or_a_decision_of_somebody_else_is_said(
    lead: Person, services: FakeServices
) -> None:
    services.replies[DECISION] = problem(409, "2023 is locked.", code="period_locked")
    answer = lead.post(ADDRESS, {"decision": "kept_first"})
    assert answer.status_code == 409
    assert "2023 is locked." in answer.text
    assert re.search(r'value="kept_first"[^>]* checked', answer.text)
    check(answer.text)


def test_a_decided_pair_is_shown_without_a_form(lead: Person, services: FakeServices) -> None:
    services.replies[PAIR_OF] = pair(fakes.RECORD) | {
        "decision": "kept_first",
        "decided_by": fakes.ACCOUNT_ID,
        "decided_at": "2026-02-05T09:00:00Z",
    }
    text = lead.get(ADDRESS).text
    assert "Only the first was kept, decided 5 February 2026, 9:00am by Sam Lead (you)." in text
    assert 'name="decision"' not in text


def test_the_list_shows_both_records_and_what_was_decided(
    lead: Person, services: FakeServices
) -> None:
    text = lead.get("/duplicates").text
    assert f'href="{ADDRESS}"' in text and text.count("3 February 2024, Wrist") == 2
    assert 'href="/worklists/duplicates/next?total=1"' in text
    decided = {
        "decision": "both_right",
        "decided_by": fakes.ACCOUNT_ID,
        "decided_at": "2026-02-05T09:00:00Z",
    }
    services.replies[LIST] = page(services.replies[LIST]["items"][0] | decided, total=60)
    text = lead.get("/duplicates?decided=yes").text
    assert "Both are right" in text and "Sam Lead (you)" in text
    assert 'href="/duplicates?decided=yes&amp;page=2"' in text
    assert "Start with the first" not in text
    services.replies[LIST] = page()
    assert "None waits for a decision." in lead.get("/duplicates").text


def test_a_record_that_is_gone_has_no_link(lead: Person, services: FakeServices) -> None:
    both = pair(fakes.RECORD)
    both["second"] |= {"state": "deleted"}
    services.replies[PAIR_OF] = both | {"decision": "kept_first", "decided_at": None}
    text = lead.get(ADDRESS).text
    assert f'href="/records/{RECORD_ID}"' in text and f'href="/records/{SECOND_ID}"' not in text


def test_a_pair_one_of_which_is_deleted_is_listed_without_a_link(
    lead: Person, services: FakeServices
) -> None:
    item = services.replies[LIST]["items"][0]
    gone = item | {"decision": "kept_first", "second": item["second"] | {"state": "deleted"}}
    services.replies[LIST] = page(gone)
    text = lead.get("/duplicates?decided=yes").text
    assert "Only the first was kept" in text and f'href="{ADDRESS}"' not in text
