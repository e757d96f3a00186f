"""What an identity token carries from registration to the services."""

from __future__ import annotations

import base64
import time
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.shared.errors import Unauthenticated
from services.shared.identity import Actor, Signer, Verifier

_KEY = Ed25519PrivateKey.generate()
_SIGNER = Signer(base64.b64encode(_KEY.private_bytes_raw()).decode(), "k1")
_VERIFIER = Verifier({"k1": base64.b64encode(_KEY.public_key().public_bytes_raw()).decode()})


@pytest.mark.parametrize(
    "actor",
    [
        Actor(uuid4(), uuid4(), frozenset({"records.read"}), "s", "c"),
        Actor(uuid4(), None, frozenset(), "s", "c"),
        Actor(uuid4(), uuid4(), frozenset({"records.read"}), "s", "c", uuid4()),
    ],
    ids=["at a site", "national", "visiting"],
)
def test_a_token_brings_the_same_actor_back(actor: Actor) -> None:
    assert _VERIFIER.verify(_SIGNER.sign(actor)) == actor


def _signed(**claims: object) -> str:
    now = int(time.time())
    held = {"iss": "registration", "iat": now, "exp": now + 60, "sub": str(uuid4())}
    whole = held | {"site": None, "rights": [], "sid": "s", "csrf": "c"} | claims
    return jwt.encode(whole, _KEY, algorithm="EdDSA", headers={"kid": "k1"})


def test_a_token_from_before_visits_is_still_read() -> None:
    assert _VERIFIER.verify(_signed()).visit_id is None


@pytest.mark.parametrize("visit", ["x", 7, ["x"], {}])
def test_a_visit_that_is_no_id_is_refused(visit: object) -> None:
    with pytest.raises(Unauthenticated):
        _VERIFIER.verify(_signed(visit=visit))


def test_a_token_that_was_verified_is_verified_anew_once_it_has_expired() -> None:
    verifier = Verifier({"k1": base64.b64encode(_KEY.public_key().public_bytes_raw()).decode()})
    actor = Actor(uuid4(), uuid4(), frozenset({"records.read"}), "s", "c")
    # Verified in its last moments, and once more when they are over.
    issued = time.time() - 58
    token = _SIGNER.sign(actor, now=issued)
    assert verifier.verify(token) == verifier.verify(token) == actor
    known = verifier._known[token]
    verifier._known[token] = (time.time() - 1, known[1])
    forget = Verifier({})
    verifier._keys = forget._keys
    with pytest.raises(Unauthenticated):
        verifier.verify(token)


def test_a_token_like_one_that_was_verified_is_refused() -> None:
    verifier = Verifier({"k1": base64.b64encode(_KEY.public_key().public_bytes_raw()).decode()})
    token = _SIGNER.sign(Actor(uuid4(), None, frozenset(), "s", "c"))
    verifier.verify(token)
    head, body, seal = token.split(".")
    for forged in (f"{head}.{body}.{seal[:-4]}AAAA", f"{head}.{body[:-4]}AAAA.{seal}", head):
        with pytest.raises(Unauthenticated):
            verifier.verify(forged)


def test_only_so_many_tokens_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.shared.identity._MOST_REMEMBERED", 3)
    verifier = Verifier({"k1": base64.b64encode(_KEY.public_key().public_bytes_raw()).decode()})
    for _ in range(10):
        verifier.verify(_SIGNER.sign(Actor(uuid4(), None, frozenset(), "s", "c")))
        assert len(verifier._known) <= 3
