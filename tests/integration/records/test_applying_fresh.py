"""Fresh rows are applied two slices at once: side by side, exactly, and only while that is safe."""

from __future__ import annotations

import threading
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from services.records.actions import applying, applying_fresh
from services.records.actions.guarding import lock_site
from services.shared.db import transaction
from tests.factories.records import Imports, make_row
from tests.integration.records.test_applying import rows

FRESH = "records.fresh_slice_wanted.v1"
SLICE = "records.slice_wanted.v1"
NOTHING = dict.fromkeys(("new", "changed", "same", "held", "rejected"), 0)


@pytest.fixture(autouse=True)
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slices of two rows; the first of one, because row 1 has the headings."""
    for module in (applying, applying_fresh):
        monkeypatch.setattr(module, "SLICE_ROWS", 2)


def asked(imports: Imports, name: str) -> list[int]:
    return [event["number"] for event in imports.events(name)]


def play(imports: Imports, import_id: UUID) -> dict[str, int]:
    """Delivers what records asks itself for, until it asks for nothing more; returns the ledger."""
    deliver = {FRESH: imports.fresh_slice, SLICE: imports.slice}
    heard = dict.fromkeys(deliver, 0)
    while True:
        waiting = [
            (name, number) for name in heard for number in asked(imports, name)[heard[name] :]
        ]
        if not waiting:
            return imports.ledger(import_id)
        for name, number in waiting:
            heard[name] += 1
            deliver[name](import_id, number)


def test_two_slices_are_asked_for_at_once_and_each_asks_for_the_next(imports: Imports) -> None:
    import_id = imports.check(rows(9))
    imports.confirm(import_id)
    assert asked(imports, FRESH) == [1, 2] and asked(imports, SLICE) == []
    assert play(imports, import_id) == NOTHING | {"new": 9}
    assert asked(imports, FRESH) == [1, 2, 3, 4, 5]
    assert imports.one("SELECT count(*) FROM fls_record") == 9
    assert imports.one("SELECT count(*) FROM own_staged_row") == 0
    assert imports.one("SELECT count(*) FROM applied_slice") == 0
    done = [event["rows_done"] for event in imports.events("records.apply_advanced.v1")]
    assert done[0] == 1 and max(done) == 9
    assert len(imports.events("records.import_applied.v1")) == 1


def test_two_slices_really_run_side_by_side(imports: Imports) -> None:
    import_id = imports.check(rows(5))
    imports.confirm(import_id)
    with transaction(imports.engine, site_id=imports.site_id) as session:
        session.execute(text("SET LOCAL lock_timeout = '5s'"))
        applying_fresh.apply_fresh_slice(
            session, imports.keys, site_id=imports.site_id, import_id=import_id, number=1
        )
        imports.fresh_slice(import_id, 2)
        assert imports.one("SELECT count(*) FROM fls_record") == 2
    assert imports.one("SELECT count(*) FROM fls_record") == 3
    assert play(imports, import_id)["new"] == 5


def test_rows_about_stored_records_or_patients_who_came_before_come_afterwards(
    imports: Imports, caller: Any
) -> None:
    imports.store(make_row(0), make_row(1))
    later = {"date_index_diagnosed": "2024-09-01", "postcode": "C3 3CC"}
    import_id = imports.check(
        [
            make_row(2),
            make_row(0, smoker="0"),
            make_row(1, local_id="B", **later),
            make_row(1, local_id="E", date_index_diagnosed="2025-03-01"),
            make_row(4, local_id="C"),
            make_row(4, local_id="D", **later),
            make_row(5),
        ]
    )
    imports.confirm(import_id)
    for number in (1, 2, 3, 4):
        imports.fresh_slice(import_id, number)
    assert imports.one("SELECT sum(rows) FROM applied_slice") == 4
    assert imports.all("SELECT row_number FROM own_staged_row ORDER BY 1") == [(3,), (5,), (7,)]
    assert play(imports, import_id) == NOTHING | {"new": 6, "changed": 1}
    assert imports.one("SELECT count(*) FROM patient") == 5
    for (record_id,) in imports.all(
        "SELECT record_id FROM fls_record WHERE date_index_diagnosed = '2024-09-01'"
    ):
        assert caller.get(f"/records/{record_id}").json["values"]["postcode"] == "C3 3CC"


@pytest.mark.parametrize("side_by_side", [True, False])
def test_new_records_of_stored_patients_make_their_pairs_in_slices_of_any_kind(
    side_by_side: bool, imports: Imports
) -> None:
    day = {"date_index_diagnosed": "2024-01-10"}
    near = {"date_index_diagnosed": "2024-01-12"}
    imports.store(*(make_row(n, site_1="1", **day) for n in range(4)))
    confirmed = {"acknowledged": ["V20:near"]}
    import_id = imports.check(
        [
            make_row(0, local_id="near", site_1="4", **near),
            make_row(1, local_id="confirmed", site_1="4", **near, **confirmed),
            make_row(2, local_id="far", site_1="4", date_index_diagnosed="2024-09-01"),
            make_row(3, local_id="once", site_1="4", date_index_diagnosed="2024-09-01"),
            make_row(3, local_id="twice", site_1="6", date_index_diagnosed="2024-09-03"),
            make_row(7, local_id="other"),
        ]
    )
    if not side_by_side:
        imports.act("UPDATE staged_import SET last_row = NULL")
    before = len(asked(imports, FRESH))
    imports.confirm(import_id)
    assert (len(asked(imports, FRESH)) > before) == side_by_side
    assert play(imports, import_id) == NOTHING | {"new": 6}
    assert imports.one("SELECT count(*) FROM patient") == 5
    assert imports.all(
        "SELECT kind, decision, count(*) FROM duplicate_pair GROUP BY 1, 2 ORDER BY 2"
    ) == [("near", "both_right", 1), ("near", None, 2)]
    assert imports.all("SELECT state, count(*) FROM fls_record GROUP BY 1 ORDER BY 1") == [
        ("to_confirm", 4),
        ("valid", 6),
    ]


def test_many_second_rows_of_patients_are_applied_side_by_side_too(
    imports: Imports, caller: Any
) -> None:
    imports.store(make_row(1), make_row(2))
    days = ["2024-05-01", "2024-07-01", "2024-09-01"]
    several = [
        make_row(n, local_id=f"{n}-{d}", date_index_diagnosed=d, postcode="C3 3CC")
        for d in days
        for n in range(1, 6)
    ]
    import_id = imports.check(several)
    before = len(asked(imports, FRESH))
    imports.confirm(import_id)
    second = "SELECT second_rows FROM staged_import WHERE import_id = :i"
    assert imports.one(second, i=import_id) == [7, 8, 9, 10, 11]
    assert play(imports, import_id) == NOTHING | {"new": 15}
    # Eight slices by row numbers, most of them without first rows, and three of second rows.
    assert asked(imports, FRESH)[before:] == list(range(1, 12))
    others = "SELECT other_rows FROM staged_import WHERE import_id = :i"
    assert imports.one(others, i=import_id) == [12, 13, 14, 15, 16]
    assert imports.one("SELECT count(*) FROM patient") == 5
    assert imports.one("SELECT count(*) FROM own_staged_row") == 0
    for (record_id,) in imports.all(
        "SELECT record_id FROM fls_record WHERE date_index_diagnosed >= '2024-05-01'"
    ):
        assert caller.get(f"/records/{record_id}").json["values"]["postcode"] == "C3 3CC"


def test_second_rows_are_looked_up_when_the_site_changes_before_them(imports: Imports) -> None:
    days = ["2024-05-01", "2024-09-01"]
    several = [
        make_row(n, local_id=f"{n}-{d}", date_index_diagnosed=d) for d in days for n in range(1, 6)
    ]
    import_id = imports.check(several)
    imports.confirm(import_id)
    for number in range(1, 7):
        imports.fresh_slice(import_id, number)
    imports.slice(import_id, 1)  # all first rows are stored: the second ones begin
    assert asked(imports, FRESH)[-2:] == [7, 8]
    imports.store(several[-1])
    for number in (7, 8):
        imports.fresh_slice(import_id, number)
    assert imports.one("SELECT count(*) FROM applied_slice") == 6
    assert play(imports, import_id) == NOTHING | {"new": 9, "same": 1}
    assert imports.one("SELECT count(*) FROM fls_record") == 10


def test_a_later_row_near_the_first_of_its_patient_makes_a_pair(imports: Imports) -> None:
    near = make_row(1, local_id="B", date_index_diagnosed="2024-01-20", site_1="4")
    first = make_row(1, date_index_diagnosed="2024-01-10", site_1="1")
    import_id = imports.check([*rows(5)[2:], first, near])
    imports.confirm(import_id)
    assert play(imports, import_id) == NOTHING | {"new": 5}
    assert imports.all("SELECT kind, decision FROM duplicate_pair") == [("near", None)]
    assert imports.one("SELECT count(*) FROM fls_record WHERE state = 'to_confirm'") == 2


def test_a_first_row_that_cannot_be_stored_any_more_leaves_the_patient_to_the_next(
    imports: Imports, caller: Any
) -> None:
    days = ["2023-05-05", "2024-03-10", "2024-06-10", "2024-09-10"]
    of_one = [make_row(1, local_id=d, date_index_diagnosed=d, postcode="C3 3CC") for d in days]
    import_id = imports.check([*of_one, *rows(5)[2:]])
    imports.confirm(import_id)
    imports.act(
        "INSERT INTO audit_period (year, entry_deadline, locks_on, version, updated_by) "
        "VALUES (2023, '2024-03-01', '2024-04-01', 1, :by)",
        by=UUID(int=1),
    )
    assert play(imports, import_id) == NOTHING | {"new": 6, "held": 1}
    assert imports.one("SELECT count(*) FROM patient") == 4
    for (record_id,) in imports.all("SELECT record_id FROM fls_record"):
        values = caller.get(f"/records/{record_id}").json["values"]
        assert values["postcode"] in ("C3 3CC", make_row(2)["postcode"])


def test_whoever_changes_a_record_between_slices_has_the_rest_looked_up(imports: Imports) -> None:
    import_id = imports.check(rows(9))
    imports.confirm(import_id)
    imports.fresh_slice(import_id, 1)
    imports.store(rows(9)[6])
    imports.fresh_slice(import_id, 2)
    assert imports.one("SELECT count(*) FROM fls_record") == 2
    assert asked(imports, SLICE)[-1] == 1
    assert play(imports, import_id) == NOTHING | {"new": 8, "same": 1}
    assert imports.one("SELECT count(*) FROM fls_record") == 9


def test_whoever_changes_records_waits_for_both_slices(imports: Imports) -> None:
    import_id = imports.check(rows(5))
    imports.confirm(import_id)

    def write() -> None:
        with transaction(imports.engine, site_id=imports.site_id) as session:
            lock_site(session, imports.site_id)

    writer = threading.Thread(target=write)
    with transaction(imports.engine, site_id=imports.site_id) as session:
        applying_fresh.apply_fresh_slice(
            session, imports.keys, site_id=imports.site_id, import_id=import_id, number=1
        )
        writer.start()
        writer.join(0.3)
        assert writer.is_alive()
    writer.join(10)
    assert not writer.is_alive()


def test_of_two_imports_that_began_both_the_first_is_looked_up(imports: Imports) -> None:
    first, second = imports.check(rows(9)), imports.check(rows(9))
    imports.confirm(first)
    imports.fresh_slice(first, 1)
    imports.confirm(second)
    assert imports.one(
        "SELECT fresh_slices IS NULL FROM staged_import WHERE import_id = :i", i=second
    )
    imports.fresh_slice(first, 2)
    for number in range(1, 9):
        imports.slice(second, number)
    ledgers = [play(imports, first), imports.apply(second)]
    assert sum(ledger["new"] for ledger in ledgers) == 9
    assert all(sum(ledger.values()) == 9 for ledger in ledgers)
    assert imports.one("SELECT count(*) FROM fls_record") == 9


def test_a_slice_that_dies_leaves_nothing_and_is_applied_the_next_time(imports: Imports) -> None:
    import_id = imports.check(rows(9))
    imports.confirm(import_id)
    with (
        pytest.raises(RuntimeError, match="died"),
        transaction(imports.engine, site_id=imports.site_id) as session,
    ):
        applying_fresh.apply_fresh_slice(
            session, imports.keys, site_id=imports.site_id, import_id=import_id, number=2
        )
        raise RuntimeError("died before the commit")
    assert imports.one("SELECT count(*) FROM applied_slice") == 0
    assert play(imports, import_id) == NOTHING | {"new": 9}


def test_the_rows_that_are_left_wait_until_all_fresh_slices_are_there(imports: Imports) -> None:
    imports.store(make_row(0))
    import_id = imports.check([make_row(0, smoker="0"), *rows(5)[1:]])
    imports.confirm(import_id)
    imports.fresh_slice(import_id, 3)
    imports.slice(import_id, 1)
    assert imports.one("SELECT smoker FROM fls_record WHERE version = 1 LIMIT 1") != "0"
    assert imports.state(import_id) == "applying"
    assert play(imports, import_id) == NOTHING | {"new": 4, "changed": 1}


def test_what_is_left_is_cut_by_rows_not_by_their_numbers(imports: Imports) -> None:
    imports.store(*(make_row(n) for n in range(3)))
    other = rows(9)[3:]
    known = [make_row(n, smoker="0") for n in range(3)]
    import_id = imports.check([known[0], *other[:4], known[1], *other[4:], known[2]])
    imports.confirm(import_id)
    others = "SELECT other_rows FROM staged_import WHERE import_id = :i"
    assert imports.one(others, i=import_id) == [2, 7, 10]
    assert play(imports, import_id) == NOTHING | {"new": 6, "changed": 3}
    assert max(asked(imports, SLICE)) == 2


@pytest.mark.parametrize("unknown", ["last_row = NULL", "last_row = NULL, other_rows = NULL"])
def test_an_import_that_an_earlier_release_has_compared_is_applied_in_ranges(
    unknown: str, imports: Imports
) -> None:
    later = make_row(1, local_id="B", date_index_diagnosed="2024-09-01")
    import_id = uuid4()
    imports.announce(import_id, 2)
    imports.send(import_id, 0, rows(3))
    imports.send(import_id, 1, [*rows(5)[3:], later], first_row=40)
    imports.act(f"UPDATE staged_import SET {unknown}")
    imports.confirm(import_id)
    assert asked(imports, FRESH) == []
    assert play(imports, import_id) == NOTHING | {"new": 6}
    assert max(asked(imports, SLICE)) == 4  # two rows each; none between the batches
    assert imports.one("SELECT count(*) FROM patient") == 5


def test_an_import_that_was_being_applied_when_it_was_upgraded_goes_on_in_ranges(
    imports: Imports,
) -> None:
    later = make_row(1, local_id="B", date_index_diagnosed="2024-09-01")
    import_id = imports.check([*rows(5), later])
    imports.confirm(import_id)
    imports.fresh_slice(import_id, 1)
    imports.act("UPDATE staged_import SET last_row = NULL, compared_at = NULL")  # as 0017 does
    assert play(imports, import_id) == NOTHING | {"new": 6}
    assert imports.one("SELECT count(*) FROM patient") == 5


def test_what_the_comparison_rejected_leaves_staging(imports: Imports) -> None:
    import_id = uuid4()
    imports.announce(import_id, 2, mode="add_only")
    imports.send(import_id, 0, rows(3))
    imports.store(rows(3)[1])
    imports.send(import_id, 1, rows(6)[3:], first_row=5)
    imports.confirm(import_id)
    assert asked(imports, FRESH) == [1, 2]
    assert play(imports, import_id) == NOTHING | {"new": 5, "rejected": 1}
    assert imports.one("SELECT count(*) FROM own_staged_row") == 0
    assert imports.one("SELECT count(*) FROM staged_decision") == 0


def test_a_patient_who_opts_out_between_check_and_apply_is_held(
    imports: Imports, caller: Any
) -> None:
    import_id = imports.check(rows(5))
    imports.confirm(import_id)
    opted = {"nhs_number": rows(5)[1]["nhs_number"]}
    imports.act(
        "INSERT INTO opt_out (nhs_hash, site_id, recorded_by) VALUES (:h, :site, :by)",
        h=imports.keys.hashes.hash_all("nhs_number", [opted["nhs_number"]])[0],
        site=imports.site_id,
        by=UUID(int=1),
    )
    assert play(imports, import_id) == NOTHING | {"new": 4, "held": 1}
    held = imports.events("records.import_applied.v1")[-1]["held_rows"]
    assert [(row["row"], row["code"]) for row in held] == [(3, "opted_out")]


def test_the_ledger_tells_how_far_fresh_slices_are(imports: Imports, caller: Any) -> None:
    import_id = imports.check(rows(5))
    imports.confirm(import_id)
    imports.fresh_slice(import_id, 2)
    assert caller.get(f"/imports/{import_id}/ledger").json["rows_done"] == 2
