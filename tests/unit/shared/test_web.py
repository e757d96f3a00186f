"""What all applications have in common: identity, problem documents, deny by default."""

import base64
import json
import os
import time
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Blueprint, Flask
from flask.testing import FlaskClient
from flask_smorest import Blueprint as ApiBlueprint
from marshmallow import RAISE, Schema, fields

from services.shared import errors
from services.shared.identity import (
    HEADER,
    Actor,
    Signer,
    allows,
    current_actor,
    public,
    signed_in,
)
from services.shared.metrics import REQUESTS
from services.shared.settings import ServiceSettings
from services.shared.web import make_app

_PRIVATE = os.urandom(32)
_PUBLIC = Ed25519PrivateKey.from_private_bytes(_PRIVATE).public_key().public_bytes_raw()
_SIGNER = Signer(base64.b64encode(_PRIVATE).decode(), "k1")
_ERRORS: dict[str, tuple[Exception, int]] = {
    "invalid": (errors.InvalidInput({"name": ["Enter a name."]}), 422),
    "large": (errors.TooLarge("At most 1 MB."), 413),
    "missing": (errors.NotFound(), 404),
    "conflict": (errors.Conflict("Changed.", "version_moved", {"version": 3}), 409),
    "forbidden": (errors.Forbidden(), 403),
    "unknown": (errors.Unauthenticated(), 401),
    "often": (errors.TooMany("Wait.", 7), 429),
    "down": (errors.Unavailable("Down.", 9), 503),
    "fault": (RuntimeError("patient 9990000018"), 500),
}


class _Body(Schema):
    name = fields.String(required=True)


class _Query(Schema):
    page = fields.Integer(load_default=1)


def _blueprint() -> ApiBlueprint:
    blueprint = ApiBlueprint("things", __name__, url_prefix="/things")

    @blueprint.route("/open")
    @public
    @blueprint.response(200)
    def open_view() -> dict[str, str]:
        return {"a": "b"}

    @blueprint.route("/mine")
    @signed_in
    @blueprint.response(200)
    def mine() -> dict[str, str]:
        return {"account": str(current_actor().account_id)}

    @blueprint.route("/read")
    @allows("records.read", "national.read")
    @blueprint.response(200)
    def read() -> dict[str, str]:
        return {}

    @blueprint.route("/list")
    @public
    @blueprint.arguments(_Query, location="query", unknown=RAISE)
    @blueprint.response(200)
    def list_all(query: dict[str, Any]) -> dict[str, Any]:
        return query

    @blueprint.route("/raise/<name>")
    @public
    def raise_it(name: str) -> None:
        raise _ERRORS[name][0]

    @blueprint.route("/", methods=["POST"])
    @public
    @blueprint.arguments(_Body)
    @blueprint.response(201)
    def create(body: dict[str, Any]) -> dict[str, Any]:
        return body

    return blueprint


def _settings() -> ServiceSettings:
    return ServiceSettings(database_url="", broker_url="", identity_public_keys=_public_keys())


def _public_keys() -> str:
    return json.dumps({"k1": base64.b64encode(_PUBLIC).decode()})


@pytest.fixture
def app() -> Flask:
    return make_app("things", _settings(), engine=None, blueprints=[_blueprint()])


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def _headers(*rights: str, now: float | None = None, signer: Signer = _SIGNER) -> dict[str, str]:
    actor = Actor(uuid4(), uuid4(), frozenset(rights), "s", "c")
    return {HEADER: signer.sign(actor, now=now)}


def test_a_visitor_sees_what_is_public_and_nothing_else(client: FlaskClient) -> None:
    assert client.get("/api/things/v1/things/open").status_code == 200
    assert client.get("/api/things/v1/things/mine").status_code == 401
    assert client.get("/api/things/v1/things/read").status_code == 401


def test_any_one_of_the_rights_is_enough(client: FlaskClient) -> None:
    path = "/api/things/v1/things/read"
    assert client.get(path, headers=_headers("national.read")).status_code == 200
    assert client.get(path, headers=_headers("records.write")).status_code == 403


def test_a_token_from_another_key_an_old_or_a_broken_one_is_refused(client: FlaskClient) -> None:
    path = "/api/things/v1/things/open"
    forged = Signer(base64.b64encode(os.urandom(32)).decode(), "k1")
    unknown = Signer(base64.b64encode(_PRIVATE).decode(), "k2")
    for headers in (
        _headers(signer=forged),
        _headers(signer=unknown),
        _headers(now=time.time() - 120),
        {HEADER: "x"},
        {HEADER: "a.b.c"},
    ):
        assert client.get(path, headers=headers).status_code == 401


