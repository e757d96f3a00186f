"""Whether a save would undo somebody else's work."""

from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.facilities.domain.answering import Seen, StoredAnswer, changed_since, decide_save

STORED = {"A4": StoredAnswer("1", 2), "A8": StoredAnswer(220000, 5), "A7": StoredAnswer(None, 4)}


def test_a_changed_answer_is_a_change_with_old_and_new():
    assert decide_save(STORED, {"A4": "2"}, Seen(5)).changes == {"A4": ("1", "2")}


def test_an_unchanged_answer_is_no_change_however_old_the_page():
    save = decide_save(STORED, {"A4": "1", "A8": 220000}, Seen(0))
    assert save.changes == {} and save.conflicts == {}


def test_a_first_answer_and_one_taken_back_are_changes():
    save = decide_save(STORED, {"A1": "RCF", "A8": None}, Seen(5))
    assert save.changes == {"A1": (None, "RCF"), "A8": (220000, None)}


def test_an_answer_that_somebody_changed_since_is_a_conflict_with_both_values():
    save = decide_save(STORED, {"A8": 230000}, Seen(4))
    assert save.conflicts == {"A8": (220000, 230000)}


def test_an_answer_that_somebody_took_back_since_is_a_conflict():
    assert decide_save(STORED, {"A7": "1"}, Seen(3)).conflicts == {"A7": (None, "1")}


def test_changes_of_different_questions_since_do_not_get_in_each_others_way():
    save = decide_save(STORED, {"A4": "2"}, Seen(3))
    assert save.changes == {"A4": ("1", "2")} and save.conflicts == {}


def test_a_text_that_became_a_number_is_a_change():
    stored = {"A8": StoredAnswer("220000", 1)}
    assert decide_save(stored, {"A8": 220000}, Seen(1)).changes == {"A8": ("220000", 220000)}


def test_a_proposal_is_turned_down_once():
    assert decide_save({}, {"D3": None}, Seen(0)).changes == {}
    assert decide_save({}, {"D3": None}, Seen(0), proposed={"D3"}).changes == {"D3": (None, None)}
    assert decide_save(STORED, {"A7": None}, Seen(5), proposed={"A7"}).changes == {}


def test_a_field_that_was_not_touched_undoes_nothing_however_old_the_page():
    save = decide_save(STORED, {"A8": 200000, "A4": "2"}, Seen(2), before={"A8": 200000})
    assert (save.changes, save.conflicts) == ({"A4": ("1", "2")}, {})


def test_what_the_page_saved_itself_is_known_to_it():
    assert decide_save(STORED, {"A8": 1}, Seen(2, {"A8": 5})).changes == {"A8": (220000, 1)}
    assert decide_save(STORED, {"A8": 1}, Seen(2, {"A8": 4})).conflicts == {"A8": (220000, 1)}


KEYS = ("a", "b", "c")


class World:
    """A site's answers with their history, as the service keeps them."""

    def __init__(self):
        self.version = 0
        self.stored: dict[str, StoredAnswer] = {}
        self.history: list[tuple[str, Any, int]] = []

    def save(self, sent: Mapping[str, Any], seen: Seen):
        before: dict[str, Any] = {}
        for key in changed_since(self.stored, sent, seen):
            later = (old for k, old, version in self.history if k == key and version > seen.of(k))
            before[key] = next(later)
        save = decide_save(self.stored, sent, seen, before=before)
        if save.changes and not save.conflicts:
            self.version += 1
            for key, (old, new) in save.changes.items():
                self.stored[key] = StoredAnswer(new, self.version)
                self.history.append((key, old, self.version))
        return save


class Page:
    """A form that sends all its fields with each save, and saves by itself meanwhile."""

    def __init__(self, world: World):
        self.seen = Seen(world.version)
        self.shown = {key: world.stored[key].value if key in world.stored else None for key in KEYS}
        self.typed = dict(self.shown)

    def save(self, world: World):
        save = world.save(self.typed, self.seen)
        if not save.conflicts:
            saved = dict.fromkeys(save.changes, world.version)
            self.seen = Seen(self.seen.version, {**self.seen.keys, **saved})
        return save


STEPS = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.sampled_from(["open", "save", *KEYS]),
        st.sampled_from([None, "1", "2", "3"]),
    ),
    max_size=60,
)


@given(STEPS)
def test_whoever_saves_whenever_nobody_undoes_what_they_have_not_seen(steps):
    world = World()
    pages = [Page(world) for _ in range(3)]
    touched: list[set[str]] = [set(), set(), set()]
    for who, what, value in steps:
        if what == "open":
            pages[who], touched[who] = Page(world), set()
        elif what == "save":
            known = dict(pages[who].shown)
            stored = {key: answer.value for key, answer in world.stored.items()}
            save = pages[who].save(world)
            if save.conflicts:
                assert {k: a.value for k, a in world.stored.items()} == stored
                pages[who], touched[who] = Page(world), set()
                continue
            for key in KEYS:
                now = world.stored[key].value if key in world.stored else None
                if key in save.changes:
                    # Only fields that this page typed into change, from what this page knew.
                    assert key in touched[who] and stored.get(key) == known[key]
                    pages[who].shown[key] = now
                else:
                    assert now == stored.get(key)
        else:
            pages[who].typed[what] = value
            touched[who].add(what)
