"""The contact form: anyone writes to the audit team."""

from __future__ import annotations

from flask_smorest import Blueprint

from services.registration.actions.mails import queue_mail
from services.registration.domain.mails import message_to_team
from services.registration.parts import parts
from services.registration.schemas.bodies import MessageBody
from services.shared.identity import public
from services.shared.web import site_transaction

blueprint = Blueprint("messages", __name__, url_prefix="/messages", description="Contact")


@blueprint.post("")
@public
@blueprint.arguments(MessageBody)
@blueprint.response(204)
def send(body: dict[str, str]) -> None:
    """Write to the audit team; it goes on by mail. Long numbers are refused: no patient's."""
    words = message_to_team(name=body["name"], email=body["email"], words=body["words"])
    with site_transaction() as session:
        queue_mail(session, to_address=parts().contact_email, words=words, desk=parts().desk)
