"""The list of a site's records with its filters, and the search for one patient."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, current_app, redirect, render_template, request
from werkzeug.wrappers import Response

from gateway.clients import Clients
from gateway.form_tokens import FormTokens
from gateway.forms import Form, page_number
from gateway.pages.finding import filters, presenters, search
from gateway.paging import pages_of
from services.shared.identity import allows
from services.shared.web import app_state

blueprint = Blueprint("finding", __name__)
PAGE_SIZE = 25


@blueprint.get("/records")
@allows("records.read")
def list_records() -> str:
    return _list(Form())


@blueprint.post("/records/search")
@allows("records.read")
def search_records() -> Response | tuple[str, int]:
    """Leads to the results; what was typed travels sealed, so that no address holds it."""
    query = request.form.get("query", "").strip()
    problem = search.problem_with(query)
    if problem:
        return _list(Form({"query": query}, {"query": [problem]})), 422
    answer = redirect("/records/search", 303)
    _tokens().remember(answer, search.COOKIE, query)
    return answer


@blueprint.get("/records/search")
@allows("records.read")
def show_found() -> Response | str:
    query = _tokens().recall(search.COOKIE)
    if query is None:
        return redirect("/records", 303)
    clients: Clients = app_state()
    found = clients.records.search(query)
    records = presenters.rows_of(found["items"])
    entries = presenters.rows_of(found["entries"])
    return render_template(
        "finding/found.html",
        form=Form({"query": query}),
        records=records,
        entries=entries,
        doubt=search.doubt_about(query),
    )


def _list(search_form: Form) -> str:
    """The page of the list; nothing is asked for while a filter is wrong."""
    clients: Clients = app_state()
    sort = filters.sort_from(request.args)
    form, asked = filters.form_from(request.args)
    kept = filters.kept(form)
    answer: dict[str, Any] = {"items": [], "page": 1, "page_size": PAGE_SIZE, "total": 0}
    if not form.errors:
        page = page_number(request.args.get("page"))
        answer = clients.records.list_records(page=page, page_size=PAGE_SIZE, sort=sort, **asked)
    in_order = {"sort": sort} if sort != filters.FIRST_SORT else {}
    return render_template(
        "finding/list.html",
        records=presenters.rows_of(answer["items"]),
        pages=pages_of(answer, "/records", **kept, **in_order),
        headings=presenters.headings_of(sort),
        address=f"/records?{urlencode(kept)}{'&' if kept else ''}sort=",
        sort=sort,
        form=Form(form.values, {**form.errors, **search_form.errors}),
        search=search_form,
        order=("query", *filters.ORDER),
        narrowed=filters.words_of(asked) if not form.errors else [],
        choices=filters,
    )


def _tokens() -> FormTokens:
    tokens: FormTokens = current_app.extensions["fls_tokens"]
    return tokens
