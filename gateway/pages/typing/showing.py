"""Writes a page that asks questions of a record, as it is stored or as it was just typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import render_template, request
from werkzeug.datastructures import MultiDict

from dataset.fields import SECTIONS
from gateway.clients import Clients
from gateway.forms import Form
from gateway.names import people_of
from gateway.pages.typing import forms, presenters
from gateway.pages.typing.places import Place, record_address
from gateway.pages.typing.questions import Said, groups_of
from gateway.worklists import Step
from services.shared.identity import current_actor

Answer = Mapping[str, Any]


def show(clients: Clients, place: Place, record: Answer, step: Step | None) -> str:
    """The page with what is stored and what waits to be saved."""
    texts = forms.texts_of(record)
    errors = presenters.errors_of(record, place.fields, texts, scold="checked" in request.args)
    names = people_of(clients) if presenters.is_acknowledged(record) else {}
    return _page(
        place,
        record["record_id"],
        step,
        texts=texts,
        errors=errors,
        said=presenters.said_of(record, names),
        version=str(version_in(record)),
        seen=presenters.seen_of(record, place.fields) if errors else (),
        saved=_saved(request.args.get("saved")),
        **_about(record, place),
    )


def show_again(
    place: Place,
    record_id: UUID,
    form: MultiDict[str, str],
    step: Step | None,
    *,
    record: Answer | None,
    errors: Mapping[str, Sequence[str]],
    title: str = "What you typed is not saved yet",
) -> str:
    """The page with what was just typed, which could not be saved.

    Args:
        record: as far as it is known; None if the service does not answer.
        errors: id of a field -> messages; the blank name is the form as a whole.
    """
    typed = forms.texts_from(form, place.fields)
    stored = forms.texts_of(record) if record else {}
    return _page(
        place,
        record_id,
        step,
        texts={**stored, **typed},
        errors=errors,
        said=Said(),
        version=form.get("version", "0"),
        seen=form.getlist("seen"),
        summary_title=title,
        unsaved=True,
        **(_about(record, place) if record else {}),
    )


def version_in(record: Answer) -> int:
    """What a save of this record names: the version on which what the page shows was typed."""
    return int(record["form_version"])


def _about(record: Answer, place: Place) -> dict[str, Any]:
    """What the page says beside the questions."""
    texts = forms.texts_of(record)
    quick = place.name.startswith("follow-up")
    return {
        "who": presenters.who_of(texts),
        "intro": presenters.intro_of(record, place.section),
        "context": presenters.context_of(texts, place.context),
        "sections": [] if quick else presenters.sections_of(record),
        "period": record.get("period"),
    }


def _page(
    place: Place,
    record_id: UUID | str,
    step: Step | None,
    *,
    texts: Mapping[str, str],
    errors: Mapping[str, Sequence[str]],
    said: Said,
    **more: Any,
) -> str:
    values = forms.values_from(texts, place.fields)
    return render_template(
        "typing/form.html",
        place=place,
        address=record_address(record_id),
        query=step.query if step else "",
        step=step,
        form=Form(values, errors),
        summary=presenters.summary_of(errors, place.fields),
        groups=groups_of(place.fields, texts, presenters.version_of(texts), said),
        may_acknowledge=current_actor().has("records.acknowledge"),
        **{"summary_title": "There is a problem", **more},
    )


def _saved(section: str | None) -> str | None:
    """The name of the section that the page before has saved."""
    return next((title for number, title in SECTIONS.items() if str(number) == section), None)
