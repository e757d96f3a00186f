"""The fake services answer in the shapes of the real ones: every key is one of their schemas'."""

from __future__ import annotations

import base64
import importlib
import json
import re
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from marshmallow import Schema, fields

from services.facilities.schemas import answers, national, rounds
from services.imports import schemas as imports
from services.records import schemas as records
from services.registration.schemas import answers as registration
from services.registration.schemas import log as registered_log
from services.registration.schemas import notices as registered_notices
from services.registration.schemas import people as registered
from services.registration.schemas import registrations as registered_form
from services.shared.identity import HEADER, Actor
from services.shared.settings import load
from tests.fakes import facilities as facilities_fakes
from tests.fakes import forms, joining, people, signing_in, working
from tests.fakes import services as fakes
from tests.unit.gateway.conftest import LEAD, PUBLIC_KEY, SIGNER, TEAM

SERVICES = ("registration", "records", "imports", "facilities")
_ROUND = f"/facilities/v1/rounds/{facilities_fakes.ROUND_ID}"
_RECORD = f"/records/v1/records/{fakes.RECORD_ID}"


def _answer(method: str, path: str) -> Any:
    return fakes.FakeServices().replies[method, path]


@pytest.mark.parametrize(
    ("schema", "answer"),
    [
        (registration.ApplicationAnswer, fakes.APPLICATION),
        (registered_form.FormAnswer, joining.FORM),
        (registered_form.RegistrationAnswer, joining.SENT),
        (registered_form.ReviewedApplicationAnswer, fakes.APPLICATION | joining.REVIEW),
        (registered_log.ListedLineAnswer, joining.LISTED_LINE),
        (registered_notices.NoticeAnswer, joining.NOTICE),
        (registered_form.StatementAnswer, joining.STATEMENT),
        (registered_form.SiteHistoryAnswer, joining.HISTORY),
        (registration.TokenAnswer, fakes.TOKEN),
        (registration.OpenSessionAnswer, fakes.OPEN_SESSION),
        (registration.AccountAnswer, fakes.ACCOUNT),
        (registration.ListedAccountAnswer, fakes.LISTED_ACCOUNT),
        (registration.ShownAccountAnswer, fakes.SHOWN_ACCOUNT),
        (registration.WaitingSignInAnswer, signing_in.WAITING),
        (registration.OfferedAppAnswer, signing_in.OFFER),
        (registration.OwnSecondFactorAnswer, signing_in.OWN),
        (registration.MeAnswer, fakes.ME),
        (registration.VisitBriefAnswer, people.VISIT),
        (registration.SiteAnswer, people.LISTED_SITE),
        (registered.PersonAnswer, people.FORMER),
        (registered.PersonAnswer, people.VISITOR),
        (registered.VisitAnswer, people.LISTED_VISIT),
        (records.RecordListItem, fakes.RECORD_ROW),
        (records.RecordAnswer, fakes.RECORD),
        (records.RecordAnswer, forms.BEGUN),
        (records.LookupAnswer, forms.LOOKED_UP),
        (records.SearchAnswer, _answer("POST", "/records/v1/records/search")),
        (records.ChangesAnswer, fakes.CHANGES),
        (records.HeldRowsAnswer, fakes.HELD_ROWS),
        (records.HeldRowAnswer, fakes.HELD_ROW),
        (records.WorklistsAnswer, _answer("GET", "/records/v1/worklists")),
        (records.WorklistAnswer, _answer("GET", "/records/v1/worklists/unfinished")),
        (records.WorklistAnswer, _answer("GET", "/records/v1/worklists/duplicates")),
        (records.FullHistoryItem, working.HISTORY[0]),
        (records.VersionAnswer, working.VERSION),
        (records.ReadsAnswer, _answer("GET", f"{_RECORD}/reads")),
        (records.PairsAnswer, _answer("GET", "/records/v1/duplicates")),
        (records.PairAnswer, _answer("GET", f"/records/v1/duplicates/{working.PAIR_ID}")),
        (records.DeletedAnswer, _answer("GET", "/records/v1/records/deleted")),
        (records.OptOutCount, _answer("GET", "/records/v1/opt-outs/count")),
        (records.PeriodsAnswer, _answer("GET", "/records/v1/periods")),
        (records.ExtensionsAnswer, _answer("GET", "/records/v1/period-extensions")),
        (records.UnlocksAnswer, _answer("GET", "/records/v1/unlock-requests")),
        (records.NextAnswer, _answer("GET", "/records/v1/worklists/errors/next")),
        (imports.OneImportAnswer, fakes.IMPORT),
        (imports.FindingAnswer, fakes.FINDING),
        (imports.FindingGroupAnswer, fakes.GROUP),
        (rounds.RoundAnswer, facilities_fakes.ROUND),
        (rounds.OwnRoundAnswer, facilities_fakes.OWN_ROUND),
        (rounds.QuestionnaireAnswer, facilities_fakes.QUESTIONNAIRE),
        (rounds.QuestionnaireBriefAnswer, facilities_fakes.QUESTIONNAIRES[0]),
        (rounds.RoundChangeAnswer, facilities_fakes.ROUND_CHANGE),
        (answers.AnswersAnswer, facilities_fakes.ANSWERS),
        (answers.SiteAnswersAnswer, facilities_fakes.SITE_ANSWERS),
        (answers.LastTimeAnswer, facilities_fakes.LAST_TIME),
        (answers.ReceiptAnswer, facilities_fakes.RECEIPT),
        (answers.ChangeAnswer, facilities_fakes.CHANGE),
        (answers.CommentAnswer, facilities_fakes.COMMENT),
        (national.OwnResultsAnswer, facilities_fakes.OWN_RESULTS),
        (national.ProgressAnswer, _answer("GET", f"{_ROUND}/progress")),
    ],
)
def test_a_fake_answers_nothing_that_the_service_does_not(
    schema: type[Schema], answer: dict[str, Any]
) -> None:
    assert unknown(schema(), answer) == []


