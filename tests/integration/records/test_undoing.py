"""Undoing an import: what it made goes, what it changed is as before, what was touched stays."""

from __future__ import annotations

import random
from typing import Any
from uuid import UUID

import pytest

from services.records.actions import undoing
from tests.factories.records import CLEAR, Imports, make_row
from tests.integration.records.conftest import Caller

DELETED = ("state", "deleted_reason", "local_id_hash")
Snapshot = dict[UUID, dict[str, Any]]


def snapshot(imports: Imports) -> Snapshot:
    """All that the site's records are, but for version and time of change."""
    rows = imports.all(
        "SELECT r.record_id, to_jsonb(r) - 'version' - 'updated_at' || to_jsonb(i) "
        "FROM fls_record r JOIN record_identity i ON i.record_id = r.record_id"
    )
    # Of a deleted one nothing counts but why it is.
    return {
        row[0]: {key: row[1][key] for key in DELETED} if row[1]["state"] == "deleted" else row[1]
        for row in rows
    }


def standing(imports: Imports) -> Snapshot:
    return {key: row for key, row in snapshot(imports).items() if row["state"] != "deleted"}


def applied(imports: Imports, *rows: dict[str, Any], **announced: Any) -> UUID:
    import_id = imports.check(rows, **announced)
    imports.apply(import_id)
    return import_id


def test_new_records_go_and_can_be_made_again(imports: Imports) -> None:
    imports.store(make_row(2))
    before = snapshot(imports)
    import_id = applied(imports, make_row(0), make_row(1))
    answer = imports.undo(import_id)
    assert answer == {
        "import_id": str(import_id), "removed": 2, "restored": 0, "kept": 0,
        "kept_records": [], "refused_years": [],
    }  # fmt: skip
    assert standing(imports) == before
    assert imports.state(import_id) == "undone"
    again = applied(imports, make_row(0), make_row(1))
    assert imports.ledger(again)["new"] == 2


