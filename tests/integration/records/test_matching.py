"""Which record a row is about, and when a person has to say so. Domain notes 5.2 and 5.2.1."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.shared.sealing import HashKeys
from tests.factories.records import CLEAR, Imports, make_row


def held(imports: Imports, *rows, **announced) -> list[tuple[int, str]]:
    """Row and reason of each held row; nothing of them is stored."""
    import_id = imports.check(rows, **announced)
    told = imports.events("records.import_compared.v1")[-1]
    before = imports.one("SELECT count(*) FROM fls_record")
    ledger = imports.apply(import_id)
    assert ledger["held"] == len(told["held_rows"])
    assert imports.one("SELECT count(*) FROM fls_record") == before + ledger["new"]
    return [(row["row"], row["code"]) for row in told["held_rows"]]


def test_without_local_id_the_number_and_the_day_name_the_record(imports: Imports) -> None:
    imports.store(make_row(1, local_id=None))
    assert imports.store(make_row(1, local_id=None, smoker="0"))["changed"] == 1


def test_a_local_id_that_is_not_known_is_given_to_the_record_of_number_and_day(imports) -> None:
    imports.store(make_row(1, local_id=None))
    assert imports.store(make_row(1))["changed"] == 1
    assert imports.store({"local_id": "LOC-0001", "smoker": "0"}, mode="update_only") == {
        "new": 0,
        "changed": 1,
        "same": 0,
        "held": 0,
        "rejected": 0,
    }


def test_through_the_local_id_the_day_can_be_corrected(imports: Imports) -> None:
    imports.store(make_row(1))
    assert imports.store(make_row(1, date_index_diagnosed="2024-02-20"))["changed"] == 1
    assert imports.one("SELECT count(*) FROM fls_record") == 1


def test_another_fracture_of_a_stored_patient_is_a_new_record_of_that_patient(imports) -> None:
    imports.store(make_row(1))
    later = make_row(1, local_id="OTHER", date_index_diagnosed="2024-05-05")
    assert imports.store(later)["new"] == 1
    assert imports.one("SELECT count(*) FROM patient") == 1
    assert imports.one("SELECT count(*) FROM patient_key") == 1


@pytest.mark.parametrize(
    ("day", "site_1", "expected"),
    [
        ("2024-01-17", "3", [(2, "possible_match")]),
        ("2024-01-03", "3", [(2, "possible_match")]),
        ("2024-01-18", "3", []),
        ("2024-01-02", "3", []),
        ("2024-01-17", "1", []),
    ],
)
def test_a_fracture_of_the_same_site_within_seven_days_may_be_the_same(
    imports: Imports, day, site_1, expected
) -> None:
    imports.store(make_row(1, local_id=None))
    row = make_row(1, local_id=None, date_index_diagnosed=day, site_1=site_1)
    assert held(imports, row) == expected


def test_another_number_under_a_known_local_id_is_a_change_of_identity(imports: Imports) -> None:
    imports.store(make_row(1))
    row = make_row(1, nhs_number="9990000085")
    assert held(imports, row) == [(2, "change_of_identity")]


def test_the_number_of_another_stored_patient_under_a_known_local_id_is_an_error(imports) -> None:
    imports.store(make_row(1), make_row(2))
    imports.deliveries = 1
    row = make_row(1, nhs_number=make_row(2)["nhs_number"])
    assert imports.store(row)["rejected"] == 1
    findings = imports.events("records.rows_staged.v1")[-1]["findings"]
    assert [(f["code"], f["field"]) for f in findings] == [("R07", "nhs_number")]


def test_local_id_and_number_with_day_that_name_two_records_are_held(imports: Imports) -> None:
    imports.store(
        make_row(1, local_id="A"),
        make_row(1, local_id="B", date_index_diagnosed="2024-06-01"),
    )
    row = make_row(1, local_id="A", date_index_diagnosed="2024-06-01")
    assert held(imports, row) == [(2, "two_records")]
    partial = {"local_id": "A", "date_index_diagnosed": "2024-06-01"}
    assert held(imports, partial, mode="update_only") == [(2, "two_records")]


def test_two_records_of_one_day_need_the_local_id(imports: Imports) -> None:
    imports.store(
        make_row(1, local_id="A"),
        make_row(1, local_id="B", date_index_diagnosed="2024-06-01"),
    )
    imports.act("UPDATE fls_record SET date_index_diagnosed = '2024-06-01'")
    row = make_row(1, local_id=None, date_index_diagnosed="2024-06-01")
    assert held(imports, row) == [(2, "several_records")]
    row = make_row(1, local_id="A", date_index_diagnosed="2024-06-01", smoker="0")
    assert held(imports, row) == []


def test_two_rows_about_one_record_are_both_held(imports: Imports) -> None:
    imports.store(make_row(1))
    by_local_id = {"local_id": "LOC-0001", "smoker": "0"}
    by_number = make_row(1, local_id=None, smoker="U")
    found = held(imports, by_local_id, by_number, make_row(2), mode="update_only")
    assert found == [(2, "same_record_twice"), (3, "same_record_twice")]


def test_two_new_rows_with_one_key_are_both_held(imports: Imports) -> None:
    rows = [
        make_row(1, local_id="A"),
        make_row(1, local_id="B"),
        make_row(2, local_id="C"),
        make_row(3, local_id="C"),
        make_row(4),
    ]
    assert [row for row, _ in held(imports, *rows)] == [2, 3, 4, 5]


def test_two_new_records_of_one_patient_in_one_file_share_the_patient(imports: Imports) -> None:
    rows = [
        make_row(1, local_id="A"),
        make_row(1, local_id="B", date_index_diagnosed="2024-01-12"),
        make_row(1, local_id="C", date_index_diagnosed="2024-09-12", postcode=None),
    ]
    assert imports.store(*rows)["new"] == 3
    assert imports.one("SELECT count(*) FROM patient") == 1
    assert imports.one("SELECT count(DISTINCT patient_id) FROM record_identity") == 1


@pytest.mark.parametrize("reason", ["NOT_UK", "UNTRACED"])
def test_patients_without_a_number_are_found_by_local_id_alone(imports: Imports, reason) -> None:
    rows = [make_row(1, nhs_number=reason), make_row(2, nhs_number=reason)]
    assert imports.store(*rows)["new"] == 2
    assert imports.one("SELECT count(*) FROM patient WHERE nhs_hash IS NULL") == 2
    assert imports.store(*rows)["same"] == 2
    assert imports.store(make_row(1, nhs_number=reason, smoker="0"))["changed"] == 1
    assert held(imports, make_row(1)) == [(2, "change_of_identity")]


def test_a_patient_without_number_and_local_id_is_refused(imports: Imports) -> None:
    imports.store(make_row(1))
    assert imports.store(make_row(2, nhs_number=None, local_id=None))["rejected"] == 1


def test_the_local_id_of_a_record_can_be_emptied(imports: Imports) -> None:
    imports.store(make_row(1))
    # The cell that says #CLEAR names no record, so number and day do.
    assert imports.store(make_row(1, local_id=CLEAR))["changed"] == 1
    assert imports.one("SELECT local_id_hash FROM record_identity") is None


def test_nothing_is_added_to_a_patient_whose_identifiers_were_erased(imports, superuser) -> None:
    imports.store(make_row(1))
    superuser.execute("DELETE FROM patient_key")
    assert held(imports, make_row(1, smoker="0")) == [(2, "identifiers_erased")]


def test_records_hashed_with_an_older_key_are_found(imports: Imports) -> None:
    imports.store(make_row(1), make_row(2, local_id=None))
    older = imports.keys
    imports.keys = replace(older, hashes=HashKeys({"h1": b"h" * 32, "h2": b"i" * 32}, "h2"))
    assert imports.store(make_row(1), make_row(2, local_id=None))["same"] == 2
    assert imports.store(make_row(1, postcode="B2 2BB"))["changed"] == 1
    later = make_row(2, local_id="NEW", date_index_diagnosed="2024-07-01")
    assert imports.store(later)["new"] == 1
    assert imports.one("SELECT count(*) FROM patient") == 2
