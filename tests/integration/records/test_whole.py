"""One statement about a record says what single queries say; its answer, what the schema says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from sqlalchemy.orm import Session

from services.records import schemas
from services.records.actions.answering import record_answer
from services.records.actions.neighbours import findings_beside, findings_beside_stored, period_of
from services.records.actions.opening import open_sealed, open_stored
from services.records.actions.pairing import note_pairs
from services.records.keys import Keys
from services.records.queries.history import list_steps
from services.records.queries.pairs import list_pairs_of
from services.records.queries.whole import WholeRecord, load_whole
from services.records.today import today_in_london
from services.shared.db import transaction
from services.shared.web import json_answer
from tests.factories.records import NHS_NUMBERS, Imports, make_row
from tests.integration.records.conftest import Caller

TODAY = today_in_london()
ACCOUNT = uuid4()


def whole_of(session: Session, imports: Imports, record_id: UUID) -> WholeRecord:
    found = load_whole(
        session, site_id=imports.site_id, record_id=record_id, account_id=ACCOUNT, today=TODAY
    )
    assert found is not None
    return found


@pytest.fixture
def near(imports: Imports, other_site: Imports) -> list[UUID]:
    """Records that have everything beside them: pairs of each kind, the other site, a history."""
    patient = {"nhs_number": NHS_NUMBERS[1], "site_1": "1"}
    days = ("2024-01-10", "2024-01-25", "2024-08-01")
    for number, day in enumerate(days):
        row = make_row(number, date_index_diagnosed=day, **patient)
        imports.store(row)
        imports.store({**row, "smoker": "0", "postcode": "B2 2BB"})
    imports.store(make_row(8, nhs_number="NOT_UK"))
    other_site.store(make_row(1, date_index_diagnosed="2024-01-12", nhs_number=NHS_NUMBERS[1]))
    ids = [row[0] for row in imports.all("SELECT record_id FROM fls_record ORDER BY created_at")]
    with transaction(imports.engine, site_id=imports.site_id) as session:
        note_pairs(session, site_id=imports.site_id, record_ids=ids)
    add_period(imports, superuser_of=imports)
    return ids


def add_period(imports: Imports, superuser_of: Imports) -> None:
    superuser_of.act(
        "INSERT INTO audit_period (year, entry_deadline, locks_on, version, updated_by) "
        "VALUES (2024, '2025-03-31', '2025-05-01', 1, gen_random_uuid())"
    )
    imports.act(
        "INSERT INTO period_extension (extension_id, site_id, year, until_on, reason_code, reason,"
        " granted_by) VALUES (gen_random_uuid(), :site, 2024, '2025-08-01', 'other', 'x', :site)",
        site=imports.site_id,
    )


@pytest.fixture
def session(imports: Imports) -> Iterator[Session]:
    with transaction(imports.engine, site_id=imports.site_id) as opened:
        yield opened


def test_one_statement_says_what_the_single_queries_say(
    near: list[UUID], imports: Imports, session: Session, keys: Keys
) -> None:
    said = set()
    for record_id in near:
        whole = whole_of(session, imports, record_id)
        stored = open_stored(session, keys, record_id)
        assert stored is not None
        assert open_sealed(keys, whole.head, whole.stored, whole.entry) == stored
        assert whole.steps == list_steps(session, record_id)
        assert whole.pairs == list_pairs_of(session, record_id=record_id)
        at: dict[str, Any] = {"site_id": imports.site_id, "record_id": record_id, "today": TODAY}
        beside = findings_beside(session, keys, said=stored.values, **at)
        assert findings_beside_stored(whole) == beside
        period = period_of(session, day=stored.values["date_index_diagnosed"], **at)
        assert whole.period is not None and period is not None
        assert {name: getattr(whole.period, name) for name in period} == period
        said |= {finding.name for finding in beside}
    # What the fixture was made for was there.
    assert {"near", "elsewhere"} <= said


def test_opted_out_patients_are_told_of(near, imports, session: Session, keys: Keys) -> None:
    whole = whole_of(session, imports, near[0])
    assert not whole.has_opted_out
    imports.act(
        "INSERT INTO opt_out (nhs_hash, site_id, recorded_by) "
        "SELECT nhs_hash, site_id, patient_id FROM patient WHERE nhs_hash IS NOT NULL"
    )
    assert whole_of(session, imports, near[0]).has_opted_out
    assert not whole_of(session, imports, near[-1]).has_opted_out


def test_two_right_records_and_one_day_twice(imports: Imports, session, keys: Keys) -> None:
    for number in (1, 2):
        imports.store(make_row(number, nhs_number="NOT_UK"))
    first, second = (r[0] for r in imports.all("SELECT record_id FROM fls_record ORDER BY 1"))
    imports.act(
        "INSERT INTO patient (patient_id, site_id, nhs_hash, nhs_sealed) "
        "SELECT gen_random_uuid(), :site, 'hash', 'x'",
        site=imports.site_id,
    )
    imports.act(
        "UPDATE fls_record SET patient_id = "
        "(SELECT patient_id FROM patient WHERE nhs_hash IS NOT NULL)"
    )
    with transaction(imports.engine, site_id=imports.site_id) as own:
        note_pairs(own, site_id=imports.site_id, record_ids=[first, second])
    earlier = [n.is_earlier for i in (first, second) for n in whole_of(session, imports, i).nearby]
    assert sorted(earlier) == [False, True]
    imports.act("UPDATE duplicate_pair SET decision = 'both_right', decided_at = now()")
    assert all(n.decided for i in (first, second) for n in whole_of(session, imports, i).nearby)


def test_of_another_site_nothing_is_read(near, other_site: Imports) -> None:
    with transaction(other_site.engine, site_id=other_site.site_id) as session:
        found = load_whole(
            session,
            site_id=other_site.site_id,
            record_id=near[0],
            account_id=ACCOUNT,
            today=TODAY,
        )
    assert found is None


def test_the_answer_is_what_its_schema_would_write(
    near: list[UUID], imports: Imports, caller: Caller, session: Session, keys: Keys
) -> None:
    for record_id in near:
        answer = record_answer(
            session,
            keys,
            site_id=imports.site_id,
            record_id=record_id,
            account_id=caller.account_id,
            today=TODAY,
        )
        written = orjson.loads(json_answer(answer).get_data())
        assert written == orjson.loads(orjson.dumps(schemas.RecordAnswer().dump(answer)))
        assert written.keys() == schemas.RecordAnswer().fields.keys()
        assert caller.get(f"/records/{record_id}").json == written


def test_the_questions_across_sites_are_for_the_service_alone(superuser) -> None:
    for role in ("records_reader", "records_maintenance", "public"):
        for function in ("is_recorded_elsewhere(bytea, date)", "has_opted_out(bytea)"):
            question = "SELECT has_function_privilege(%s, %s, 'EXECUTE')"
            assert superuser.execute(question, (role, function)).fetchone() == (False,)
