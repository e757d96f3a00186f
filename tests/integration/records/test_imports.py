"""An import from its batches to its ledger. Every event is delivered twice (see the factory)."""

from __future__ import annotations

from itertools import permutations
from uuid import uuid4

import pytest

from tests.factories.records import CLEAR, Imports, make_row

ALL_NEW = {"new": 6, "changed": 0, "same": 0, "held": 0, "rejected": 0}


@pytest.mark.parametrize("order", list(permutations(("announce", "first", "second"))))
def test_batches_and_announcement_may_come_in_any_order(imports: Imports, order) -> None:
    import_id = uuid4()
    steps = {
        "announce": lambda: imports.announce(import_id, 2),
        "first": lambda: imports.send(import_id, 0, [make_row(n) for n in range(3)]),
        "second": lambda: imports.send(import_id, 1, [make_row(n) for n in range(3, 6)]),
    }
    for step in order:
        assert imports.state(import_id) == "staging" if step != order[0] else True
        steps[step]()
    assert imports.state(import_id) == "compared"
    assert imports.ledger(import_id) == ALL_NEW
    assert len(imports.events("records.import_compared.v1")) == 1
    assert imports.one("SELECT count(*) FROM fls_record") == 0
    assert imports.apply(import_id) == ALL_NEW
    assert imports.one("SELECT count(*) FROM fls_record") == 6


def test_each_batch_is_answered_with_what_was_staged(imports: Imports) -> None:
    imports.deliveries = 1
    import_id = uuid4()
    imports.announce(import_id, 2)
    imports.send(import_id, 0, [make_row(1), make_row(2)])
    imports.send(import_id, 1, [])
    answers = imports.events("records.rows_staged.v1")
    assert [(a["number"], a["staged"], a["rejected"]) for a in answers] == [(0, 2, 0), (1, 0, 0)]
    assert imports.state(import_id) == "compared"


def test_a_batch_asked_for_again_is_answered_again_and_stored_once(imports: Imports) -> None:
    import_id = uuid4()
    imports.announce(import_id, 2)
    imports.send(import_id, 0, [make_row(1)])
    imports.send(import_id, 0, [make_row(1)])
    assert [a["staged"] for a in imports.events("records.rows_staged.v1")] == [1, 1, 1, 1]
    assert imports.one("SELECT count(*) FROM own_staged_row") == 1


def test_an_import_without_rows_is_compared_and_applied(imports: Imports) -> None:
    import_id = uuid4()
    imports.announce(import_id, 0)
    assert imports.state(import_id) == "compared"
    imports.confirm(import_id)
    assert imports.state(import_id) == "applied"
    assert sum(imports.ledger(import_id).values()) == 0


def test_the_same_rows_again_are_all_the_same_and_remembered(imports: Imports) -> None:
    rows = [make_row(n) for n in range(5)]
    imports.store(*rows)
    versions = imports.all("SELECT record_id, version, updated_at FROM fls_record ORDER BY 1")
    again = imports.check(rows)
    assert imports.apply(again) == {"new": 0, "changed": 0, "same": 5, "held": 0, "rejected": 0}
    assert imports.all("SELECT record_id, version, updated_at FROM fls_record ORDER BY 1") == (
        versions
    )
    effects = imports.all(
        "SELECT outcome, version_before, version_after FROM import_effect WHERE import_id = :i",
        i=again,
    )
    assert effects == [("same", 1, 1)] * 5
    assert imports.one("SELECT count(*) FROM record_change") == 5


def test_exactly_what_changed_is_changed_and_remembered(imports: Imports) -> None:
    imports.store(make_row(1), make_row(2))
    changed = make_row(1, smoker="0", height_cm="163.0", therapy_recommended=["4", "7"])
    import_id = imports.check([changed, make_row(2)])
    assert imports.apply(import_id) == {
        "new": 0,
        "changed": 1,
        "same": 1,
        "held": 0,
        "rejected": 0,
    }
    history = imports.one("SELECT changes FROM record_change WHERE kind = 'updated'")
    assert history == {
        "smoker": ["1", "0"],
        "height_cm": ["162.5", "163.0"],
        "therapy_recommended": [["1"], ["4", "7"]],
    }
    stored = imports.all(
        "SELECT smoker, height_cm::text, therapy_recommended FROM fls_record WHERE version = 2"
    )
    assert stored == [("0", "163.0", ["4", "7"])]


def test_a_blank_cell_leaves_what_is_stored(imports: Imports) -> None:
    imports.store(make_row(1))
    assert imports.store(make_row(1, smoker=None, height_cm=None, postcode=None))["same"] == 1
    assert imports.one("SELECT smoker FROM fls_record") == "1"


def test_a_cleared_cell_empties_the_field(imports: Imports) -> None:
    imports.store(make_row(1))
    row = make_row(1, smoker=CLEAR, postcode=CLEAR, therapy_recommended=CLEAR)
    assert imports.store(row)["changed"] == 1
    stored = imports.all(
        "SELECT smoker, therapy_recommended, outward_postcode, postcode_hash, postcode_sealed "
        "FROM fls_record JOIN record_identity USING (record_id)"
    )
    assert stored == [(None, None, None, None, None)]
    changes = imports.one("SELECT changes FROM record_change WHERE kind = 'updated'")
    assert changes["smoker"] == ["1", None]
    assert changes["postcode"][0] is not None and changes["postcode"][1] is None
    assert imports.store(row)["same"] == 1


def test_a_key_field_cannot_be_cleared(imports: Imports) -> None:
    imports.store(make_row(1))
    imports.deliveries = 1
    assert imports.store(make_row(1, site_1=CLEAR))["rejected"] == 1
    findings = imports.events("records.rows_staged.v1")[-1]["findings"]
    assert [(f["row"], f["code"], f["field"]) for f in findings] == [(2, "R01", "site_1")]


