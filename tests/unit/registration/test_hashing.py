"""Hashing passwords, a few at a time."""

import threading

import pytest
from argon2 import PasswordHasher

from services.registration.hashing import PasswordHashing
from services.shared.errors import TooMany


@pytest.fixture(scope="module")
def hashing() -> PasswordHashing:
    return PasswordHashing()


def test_the_right_password_is_found_right_and_a_wrong_one_wrong(hashing: PasswordHashing) -> None:
    stored = hashing.hash("three green bicycles")
    assert stored.startswith("$argon2id$")
    assert hashing.verify(stored, "three green bicycles")
    assert not hashing.verify(stored, "three green bicycle")


def test_nobody_signs_in_without_a_hash(hashing: PasswordHashing) -> None:
    assert not hashing.verify(None, "the password of nobody")


def test_an_unknown_address_costs_a_hash_too(
    hashing: PasswordHashing, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = []
    real = PasswordHasher.verify

    def counted(self: PasswordHasher, stored: str, password: str) -> bool:
        done.append(stored)
        return bool(real(self, stored, password))

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    hashing.verify(None, "three green bicycles")
    hashing.verify(hashing.hash("another passphrase"), "three green bicycles")
    # The same parameters, so the same work.
    assert len({stored.split("$")[3] for stored in done}) == 1 and len(done) == 2


def test_a_hash_that_cannot_be_read_is_no_password(hashing: PasswordHashing) -> None:
    assert not hashing.verify("garbage", "three green bicycles")


def test_an_outdated_hash_is_made_anew(hashing: PasswordHashing) -> None:
    old = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash("three green bicycles")
    renewed = hashing.renewed(old, "three green bicycles")
    assert renewed is not None and hashing.verify(renewed, "three green bicycles")
    assert hashing.renewed(renewed, "three green bicycles") is None


def test_who_finds_no_place_is_asked_to_come_again() -> None:
    hashing = PasswordHashing(places=1, wait_seconds=0.01)
    taken, done = threading.Event(), threading.Event()

    def occupy() -> None:
        with hashing._place():
            taken.set()
            done.wait(5)

    thread = threading.Thread(target=occupy)
    thread.start()
    assert taken.wait(5)
    with pytest.raises(TooMany):
        hashing.verify(None, "three green bicycles")
    done.set()
    thread.join()
    assert not hashing.verify(None, "three green bicycles")
