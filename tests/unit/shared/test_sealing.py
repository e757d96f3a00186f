"""Sealed bytes open only where they belong, with keys that may have rotated."""

import base64
import hmac
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.shared.sealing import (
    CannotOpen,
    HashKeys,
    Keyring,
    new_data_key,
    seal,
    seal_columns,
    unseal,
)


@pytest.fixture
def keys() -> dict[str, bytes]:
    return {"2025": os.urandom(32), "2026": os.urandom(32)}


@given(st.binary(max_size=500), st.binary(max_size=50))
def test_what_is_sealed_opens_again(plaintext: bytes, aad: bytes) -> None:
    key = new_data_key()
    assert unseal(key, seal(key, plaintext, aad), aad) == plaintext


@given(st.binary(min_size=1, max_size=60), st.integers(min_value=0))
def test_any_altered_byte_is_noticed(plaintext: bytes, position: int) -> None:
    key = new_data_key()
    sealed = bytearray(seal(key, plaintext))
    sealed[position % len(sealed)] ^= 1
    with pytest.raises(CannotOpen):
        unseal(key, bytes(sealed))


def test_a_sealed_value_cannot_be_moved_to_another_row() -> None:
    key = new_data_key()
    with pytest.raises(CannotOpen):
        unseal(key, seal(key, b"value", b"row 1"), b"row 2")


def test_an_older_key_still_opens_and_the_current_one_seals(keys: dict[str, bytes]) -> None:
    sealed = Keyring(keys, "2025").seal(b"data key", b"patient")
    rotated = Keyring(keys, "2026")
    assert rotated.open(sealed, b"patient") == b"data key"
    assert rotated.seal(b"x")[1:5] == b"2026"


def test_keys_wrapped_in_bulk_open_like_those_wrapped_singly(keys: dict[str, bytes]) -> None:
    ring, aads = Keyring(keys, "2026"), [b"patient 1", b"patient 2"]
    wrapped = ring.seal_all([b"a" * 32, b"b" * 32], aads)
    assert [ring.open(each, aad) for each, aad in zip(wrapped, aads, strict=True)] == [
        b"a" * 32,
        b"b" * 32,
    ]
    assert len({each[5:17] for each in wrapped}) == 2  # a nonce of its own for each
    with pytest.raises(CannotOpen):
        ring.open(wrapped[0], aads[1])


def test_the_key_id_is_part_of_what_is_sealed(keys: dict[str, bytes]) -> None:
    same = {"a": keys["2025"], "b": keys["2025"]}
    sealed = Keyring(same, "a").seal(b"value")
    with pytest.raises(CannotOpen):
        Keyring(same, "a").open(b"\x01b" + sealed[2:])


@pytest.mark.parametrize("sealed", [b"", b"\x04none", b"\xff" * 80])
def test_a_key_that_we_do_not_have_opens_nothing(sealed: bytes, keys: dict[str, bytes]) -> None:
    with pytest.raises(CannotOpen):
        Keyring(keys, "2025").open(sealed)


def test_keys_have_32_bytes_and_the_current_one_exists() -> None:
    with pytest.raises(ValueError, match="15 bytes"):
        Keyring({"a": b"x" * 15}, "a")
    with pytest.raises(ValueError, match="no key 'b'"):
        HashKeys.from_json({"a": base64.b64encode(b"x" * 32).decode()}, "b")


def test_hashes_differ_by_purpose_and_key_and_old_ones_are_candidates(
    keys: dict[str, bytes],
) -> None:
    old, new = HashKeys(keys, "2025"), HashKeys(keys, "2026")
    digest = old.hash("nhs_number", "9990000018")
    assert len(digest) == 32
    assert digest != old.hash("local_id", "9990000018")
    assert digest != new.hash("nhs_number", "9990000018")
    assert new.candidates("nhs_number", "9990000018")[0] == new.hash("nhs_number", "9990000018")
    assert digest in new.candidates("nhs_number", "9990000018")


@given(st.lists(st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"])))))
def test_many_hashes_are_those_of_rfc_2104(texts: list[str | None]) -> None:
    key = b"k" * 32
    expected = [
        None if text is None else hmac.digest(key, f"postcode\0{text}".encode(), "sha256")
        for text in texts
    ]
    assert HashKeys({"a": key}, "a").hash_all("postcode", texts) == expected


@given(st.lists(st.tuples(st.none() | st.text(), st.none() | st.text())))
def test_columns_sealed_together_open_one_by_one(
    rows: list[tuple[str | None, str | None]],
) -> None:
    keys = [new_data_key() for _ in rows]
    owners = [bytes([place]) * 16 for place in range(len(rows))]
    first, second = ([row[place] for row in rows] for place in range(2))
    sealed = seal_columns(keys, owners, {"nhs": first, "birth": second})
    for name, texts in (("nhs", first), ("birth", second)):
        opened = [
            None if each is None else unseal(key, each, owner + name.encode()).decode()
            for each, key, owner in zip(sealed[name], keys, owners, strict=True)
        ]
        assert opened == texts
    given = [each for column in sealed.values() for each in column if each is not None]
    assert len({each[:12] for each in given}) == len(given)
