"""Two records that may be one fracture: found at every door, shown, decided."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories.records import Imports, make_row
from tests.integration.records.conftest import WRITER, Caller
from tests.integration.records.editing import KEYS, VALUES, Editor
from tests.integration.records.test_withdrawing import LEAD, add, delete, lock_year, restore

NEAR = "2024-01-30"


@pytest.fixture
def lead(app, imports: Imports) -> Caller:
    return Caller(app, imports.site_id, LEAD)


def same_day(lead: Caller) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two records of one fracture: sent, and typed once more."""
    first = add(lead)
    return first, Editor(lead).start(**KEYS)


def near(lead: Caller) -> tuple[dict[str, Any], dict[str, Any]]:
    return add(lead, site_1="1"), add(lead, date_index_diagnosed=NEAR)


def pairs(caller: Caller, decided: str = "false") -> list[dict[str, Any]]:
    return caller.get(f"/duplicates?decided={decided}").json["items"]


def decide(caller: Caller, decision: str, pair_id: str | None = None) -> Any:
    pair_id = pair_id or pairs(caller)[0]["pair_id"]
    return caller.post(f"/duplicates/{pair_id}/decision", {"decision": decision})


def state(caller: Caller, record: dict[str, Any]) -> str:
    return str(caller.get(f"/records/{record['record_id']}").json["state"])


def test_both_are_listed_and_opened_side_by_side_and_both_openings_are_logged(
    lead, imports: Imports
) -> None:
    first, second = same_day(lead)
    (pair,) = pairs(lead)
    assert (pair["kind"], pair["decision"]) == ("same_day", None)
    assert pair["first"]["record_id"] == first["record_id"]
    assert "999 000" not in pair["first"]["nhs_number_masked"]
    before = imports.one("SELECT count(*) FROM read_log")
    opened = lead.get(f"/duplicates/{pair['pair_id']}").json
    assert opened["second"]["record_id"] == second["record_id"]
    assert opened["second"]["values"]["nhs_number"] == VALUES["nhs_number"]
    assert opened["first"]["created_by"] == str(lead.account_id)
    assert imports.one("SELECT count(*) FROM read_log") == before + 2


@pytest.mark.parametrize(("decision", "kept"), [("kept_first", 0), ("kept_second", 1)])
def test_keeping_one_deletes_the_other_and_lets_the_kept_one_count(
    lead, decision: str, kept: int
) -> None:
    records = same_day(lead)
    assert state(lead, records[1]) == "duplicate"
    answer = decide(lead, decision)
    assert (answer.status_code, answer.json["decision"]) == (200, decision)
    assert state(lead, records[kept]) == "draft"
    assert lead.get(f"/records/{records[1 - kept]['record_id']}").status_code == 404
    (gone,) = lead.get("/records/deleted").json["items"]
    assert gone["reason"] == "duplicate"
    assert pairs(lead) == []
    (decided,) = pairs(lead, "true")
    assert decided["decided_by"] == str(lead.account_id)


def test_both_right_lets_both_count_and_both_histories_say_so(lead) -> None:
    for record in (records := near(lead)):
        assert state(lead, record) == "to_confirm"
    assert decide(lead, "both_right").status_code == 200
    for record in records:
        answer = lead.get(f"/records/{record['record_id']}").json
        assert answer["state"] == "draft"
        step = answer["history"][0]
        assert (step["kind"], step["reason"]) == ("duplicate_decided", "both_right")


def test_the_same_decision_twice_is_one_and_another_one_is_refused(lead) -> None:
    near(lead)
    pair_id = pairs(lead)[0]["pair_id"]
    first = decide(lead, "both_right", pair_id).json
    assert decide(lead, "both_right", pair_id).json == first
    answer = decide(lead, "kept_first", pair_id)
    assert (answer.status_code, answer.json["code"]) == (409, "already_decided")
    assert lead.get("/records/deleted").json["total"] == 0


def test_a_restored_duplicate_is_asked_about_again(lead) -> None:
    _, second = same_day(lead)
    decide(lead, "kept_first")
    restore(lead, second["record_id"], second["version"] + 1)
    assert state(lead, second) == "duplicate"
    assert [pair["decision"] for pair in pairs(lead)] == [None]


def test_deleting_one_by_hand_takes_the_question_away(lead) -> None:
    first, second = same_day(lead)
    first = lead.get(f"/records/{first['record_id']}").json
    delete(lead, first, "duplicate")
    assert pairs(lead) == []
    assert state(lead, second) == "draft"


def test_an_import_and_a_page_find_each_other(lead, imports: Imports) -> None:
    imports.store(make_row(0, local_id="L-1"))
    Editor(lead).start(**KEYS | {"date_index_diagnosed": "20/1/2024"})
    (pair,) = pairs(lead)
    assert pair["kind"] == "near"


@pytest.mark.parametrize("decision", ["kept_first", "both_right"])
def test_nothing_is_decided_in_a_locked_year(lead, imports: Imports, decision: str) -> None:
    near(lead)
    lock_year(imports)
    answer = decide(lead, decision)
    assert (answer.status_code, answer.json["code"]) == (409, "period_locked")
    assert len(pairs(lead)) == 1


@pytest.mark.parametrize(
    ("decision", "missing"),
    [("kept_first", "records.delete"), ("both_right", "records.acknowledge")],
)
def test_each_decision_asks_for_its_right(
    app, imports: Imports, lead, decision: str, missing: str
) -> None:
    near(lead)
    assert decide(Caller(app, imports.site_id, LEAD - {missing}), decision).status_code == 403


def test_another_site_sees_no_pair_and_decides_none(app, other_site: Imports, lead) -> None:
    near(lead)
    pair_id = pairs(lead)[0]["pair_id"]
    stranger = Caller(app, other_site.site_id, LEAD)
    assert pairs(stranger) == []
    assert stranger.get(f"/duplicates/{pair_id}").status_code == 404
    assert decide(stranger, "both_right", pair_id).status_code == 404


def test_at_another_site_only_that_it_is_recorded_is_told(app, other_site: Imports, lead) -> None:
    add(lead)
    stranger = Caller(app, other_site.site_id, WRITER)
    record = add(stranger, date_index_diagnosed="2024-01-12")
    assert record["recorded_elsewhere"] is True
    assert record["pairs"] == []
    assert pairs(stranger) == []
    assert ("V20", "warning") in [(f["code"], f["level"]) for f in record["findings"]]
