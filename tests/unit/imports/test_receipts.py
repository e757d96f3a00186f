"""A receipt that was altered in any place is not genuine."""

from __future__ import annotations

import base64
import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.imports.domain.receipts import FORMAT, NotGenuine, Signer, verify

KEYS = {name: base64.b64encode(name.encode() * 16).decode() for name in ("k1", "k2")}
OLD, NEW = Signer({"k1": KEYS["k1"]}, "k1"), Signer(KEYS, "k2")
DOCUMENT: dict[str, Any] = {
    "format": FORMAT,
    "number": 1,
    "ledger": {"received": 10, "new": 9, "rejected": 1},
    "site_code": "Bé",
    "replaces": None,
}


def signed(signer: Signer, document: dict[str, Any] = DOCUMENT) -> dict[str, Any]:
    signature = base64.b64encode(signer.sign(document)).decode()
    return {"receipt": document, "key_id": signer.current_id, "signature": signature}


def test_a_receipt_is_genuine_however_its_json_is_written() -> None:
    text = json.dumps(signed(NEW), indent=3)
    assert verify(json.loads(text), NEW.public_keys()) == DOCUMENT


def test_a_receipt_of_an_older_key_stays_genuine() -> None:
    assert verify(signed(OLD), NEW.public_keys()) == DOCUMENT


@given(st.sampled_from(sorted(DOCUMENT)), st.one_of(st.integers(), st.text(), st.none()))
def test_any_altered_value_is_noticed(key: str, value: Any) -> None:
    altered = copy.deepcopy(signed(NEW))
    altered["receipt"][key] = value
    if altered["receipt"] == DOCUMENT:
        return
    with pytest.raises(NotGenuine):
        verify(altered, NEW.public_keys())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"signature": "AAAA"}, "altered"),
        ({"signature": "no base64!"}, "altered"),
        ({"key_id": "k9"}, "published"),
        ({"key_id": "k1"}, "altered"),
        ({"receipt": None}, "no receipt"),
    ],
)
def test_what_is_wrong_with_it_is_said(change: dict[str, Any], words: str) -> None:
    with pytest.raises(NotGenuine, match=words):
        verify({**signed(NEW), **change}, NEW.public_keys())


def test_something_else_that_was_signed_is_no_receipt() -> None:
    with pytest.raises(NotGenuine, match="not as a receipt"):
        verify(signed(NEW, {"format": "a letter"}), NEW.public_keys())
