"""The fake services answer in the shapes of the real ones: every key is one of their schemas'."""

from __future__ import annotations

from typing import Any

import pytest
from marshmallow import Schema, fields

from services.facilities import schemas as facilities
from services.imports import schemas as imports
from services.records import schemas as records
from services.registration.schemas import answers as registration
from tests.fakes import services as fakes


@pytest.mark.parametrize(
    ("schema", "answer"),
    [
        (registration.ApplicationAnswer, fakes.APPLICATION),
        (registration.TokenAnswer, fakes.TOKEN),
        (registration.AccountAnswer, fakes.ACCOUNT),
        (registration.ListedAccountAnswer, fakes.LISTED_ACCOUNT),
        (records.RecordListItem, fakes.RECORD_ROW),
        (records.RecordAnswer, fakes.RECORD),
        (imports.OneImportAnswer, fakes.IMPORT),
        (imports.FindingAnswer, fakes.FINDING),
        (imports.FindingGroupAnswer, fakes.GROUP),
        (facilities.RoundAnswer, fakes.ROUND),
        (facilities.QuestionnaireAnswer, fakes.QUESTIONNAIRE),
        (facilities.AnswersAnswer, fakes.ANSWERS),
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
