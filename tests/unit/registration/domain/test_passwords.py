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
        ("aaaaaaaaaaaaaa", "guess this password soon"),
        ("123456789012", "guess this password soon"),
        ("987654321098", "guess this password soon"),
        ("Password2026!", "guess this password soon"),
        ("liverpool liverpool", "guess this password soon"),
        ("!!Welcome!!12", "guess this password soon"),
        ("qwertyuiop12", "guess this password soon"),
        ("manchesterunited", "guess this password soon"),
        ("hospital12345678", "guess this password soon"),
        ("FractureAudit1", "guess this password soon"),
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
