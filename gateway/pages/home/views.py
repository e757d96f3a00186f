"""The start page: what it is for visitors, what there is to do for everybody else."""

from __future__ import annotations

from flask import Blueprint, render_template

from gateway.pages.home.presenters import (
    notices_of,
    other_sites,
    tasks_of,
    terms_due,
    title_of,
    with_counts,
    work_of,
)
from gateway.visits import own_account
from services.shared.identity import find_actor, public
from services.shared.web import app_state

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@public
def start() -> str:
    actor = find_actor()
    if actor is None:
        return render_template("information/start.html")
    account = own_account()
    return render_template(
        "home/home.html",
        account=account,
        title=title_of(account),
        elsewhere=other_sites(account),
        tasks=with_counts(tasks_of(actor), app_state()),
        terms_due=terms_due(app_state()),
        notices=notices_of(app_state()),
        work=work_of(app_state(), actor),
    )
