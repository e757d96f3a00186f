"""The start page: what it is for visitors, what there is to do for everybody else."""

from __future__ import annotations

from flask import Blueprint, render_template

from gateway.clients import Clients
from gateway.pages.home.presenters import tasks_of
from services.shared.identity import find_actor, public
from services.shared.web import app_state

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@public
def start() -> str:
    actor = find_actor()
    if actor is None:
        return render_template("information/start.html")
    clients: Clients = app_state()
    account = clients.registration.me()
    return render_template("home/home.html", account=account, tasks=tasks_of(actor))
