"""The pages before a file of records; the files come from records, past the pages."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from gateway.forms import Form
from gateway.pages.exporting import forms
from services.shared.identity import allows

blueprint = Blueprint("exporting", __name__)

Page = Response | tuple[str, int]


@blueprint.get("/records/export")
@allows("records.export")
def export() -> str:
    problem = forms.problem_of(request.args.get("problem"))
    return _export(Form({"format": "csv", "answers": "codes"}, {"": problem} if problem else {}))


@blueprint.post("/records/export")
@allows("records.export")
def choose_export() -> Page:
    form, asked = forms.export_form(request.form)
    if form.errors:
        return _export(form), 422
    return redirect(forms.address_of("/records/export/file", asked), 303)


@blueprint.get("/extract")
@allows("records.extract")
def extract() -> str:
    problem = forms.problem_of(request.args.get("problem"))
    return _extract(Form({}, {"": problem} if problem else {}))


@blueprint.post("/extract")
@allows("records.extract")
def choose_extract() -> Page:
    form, asked = forms.extract_form(request.form)
    if form.errors:
        return _extract(form), 422
    return redirect(forms.address_of("/extract/file", asked), 303)


def _export(form: Form) -> str:
    return render_template(
        "exporting/export.html",
        form=form,
        order=forms.EXPORT_ORDER,
        formats=forms.FORMATS,
        answers=forms.ANSWERS,
        states=forms.STATES,
    )


def _extract(form: Form) -> str:
    return render_template("exporting/extract.html", form=form, order=forms.EXTRACT_ORDER)