@pytest.mark.parametrize("name", _ERRORS)
def test_every_error_has_one_shape_and_its_status(name: str, client: FlaskClient) -> None:
    answer = client.get(f"/api/things/v1/things/raise/{name}")
    assert answer.status_code == _ERRORS[name][1]
    assert answer.content_type == "application/problem+json"
    body = answer.get_json()
    assert body["status"] == answer.status_code
    assert body["title"] and body["detail"]
    assert body["request_id"] == answer.headers["X-Request-ID"]
    assert "9990000018" not in answer.text


def test_what_the_caller_needs_travels_with_the_problem(client: FlaskClient) -> None:
    get = client.get
    assert get("/api/things/v1/things/raise/invalid").get_json()["errors"] == {
        "name": ["Enter a name."]
    }
    conflict = get("/api/things/v1/things/raise/conflict").get_json()
    assert (conflict["code"], conflict["version"]) == ("version_moved", 3)
    assert get("/api/things/v1/things/raise/often").headers["Retry-After"] == "7"
    assert get("/api/things/v1/things/raise/down").headers["Retry-After"] == "9"


def test_a_body_that_does_not_fit_names_its_fields(client: FlaskClient) -> None:
    answer = client.post("/api/things/v1/things/", json={"nane": "x"})
    assert answer.status_code == 422
    assert set(answer.get_json()["errors"]) == {"name", "nane"}
    assert answer.get_json()["title"] == "Some of this needs correcting"


def test_a_query_parameter_that_nobody_knows_is_named(client: FlaskClient) -> None:
    answer = client.get("/api/things/v1/things/list?page=2&pag_size=3")
    assert answer.status_code == 422
    assert set(answer.get_json()["errors"]) == {"pag_size"}


def test_the_library_and_we_give_an_error_of_one_status_one_title(client: FlaskClient) -> None:
    theirs = client.get("/nothing").get_json()["title"]
    assert theirs == client.get("/api/things/v1/things/raise/missing").get_json()["title"]


@pytest.mark.parametrize(
    "body",
    [b'{"name": "\\ud800"}', b'{"\\udc00": "x"}', b"[" * 100_000, b'{"a":' * 100_000,
     b'{"name": ' + b"9" * 5000 + b"}", b'{"name": NaN}', b"\xff", b"{"],
    ids=["half a pair", "in a key", "nested lists", "nested objects", "endless number", "no number",
         "no text", "cut off"],
)  # fmt: skip
def test_json_that_nobody_can_work_with_is_refused_not_a_fault_of_ours(
    client: FlaskClient, body: bytes
) -> None:
    answer = client.post("/api/things/v1/things/", data=body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"
    assert answer.get_json()["request_id"]


def test_a_made_up_method_makes_no_series_of_its_own(client: FlaskClient) -> None:
    for method in ("BREW", "QUX_A"):
        assert client.open("/api/things/v1/things/open", method=method).status_code == 405
    families = {sample.labels["method"] for m in REQUESTS.collect() for sample in m.samples}
    assert "other" in families
    assert not families & {"BREW", "QUX_A"}


def test_an_unknown_path_and_method_are_problems_too(client: FlaskClient) -> None:
    assert client.get("/nothing").content_type == "application/problem+json"
    answer = client.post("/api/things/v1/things/open")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_the_gateways_request_id_is_kept_and_a_strange_one_is_not(client: FlaskClient) -> None:
    path = "/api/things/v1/things/open"
    kept = client.get(path, headers={"X-Request-ID": "a" * 32})
    assert kept.headers["X-Request-ID"] == "a" * 32
    strange = client.get(path, headers={"X-Request-ID": "'; drop table"})
    assert "drop" not in strange.headers["X-Request-ID"]


def test_a_view_that_does_not_say_who_may_call_it_stops_the_application() -> None:
    page = Blueprint("page", __name__)
    page.add_url_rule("/silent", view_func=lambda: "x", endpoint="silent")
    with pytest.raises(RuntimeError, match="page.silent"):
        make_app("things", _settings(), engine=None, pages=[page])


def test_the_api_describes_itself(client: FlaskClient) -> None:
    document = client.get("/api/things/v1/openapi.json").get_json()
    assert "/api/things/v1/things/open" in document["paths"]


def test_the_api_says_how_to_sign_a_request_and_what_needs_no_token(client: FlaskClient) -> None:
    document = client.get("/api/things/v1/openapi.json").get_json()
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assert document["security"] == [{"bearer": []}]
    assert document["servers"][0]["url"] == "/"
    paths = document["paths"]
    assert paths["/api/things/v1/things/open"]["get"]["security"] == []
    assert paths["/api/things/v1/things/"]["post"]["security"] == []
    assert "security" not in paths["/api/things/v1/things/mine"]["get"]
    assert "security" not in paths["/api/things/v1/things/read"]["get"]
