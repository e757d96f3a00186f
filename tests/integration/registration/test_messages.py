"""The contact form."""

from __future__ import annotations

from typing import Any

import pytest

GOOD = {"name": "Sam", "email": "sam@example.org", "words": "Which ODS code?\n\nThank you."}


def test_what_anyone_writes_goes_to_the_audit_team(visitor: Any, look: Any) -> None:
    assert visitor("POST", "/messages", json=GOOD).status_code == 204
    (mail,) = look.rows("SELECT * FROM mail WHERE kind = 'message'")
    assert mail["to_address"] == "contact@audit.example"
    for words in ("Sam", "sam@example.org", "Which ODS code?"):
        assert words in mail["body"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"email": "sam"}, "email"),
        ({"words": " "}, "words"),
        ({"words": "x" * 5001}, "words"),
        ({"words": "About 999 000 0018"}, "words"),
        ({"name": "Sam\nBcc: all@example.org"}, "name"),
    ],
)
def test_what_cannot_be_sent_is_told(
    visitor: Any, look: Any, change: dict[str, str], field: str
) -> None:
    answer = visitor("POST", "/messages", json=GOOD | change)
    assert answer.status_code == 422 and field in answer.json["errors"]
    assert look.count("mail") == 0
