"""What every door asks before it writes: locked periods and opt-outs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID, uuid4

import pytest

from services.records.actions import guarding, pairing
from services.shared.db import transaction
from services.shared.errors import Conflict
from services.shared.sealing import HashKeys
from tests.factories.records import NHS_NUMBERS, Imports, make_row

LOCKED_ON = date(2025, 5, 1)
DAY = date(2024, 1, 10)


@pytest.fixture(autouse=True)
def period(imports: Imports, person) -> None:
    """The year 2024: to the end of March 2025, in grace through April, then locked."""
    imports.act(
        "INSERT INTO audit_period (year, entry_deadline, locks_on, version, updated_by) "
        "VALUES (2024, '2025-03-31', '2025-05-01', 1, :by)",
        by=person,
    )


def refused(
    imports: Imports, *days: date, today: date = LOCKED_ON, record_id: UUID | None = None
) -> bool:
    with transaction(imports.engine, site_id=imports.site_id) as session:
        try:
            guarding.refuse_locked(
                session, site_id=imports.site_id, record_id=record_id, days=days, today=today
            )
        except Conflict as error:
            assert error.code == "period_locked"
            assert "2024" in error.detail and "1 May 2025" in error.detail
            assert error.extra == {"year": 2024, "locked_since": "2025-05-01"}
            return True
    return False


def unlock(imports: Imports, until: str, *, record_id=None, state="granted", year=2024) -> None:
    imports.act(
        "INSERT INTO unlock_request (request_id, site_id, record_id, year, reason, asked_by, "
        "state, decided_by, decided_at, until_on) VALUES (gen_random_uuid(), :site, :record, "
        ":year, 'why', :by, :state, :by, now(), :until)",
        site=imports.site_id,
        record=record_id,
        year=year,
        by=uuid4(),
        state=state,
        until=date.fromisoformat(until) if state == "granted" else None,
    )


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2025, 3, 31), False),
        (date(2025, 4, 30), False),
        (date(2025, 5, 1), True),
        (date(2030, 1, 1), True),
    ],
)
def test_a_year_is_refused_from_the_day_it_locks(imports: Imports, today, expected) -> None:
    assert refused(imports, DAY, today=today) is expected


def test_every_day_that_is_touched_counts(imports: Imports) -> None:
    other = date(2025, 2, 1)
    assert not refused(imports, other)
    assert refused(imports, other, DAY)
    assert refused(imports, DAY, other)
    assert not refused(imports)


def test_an_extension_moves_the_day_for_its_site_alone(imports: Imports, other_site) -> None:
    imports.act(
        "INSERT INTO period_extension (extension_id, site_id, year, until_on, reason_code, reason, "
        "granted_by) VALUES (gen_random_uuid(), :site, 2024, '2025-05-31', 'staffing', 'x', :site)",
        site=imports.site_id,
    )
    assert not refused(imports, DAY, today=date(2025, 5, 31))
    assert refused(other_site, DAY, today=date(2025, 5, 31))


def test_an_unlocked_year_is_open_to_its_last_day(imports: Imports, other_site) -> None:
    unlock(imports, "2025-07-31")
    assert not refused(imports, DAY, today=date(2025, 7, 31))
    assert not refused(imports, DAY, today=date(2025, 7, 31), record_id=uuid4())
    assert refused(imports, DAY, today=date(2025, 8, 1))
    assert refused(other_site, DAY, today=date(2025, 7, 31))


def test_an_unlocked_record_opens_no_other(imports: Imports) -> None:
    record_id = uuid4()
    unlock(imports, "2025-07-31", record_id=record_id)
    assert not refused(imports, DAY, record_id=record_id)
    assert refused(imports, DAY, record_id=uuid4())
    assert refused(imports, DAY)


@pytest.mark.parametrize("state", ["refused"])
def test_a_refused_request_opens_nothing(imports: Imports, state) -> None:
    unlock(imports, "2025-07-31", state=state)
    assert refused(imports, DAY)


def test_a_record_cannot_be_brought_into_a_locked_year(imports: Imports) -> None:
    imports.act("UPDATE audit_period SET locks_on = '2099-01-01'")
    imports.store(make_row(1))
    imports.act("UPDATE audit_period SET locks_on = '2025-05-01'")
    record_id = imports.one("SELECT record_id FROM fls_record")
    with transaction(imports.engine, site_id=imports.site_id) as session:

        def codes(day: date, record: UUID | None) -> list[str]:
            found = pairing.store_findings(
                session,
                imports.keys,
                site_id=imports.site_id,
                record_id=record,
                nhs_number=None,
                diagnosed_on=day,
                today=LOCKED_ON,
            )
            return [finding.code for finding in found]

        assert codes(DAY, None) == codes(DAY, uuid4()) == ["R05"]
        assert codes(date(2025, 2, 1), None) == []
        # Where it is already it may be read without being told off.
        assert codes(DAY, record_id) == []


# --- opt-outs ------------------------------------------------------------------------------------


def opt_out(imports: Imports, number: str, keys=None) -> None:
    imports.act(
        "INSERT INTO opt_out (nhs_hash, site_id, recorded_by) VALUES (:hash, :site, :site)",
        hash=(keys or imports.keys).hashes.hash("nhs_number", number),
        site=imports.site_id,
    )


def is_refused(imports: Imports, number: str | None) -> bool:
    with transaction(imports.engine, site_id=imports.site_id) as session:
        try:
            guarding.refuse_opted_out(session, imports.keys, number)
        except Conflict as error:
            assert error.code == "opted_out"
            assert number is not None and number not in error.detail
            return True
    return False


def test_an_opt_out_holds_at_every_site(imports: Imports, other_site) -> None:
    opt_out(imports, NHS_NUMBERS[1])
    for site in (imports, other_site):
        assert is_refused(site, NHS_NUMBERS[1])
        assert not is_refused(site, NHS_NUMBERS[2])
        for nobody in (None, "NOT_UK", "UNTRACED", "ERASED"):
            assert not is_refused(site, nobody)


def test_an_opt_out_hashed_with_an_older_key_holds(imports: Imports) -> None:
    opt_out(imports, NHS_NUMBERS[1])
    imports.keys = replace(imports.keys, hashes=HashKeys({"h1": b"h" * 32, "h2": b"i" * 32}, "h2"))
    assert is_refused(imports, NHS_NUMBERS[1])


def test_who_opts_a_patient_out_waits_for_those_who_are_storing(imports: Imports) -> None:
    with transaction(imports.engine, site_id=imports.site_id) as session:
        guarding.refuse_opted_out(session, imports.keys, NHS_NUMBERS[1])
        with (
            pytest.raises(Exception, match="lock timeout"),
            transaction(imports.engine, site_id=imports.site_id) as other,
        ):
            other.execute(guarding.text("SET LOCAL lock_timeout = '100ms'"))
            guarding.hold_opt_outs(other)
