"""Registration forms: sent by anyone, reviewed by the audit team."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from marshmallow import RAISE

from services.registration import queries
from services.registration.actions.applications import (
    RegistrationForm,
    approve_application,
    decline_application,
    query_application,
    submit_application,
)
from services.registration.actions.log import Outsider
from services.registration.domain.registration_form import answers_of, lines_of
from services.registration.metrics import APPLICATIONS
from services.registration.parts import parts
from services.registration.schemas.answers import (
    ApplicationAnswer,
    ApprovedApplicationAnswer,
    SubmittedApplicationAnswer,
    page_of,
)
from services.registration.schemas.bodies import (
    ApplicationsQuery,
    DeclineApplicationBody,
    SubmitApplicationBody,
)
from services.registration.schemas.registrations import (
    QueryApplicationBody,
    ReviewedApplicationAnswer,
)
from services.shared.identity import allows, current_actor, public
from services.shared.web import site_transaction

blueprint = Blueprint(
    "applications", __name__, url_prefix="/applications", description="Registration forms"
)


@blueprint.post("")
@public
@blueprint.arguments(SubmitApplicationBody)
@blueprint.response(201, SubmittedApplicationAnswer)
def submit(form: RegistrationForm) -> Any:
    """Register a site. Anyone may; the audit team reviews it."""
    with site_transaction() as session:
        made = submit_application(session, form=form, by=Outsider.VISITOR, desk=parts().desk)
    APPLICATIONS.labels("submitted").inc()
    return made


@blueprint.get("")
@allows("registrations.review")
@blueprint.arguments(ApplicationsQuery, location="query", unknown=RAISE)
@blueprint.response(200, page_of(ApplicationAnswer))
def list_all(query: dict[str, Any]) -> Any:
    """List registrations, the longest waiting first."""
    with site_transaction(read_only=True) as session:
        return queries.list_applications(session, **query)


@blueprint.get("/<uuid:application_id>")
@allows("registrations.review")
@blueprint.response(200, ReviewedApplicationAnswer)
def get(application_id: UUID) -> Any:
    """Read one registration: answers, what was asked, what it may be a double of, history."""
    with site_transaction(read_only=True) as session:
        application = queries.get_application(session, application_id)
        answers = application.answers or answers_of(vars(application))
        return {
            **vars(application),
            "lines": [
                {"section": section, "label": label, "text": text}
                for section, label, text in lines_of(answers)
            ],
            "messages": queries.list_application_messages(session, application_id),
            "similar": queries.list_similar(session, application),
            "history": queries.list_about(session, "application", application_id),
        }


@blueprint.post("/<uuid:application_id>/query")
@allows("registrations.review")
@blueprint.arguments(QueryApplicationBody)
@blueprint.response(200, ApplicationAnswer)
def query(body: dict[str, Any], application_id: UUID) -> Any:
    """Ask the applicant something; they are mailed a link to the page for the answer."""
    with site_transaction() as session:
        application = query_application(
            session,
            application_id=application_id,
            words=body["words"],
            by=current_actor(),
            desk=parts().desk,
        )
    APPLICATIONS.labels("queried").inc()
    return application


@blueprint.post("/<uuid:application_id>/approval")
@allows("registrations.review")
@blueprint.response(200, ApprovedApplicationAnswer)
def approve(application_id: UUID) -> Any:
    """Approve a registration: makes the site, its code and its lead's invitation."""
    with site_transaction() as session:
        application, site = approve_application(
            session, application_id=application_id, by=current_actor(), desk=parts().desk
        )
    APPLICATIONS.labels("approved").inc()
    return {"application": application, "site": site}


@blueprint.post("/<uuid:application_id>/refusal")
@allows("registrations.review")
@blueprint.arguments(DeclineApplicationBody)
@blueprint.response(200, ApplicationAnswer)
def decline(body: dict[str, Any], application_id: UUID) -> Any:
    """Decline a registration with a reason, which is mailed to the applicant."""
    with site_transaction() as session:
        application = decline_application(
            session,
            application_id=application_id,
            reason=body["reason"],
            by=current_actor(),
            desk=parts().desk,
        )
    APPLICATIONS.labels("declined").inc()
    return application