CHANGES: dict[str, dict[str, Any]] = {
    "an answer": {"smoker": "0"},
    "several answers": {"therapy_recommended": ["1", "2"], "height_cm": "170.0", "gender": "1"},
    "an answer cleared": {"smoker": CLEAR, "therapy_recommended": CLEAR},
    "an answer that was blank": {"weight_kg": "70.0", "falls_referrals": ["1"]},
    "date of birth": {"date_of_birth": "1940-01-01"},
    "postcode": {"postcode": "EX51 2BB"},
    "postcode cleared": {"postcode": CLEAR},
    "day of diagnosis": {"date_index_diagnosed": "2023-05-01"},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_changed_record_is_exactly_as_before(imports: Imports, change: dict[str, Any]) -> None:
    imports.store(make_row(0), make_row(1))
    before = snapshot(imports)
    import_id = applied(imports, {**make_row(0), **change})
    assert snapshot(imports) != before
    answer = imports.undo(import_id)
    assert (answer["restored"], answer["removed"], answer["kept"]) == (1, 0, 0)
    assert snapshot(imports) == before
    again = applied(imports, make_row(0))
    assert imports.ledger(again)["same"] == 1


def test_the_history_says_what_was_undone(imports: Imports, caller: Caller) -> None:
    imports.store(make_row(0))
    import_id = applied(imports, make_row(0, smoker="0"))
    by = caller.account_id
    imports.undo(import_id, by=by)
    (row,) = imports.all(
        "SELECT kind, actor_id, import_id, changes, version FROM record_change "
        "ORDER BY version DESC LIMIT 1"
    )
    assert tuple(row) == ("import_undone", by, import_id, {"smoker": ["0", "1"]}, 3)


def test_what_a_person_touched_since_stays(imports: Imports, writer: Caller) -> None:
    imports.store(make_row(1))
    import_id = applied(imports, make_row(0), make_row(1, smoker="0"))
    for record_id in standing(imports):
        edit(writer, record_id, "height_cm", "171.0")
    touched = snapshot(imports)
    answer = imports.undo(import_id)
    assert (answer["removed"], answer["restored"], answer["kept"]) == (0, 0, 2)
    assert set(answer["kept_records"]) == {str(key) for key in touched}
    assert snapshot(imports) == touched


@pytest.mark.parametrize("later", [{}, {"smoker": "0"}], ids=["confirmed it", "changed it"])
def test_what_a_later_import_touched_stays_until_that_is_undone(
    imports: Imports, later: dict[str, Any]
) -> None:
    first = applied(imports, make_row(0))
    second = applied(imports, {**make_row(0), **later})
    assert imports.undo(first)["kept"] == 1
    third = applied(imports, make_row(1))
    fourth = applied(imports, {**make_row(1), **later})
    imports.undo(fourth)
    assert imports.undo(third)["removed"] == 1
    assert imports.state(second) == "applied"


def test_a_locked_year_refuses_the_whole(imports: Imports) -> None:
    import_id = applied(imports, make_row(0), make_row(1, date_index_diagnosed="2023-01-10"))
    before = snapshot(imports)
    lock(imports, 2023)
    answer = imports.undo(import_id)
    assert (answer["refused_years"], answer["removed"]) == ([2023], 0)
    assert snapshot(imports) == before
    assert imports.state(import_id) == "applied"


def test_undoing_goes_on_from_slice_to_slice(
    imports: Imports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(undoing, "SLICE_ROWS", 2)
    import_id = applied(imports, *(make_row(number) for number in range(5)))
    assert imports.undo(import_id)["removed"] == 5
    assert standing(imports) == {}


def test_an_import_that_was_not_stored_cannot_be_undone(imports: Imports) -> None:
    import_id = imports.check([make_row(0)])
    imports.hear("imports.undo_wanted.v1", import_id, {"import_id": import_id, "by": import_id})
    assert imports.state(import_id) == "compared"


def test_another_site_keeps_what_it_has(imports: Imports, other_site: Imports) -> None:
    other_site.store(make_row(0))
    theirs = snapshot(other_site)
    imports.undo(applied(imports, make_row(0)))
    assert snapshot(other_site) == theirs


def test_the_preview_says_what_undoing_would_do(
    imports: Imports, other_site: Imports, app: Any
) -> None:
    imports.store(make_row(1), make_row(2))
    import_id = applied(imports, make_row(0), make_row(1, smoker="0"), make_row(2))
    person = Caller(app, imports.site_id, frozenset({"records.import"}))
    answer = person.get(f"/imports/{import_id}/undo-preview")
    assert answer.json == {"removed": 1, "restored": 1, "kept": 0, "locked_years": []}
    stranger = Caller(app, other_site.site_id, frozenset({"records.import"}))
    assert stranger.get(f"/imports/{import_id}/undo-preview").status_code == 404
    imports.undo(import_id)
    assert person.get(f"/imports/{import_id}/undo-preview").status_code == 409


def edit(writer: Caller, record_id: UUID, key: str, value: str) -> None:
    version = writer.get(f"/records/{record_id}").json["version"]
    body = {"version": version, "values": {key: value}}
    answer = writer.patch(f"/records/{record_id}", body)
    assert answer.status_code == 200, answer.text


def lock(imports: Imports, year: int) -> None:
    imports.act(
        "INSERT INTO audit_period (year, entry_deadline, locks_on, version, updated_by) "
        "VALUES (:year, '2024-03-01', '2024-04-01', 1, gen_random_uuid())",
        year=year,
    )


PATIENTS = 5
STEPS = 12


def _random_row(draw: random.Random, number: int) -> dict[str, Any]:
    change: dict[str, Any] = {}
    for key, values in {
        "smoker": ["0", "1", "U", CLEAR, None],
        "height_cm": ["160.0", "170.5", CLEAR],
        "therapy_recommended": [["1"], ["1", "2"], CLEAR],
        "postcode": ["EX50 1AA", "EX51 2BB", CLEAR],
        "date_of_birth": ["1950-03-01", "1941-07-09"],
        "date_index_diagnosed": ["2024-01-10", "2023-06-01"],
    }.items():
        if draw.random() < 0.4:
            change[key] = draw.choice(values)
    return {**make_row(number), **change}


class World:
    """Imports, edits and undos as they happen, with what undoing must lead to."""

    def __init__(self, imports: Imports, writer: Caller, draw: random.Random) -> None:
        self.imports, self.writer, self.draw = imports, writer, draw
        self.before: dict[UUID, Snapshot] = {}
        self.effects: dict[UUID, dict[UUID, str]] = {}
        self.touches: dict[UUID, list[UUID | None]] = {}
        """Record -> who touched it, in order: an import, or None for a person."""

    def store(self) -> None:
        numbers = self.draw.sample(range(PATIENTS), self.draw.randint(1, 4))
        before = snapshot(self.imports)
        import_id = applied(self.imports, *(_random_row(self.draw, n) for n in numbers))
        self.before[import_id] = before
        effects = self.imports.all(
            "SELECT record_id, outcome FROM import_effect WHERE import_id = :i "
            "UNION SELECT record_id, 'new' FROM record_change "
            "WHERE import_id = :i AND kind = 'created'",
            i=import_id,
        )
        self.effects[import_id] = {row[0]: row[1] for row in effects}
        for record_id in self.effects[import_id]:
            self.touches.setdefault(record_id, []).append(import_id)

    def edit(self) -> None:
        records = sorted(standing(self.imports))
        if records:
            record_id = self.draw.choice(records)
            edit(self.writer, record_id, "weight_kg", f"{self.draw.randint(500, 900) / 10}")
            self.touches[record_id].append(None)

    def undo(self) -> None:
        if not self.effects:
            return
        import_id = self.draw.choice(sorted(self.effects))
        expected = snapshot(self.imports)
        kept = set()
        for record_id, outcome in self.effects.pop(import_id).items():
            touches = self.touches[record_id]
            if outcome == "same":
                touches.remove(import_id)
            elif touches[-1] != import_id:
                kept.add(str(record_id))
            elif outcome == "new":
                reason = "import_undone"
                expected[record_id] = dict(zip(DELETED, ("deleted", reason, None), strict=True))
                touches.clear()
            else:
                expected[record_id] = self.before[import_id][record_id]
                touches.pop()
        answer = self.imports.undo(import_id)
        assert set(answer["kept_records"]) == kept
        assert snapshot(self.imports) == expected


def _play(imports: Imports, writer: Caller, seed: int) -> None:
    draw = random.Random(seed)
    world = World(imports, writer, draw)
    for _ in range(STEPS):
        draw.choices([world.store, world.edit, world.undo], [5, 2, 4])[0]()
    while world.effects:
        world.undo()


@pytest.mark.parametrize("seed", range(10))
def test_any_order_of_imports_edits_and_undos(imports: Imports, writer: Caller, seed: int) -> None:
    _play(imports, writer, seed)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(10, 100))
def test_any_order_of_many_imports_edits_and_undos(
    imports: Imports, writer: Caller, seed: int
) -> None:
    _play(imports, writer, seed)
