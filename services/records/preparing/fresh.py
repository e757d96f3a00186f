"""The cells of rows that no stored record stands behind: new ones, and held ones.

Most rows of a first upload are such, so all is done by the column. Each row is sealed with its
patient's key, or a fresh one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

import uuid_utils

from dataset.derived import age_at, age_band, outward_postcode
from dataset.versions import version_for
from services.records.domain.batches import Batch
from services.records.identifiers import new_patient_keys, patient_key, seal_columns
from services.records.keys import Keys
from services.records.preparing.copying import (
    NULL,
    bytes_column,
    small_cell,
    text_cell,
    uuid_cell,
)
from services.records.preparing.identities import DAY, FIELD_OF, Identity
from services.records.queries.staging import Match


def fresh_cells(
    keys: Keys, batch: Batch, identity: Identity, matches: Mapping[int, Match]
) -> list[bytes]:
    """The cells of rows of a batch from the checked record on, joined as they stand in a line.

    Args:
        matches: place of each of the rows -> what is stored about it.

    Returns:
        Joined cells for each of the matches, in their order.
    """
    places = list(matches)
    absent = [identity.absent[place] for place in places]
    texts = {name: [column[place] for place in places] for name, column in identity.texts.items()}
    texts["nhs"] = [None if why else text for text, why in zip(texts["nhs"], absent, strict=True)]
    patient_ids, data_keys, wrapped = _owners(keys, list(matches.values()))
    of_fields = {FIELD_OF[name]: column for name, column in texts.items()}
    sealed = seal_columns(data_keys, patient_ids, of_fields)
    identifiers: list[Sequence[bytes]] = []
    for name, key in FIELD_OF.items():
        hashed = identity.hashes[name]
        identifiers.append(bytes_column([hashed[place] for place in places]))
        if name == "nhs":
            identifiers.append(list(map(text_cell, absent)))
        identifiers.append(bytes_column(sealed[key]))
    days = batch.column(DAY)
    columns = zip(
        # These ids are made six times as fast as the standard library's, and are written alike.
        [uuid_cell(uuid_utils.uuid7()) for _ in places],  # type: ignore[arg-type]
        map(uuid_cell, patient_ids),
        bytes_column(wrapped),
        *identifiers,
        _derived_cells(texts["birth"], [days[place] for place in places], texts["postcode"]),
        strict=True,
    )
    not_checked = NULL + NULL
    return [not_checked + joined for joined in map(b"".join, columns)]


def _owners(
    keys: Keys, matches: Sequence[Match]
) -> tuple[list[UUID], list[bytes], list[bytes | None]]:
    """For each row its patient, the key to seal with, and that key wrapped if it is a fresh one."""
    patient_ids: list[UUID] = [uuid_utils.uuid7() for _ in matches]  # type: ignore[misc]
    data_keys, fresh = new_patient_keys(keys, patient_ids)
    wrapped: list[bytes | None] = list(fresh)
    for index, match in enumerate(matches):
        if match.patient_id is not None and match.wrapped_key is not None and match.match == "new":
            patient_ids[index], wrapped[index] = match.patient_id, None
            data_keys[index] = patient_key(keys, match.patient_id, match.wrapped_key)
    return patient_ids, data_keys, wrapped


def _derived_cells(
    births: Sequence[str | None], days: Sequence[str | None], postcodes: Sequence[str | None]
) -> list[bytes]:
    """Dataset version, age, age band and outward postcode of each row, as joined cells."""
    known: dict[str, tuple[date, bytes]] = {}
    ages: dict[int, bytes] = {}
    cells = []
    for birth, day, postcode in zip(births, days, postcodes, strict=True):
        shown = text_cell(outward_postcode(postcode))
        if day is None:
            cells.append(NULL + NULL + NULL + shown)
            continue
        if day not in known:
            diagnosed_on = date.fromisoformat(day)
            known[day] = diagnosed_on, text_cell(version_for(diagnosed_on).name)
        diagnosed_on, version = known[day]
        if birth is None:
            cells.append(version + NULL + NULL + shown)
            continue
        age = age_at(date.fromisoformat(birth), diagnosed_on)
        if age not in ages:
            ages[age] = small_cell(age) + text_cell(age_band(age))
        cells.append(version + ages[age] + shown)
    return cells
