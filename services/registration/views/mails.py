"""What became of our mails, for the audit team."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint
from marshmallow import RAISE

from services.registration import queries
from services.registration.schemas.answers import MailAnswer, page_of
from services.registration.schemas.bodies import MailsQuery
from services.shared.identity import allows
from services.shared.web import site_transaction

blueprint = Blueprint("mails", __name__, url_prefix="/mails", description="Mail that we send")


@blueprint.get("")
@allows("accounts.manage")
@blueprint.arguments(MailsQuery, location="query", unknown=RAISE)
@blueprint.response(200, page_of(MailAnswer))
def list_all(query: dict[str, Any]) -> Any:
    """List mails, newest first, without their words."""
    with site_transaction(read_only=True) as session:
        return queries.list_mails(session, **query)
