"""Identifiers are bound to their patient and field."""

from __future__ import annotations

from uuid import uuid4

import pytest

from services.records.identifiers import (
    hash_candidates,
    hash_identifier,
    new_patient_key,
    open_identifier,
    patient_key,
    seal_identifier,
)
from services.records.keys import Keys
from services.shared.sealing import CannotOpen, HashKeys, Keyring

RING = Keyring({"m": b"m" * 32}, "m")
KEYS = Keys(RING, HashKeys({"h": b"h" * 32}, "h"), RING, b"s" * 32)
ROTATED = Keys(RING, HashKeys({"h": b"h" * 32, "i": b"i" * 32}, "i"), RING, b"s" * 32)


def test_what_is_sealed_opens_for_its_patient_and_field_alone() -> None:
    patient, other = uuid4(), uuid4()
    data_key, wrapped = new_patient_key(KEYS, patient)
    assert patient_key(KEYS, patient, wrapped) == data_key
    sealed = seal_identifier(data_key, patient, "postcode", "AA1 1AA")
    assert open_identifier(data_key, patient, "postcode", sealed) == "AA1 1AA"
    for wrong in ((other, "postcode"), (patient, "local_id")):
        with pytest.raises(CannotOpen):
            open_identifier(data_key, *wrong, sealed)
    with pytest.raises(CannotOpen):
        patient_key(KEYS, other, wrapped)


def test_one_text_hashes_differently_in_each_field() -> None:
    assert hash_identifier(KEYS, "local_id", "1") != hash_identifier(KEYS, "postcode", "1")


def test_hashes_of_an_older_key_are_candidates() -> None:
    old = hash_identifier(KEYS, "nhs_number", "9990000018")
    assert hash_candidates(KEYS, "nhs_number", "9990000018") == [old]
    assert hash_candidates(ROTATED, "nhs_number", "9990000018")[1:] == [old]
    assert not KEYS.has_older_hash_keys and ROTATED.has_older_hash_keys
