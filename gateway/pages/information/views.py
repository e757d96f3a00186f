"""Public pages of text. They ask no service, so they are there when every service is down."""

from __future__ import annotations

from flask import Blueprint, Response, abort, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from dataset.downloads.changes import changes
from dataset.downloads.code_book import sections
from dataset.downloads.edition import edition
from dataset.downloads.specification import import_specification
from dataset.downloads.words import version_words
from dataset.fields import KEY_FIELDS
from dataset.findings import GIVEN
from dataset.versions import VERSIONS
from gateway.pages.information.answers import ANSWERS
from gateway.pages.information.files import BY_NAME, SUBJECTS, content_of, etag_of
from services.shared.identity import public

blueprint = Blueprint("information", __name__)


@blueprint.get("/about")
@public
def about() -> str:
    return render_template("information/about.html")


@blueprint.get("/who-should-take-part")
@public
def who_should_take_part() -> str:
    return render_template("information/who.html")


@blueprint.get("/how-to-take-part")
@public
def how_to_take_part() -> str:
    return render_template("information/how.html")


@blueprint.get("/guidance")
@public
def guidance() -> str:
    return render_template("information/guidance.html", catalogue=GIVEN, key_fields=KEY_FIELDS)


@blueprint.get("/questions")
@public
def questions() -> str:
    return render_template("information/questions.html", answers=ANSWERS)


@blueprint.get("/accessibility")
@public
def accessibility() -> str:
    return render_template("information/accessibility.html")


@blueprint.get("/privacy")
@public
def privacy() -> str:
    return render_template("information/privacy.html")


@blueprint.get("/code-book")
@public
def code_book() -> str:
    return render_template(
        "information/code_book.html",
        sections=sections(),
        versions=VERSIONS,
        version_words=version_words,
        changes=changes(),
        edition=edition(),
    )


@blueprint.get("/import-specification")
@public
def specification() -> str:
    return render_template(
        "information/specification.html",
        parts=import_specification(),
        kind_of=lambda block: type(block).__name__,
        edition=edition(),
    )


@blueprint.get("/downloads")
@public
def downloads() -> str:
    return render_template("information/downloads.html", subjects=SUBJECTS, edition=edition())


@blueprint.get("/downloads/<name>")
@public
def download(name: str) -> AnyResponse:
    if name not in BY_NAME:
        abort(404)
    answer = Response(content_of(name), content_type=BY_NAME[name].content_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "public, max-age=300"
    answer.set_etag(etag_of(name))
    return answer.make_conditional(request)
