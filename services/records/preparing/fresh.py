"""The cells of rows that no stored record stands behind: new ones, and held ones.

Most rows of a first upload are such, so what can be done by the column is. Each is sealed with its
patient's key, or a fresh one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import uuid_utils

from dataset.derived import age_at, age_band, outward_postcode
from dataset.versions import version_for
from services.records.domain.batches import Batch
from services.records.domain.copying import NULL, bytes_cell, escaped
from services.records.identifiers import Sealer, new_patient_key, patient_key
from services.records.keys import Keys
from services.records.preparing.identities import DAY, FIELD_OF, Identity
from services.records.queries.staging import Match

_NAMES = tuple(FIELD_OF)


class FreshRows:
    """Makes the cells, from the checked record on, of the rows of a part of a batch."""

    def __init__(self, keys: Keys, batch: Batch, identity: Identity) -> None:
        self._keys = keys
        self._absent = identity.absent
        columns = {name: list(identity.texts[name]) for name in _NAMES}
        columns["nhs"] = [
            None if why else text for text, why in zip(columns["nhs"], self._absent, strict=True)
        ]
        self._texts = list(zip(*columns.values(), strict=True))
        self._hashes = list(
            zip(*(list(map(bytes_cell, identity.hashes[name])) for name in _NAMES), strict=True)
        )
        self._derived = _derived_cells(columns["birth"], batch.column(DAY), columns["postcode"])

    def cells(self, place: int, match: Match) -> tuple[str, ...]:
        """The cells of the row at a place."""
        # These ids are made six times as fast as the standard library's, and are written alike.
        if match.patient_id is not None and match.wrapped_key is not None and match.match == "new":
            patient_id, wrapped = match.patient_id, None
            data_key = patient_key(self._keys, patient_id, match.wrapped_key)
        else:
            patient_id = uuid_utils.uuid7()  # type: ignore[assignment]
            data_key, wrapped = new_patient_key(self._keys, patient_id)
        sealed = self._sealed(place, patient_id, data_key)
        nhs, birth, postcode, local_id = self._hashes[place]
        return (
            NULL,
            NULL,
            str(uuid_utils.uuid7()),
            str(patient_id),
            bytes_cell(wrapped),
            nhs,
            self._absent[place] or NULL,
            sealed[0],
            birth,
            sealed[1],
            postcode,
            sealed[2],
            local_id,
            sealed[3],
            *self._derived[place],
        )

    def _sealed(self, place: int, patient_id: UUID, data_key: bytes) -> Sequence[str]:
        texts = self._texts[place]
        given = [(FIELD_OF[name], text) for name, text in zip(_NAMES, texts, strict=True) if text]
        sealed = iter(Sealer(data_key, patient_id).seal_all(given))
        return [bytes_cell(next(sealed)) if text else NULL for text in texts]


def _derived_cells(
    births: Sequence[str | None], days: Sequence[str | None], postcodes: Sequence[str | None]
) -> list[tuple[str, str, str, str]]:
    """Dataset version, age, age band and outward postcode of each row, as cells."""
    known: dict[str, tuple[date, str]] = {}
    cells = []
    for birth, day, postcode in zip(births, days, postcodes, strict=True):
        outward = outward_postcode(postcode)
        shown = NULL if outward is None else escaped(outward)
        if day is None:
            cells.append((NULL, NULL, NULL, shown))
            continue
        if day not in known:
            diagnosed_on = date.fromisoformat(day)
            known[day] = diagnosed_on, version_for(diagnosed_on).name
        diagnosed_on, version = known[day]
        if birth is None:
            cells.append((version, NULL, NULL, shown))
            continue
        age = age_at(date.fromisoformat(birth), diagnosed_on)
        cells.append((version, str(age), age_band(age) or NULL, shown))
    return cells
