"""The registration form: begun by mail, filled in section by section, sent, followed."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from services.registration.actions.registrations import (
    answer_query,
    begin_registration,
    open_registration,
    save_section,
    send_registration,
)
from services.registration.domain.questions import QUESTIONS, SECTIONS
from services.registration.metrics import APPLICATIONS
from services.registration.parts import parts
from services.registration.schemas.registrations import (
    AnswerQueryBody,
    BeginRegistrationBody,
    FormAnswer,
    RegistrationAnswer,
    RegistrationLinkBody,
    SaveSectionBody,
)
from services.shared.identity import public
from services.shared.web import site_transaction

blueprint = Blueprint(
    "registrations", __name__, url_prefix="/registrations", description="The form, page by page"
)


@blueprint.get("/form")
@public
@blueprint.response(200, FormAnswer)
def show_form() -> Any:
    """Read the form as it is asked: sections, questions, options."""
    return {
        "sections": [
            {
                "name": name,
                "title": title,
                "questions": [question for question in QUESTIONS if question.section == name],
            }
            for name, title in SECTIONS.items()
        ]
    }


@blueprint.post("")
@public
@blueprint.arguments(BeginRegistrationBody)
@blueprint.response(204)
def begin(body: dict[str, str]) -> None:
    """Have a link to a form mailed. The answer is the same for every address."""
    with site_transaction() as session:
        begin_registration(session, email=body["email"], desk=parts().desk)


@blueprint.post("/open")
@public
@blueprint.arguments(RegistrationLinkBody)
@blueprint.response(200, RegistrationAnswer)
def open_(body: dict[str, str]) -> Any:
    """Read a form, and what has become of it."""
    with site_transaction() as session:
        return open_registration(session, link=body["link"])


@blueprint.put("/sections/<section>")
@public
@blueprint.arguments(SaveSectionBody)
@blueprint.response(200, RegistrationAnswer)
def save(body: dict[str, Any], section: str) -> Any:
    """Keep the answers of one section, right or wrong."""
    with site_transaction() as session:
        return save_section(session, link=body["link"], section=section, answers=body["answers"])


@blueprint.post("/submission")
@public
@blueprint.arguments(RegistrationLinkBody)
@blueprint.response(200, RegistrationAnswer)
def submit(body: dict[str, str]) -> Any:
    """Hand the form in. 422 names each answer that is missing or wrong."""
    with site_transaction() as session:
        found = send_registration(session, link=body["link"], desk=parts().desk)
    APPLICATIONS.labels("submitted").inc()
    return found


@blueprint.post("/reply")
@public
@blueprint.arguments(AnswerQueryBody)
@blueprint.response(200, RegistrationAnswer)
def reply(body: dict[str, str]) -> Any:
    """Answer a question of the audit team."""
    with site_transaction() as session:
        return answer_query(session, link=body["link"], words=body["words"])
