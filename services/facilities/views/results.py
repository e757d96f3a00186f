"""What all sites answered: tables for the audit team, files to download, a site beside the others.

Nothing here is about a patient, and free text is only counted. A site sees the tables once it has
submitted itself, or the round is over: nobody is to answer with an eye on the others.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint
from marshmallow import RAISE
from sqlalchemy import Row

from dataset.writing import safe_for_spreadsheet
from services.facilities.domain.exporting import (
    DEFINITION_HEADINGS,
    data_rows,
    definition_rows,
    headings,
)
from services.facilities.domain.questionnaires import get_questionnaire
from services.facilities.domain.questions import Questionnaire
from services.facilities.domain.results import results
from services.facilities.queries.answers import get_answer_page
from services.facilities.queries.national import list_submitted
from services.facilities.queries.rounds import describe, get_round
from services.facilities.schemas import national as schemas
from services.facilities.today import LONDON, today_in_london
from services.facilities.views.reading import log_read
from services.shared.errors import Conflict
from services.shared.identity import allows, current_actor
from services.shared.web import national_transaction, site_transaction

blueprint = Blueprint("results", __name__, url_prefix="/rounds", description="Results")


@blueprint.get("/<uuid:round_id>/results")
@allows("facilities.manage", "facilities.read_national")
@blueprint.arguments(schemas.ResultsQuery, location="query", unknown=RAISE)
@blueprint.response(200, schemas.ResultsAnswer)
def get_results(part: dict[str, str | None], round_id: UUID) -> dict[str, Any]:
    """Count what the sites that have submitted answered, all or one part of them."""
    log_read("results")
    with national_transaction("facilities") as session:
        each = get_round(session, round_id)
        everyone = list_submitted(session, round_id)
        wanted = {name: value for name, value in part.items() if value is not None}
        counted = [row for row in everyone if all(getattr(row, n) == v for n, v in wanted.items())]
        about = describe(each, today_in_london())
    return _tables(about, everyone, counted)


@blueprint.get("/<uuid:round_id>/own-results")
@allows("facilities.read")
@blueprint.response(200, schemas.OwnResultsAnswer)
def get_own_results(round_id: UUID) -> dict[str, Any]:
    """Get your site's answers beside what all sites answered.

    409 `not_submitted` while the round is open and your site has not submitted.
    """
    site_id, today = current_actor().own_site(), today_in_london()
    with site_transaction(read_only=True) as session:
        each = get_round(session, round_id)
        about = describe(each, today)
        page = get_answer_page(session, round_id, site_id, today)
    if page["state"] != "submitted" and page["window"] != "closed":
        raise Conflict("You see what others answered once you have submitted.", "not_submitted")
    with national_transaction("facilities") as session:
        everyone = list_submitted(session, round_id)
    own = {"answers": page["answers"], "derived": page["derived"]}
    return {**_tables(about, everyone, everyone), **own}


@blueprint.get("/<uuid:round_id>/data.csv")
@allows("facilities.manage", "facilities.read_national")
@blueprint.response(200, content_type="text/csv")
def get_data(round_id: UUID) -> Response:
    """Download what was submitted: one line a site, answers as labels, nothing about a person."""
    log_read("data")
    with national_transaction("facilities") as session:
        each = get_round(session, round_id)
        rows = list_submitted(session, round_id)
    questionnaire = get_questionnaire(each.questionnaire_id)
    lines = data_rows(questionnaire, ((_about(row), row.answers) for row in rows))
    return _csv(f"facilities-{each.name}-data.csv", headings(questionnaire), lines)


@blueprint.get("/<uuid:round_id>/definitions.csv")
@allows("facilities.read", "facilities.manage", "facilities.read_national")
@blueprint.response(200, content_type="text/csv")
def get_definitions(round_id: UUID) -> Response:
    """Download what each column of the data means."""
    with site_transaction(read_only=True) as session:
        each = get_round(session, round_id)
    lines = definition_rows(get_questionnaire(each.questionnaire_id))
    return _csv(f"facilities-{each.name}-definitions.csv", DEFINITION_HEADINGS, lines)


def _tables(
    about: dict[str, Any], everyone: Sequence[Row[Any]], counted: Sequence[Row[Any]]
) -> dict[str, Any]:
    questionnaire: Questionnaire = get_questionnaire(about["questionnaire_id"])
    found = results(questionnaire, [row.answers for row in counted])
    return {
        "round_id": about["round_id"],
        "sites": len(counted),
        "is_final": about["state"] == "closed",
        "kinds": sorted({row.kind for row in everyone}),
        "nations": sorted({row.nation for row in everyone}),
        "regions": sorted({row.region for row in everyone if row.region}),
        "sections": [
            {"section": section.id, "title": section.title, "questions": found[section.id]}
            for section in questionnaire.sections
        ],
    }


def _about(row: Row[Any]) -> dict[str, Any]:
    return {
        "site_code": row.site_code,
        "site_name": row.site_name,
        "kind": row.kind,
        "nation": row.nation,
        "region": row.region,
        "submitted_on": row.submitted_at.astimezone(LONDON).date().isoformat(),
    }


def _csv(name: str, columns: Sequence[str], lines: Iterable[Sequence[Any]]) -> Response:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(columns)
    for line in lines:
        writer.writerow([safe_for_spreadsheet(c) if isinstance(c, str) else c for c in line])
    # The mark tells spreadsheet programs that it is UTF-8.
    answer = Response("\ufeff" + file.getvalue(), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
