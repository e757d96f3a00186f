"""Applying in slices: what moved since the check, cancelling, dying half-way, two at once."""

from __future__ import annotations

import threading
from uuid import uuid4

import pytest

from services.records.actions import applying
from services.shared.db import transaction
from tests.factories.records import NHS_NUMBERS, Imports, make_row


@pytest.fixture
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slices of two rows; the first of one, because row 1 has the headings."""
    monkeypatch.setattr(applying, "SLICE_ROWS", 2)


def rows(count: int) -> list[dict]:
    """So many rows, each about a patient or a day of its own."""
    return [
        make_row(n, date_index_diagnosed=f"2024-{1 + n // len(NHS_NUMBERS):02d}-10")
        for n in range(count)
    ]


def test_a_record_that_moved_since_the_check_is_held(imports: Imports) -> None:
    imports.store(make_row(1), make_row(2))
    import_id = imports.check([make_row(1, smoker="0"), make_row(2, smoker="0")])
    imports.store(make_row(1, vision=None, height_cm="170.0"))
    assert imports.apply(import_id)["held"] == 1
    told = imports.events("records.import_applied.v1")[-1]
    assert (told["changed"], told["held"]) == (1, 1)
    assert [(r["row"], r["code"]) for r in told["held_rows"]] == [(2, "changed_since_check")]
    smokers = imports.all("SELECT smoker, height_cm::text FROM fls_record ORDER BY height_cm")
    assert smokers == [("0", "162.5"), ("1", "170.0")]


def test_a_record_that_moved_to_what_the_row_says_is_the_same(imports: Imports) -> None:
    imports.store(make_row(1))
    import_id = imports.check([make_row(1, smoker="0")])
    imports.store(make_row(1, smoker="0"))
    assert imports.apply(import_id)["same"] == 1


def test_two_imports_of_the_same_new_rows_store_them_once(imports: Imports) -> None:
    first, second = imports.check(rows(4)), imports.check([*rows(3), make_row(3, smoker="0")])
    assert imports.ledger(first)["new"] == imports.ledger(second)["new"] == 4
    assert imports.apply(first)["new"] == 4
    assert imports.apply(second) == {"new": 0, "changed": 0, "same": 3, "held": 1, "rejected": 0}
    told = imports.events("records.import_applied.v1")[-1]
    assert [(r["row"], r["code"]) for r in told["held_rows"]] == [(5, "stored_since_check")]
    assert imports.one("SELECT count(*) FROM fls_record") == 4
    assert imports.one("SELECT count(*) FROM patient") == 4


def test_two_imports_applied_at_once_store_nothing_twice(imports: Imports, small_slices) -> None:
    imports.deliveries = 1
    ids = [imports.check(rows(20)) for _ in range(3)]
    threads = [threading.Thread(target=imports.apply, args=(i,)) for i in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ledgers = [imports.ledger(i) for i in ids]
    assert sum(ledger["new"] for ledger in ledgers) == 20
    assert all(sum(ledger.values()) == 20 for ledger in ledgers)
    assert sum(ledger["same"] for ledger in ledgers) == 40
    assert imports.one("SELECT count(*) FROM fls_record") == 20


def test_a_patient_stored_since_the_check_keeps_the_key(imports: Imports, caller) -> None:
    late = make_row(1, local_id="LATE", date_index_diagnosed="2024-08-01", postcode="B2 2BB")
    import_id = imports.check([late])
    imports.store(make_row(1))
    assert imports.apply(import_id)["new"] == 1
    assert imports.one("SELECT count(*) FROM patient") == 1
    assert imports.one("SELECT count(*) FROM patient_key") == 1
    found = imports.one(
        "SELECT record_id FROM fls_record WHERE date_index_diagnosed > '2024-07-01'"
    )
    values = caller.get(f"/records/{found}").json["values"]
    assert {key: values[key] for key in late} == late


def test_rows_of_one_patient_in_one_slice_share_a_key(imports: Imports, caller) -> None:
    days = ["2024-01-10", "2024-03-10", "2024-05-10"]
    wanted = [make_row(1, local_id=d, date_index_diagnosed=d, postcode="C3 3CC") for d in days]
    assert imports.store(*wanted)["new"] == 3
    for (record_id,) in imports.all("SELECT record_id FROM fls_record"):
        values = caller.get(f"/records/{record_id}").json["values"]
        assert values["local_id"] == values["date_index_diagnosed"]
        assert values["postcode"] == "C3 3CC"


def test_rows_of_one_patient_in_many_slices_share_a_key(
    imports: Imports, caller, small_slices
) -> None:
    days = [f"2024-{month:02d}-10" for month in range(1, 10, 2)]
    wanted = [make_row(1, local_id=d, date_index_diagnosed=d, postcode="C3 3CC") for d in days]
    import_id = imports.check([make_row(2), *wanted, make_row(3)])
    assert imports.one("SELECT other_rows FROM staged_import") == [4, 5, 6, 7]
    assert imports.apply(import_id)["new"] == 7
    assert imports.one("SELECT count(*) FROM patient") == 3
    for (record_id,) in imports.all("SELECT record_id FROM fls_record WHERE site_1 IS NOT NULL"):
        values = caller.get(f"/records/{record_id}").json["values"]
        assert values["postcode"] in ("C3 3CC", make_row(1)["postcode"])


@pytest.mark.parametrize("meanwhile", [False, True])
def test_slices_go_on_from_the_comparison_until_somebody_changes_a_record(
    imports: Imports, small_slices, meanwhile
) -> None:
    imports.store(make_row(0))
    import_id = imports.check([make_row(0, smoker="0"), *rows(5)[1:]])
    imports.confirm(import_id)
    imports.slice(import_id, 1)
    if meanwhile:
        imports.store(make_row(1))
    imports.slice(import_id, 2)
    as_compared = imports.one(
        "SELECT compared_at IS NOT NULL FROM staged_import WHERE import_id = :id", id=import_id
    )
    assert as_compared is not meanwhile
    assert imports.apply(import_id) == {
        "new": 4 - meanwhile,
        "changed": 1,
        "same": meanwhile,
        "held": 0,
        "rejected": 0,
    }
    assert imports.one("SELECT count(*) FROM fls_record") == 5


def test_a_row_that_became_the_same_before_the_comparison_is_not_new(imports: Imports) -> None:
    import_id = uuid4()
    imports.announce(import_id, 2)
    imports.send(import_id, 0, [make_row(1)])
    imports.store(make_row(1))
    imports.send(import_id, 1, [make_row(2)], first_row=3)
    assert imports.apply(import_id) == {"new": 1, "changed": 0, "same": 1, "held": 0, "rejected": 0}
    assert imports.one("SELECT count(*) FROM fls_record") == 2


def test_a_patient_stored_between_check_and_comparison_keeps_the_key(
    imports: Imports, caller
) -> None:
    import_id = uuid4()
    late = make_row(1, local_id="LATE", date_index_diagnosed="2024-08-01", postcode="B2 2BB")
    imports.announce(import_id, 2)
    imports.send(import_id, 0, [late])
    imports.store(make_row(1))
    imports.send(import_id, 1, [make_row(2)], first_row=3)
    assert imports.apply(import_id)["new"] == 2
    assert imports.one("SELECT count(*) FROM patient") == 2
    found = imports.one(
        "SELECT record_id FROM fls_record WHERE date_index_diagnosed > '2024-07-01'"
    )
    values = caller.get(f"/records/{found}").json["values"]
    assert {key: values[key] for key in late} == late


def test_a_held_first_row_does_not_stop_the_second_of_its_patient(imports: Imports) -> None:
    first = make_row(1, local_id="A")
    second = make_row(1, local_id="B", date_index_diagnosed="2024-09-01")
    import_id = imports.check([first, second])
    # Meanwhile someone else's record takes the first row's local identifier.
    imports.store(make_row(5, local_id="A"))
    ledger = imports.apply(import_id)
    assert (ledger["new"], ledger["held"]) == (1, 1)
    assert imports.one("SELECT count(*) FROM patient") == 2


def test_slices_tell_how_far_they_are_and_ask_for_the_next(imports: Imports, small_slices) -> None:
    import_id = imports.check(rows(5))
    imports.apply(import_id)
    advanced = imports.events("records.apply_advanced.v1")
    assert [(e["rows_done"], e["rows_total"]) for e in advanced] == [(1, 5), (3, 5), (5, 5)]
    wanted = imports.events("records.slice_wanted.v1")
    assert [e["number"] for e in wanted] == [1, 2, 3]
    assert len(imports.events("records.import_applied.v1")) == 1


def test_a_slice_that_dies_is_applied_whole_the_next_time(imports: Imports, small_slices) -> None:
    import_id = imports.check(rows(5))
    imports.confirm(import_id)
    imports.slice(import_id, 1)
    with (
        pytest.raises(RuntimeError, match="died"),
        transaction(imports.engine, site_id=imports.site_id) as session,
    ):
        applying.apply_slice(
            session, imports.keys, site_id=imports.site_id, import_id=import_id, number=2
        )
        raise RuntimeError("died before the commit")
    assert imports.one("SELECT count(*) FROM fls_record") == 1
    assert len(imports.events("records.slice_wanted.v1")) == 2
    for number in (2, 3, 1, 4):
        imports.slice(import_id, number)
    assert imports.ledger(import_id)["new"] == 5
    assert imports.one("SELECT count(*) FROM fls_record") == 5


def test_confirming_before_the_comparison_applies_as_soon_as_it_is_done(imports: Imports) -> None:
    import_id = uuid4()
    imports.confirm(import_id)
    imports.send(import_id, 0, rows(2))
    imports.announce(import_id, 1, confirm="automatic")
    assert imports.state(import_id) == "applying"
    assert imports.apply(import_id)["new"] == 2


def test_nothing_is_applied_before_someone_asks(imports: Imports) -> None:
    import_id = imports.check(rows(2), confirm="automatic")
    assert imports.state(import_id) == "compared"
    assert imports.events("records.slice_wanted.v1") == []


@pytest.mark.parametrize("after", ["nothing", "a batch", "the comparison"])
def test_a_cancelled_import_leaves_a_tombstone_and_drops_late_batches(
    imports: Imports, after
) -> None:
    import_id = uuid4()
    if after != "nothing":
        imports.announce(import_id, 2 if after == "a batch" else 1)
        imports.send(import_id, 0, rows(2))
    imports.cancel(import_id)
    imports.send(import_id, 1, rows(2))
    imports.announce(import_id, 2)
    imports.confirm(import_id)
    imports.slice(import_id, 1)
    assert imports.state(import_id) == "cancelled"
    for table in ("own_staged_row", "staged_batch", "staged_decision", "fls_record"):
        assert imports.one(f"SELECT count(*) FROM {table}") == 0


def test_a_batch_waiting_for_its_import_is_dropped_with_it(imports: Imports) -> None:
    import_id = uuid4()
    imports.send(import_id, 0, rows(2))
    imports.cancel(import_id)
    imports.announce(import_id, 1)
    assert imports.one("SELECT count(*) FROM staged_batch") == 0


def test_cancelling_comes_too_late_once_applying_has_begun(imports: Imports, small_slices) -> None:
    import_id = imports.check(rows(3))
    imports.confirm(import_id)
    imports.slice(import_id, 1)
    imports.cancel(import_id)
    assert imports.state(import_id) == "applying"
    assert imports.apply(import_id)["new"] == 3
    imports.cancel(import_id)
    assert imports.state(import_id) == "applied"


def test_a_batch_staged_while_its_import_is_cancelled_is_taken_back(imports: Imports) -> None:
    imports.deliveries = 1
    import_id = uuid4()
    imports.announce(import_id, 2)
    body = imports.sealed(import_id, 0, rows(2))
    from services.records.actions import staging

    with transaction(imports.engine, site_id=imports.site_id) as session:
        batch = staging._opened(imports.keys, import_id, body)
        staged = staging.queries.find_import(session, import_id)
        assert staging._stage(session, imports.keys, staged, batch)
        # Another process cancels between this batch's COPY and its lock.
        canceller = threading.Thread(target=imports.cancel, args=(import_id,))
        canceller.start()
        canceller.join(5)
        assert not canceller.is_alive()
        staging._finish_batch(session, staged, batch)
    assert imports.state(import_id) == "cancelled"
    assert imports.one("SELECT count(*) FROM own_staged_row") == 0


def test_an_import_of_another_site_cannot_be_touched(imports: Imports, other_site) -> None:
    import_id = imports.check(rows(2))
    from services.shared.errors import InvalidInput

    with pytest.raises(InvalidInput):
        other_site.cancel(import_id)
    with pytest.raises(InvalidInput):
        other_site.confirm(import_id)
    assert imports.state(import_id) == "compared"
