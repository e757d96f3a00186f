"""Codes of authenticator apps and recovery codes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registration.domain.second_factor import (
    app_address,
    code_of,
    matching_step,
    new_recovery_codes,
    next_step,
    normal_recovery_code,
    step_at,
)

RFC_SECRET = b"12345678901234567890"


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    """The values of RFC 6238, appendix B, cut to six digits."""
    assert code_of(RFC_SECRET, step_at(seconds)) == code


@given(secret=st.binary(min_size=20, max_size=20), now=st.integers(10**9, 2 * 10**9))
def test_an_operators_next_code_always_counts_and_only_once(secret: bytes, now: int) -> None:
    after = 0
    for _ in range(2):
        step = next_step(now=now, after=after)
        found = matching_step(secret, code_of(secret, step), now=now, after=after)
        assert found is not None and found <= step
        after = step
    assert next_step(now=now, after=after) == step_at(now) + 2


@given(st.text(max_size=40))
def test_no_text_makes_the_comparison_fail(text: str) -> None:
    assert matching_step(RFC_SECRET, text, now=59, after=10) is None
    normal_recovery_code(text)


def test_recovery_codes_are_read_however_they_are_typed() -> None:
    for code in new_recovery_codes():
        assert normal_recovery_code(code.lower().replace("-", "")) == code
        assert normal_recovery_code(f"  {code} ") == code


def test_the_address_is_what_apps_scan() -> None:
    address = app_address(RFC_SECRET, email="a.b@example.org")
    assert address.startswith("otpauth://totp/Fracture%20Audit:a.b%40example.org?")
    assert "secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" in address and "issuer=Fracture" in address