def unknown(schema: Schema, answer: dict[str, Any]) -> list[str]:
    """The keys that the schema does not have, looked for through nested ones."""
    known = {field.data_key or name: field for name, field in schema.fields.items()}
    found = [key for key in answer if key not in known]
    for key, value in answer.items():
        field = known.get(key)
        many = isinstance(field, fields.List)
        inner = field.inner if isinstance(field, fields.List) else field
        if isinstance(inner, fields.Nested) and value is not None:
            for item in value if many else [value]:
                found += [f"{key}.{name}" for name in unknown(inner.schema, item)]
    return found


def _environment() -> dict[str, str]:
    key = base64.b64encode(b"k" * 32).decode()
    ring = json.dumps({"k": key})
    names = ("MASTER_KEYS", "HASH_KEYS", "BATCH_KEYS", "RECEIPT_KEYS", "SECOND_FACTOR_KEYS")
    return {
        "FLS_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "FLS_BROKER_URL": "amqp://127.0.0.1:1",
        "FLS_IDENTITY_PUBLIC_KEYS": json.dumps({"test": PUBLIC_KEY}),
        "FLS_IDENTITY_PRIVATE_KEY": key,
        "FLS_IDENTITY_KEY_ID": "test",
        "FLS_PUBLIC_URL": "http://localhost",
        "FLS_MAIL_FROM": "Audit <audit@example.org>",
        "FLS_CONTACT_EMAIL": "team@audit.example",
        "FLS_STUDY_KEY": key,
        **{f"FLS_{name}": ring for name in names},
        **{f"FLS_{name[:-1]}_ID": "k" for name in names},
    }


@pytest.mark.parametrize("service", SERVICES)
def test_the_service_has_every_address_that_the_pages_ask(service: str) -> None:
    addresses = _application(service).url_map.bind("x")
    asked = [key for key in fakes.FakeServices().replies if key[1].startswith(f"/{service}/")]
    assert asked
    for method, path in asked:
        assert addresses.test(f"/api{path}", method=method), f"{method} {path}"


def _application(service: str) -> Flask:
    settings = importlib.import_module(f"services.{service}.settings")
    application = importlib.import_module(f"services.{service}.app")
    web = getattr(settings, "WebSettings", settings.Settings)
    made: Flask = application.create_app(load(web, _environment()))
    return made


@pytest.mark.parametrize("service", SERVICES)
def test_a_mistyped_query_parameter_is_refused_and_named(service: str) -> None:
    app = _application(service)
    actor = Actor(uuid4(), uuid4(), LEAD | TEAM, "s", "c")
    client = app.test_client()
    document = client.get(f"/api/{service}/v1/openapi.json").get_json()
    asked = [
        (method, path)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if isinstance(operation, dict)
        and any(p.get("in") == "query" for p in operation.get("parameters", ()))
    ]
    assert asked
    for method, path in asked:
        address = re.sub(r"{\w+}", str(uuid4()), path) + "?mistyped=1"
        answer = client.open(address, method=method.upper(), headers={HEADER: SIGNER.sign(actor)})
        assert answer.status_code == 422, f"{method} {path}"
        assert "mistyped" in answer.get_json()["errors"]


def test_the_upload_says_that_its_body_is_the_file() -> None:
    document = _application("imports").test_client().get("/api/imports/v1/openapi.json").get_json()
    body = document["paths"]["/api/imports/v1/imports"]["post"]["requestBody"]
    binary = {"schema": {"type": "string", "format": "binary"}}
    assert body["content"] == {"text/csv": binary, "application/octet-stream": binary}
    assert body["required"]


def test_signing_in_needs_no_token() -> None:
    app = _application("registration")
    paths = app.test_client().get("/api/registration/v1/openapi.json").get_json()["paths"]
    assert paths["/api/registration/v1/sessions"]["post"]["security"] == []
    assert "security" not in paths["/api/registration/v1/tokens"]["post"]
