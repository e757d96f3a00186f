"""Which passwords are taken."""

import pytest

from services.registration.domain.passwords import normal_password, password_problems

EMAIL = "jane.smith@example.org"


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("three green bicycles", None),
        ("Tr0ub4dor&3xyz", None),
        ("smithy and hammer", None),
        ("elevenchars", "at least 12"),
        ("", "at least 12"),
        ("x" * 257, "at most 256"),
        ("ab" * 129, "at most 256"),
        ("aaaaaaaaaaaaaa", "first that others would guess"),
        ("123456789012", "first that others would guess"),
        ("987654321098", "first that others would guess"),
        ("Password2026!", "first that others would guess"),
        ("!!Welcome!!12", "first that others would guess"),
        ("qwertyuiop12", "first that others would guess"),
        ("FractureAudit1", "first that others would guess"),
        ("jane.smith 2026", "name in your e-mail address"),
        ("xx JaneSmith xx", "name in your e-mail address"),
    ],
)
def test_a_password_is_long_enough_and_not_obvious(password: str, words: str | None) -> None:
    problems = password_problems(password, email=EMAIL)
    assert problems == [] if words is None else len(problems) == 1 and words in problems[0]


def test_a_short_name_in_the_address_rules_out_nothing() -> None:
    assert password_problems("a jolly good passphrase", email="jo@example.org") == []


def test_two_ways_to_type_the_same_letters_are_one_password() -> None:
    assert normal_password("cafe\u0301 au lait ok") == normal_password("caf\u00e9 au lait ok")
