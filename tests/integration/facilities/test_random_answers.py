"""Random answers through the whole service: none is a 500, and nothing hidden is ever submitted."""

from __future__ import annotations

import os
from random import Random

from services.facilities.domain.questionnaires import CURRENT
from tests.factories.facilities import COMPLETE
from tests.unit.facilities.test_many_answer_sets import throw

SETS = 2_000 if os.environ.get("FLSDB_LONG") else 200


def test_random_answers_are_taken_or_refused_in_words(caller, team, site_id, round_id):
    random = Random(7)
    submitted = 0
    for number in range(SETS):
        version = caller.read(round_id)["version"]
        keys = random.sample(list(CURRENT.by_key), random.randint(1, 40))
        sent = {key: throw(random, CURRENT.by_key[key]) for key in keys}
        answer = caller.save(round_id, random.randint(0, version), sent)
        assert answer.status_code in (200, 400, 409, 422), (number, sent, answer.text)
        if number % 4 == 0:
            submitted += submit_a_right_one(caller, team, site_id, round_id, random)
        for section in random.sample(CURRENT.sections, 2):
            confirmed = caller.confirm(round_id, section.id, version)
            assert confirmed.status_code in (200, 409, 422), (number, confirmed.text)
    assert submitted == -(-SETS // 4)


def submit_a_right_one(caller, team, site_id, round_id, random) -> bool:
    """Answers rightly on top of the muddle, submits it, looks at what was signed, opens again."""
    a3 = random.choice("123")
    mended = {key: COMPLETE.get(key) for key in CURRENT.by_key}
    mended |= {"A3": a3, "K1": ["2"], "K2": "Soon", "K3": 9, "A4_other": "Left behind"}
    caller.save(round_id, caller.read(round_id)["version"], mended)
    page = caller.confirm_all(round_id)
    signed = caller.submit(round_id, page["version"])
    assert signed.status_code == 200, signed.text
    answers = signed.json["answers"]
    for key in answers:
        assert all(condition.holds(answers) for condition in CURRENT.by_key[key].when), key
    assert ("K1" in answers) == (a3 != "1") and ("D1" in answers) == (a3 == "1")
    assert "A4_other" not in answers
    path = f"/rounds/{round_id}/sites/{site_id}/reopening"
    assert team("POST", path, json={"reason": "Once more"}).status_code == 204
    return True