def test_dont_know_never_takes_the_place_of_an_answer(imports: Imports) -> None:
    imports.store(make_row(1))
    unknown = make_row(1, smoker="U", therapy_recommended=["U"])
    assert imports.store(unknown)["same"] == 1
    assert imports.store(make_row(1, vision=None, falls_assessed="U"))["changed"] == 1
    assert imports.store(unknown, overwrite_unknown=True)["changed"] == 1
    stored = imports.all("SELECT smoker, therapy_recommended, falls_assessed FROM fls_record")
    assert stored == [("U", ["U"], "U")]


def test_a_row_that_breaks_a_rule_only_once_merged_is_rejected(imports: Imports) -> None:
    imports.store(make_row(1, site_2="1"))
    imports.deliveries = 1
    import_id = uuid4()
    imports.announce(import_id, 1, mode="update_only")
    partial = {"local_id": "LOC-0001", "date_of_birth": "1990-01-01"}
    imports.send(import_id, 0, [partial, {"local_id": "LOC-0001"}], first_row=7)
    answer = imports.events("records.rows_staged.v1")[-1]
    assert (answer["staged"], answer["rejected"]) == (1, 1)
    assert [(f["row"], f["code"], f["level"]) for f in answer["findings"]] == [(7, "V02", "error")]
    assert imports.ledger(import_id)["rejected"] == 1
    assert imports.one("SELECT count(*) FROM own_staged_row") == 1


def test_a_warning_of_the_merged_record_makes_it_one_to_confirm(imports: Imports) -> None:
    imports.store(make_row(1))
    assert imports.one("SELECT state FROM fls_record") == "valid"
    imports.store(make_row(1, site_2="3"))
    assert imports.all("SELECT state, has_warnings FROM fls_record") == [("to_confirm", True)]


def test_a_warning_found_by_imports_makes_a_new_record_one_to_confirm(imports: Imports) -> None:
    import_id = uuid4()
    imports.announce(import_id, 1)
    imports.send(import_id, 0, [make_row(1), make_row(2, site_2="3")], first_row=2, warned=[3])
    imports.apply(import_id)
    assert imports.all("SELECT state FROM fls_record ORDER BY state") == [
        ("to_confirm",),
        ("valid",),
    ]


def test_a_repaired_cell_is_a_warning_that_leaves_nothing_to_confirm(imports: Imports) -> None:
    import_id = uuid4()
    imports.announce(import_id, 1)
    imports.send(import_id, 0, [make_row(1)], first_row=2, warned=[2])
    imports.apply(import_id)
    assert imports.all("SELECT state, has_warnings FROM fls_record") == [("valid", True)]


@pytest.mark.parametrize(
    ("mode", "ledger", "passed_over"),
    [
        ("add_and_update", {"new": 1, "changed": 1, "rejected": 0}, {"M01": 0, "M02": 0}),
        ("add_only", {"new": 1, "changed": 0, "rejected": 1}, {"M01": 1, "M02": 0}),
        ("update_only", {"new": 0, "changed": 1, "rejected": 1}, {"M01": 0, "M02": 1}),
    ],
)
def test_the_mode_leaves_rows_out(imports: Imports, mode, ledger, passed_over) -> None:
    imports.store(make_row(1))
    import_id = imports.check([make_row(1, smoker="0"), make_row(2)], mode=mode)
    told = imports.events("records.import_compared.v1")[-1]
    assert told["passed_over"] == passed_over
    assert {key: told[key] for key in ledger} == ledger
    assert {key: imports.apply(import_id)[key] for key in ledger} == ledger


def test_what_follows_from_the_answers_is_kept_up(imports: Imports) -> None:
    derived = "SELECT age_at_diagnosis, age_band, outward_postcode, dataset_version FROM fls_record"
    imports.store(make_row(1))
    assert imports.all(derived) == [(73, "65-74", "EX50", "v4")]
    # Each change leaves the other parts blank: they come from the stored record.
    imports.store({"local_id": "LOC-0001", "date_of_birth": "1930-01-10"}, mode="update_only")
    assert imports.all(derived) == [(94, "85+", "EX50", "v4")]
    imports.store(
        {"local_id": "LOC-0001", "date_index_diagnosed": "2023-12-31", "postcode": "B2 2BB"},
        mode="update_only",
    )
    assert imports.all(derived) == [(93, "85+", "B2", "v3")]


def test_two_sites_with_the_same_patients_do_not_meet(imports: Imports, other_site) -> None:
    rows = [make_row(n) for n in range(4)]
    assert imports.store(*rows)["new"] == 4
    assert other_site.store(*rows)["new"] == 4
    assert imports.one("SELECT count(*) FROM fls_record") == 4
    assert other_site.one("SELECT count(*) FROM patient") == 4


def test_staging_is_empty_when_an_import_has_ended(imports: Imports) -> None:
    imports.store(make_row(1))
    imports.store(make_row(1, smoker="0"), make_row(2), make_row(3, date_index_diagnosed=None))
    for table in ("own_staged_row", "staged_batch", "staged_decision"):
        assert imports.one(f"SELECT count(*) FROM {table}") == 0
    assert imports.one("SELECT count(*) FROM staged_import") == 2


def test_the_latest_state_of_a_site_wins(imports: Imports) -> None:
    imports.site_changed(version=3, name="Newest")
    imports.site_changed(version=2, name="Late")
    assert imports.all("SELECT name, version FROM site") == [("Newest", 3)]
