"""The statement of participation for a quality account, as a page and as a PDF."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from gateway import wording
from gateway.clients import Clients
from gateway.days import today
from gateway.pages.information.pdf import Report
from services.shared.errors import Forbidden, InvalidInput, NotFound, Unavailable
from services.shared.identity import allows, current_actor
from services.shared.web import app_state

blueprint = Blueprint("statement", __name__)
FIRST_YEAR = 2016
PARTS = (("patient_audit", "Patient audit"), ("facilities_audit", "Facilities audit"))


@blueprint.get("/participation")
@allows("site.manage", "registrations.review")
def show() -> str:
    statement = _statement()
    return render_template(
        "audit_team/statement.html",
        statement=statement,
        lines=lines_of(statement),
        submitted=submitted_in(statement),
        years=years(),
        year=int(statement["begins"][:4]),
        query=_query(statement),
    )


@blueprint.get("/participation.pdf")
@allows("site.manage", "registrations.review")
def paper() -> Response:
    statement = _statement()
    answer = Response(pdf_of(statement), mimetype="application/pdf")
    name = f"participation-{statement['site_code']}-{statement['begins'][:4]}.pdf"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def years() -> list[int]:
    """The financial years that can be stated, the newest first, by the year in which they begin."""
    now = today()
    newest = now.year if (now.month, now.day) >= (4, 1) else now.year - 1
    return list(range(newest, FIRST_YEAR - 1, -1))


def lines_of(statement: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Part of the audit, whether the site was eligible, and from when to when it took part."""
    lines = []
    for key, title in PARTS:
        part = statement[key]
        took = "No"
        if part["first_day"]:
            took = f"Yes, {wording.day(part['first_day'])} to {wording.day(part['last_day'])}"
        lines.append((title, "Yes" if part["eligible"] else "No", took))
    return lines


def submitted_in(statement: Mapping[str, Any]) -> list[str]:
    """What the caller's own site handed in to the facilities audit in the period, in words."""
    clients: Clients = app_state()
    actor = current_actor()
    of_own_site = request.args.get("site", str(actor.site_id)) == str(actor.site_id)
    if not of_own_site or not actor.has("facilities.read"):
        return []
    try:
        rounds = clients.facilities.list_own_rounds()
    except (Forbidden, Unavailable):
        return []
    return [
        f"{each['title']}: answers submitted {wording.day(each['submitted_at'])}."
        for each in rounds
        if each["submitted_at"]
        and statement["begins"] <= each["submitted_at"][:10] <= statement["ends"]
    ]


def pdf_of(statement: Mapping[str, Any]) -> bytes:
    """The statement on paper."""
    report = Report("Statement of participation", f"{wording.BRAND}: {statement['site_code']}")
    name = statement["site_name"].encode("cp1252", "replace").decode("cp1252")
    report.facts(
        [
            ("Site", f"{name} ({statement['site_code']})"),
            ("Period", _period(statement)),
            ("Stated", wording.day(today())),
        ]
    )
    report.table(("Part of the audit", "Eligible", "Took part"), lines_of(statement), (50, 25, 50))
    for line in submitted_in(statement):
        report.paragraph(line.encode("cp1252", "replace").decode("cp1252"))
    report.heading("Records in the period")
    report.table(
        ("", "Number", "Share of the eligible"),
        [(title, " ", " ") for _, title in PARTS],
        (50, 25, 50),
    )
    report.paragraph(
        "Counts are published by the audit once the period is closed; until then the provider "
        "enters its own."
    )
    return bytes(report.output())


def _period(statement: Mapping[str, Any]) -> str:
    return f"{wording.day(statement['begins'])} to {wording.day(statement['ends'])}"


def _statement() -> dict[str, Any]:
    clients: Clients = app_state()
    known = years()
    asked = request.args.get("year", "")
    year = int(asked) if asked.isascii() and asked.isdigit() and len(asked) == 4 else known[0]
    try:
        site_id = UUID(request.args["site"]) if "site" in request.args else None
    except ValueError:
        raise NotFound() from None
    site_id = site_id or current_actor().site_id
    if year not in known or site_id is None:
        raise NotFound()
    try:
        return clients.registration.statement(
            site_id, begins=f"{year}-04-01", ends=f"{year + 1}-03-31"
        )
    except InvalidInput:
        raise NotFound() from None


def _query(statement: Mapping[str, Any]) -> str:
    site = f"&site={UUID(request.args['site'])}" if "site" in request.args else ""
    return f"year={statement['begins'][:4]}{site}"
