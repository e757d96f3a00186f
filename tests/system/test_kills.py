"""Processes, broker and database are killed at random while files come in: every ledger is exact.

A model says what each import does to records. Whatever dies and whenever, the import ends with the
model's counts, the site has the model's records, and undoing brings back the model's state before.
20 kills in each run of the tests, 200 with `./flsdb test --long`.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import threading
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.factories.imports import csv_bytes, make_row
from tests.system.conftest import Live, Person

OFTEN = (
    "imports-worker-1", "imports-worker-2", "imports-consumer", "imports-relay",
    "records-consumer", "records-relay",
)  # fmt: skip
SELDOM = ("postgres", "rabbitmq")
KILLS_IN_A_ROUND = 5
COLUMNS = [*make_row(0), "smoker"]
LEDGER = ("received", "new", "changed", "same", "rejected", "held")


class Killer:
    """Kills programs of the system at random moments until it is stopped."""

    def __init__(self, live: Live, luck: random.Random, kills: int) -> None:
        self._live, self._luck, self._left = live, luck, kills
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self.killed: list[str] = []

    def __enter__(self) -> Killer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def finish(self) -> None:
        """Waits until all are killed."""
        self._thread.join()

    def _work(self) -> None:
        while self._left and not self._over.wait(self._luck.uniform(0.05, 1.6)):
            name = self._luck.choice(SELDOM if self._luck.random() < 0.15 else OFTEN)
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._live.pid(name), signal.SIGKILL)
                self.killed.append(name)
                self._left -= 1


@dataclass
class Model:
    """What the site's records should be: number of the patient -> answer about smoking."""

    luck: random.Random
    records: dict[int, str] = field(default_factory=dict)
    next_number: int = 0

    def file(self) -> tuple[bytes, dict[str, int], dict[int, str]]:
        """A file, the ledger that it should come to, and the records after it."""
        after = dict(self.records)
        counts = dict.fromkeys(LEDGER, 0)
        rows = []
        known = self.luck.sample(sorted(after), min(len(after), self.luck.randrange(0, 900)))
        # Every other file is of several slices, which are applied side by side.
        most = self.luck.choice((1_500, 16_000))
        fresh = range(self.next_number, self.next_number + self.luck.randrange(1, most))
        self.next_number = fresh.stop
        for number in [*known, *fresh]:
            answer = self.luck.choice("01")
            row = make_row(number, smoker=answer)
            counts["received"] += 1
            if self.luck.random() < 0.02:
                row["gender"] = "perhaps"
                counts["rejected"] += 1
            elif number not in after:
                counts["new"] += 1
                after[number] = answer
            elif after[number] == answer:
                counts["same"] += 1
            else:
                counts["changed"] += 1
                after[number] = answer
            rows.append(row)
        self.luck.shuffle(rows)
        return csv_bytes(rows, keys=COLUMNS), counts, after


@pytest.mark.parametrize(
    "seed",
    [*range(4), *(pytest.param(seed, marks=pytest.mark.long) for seed in range(4, 40))],
)
def test_whatever_is_killed_every_ledger_is_exact(live: Live, seed: int) -> None:
    luck = random.Random(seed)
    model = Model(luck)
    person = live.new_site(f"Killing Hospital {seed}")
    with Killer(live, luck, KILLS_IN_A_ROUND) as killer:
        first = model.file()
        _go_through(live, person, model, first)
        before = dict(model.records)
        import_id = _go_through(live, person, model, model.file())
        if luck.random() < 0.7:
            _undo(live, person, import_id)
            model.records = before
        killer.finish()
        # What was undone can be sent again; what stands is the same.
        _go_through(live, person, model, model.file())
    assert len(killer.killed) == KILLS_IN_A_ROUND
    assert _stored(live, person) == len(model.records)


def _go_through(
    live: Live,
    person: Person,
    model: Model,
    made: tuple[bytes, dict[str, int], dict[int, str]],
) -> str:
    """Sends a file, confirms it and holds what came of it against the model."""
    content, expected, after = made
    sent = live.upload(person, content)
    assert sent.status_code in (200, 201), sent.text
    import_id = str(sent.json()["import_id"])
    checked = live.follow(person, import_id, "checked", "failed", "refused")
    assert checked["state"] == "checked", checked
    _ask(live, person, f"/api/imports/v1/imports/{import_id}/confirmation")
    applied = live.follow(person, import_id, "applied", "failed")
    assert applied["state"] == "applied", applied
    assert {name: applied["counts"][name] for name in LEDGER} == expected
    model.records = after
    assert _stored(live, person) == len(after)
    return import_id


def _undo(live: Live, person: Person, import_id: str) -> None:
    _ask(live, person, f"/api/imports/v1/imports/{import_id}/undo")
    undone = live.follow(person, import_id, "undone", "failed")
    assert (undone["state"], undone["undone"]["kept"]) == ("undone", 0)


def _ask(live: Live, person: Person, path: str) -> None:
    # Asked again if the answer was lost: both are harmless when repeated.
    answer = live.patiently(lambda: person.client.post(path, json={}), also=(500,))
    assert answer.status_code in (200, 202, 204), answer.text


def _stored(live: Live, person: Person) -> int:
    def count() -> Any:
        return person.client.get("/api/records/v1/records")

    return int(live.patiently(count, also=(500,)).json()["total"])
