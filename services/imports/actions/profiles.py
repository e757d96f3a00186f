"""Set-ups of a site's files: looked up by their headings, saved in versions, shown with a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from dataset.fields import COLUMN_BY_KEY, FIELD_BY_KEY
from dataset.lists import spelling_of
from dataset.versions import VERSIONS
from services.imports.actions.files import StoredFile
from services.imports.domain.opening import open_source
from services.imports.domain.preparing import MAX_COLUMNS, are_headings
from services.imports.domain.refusals import FileRefused, NotUtf8
from services.imports.domain.setup import Setup, ShownColumn, fingerprint, show_columns
from services.imports.domain.setup_report import report
from services.imports.domain.splitting import RecordReader
from services.imports.queries.working import find_import
from services.imports.tables import Profile
from services.shared.errors import Conflict, InvalidInput, NotFound
from services.shared.identity import Actor
from services.shared.sealing import Keyring

ROWS_SHOWN = 2_000
TOP_ROWS = 20


def find_profile(session: Session, headings: Sequence[str]) -> Profile | None:
    """The site's newest set-up for files with these headings."""
    statement = (
        select(Profile)
        .where(Profile.fingerprint == fingerprint(headings))
        .order_by(Profile.saved_at.desc(), Profile.version.desc())
        .limit(1)
    )
    return session.scalars(statement).one_or_none()


def show_setup(
    session: Session, import_id: UUID, *, keyring: Keyring
) -> tuple[Profile | None, list[ShownColumn]]:
    """A file's columns and answers beside what the dataset makes of them.

    Raises:
        NotFound: no such import of the site, or its file is not kept any more.
        Conflict: the file has no headings that could be set up.
    """
    headings, rows = _read_first(session, import_id, keyring)
    profile = find_profile(session, headings)
    setup = Setup() if profile is None else Setup.from_json(profile.setup)
    return profile, show_columns(headings, rows, setup)


def save_profile(
    session: Session,
    import_id: UUID,
    *,
    name: str,
    columns: Mapping[int, str],
    values: Mapping[str, Mapping[str, str]],
    date_order: str | None,
    blank: str,
    by: Actor,
    site_id: UUID,
    keyring: Keyring,
) -> Profile:
    """Saves how files with the headings of this one are read, as a new version; does not commit.

    Args:
        columns: place of a column -> key of its field, "" to pass it over; those that are not named
            are read as the dataset knows them.
        values: key of a field -> answer as written -> code.

    Raises:
        NotFound, Conflict: as `show_setup`.
        InvalidInput: a field, code or place that there is not, or a field for two columns.
    """
    headings, _ = _read_first(session, import_id, keyring)
    setup = Setup(
        headings={spelling_of(headings[place]): key for place, key in _checked(columns, headings)},
        values={key: dict(_checked_values(key, codes)) for key, codes in values.items() if codes},
        date_order=date_order,
        blank=blank,
    )
    before = find_profile(session, headings)
    profile = Profile(
        profile_id=uuid7() if before is None else before.profile_id,
        version=1 if before is None else before.version + 1,
        site_id=site_id,
        name=name,
        fingerprint=fingerprint(headings),
        setup=setup.to_json(),
        dataset_version=VERSIONS[-1].name,
        saved_by=by.account_id,
    )
    session.add(profile)
    return profile


def _checked(columns: Mapping[int, str], headings: Sequence[str]) -> list[tuple[int, str]]:
    keys = [key for key in columns.values() if key]
    twice = sorted({k for k in keys if keys.count(k) > 1 and k in COLUMN_BY_KEY})
    if twice:
        message = f"Two columns are given the same meaning: {_named(twice)}. Keep one of them."
        raise InvalidInput({"columns": [message]}, detail=message)
    if any(key not in COLUMN_BY_KEY for key in keys):
        raise InvalidInput({"columns": ["One of the fields is none of the dataset."]})
    if any(not 0 <= place < len(headings) for place in columns):
        raise InvalidInput({"columns": ["One of the columns is none of the file."]})
    return list(columns.items())


def _named(keys: Sequence[str]) -> str:
    return ", ".join(COLUMN_BY_KEY[key].heading for key in keys)


def _checked_values(key: str, codes: Mapping[str, str]) -> list[tuple[str, str]]:
    field = FIELD_BY_KEY.get(key)
    options = {option.code for option in field.options} if field else set()
    if not options or any(code not in options for code in codes.values()):
        raise InvalidInput({"values": ["One of the codes is no answer of its question."]})
    return [(spelling_of(text), code) for text, code in codes.items()]


def _read_first(
    session: Session, import_id: UUID, keyring: Keyring
) -> tuple[list[str], list[list[str]]]:
    """The headings of a file and its first rows."""
    row = find_import(session, import_id)
    if row is None:
        raise NotFound()
    file = StoredFile(session, row, keyring)
    if not file.is_kept:
        raise NotFound("The file of this import is not kept any more. Upload it again.")
    try:
        try:
            return _first(file, as_windows=False)
        except NotUtf8:
            return _first(file, as_windows=True)
    except FileRefused as refused:
        raise Conflict(refused.findings[0].message, code="not_a_table") from None


def _first(file: StoredFile, *, as_windows: bool) -> tuple[list[str], list[list[str]]]:
    opened = open_source(file, as_windows=as_windows)
    run = RecordReader(opened.blocks, opened.delimiter).take(ROWS_SHOWN)
    records = [] if run is None else run.records
    top = [record for record in records[:TOP_ROWS] if len(record) <= MAX_COLUMNS]
    found = next((record for record in top if are_headings(record, None)), None)
    if found is None:
        # None of ours: then those of the row with the most cells filled in.
        found = max(top, key=lambda record: sum(map(bool, map(str.strip, record))), default=[])
    if len(found) < 2:
        raise Conflict("The file has no row of headings that could be set up.", code="not_a_table")
    return found, records[records.index(found) + 1 :]


def setup_of(profile: Profile | None) -> dict[str, Any] | None:
    """What a set-up says, for people and programs; None if there is none."""
    if profile is None:
        return None
    return {
        "profile_id": profile.profile_id,
        "version": profile.version,
        "name": profile.name,
        "date_order": profile.setup["date_order"],
        "blank": profile.setup["blank"],
        "dataset_version": profile.dataset_version,
        "changes": report(Setup.from_json(profile.setup), profile.dataset_version),
        "saved_at": profile.saved_at,
        "saved_by": profile.saved_by,
    }
