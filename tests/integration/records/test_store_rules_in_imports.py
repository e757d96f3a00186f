"""What only the store knows, in the import path: V20, R05, R06, and the states that follow."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.records.actions.withdrawing import record_opt_out
from services.records.domain.periods import PeriodDays, period_status
from services.records.queries.deciding import count_opt_outs
from services.records.queries.periods import load_locks
from services.shared.db import transaction
from services.shared.sealing import HashKeys
from tests.factories.records import NHS_NUMBERS, Imports, make_row

DAY = "2024-01-10"
NONE_HELD = {"new": 0, "changed": 0, "same": 0, "held": 0, "rejected": 0}


def found(imports: Imports, *rows: dict[str, Any], **announced: Any) -> list[tuple]:
    """What records says of rows while they are staged: row, code, level."""
    imports.deliveries = 1
    imports.check(rows, **announced)
    answer = imports.events("records.rows_staged.v1")[-1]
    return [(f["row"], f["code"], f["level"]) for f in answer["findings"]]


def held(imports: Imports) -> list[tuple[int, str]]:
    told = imports.events("records.import_applied.v1")[-1]
    return [(row["row"], row["code"]) for row in told["held_rows"]]


def states(imports: Imports) -> dict[str, str]:
    return dict(imports.all("SELECT site_1, state FROM fls_record"))


def lock(imports: Imports, *years: int) -> None:
    for year in years:
        imports.act(
            "INSERT INTO audit_period (year, entry_deadline, locks_on, version, updated_by) "
            "VALUES (:year, '2024-12-31', '2025-01-31', 1, :by)",
            year=year,
            by=uuid4(),
        )


def unlock(imports: Imports, year: int, record_id: UUID | None = None) -> None:
    imports.act(
        "INSERT INTO unlock_request (request_id, site_id, record_id, year, reason, asked_by, "
        "state, decided_by, decided_at, until_on) VALUES (gen_random_uuid(), :site, :record, "
        ":year, 'why', :site, 'granted', :site, now(), '2099-01-01')",
        site=imports.site_id,
        record=record_id,
        year=year,
    )


def opt_out(imports: Imports, number: str) -> None:
    imports.act(
        "INSERT INTO opt_out (nhs_hash, site_id, recorded_by) VALUES (:hash, :site, :site)",
        hash=imports.keys.hashes.hash("nhs_number", number),
        site=imports.site_id,
    )


# --- states --------------------------------------------------------------------------------------


def test_a_record_with_nothing_but_its_keys_is_a_draft(imports: Imports) -> None:
    keys_alone = {
        key: make_row(1)[key]
        for key in ("nhs_number", "date_of_birth", "gender", "date_index_diagnosed", "site_1")
    }
    imports.store(keys_alone, make_row(2, site_1="1"))
    assert states(imports) == {"3": "draft", "1": "valid"}
    imports.store({**keys_alone, "smoker": "0"})
    assert states(imports) == {"3": "valid", "1": "valid"}


@pytest.mark.parametrize("first", ["new", "changed"])
def test_warnings_that_the_file_says_were_confirmed_leave_a_valid_record(imports, first) -> None:
    if first == "changed":
        imports.store(make_row(1))
    row = make_row(1, site_2="3", acknowledged=["V18:site_2", "no token"])
    send(imports, row)
    assert imports.all("SELECT state, acknowledged FROM fls_record") == [("valid", ["V18:site_2"])]


def send(imports: Imports, row: dict[str, Any]) -> dict[str, int]:
    """One row whose warnings imports has seen."""
    import_id = uuid4()
    imports.announce(import_id, 1)
    imports.send(import_id, 0, [row], first_row=2, warned=[2])
    return imports.apply(import_id)


def test_a_row_that_adds_an_acknowledgement_changes_and_one_that_repeats_it_does_not(
    imports: Imports,
) -> None:
    row = make_row(1, site_2="3")
    send(imports, row)
    assert states(imports) == {"3": "to_confirm"}
    assert send(imports, {**row, "acknowledged": ["V18:site_2"]}) == {**NONE_HELD, "changed": 1}
    history = imports.one("SELECT changes FROM record_change WHERE version = 2")
    assert history == {"acknowledged": [[], ["V18:site_2"]]}
    assert send(imports, {**row, "acknowledged": ["V18:site_2"]}) == {**NONE_HELD, "same": 1}
    assert send(imports, row) == {**NONE_HELD, "same": 1}
    assert states(imports) == {"3": "valid"}


def test_an_acknowledgement_of_a_warning_that_is_not_there_changes_nothing(imports) -> None:
    imports.store(make_row(1))
    row = make_row(1, acknowledged=["V18:site_2", "V20:near", "V20:elsewhere"])
    assert imports.store(row) == {**NONE_HELD, "same": 1}
    assert imports.one("SELECT acknowledged FROM fls_record") is None


def test_an_acknowledgement_lapses_when_what_it_was_about_changes(imports: Imports) -> None:
    send(imports, make_row(1, site_2="3", acknowledged=["V18:site_2"]))
    send(imports, make_row(1, site_2="3", smoker="0"))
    assert states(imports) == {"3": "valid"}
    send(imports, make_row(1, site_2="1", site_3="1", smoker="0"))
    assert imports.all("SELECT state, acknowledged FROM fls_record") == [("to_confirm", None)]


def test_a_record_with_a_text_nobody_can_read_stays_invalid(imports: Imports) -> None:
    imports.store(make_row(1))
    imports.act(
        "UPDATE fls_record SET unreadable = ARRAY['weight_kg'], own_state = 'invalid', "
        "state = 'invalid'"
    )
    assert imports.store(make_row(1, smoker="0"))["changed"] == 1
    assert imports.all("SELECT state, own_state FROM fls_record") == [("invalid", "invalid")]


# --- V20 -----------------------------------------------------------------------------------------


def test_a_row_near_a_stored_record_is_told_and_the_two_are_a_pair(imports: Imports) -> None:
    imports.store(make_row(1, local_id="A", site_1="1"))
    near = make_row(1, local_id="B", date_index_diagnosed="2024-02-07", site_1="3")
    assert found(imports, near, make_row(2, site_1="6")) == [(2, "V20", "warning")]
    imports.store(near)
    assert imports.all("SELECT kind, decision FROM duplicate_pair") == [("near", None)]
    assert states(imports) == {"1": "to_confirm", "3": "to_confirm"}
    # The same file once more says nothing new.
    assert imports.store(near)["same"] == 1
    assert found(imports, near) == []


def test_a_row_that_says_both_are_right_decides_the_pair(imports: Imports, person) -> None:
    imports.store(make_row(1, local_id="A", site_1="1"))
    near = make_row(1, local_id="B", date_index_diagnosed="2024-02-07", site_1="3")
    row = {**near, "acknowledged": ["V20:near"]}
    assert found(imports, row) == []
    imports.apply(imports.check([row]), by=person)
    assert imports.all("SELECT decision, decided_by FROM duplicate_pair") == [
        ("both_right", person)
    ]
    assert states(imports) == {"1": "valid", "3": "valid"}
    assert imports.store(row)["same"] == 1


def test_two_near_rows_of_one_file_are_a_pair(imports: Imports) -> None:
    first = make_row(1, local_id="A", site_1="1")
    second = make_row(1, local_id="B", date_index_diagnosed="2024-02-07", site_1="3")
    imports.store(first, second)
    assert states(imports) == {"1": "to_confirm", "3": "to_confirm"}


def test_a_corrected_day_unmakes_the_pair(imports: Imports) -> None:
    first = make_row(1, local_id="A", site_1="1")
    second = make_row(1, local_id="B", date_index_diagnosed="2024-02-07", site_1="3")
    imports.store(first, second)
    imports.store({**second, "date_index_diagnosed": "2024-08-07"})
    assert imports.all("SELECT kind, decision FROM duplicate_pair") == [("near", "apart")]
    assert states(imports) == {"1": "valid", "3": "valid"}
    imports.store({**second, "date_index_diagnosed": "2024-02-06"})
    assert imports.all("SELECT kind, decision FROM duplicate_pair") == [("near", None)]
    assert states(imports) == {"1": "to_confirm", "3": "to_confirm"}


def test_what_another_site_has_is_told_as_that_and_no_more(imports: Imports, other_site) -> None:
    other_site.store(make_row(1), make_row(2, date_index_diagnosed="2024-03-01"))
    assert found(imports, make_row(1, site_1="1"), make_row(2)) == [(2, "V20", "warning")]
    imports.store(make_row(1, site_1="1"), make_row(2))
    assert states(imports) == {"1": "to_confirm", "3": "valid"}
    confirmed = make_row(1, site_1="1", acknowledged=["V20:elsewhere"])
    assert imports.store(confirmed)["changed"] == 1
    assert states(imports) == {"1": "valid", "3": "valid"}
    assert imports.store(confirmed)["same"] == 1
    assert other_site.all("SELECT 1 FROM duplicate_pair") == []


def test_another_site_is_asked_under_every_hash_key(imports: Imports, other_site) -> None:
    other_site.store(make_row(1))
    imports.keys = replace(imports.keys, hashes=HashKeys({"h1": b"h" * 32, "h2": b"i" * 32}, "h2"))
    assert found(imports, make_row(1)) == [(2, "V20", "warning")]
    imports.store(make_row(1))
    assert imports.all("SELECT state, elsewhere FROM fls_record") == [("to_confirm", True)]


# --- R05 -----------------------------------------------------------------------------------------


def test_a_new_row_of_a_locked_year_is_refused(imports: Imports) -> None:
    lock(imports, 2024)
    assert found(imports, make_row(1), make_row(2, date_index_diagnosed="2025-01-10")) == [
        (2, "R05", "error")
    ]
    unlock(imports, 2024)
    assert found(imports, make_row(1)) == []


@pytest.mark.parametrize(
    ("locked", "day"),
    [
        pytest.param((2024,), DAY, id="where it is"),
        pytest.param((2024,), "2025-01-10", id="out of a locked year"),
        pytest.param((2025,), "2025-01-10", id="into a locked year"),
    ],
)
def test_a_record_is_not_changed_in_or_moved_over_the_edge_of_a_locked_year(
    imports: Imports, locked, day
) -> None:
    imports.store(make_row(1))
    lock(imports, *locked)
    row = make_row(1, date_index_diagnosed=day, smoker="0")
    assert found(imports, row) == [(2, "R05", "error")]


def test_an_unlocked_record_can_be_changed_and_its_neighbour_cannot(imports: Imports) -> None:
    imports.store(make_row(1), make_row(2))
    lock(imports, 2024)
    query = "SELECT record_id FROM fls_record JOIN record_identity USING (record_id) WHERE "
    mine = imports.one(
        query + "local_id_hash = :h", h=imports.keys.hashes.hash("local_id", "LOC-0001")
    )
    unlock(imports, 2024, mine)
    rows = [make_row(1, smoker="0"), make_row(2, smoker="0")]
    assert found(imports, *rows) == [(3, "R05", "error")]
    imports.deliveries = 2
    assert imports.store(*rows) == {**NONE_HELD, "changed": 1, "rejected": 1}


def test_the_same_file_once_more_is_no_change_of_a_locked_year(imports: Imports) -> None:
    imports.store(make_row(1))
    lock(imports, 2024)
    assert imports.store(make_row(1)) == {**NONE_HELD, "same": 1}


def test_a_year_that_locks_after_the_check_holds_the_rows(imports: Imports) -> None:
    imports.store(make_row(1), make_row(3))
    rows = [make_row(1, smoker="0"), make_row(2), make_row(3)]
    import_id = imports.check([*rows, make_row(4, date_index_diagnosed="2025-02-02")])
    lock(imports, 2024)
    assert imports.apply(import_id) == {**NONE_HELD, "new": 1, "same": 1, "held": 2}
    assert held(imports) == [(2, "period_locked"), (3, "period_locked")]


def test_a_locked_year_of_another_site_that_has_more_time_is_open(imports, other_site) -> None:
    lock(imports, 2024)
    other_site.act(
        "INSERT INTO period_extension (extension_id, site_id, year, until_on, reason_code, reason, "
        "granted_by) VALUES (gen_random_uuid(), :site, 2024, '2099-01-01', 'other', 'x', :site)",
        site=other_site.site_id,
    )
    assert other_site.store(make_row(1))["new"] == 1
    assert imports.store(make_row(1))["rejected"] == 1


# --- R06 -----------------------------------------------------------------------------------------


def test_a_row_about_a_patient_who_opted_out_anywhere_is_refused(imports, other_site) -> None:
    opt_out(other_site, NHS_NUMBERS[1])
    assert found(imports, make_row(1), make_row(2)) == [(2, "R06", "error")]
    imports.deliveries = 2
    assert imports.store(make_row(1), make_row(2)) == {**NONE_HELD, "new": 1, "rejected": 1}
    assert imports.one("SELECT count(*) FROM patient") == 1


def test_an_update_that_names_no_number_is_refused_all_the_same(imports, other_site) -> None:
    imports.store(make_row(1))
    opt_out(other_site, NHS_NUMBERS[1])
    row = {"local_id": "LOC-0001", "smoker": "0"}
    assert found(imports, row, mode="update_only") == [(2, "R06", "error")]


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(make_row(1), id="new"),
        pytest.param(make_row(2, smoker="0"), id="changed"),
        pytest.param({"local_id": "LOC-0002", "smoker": "0"}, id="changed, without number"),
    ],
)
def test_a_patient_who_opts_out_after_the_check_is_held(imports: Imports, other_site, row) -> None:
    imports.store(make_row(2))
    mode = "update_only" if "nhs_number" not in row else "add_and_update"
    import_id = imports.check([row], mode=mode)
    for number in NHS_NUMBERS[1:3]:
        opt_out(other_site, number)
    assert imports.apply(import_id) == {**NONE_HELD, "held": 1}
    assert held(imports) == [(2, "opted_out")]
    assert imports.all("SELECT smoker FROM fls_record") == [("1",)]


def test_an_opt_out_before_the_comparison_holds_too(imports: Imports) -> None:
    import_id = uuid4()
    imports.announce(import_id, 2)
    imports.send(import_id, 0, [make_row(1)])
    opt_out(imports, NHS_NUMBERS[1])
    lock(imports, 2023)
    imports.send(import_id, 1, [make_row(2, date_index_diagnosed="2023-05-05"), make_row(3)])
    told = imports.events("records.import_compared.v1")[-1]
    assert [(row["row"], row["code"]) for row in told["held_rows"]] == [(2, "opted_out")]
    assert (told["new"], told["held"], told["rejected"]) == (1, 1, 1)


def test_an_opt_out_under_an_older_hash_key_is_found(imports: Imports) -> None:
    opt_out(imports, NHS_NUMBERS[1])
    imports.keys = replace(imports.keys, hashes=HashKeys({"h1": b"h" * 32, "h2": b"i" * 32}, "h2"))
    assert found(imports, make_row(1)) == [(2, "R06", "error")]


def test_an_opt_out_is_kept_under_every_key_and_counts_once(imports: Imports, other_site) -> None:
    # Staged before the hash keys were rotated; the opt-out comes from elsewhere and after it.
    import_id = imports.check([make_row(1)])
    older = imports.keys
    both = replace(older, hashes=HashKeys({"h1": b"h" * 32, "h2": b"i" * 32}, "h2"))
    with transaction(other_site.engine, site_id=other_site.site_id) as session:
        record_opt_out(
            session, both, site_id=other_site.site_id, nhs_number=NHS_NUMBERS[1], by=uuid4()
        )
    with transaction(other_site.engine, site_id=other_site.site_id) as session:
        assert count_opt_outs(session, site_id=other_site.site_id) == 1
    imports.keys = both
    assert imports.apply(import_id) == {**NONE_HELD, "held": 1}
    assert held(imports) == [(2, "opted_out")]


# --- deleted records -----------------------------------------------------------------------------


def test_a_deleted_record_is_not_matched_and_its_local_id_is_free(imports: Imports) -> None:
    imports.store(make_row(1))
    imports.act("UPDATE fls_record SET state = 'deleted', deleted_reason = 'other'")
    imports.act("UPDATE record_identity SET local_id_hash = NULL")
    assert imports.store(make_row(1)) == {**NONE_HELD, "new": 1}
    assert imports.all("SELECT state FROM fls_record ORDER BY state") == [("deleted",), ("valid",)]
    assert imports.all("SELECT 1 FROM duplicate_pair") == []


def test_the_sql_of_locks_says_what_the_rule_says(imports: Imports) -> None:
    lock(imports, 2024)
    days = PeriodDays(date(2024, 12, 31), date(2025, 1, 31))
    extended, unlocked = date(2025, 2, 10), date(2025, 3, 10)
    for step in ("nothing", "extended", "unlocked"):
        if step == "extended":
            imports.act(
                "INSERT INTO period_extension (extension_id, site_id, year, until_on, reason_code, "
                "reason, granted_by) "
                "VALUES (gen_random_uuid(), :s, 2024, '2025-02-10', 'other', 'x', :s)",
                s=imports.site_id,
            )
        if step == "unlocked":
            unlock(imports, 2024)
            imports.act("UPDATE unlock_request SET until_on = '2025-03-10'")
        for today in (*days_around(days.entry_deadline, days.locks_on, extended, unlocked),):
            with transaction(imports.engine, site_id=imports.site_id) as session:
                locks = load_locks(session, site_id=imports.site_id, today=today)
            status = period_status(
                days,
                today=today,
                extended_until=None if step == "nothing" else extended,
                unlocked_until=unlocked if step == "unlocked" else None,
            )
            assert locks.refuse(2024) is (status == "locked"), (step, today)


def days_around(*middles: date) -> list[date]:
    return [date.fromordinal(m.toordinal() + step) for m in middles for step in (-1, 0, 1)]
