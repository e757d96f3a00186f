"""What a registration form is refused for, field by field."""

from typing import Any

import pytest
from marshmallow import ValidationError

from services.registration.schemas.bodies import DeclineApplicationBody, SubmitApplicationBody
from tests.factories.registration import make_form


def problems(**changes: Any) -> dict[str, list[str]]:
    try:
        SubmitApplicationBody().load(make_form(**changes))
    except ValidationError as error:
        assert isinstance(error.messages, dict)
        return error.messages
    return {}


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("organisation_name", ..., "Enter the name"),
        ("organisation_name", "   ", "Enter the name"),
        ("organisation_name", None, "Enter the name"),
        ("organisation_name", "x" * 201, "at most 200"),
        ("organisation_name", "Exam\nple", "line breaks"),
        ("organisation_name", "Exam\x00ple", "control characters"),
        ("organisation_name", ["list"], "Enter the name"),
        ("organisation_kind", "castle", "Choose hospital"),
        ("organisation_kind", ..., "Choose what kind"),
        ("ods_code", "banana", "Enter the ODS code"),
        ("ods_code", "", "Enter the organisation's ODS code"),
        ("nation", "scotland", "Choose England"),
        ("has_fls", "perhaps", "Say whether"),
        ("has_fls", ..., "Say whether"),
        ("lead_name", "", "Enter the name of the person"),
        ("lead_email", "sam", "such as name@example.org"),
        ("lead_email", "s\u00e4m@example.org", "without accents"),
        ("lead_email", "sam@example.org\nBcc: x@example.org", "line breaks"),
        ("lead_phone", "ring me", "telephone number"),
        ("statements_accepted", False, "Confirm the statements"),
        ("statements_accepted", ..., "Confirm the statements"),
        ("surprise", "x", "Unknown field"),
    ],
)
def test_each_field_says_what_is_wrong_with_it(field: str, value: Any, words: str) -> None:
    found = problems(**{field: value})
    assert list(found) == [field]
    assert any(words in message for message in found[field]), found


def test_a_good_form_passes_and_is_tidied() -> None:
    form = SubmitApplicationBody().load(
        make_form(ods_code=" rcf ", lead_name=" Sam ", lead_job="", lead_phone=None, fls_name=...)
    )
    assert (form.ods_code, form.lead_name) == ("RCF", "Sam")
    assert (form.lead_job, form.lead_phone, form.fls_name) == (None, None, None)


def test_all_wrong_fields_are_named_at_once() -> None:
    assert set(problems(organisation_name="", nation="x", lead_email="x")) == {
        "organisation_name",
        "nation",
        "lead_email",
    }


def test_a_reason_may_have_paragraphs() -> None:
    assert DeclineApplicationBody().load({"reason": "One.\n\nTwo."}) == {"reason": "One.\n\nTwo."}
