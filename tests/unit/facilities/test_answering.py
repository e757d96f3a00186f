"""Whether a save would undo somebody else's work."""

from services.facilities.domain.answering import StoredAnswer, decide_save

STORED = {"A4": StoredAnswer("1", 2), "A8": StoredAnswer(220000, 5), "A7": StoredAnswer(None, 4)}


def test_a_changed_answer_is_a_change_with_old_and_new():
    assert decide_save(STORED, {"A4": "2"}, 5).changes == {"A4": ("1", "2")}


def test_an_unchanged_answer_is_no_change_however_old_the_page():
    save = decide_save(STORED, {"A4": "1", "A8": 220000}, 0)
    assert save.changes == {} and save.conflicts == {}


def test_a_first_answer_and_one_taken_back_are_changes():
    save = decide_save(STORED, {"A1": "RCF", "A8": None}, 5)
    assert save.changes == {"A1": (None, "RCF"), "A8": (220000, None)}


def test_an_answer_that_somebody_changed_since_is_a_conflict_with_both_values():
    save = decide_save(STORED, {"A8": 230000}, 4)
    assert save.conflicts == {"A8": (220000, 230000)}


def test_an_answer_that_somebody_took_back_since_is_a_conflict():
    assert decide_save(STORED, {"A7": "1"}, 3).conflicts == {"A7": (None, "1")}


def test_changes_of_different_questions_since_do_not_get_in_each_others_way():
    save = decide_save(STORED, {"A4": "2"}, 3)
    assert save.changes == {"A4": ("1", "2")} and save.conflicts == {}


def test_a_text_that_became_a_number_is_a_change():
    stored = {"A8": StoredAnswer("220000", 1)}
    assert decide_save(stored, {"A8": 220000}, 1).changes == {"A8": ("220000", 220000)}


def test_a_proposal_is_turned_down_once():
    assert decide_save({}, {"D3": None}, 0).changes == {}
    assert decide_save({}, {"D3": None}, 0, {"D3"}).changes == {"D3": (None, None)}
    assert decide_save(STORED, {"A7": None}, 5, {"A7"}).changes == {}
