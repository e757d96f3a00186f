"""Several people at one record: random turns held to a model, threads, and broken-off saves."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Engine, event

from services.records.domain.saying import read_text
from services.shared.errors import Unavailable
from tests.factories.records import Imports
from tests.integration.records.conftest import Caller
from tests.integration.records.editing import KEYS, Editor

TURNS = 400 if os.environ.get("FLSDB_LONG") else 60
CHOICES = {
    "smoker": ("", "0", "1", "yes", "?"),
    "dxa_date": ("", "1/2/2024", "2024-02-01", "31/2/2024", "soon"),
    "postcode": ("", "aa11aa", "AA1 1AA", "B2 2BB"),
    "gender": ("1", "2", "male", "female", "", "nonsense"),
    "nhs_number": ("9990000018", "999 000 0026", "9990000034", "9990000018", "", "9990000019"),
    "date_of_birth": ("1/3/1950", "1950-03-01", "2/3/1951", "2/3/1951", ""),
    "therapy_recommended": ("", "1;2", "2;1", "Denosumab"),
}
Said = dict[str, Any]


def said_of(texts: dict[str, str]) -> Said:
    """What texts say, blanks left out."""
    said = {key: read_text(key, text)[0] for key, text in texts.items()}
    return {key: value for key, value in said.items() if value is not None}


@dataclass
class Model:
    """A record as the contract has it: what it said at each version, and who typed what."""

    now: Said = field(default_factory=dict)
    version: int = 0
    snapshots: dict[int, Said] = field(default_factory=lambda: {0: {}})
    typed_by: dict[int, tuple[str, set[str]]] = field(default_factory=dict)
    drafts: dict[str, tuple[int, Said]] = field(default_factory=dict)

    def sort(self, who: str, seen: int, sent: Said) -> tuple[Said, set[str]]:
        """What the caller changes, and where somebody else is in the way."""
        before = self.snapshots[seen]
        changed, conflicts = {}, set()
        for key, value in sent.items():
            if value in (self.now.get(key), before.get(key)):
                continue
            changed[key] = value
            if self.now.get(key) != before.get(key) and not self._own_typing(who, seen, key):
                conflicts.add(key)
        return changed, conflicts

    def _own_typing(self, who: str, seen: int, key: str) -> bool:
        touched = [
            author
            for version, (author, keys) in self.typed_by.items()
            if version > seen and key in keys
        ]
        return bool(touched) and set(touched) == {who}

    def store(self, changed: Said, *, author: str = "") -> None:
        """The next version."""
        self.version += 1
        self.now = {k: v for k, v in {**self.now, **changed}.items() if v is not None}
        self.snapshots[self.version] = self.now
        self.typed_by[self.version] = (author, set(changed))


@pytest.mark.parametrize("seed", range(3))
def test_random_turns_of_two_editors_end_as_the_contract_says(
    writer: Caller, colleague: Caller, seed: int
) -> None:
    random = Random(seed)
    record_id = str(uuid4())
    editors = {"A": Editor(writer, record_id), "B": Editor(colleague, record_id)}
    model = Model()
    first = {"smoker": "1", "site_1": "3", "date_index_diagnosed": "10/1/2024"}
    editors["A"].start(**first)
    model.store(said_of(first))
    editors["B"].open()
    for _ in range(TURNS):
        _turn(random, editors, model)
    stored = editors["A"].open()
    assert stored["stored"]
    first_version = min(item["version"] for item in stored["history"])
    for version in range(first_version, model.version + 1):
        earlier = writer.get(f"/records/{record_id}/versions/{version}").json
        assert _shown(earlier) == model.snapshots[version], version


def _turn(random: Random, editors: dict[str, Editor], model: Model) -> None:
    who = random.choice("AB")
    editor = editors[who]
    if random.random() < 0.3:
        _open_and_compare(who, editor, model)
        return
    keys = random.sample(sorted(CHOICES), random.choice((1, 2, 3)))
    texts = {key: random.choice(CHOICES[key]) for key in keys}
    autosave = random.random() < 0.25
    sent = {key: read_text(key, text)[0] for key, text in texts.items()}
    was_stored = editor.caller.get(f"/records/{editor.record_id}").json["stored"]
    seen = editor.version
    changed, conflicts = model.sort(who, seen, sent)
    answer = editor.put(texts, autosave=autosave)
    if autosave and was_stored:
        assert answer.status_code == 200
        _expect_draft(who, seen, model, sent, changed)
    elif conflicts:
        assert answer.status_code == 409, answer.text
        assert answer.json["version"] == model.version
        assert set(answer.json["conflicts"]) == conflicts
        if random.random() < 0.5:
            editor.version = answer.json["version"]
    else:
        assert answer.status_code == 200, answer.text
        becomes = answer.json["stored"] and not was_stored
        if changed or becomes:
            model.store(changed, author=who if autosave else "")
        if was_stored:
            _drop_drafted(who, model, texts)
        _compare(who, answer.json, model)
        editor.version = answer.json["form_version"] if random.random() < 0.7 else seen


def _expect_draft(who: str, seen: int, model: Model, sent: Said, changed: Said) -> None:
    version, texts = model.drafts.get(who, (seen, {}))
    texts = {**{k: v for k, v in texts.items() if k not in sent}, **changed}
    model.drafts[who] = (max(min(version, seen), 1), texts)
    if not texts:
        del model.drafts[who]


def _drop_drafted(who: str, model: Model, texts: dict[str, str]) -> None:
    version, drafted = model.drafts.get(who, (0, {}))
    left = {key: value for key, value in drafted.items() if key not in texts}
    model.drafts.pop(who, None)
    if left:
        model.drafts[who] = (version, left)


def _open_and_compare(who: str, editor: Editor, model: Model) -> None:
    answer = editor.open()
    _compare(who, answer, model)


def _compare(who: str, answer: dict[str, Any], model: Model) -> None:
    version, drafted = model.drafts.get(who, (model.version, {}))
    still_new = {key: v for key, v in drafted.items() if v != model.now.get(key)}
    expected = {k: v for k, v in {**model.now, **still_new}.items() if v is not None}
    assert _shown(answer) == expected
    assert answer["version"] == (model.version if answer["stored"] else 0)
    assert answer["form_version"] == (version if still_new else model.version)


def _shown(answer: dict[str, Any]) -> Said:
    """What a form filled from an answer says."""
    texts = {
        key: ";".join(value) if isinstance(value, list) else value
        for key, value in answer["values"].items()
    }
    return said_of({**texts, **answer["texts"]})


# --- at the same moment -------------------------------------------------------------------------


def test_no_save_is_lost_among_threads(writer: Caller, imports: Imports) -> None:
    Editor(writer, record_id := str(uuid4())).start(**KEYS)
    fields = ("smoker", "vision", "toileting", "cognition")

    def save_in_turn(key: str) -> None:
        editor = Editor(Caller(writer.app, writer.site_id, writer.rights), record_id, 1)
        for answer in ("1", "0", "U", "1", "0"):
            assert editor.put({key: answer}).status_code == 200
            editor.open()

    with ThreadPoolExecutor(len(fields)) as pool:
        list(pool.map(save_in_turn, fields))
    answer = Editor(writer, record_id).open()
    assert {key: answer["values"][key] for key in fields} == dict.fromkeys(fields, "0")
    assert answer["version"] == 1 + 5 * len(fields) == len(answer["history"])


def test_of_two_who_save_one_field_at_once_one_is_told(writer: Caller) -> None:
    Editor(writer, record_id := str(uuid4())).start(**KEYS)

    def save(text: str) -> int:
        return Editor(writer, record_id, 1).put({"smoker": text}).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(save, ("0", "1"))) == [200, 409]


def test_a_double_click_makes_one_record(writer: Caller, imports: Imports) -> None:
    editor = Editor(writer)
    with ThreadPoolExecutor(4) as pool:
        statuses = sorted(pool.map(lambda _: editor.post(**KEYS).status_code, range(4)))
    assert statuses == [200, 200, 200, 201]
    assert imports.one("SELECT count(*) FROM fls_record") == 1
    assert imports.one("SELECT count(*) FROM record_change") == 1


# --- broken off ---------------------------------------------------------------------------------

TABLES = ("fls_record", "record_identity", "patient", "record_change", "entry", "draft")


@contextmanager
def killed_at(engine: Engine, statement: int) -> Iterator[list[int]]:
    """Ends the work at the nth statement, as a lost database would; counts them."""
    seen = [0]

    def before(*_: Any) -> None:
        seen[0] += 1
        if seen[0] == statement:
            raise Unavailable("killed")

    event.listen(engine, "before_cursor_execute", before)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", before)


@pytest.mark.parametrize("stored", [False, True], ids=["becomes a record", "moves to a patient"])
def test_a_save_that_is_broken_off_anywhere_leaves_nothing_half(
    engine: Engine, writer: Caller, superuser: Any, stored: bool
) -> None:
    editor = Editor(writer)
    texts = {key: text for key, text in KEYS.items() if key != "site_1"}
    editor.start(**(KEYS if stored else texts), dxa_date="?", postcode="AA1 1AA")
    change = {"nhs_number": "9990000026"} if stored else {"site_1": "3"}
    before = _everything(superuser)
    statement = 0
    while True:
        statement += 1
        with killed_at(engine, statement) as seen:
            answer = editor.put({**change, "dxa_date": "!"})
        if seen[0] < statement:
            break
        after = _everything(superuser)
        if after != before:
            # Broken off after the commit, while the answer was made: the save is whole.
            assert Editor(writer, editor.record_id).open()["texts"] == {"dxa_date": "!"}
            break
        assert answer.status_code == 503
    answer = editor.put({**change, "dxa_date": "!"})
    assert answer.status_code == 200 and answer.json["version"] == 2
    assert answer.json["texts"] == {"dxa_date": "!"}
    assert statement > 10


def _everything(superuser: Any) -> list[Any]:
    return [superuser.execute(f"SELECT t::text FROM {t} t ORDER BY 1").fetchall() for t in TABLES]
