"""Setting a site's own files up: headings to fields, answers to codes; and checking again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from marshmallow import RAISE

from services.imports.actions.again import start_again
from services.imports.actions.profiles import save_profile, setup_of, show_setup
from services.imports.parts import parts
from services.imports.queries.showing import get_import, list_profiles
from services.imports.schemas import (
    OneImportAnswer,
    ProfileAnswer,
    ProfilesAnswer,
    SetupAnswer,
    SetupBody,
)
from services.shared.identity import allows, current_actor
from services.shared.web import site_transaction

blueprint = Blueprint("profiles", __name__, description="How a site's own files are read")


@blueprint.get("/profiles")
@allows("records.import")
@blueprint.response(200, ProfilesAnswer)
def list_all() -> Any:
    """List the set-ups of the site's files, the newest version of each."""
    with site_transaction(read_only=True) as session:
        return {"items": [setup_of(each) for each in list_profiles(session)]}


@blueprint.get("/imports/<uuid:import_id>/setup")
@allows("records.import")
@blueprint.response(200, SetupAnswer)
def show(import_id: UUID) -> Any:
    """Show a file's own headings and answers beside the dataset's, with proposals."""
    with site_transaction(read_only=True) as session:
        profile, columns = show_setup(session, import_id, keyring=parts().keyring)
        return {"profile": setup_of(profile), "columns": columns}


@blueprint.put("/imports/<uuid:import_id>/setup")
@allows("records.import")
@blueprint.arguments(SetupBody, unknown=RAISE)
@blueprint.response(200, ProfileAnswer)
def save(body: dict[str, Any], import_id: UUID) -> Any:
    """Save how files with these headings are read. The next one is read so without a question."""
    actor = current_actor()
    with site_transaction() as session:
        profile = save_profile(
            session,
            import_id,
            by=actor,
            site_id=actor.own_site(),
            keyring=parts().keyring,
            **body,
        )
        session.flush()
        return setup_of(profile)


@blueprint.post("/imports/<uuid:import_id>/again")
@allows("records.import")
@blueprint.response(201, OneImportAnswer)
def again(import_id: UUID) -> Any:
    """Check a refused or waiting file again, by the present set-up: a new import of its bytes."""
    actor = current_actor()
    with site_transaction() as session:
        new_id = start_again(
            session, import_id, by=actor, site_id=actor.own_site(), keyring=parts().keyring
        )
        session.flush()
        return get_import(session, new_id, undo_days=parts().undo_days)
