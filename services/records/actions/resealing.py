"""Seals identifiers of staged rows anew, with the key of the patient whom the row is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from services.records.identifiers import Opener, patient_key, seal_columns
from services.records.keys import Keys
from services.records.preparing.identities import FIELD_OF
from services.records.queries.arrays import bytea_array, text_array
from services.records.queries.matching import look_up_by_index
from services.records.queries.resealing import BY_HASH, RESEALED, rows_to_reseal


def seal_with_patients_keys(session: Session, keys: Keys, slice_: Mapping[str, Any]) -> None:
    """Seals the rows of a slice anew whose patient has another key than they brought.

    Args:
        slice_: `import_id`, `site_id`, `after`, `upto`, and `rows` if it is a list.
    """
    statement = rows_to_reseal(listed="rows" in slice_)
    found = session.execute(statement, slice_).all()
    if not found:
        return
    owners = [row.target_id for row in found]
    openers = [Opener(keys, row.patient_id, row.wrapped_key) for row in found]
    clear = {
        field: [
            opener.open(field, getattr(row, f"{name}_sealed"))
            for opener, row in zip(openers, found, strict=True)
        ]
        for name, field in FIELD_OF.items()
    }
    patients_keys = [patient_key(keys, row.target_id, row.target_key) for row in found]
    sealed = seal_columns(patients_keys, owners, clear)
    session.execute(BY_HASH)
    session.execute(
        RESEALED,
        {
            **slice_,
            "row_numbers": [row.row_number for row in found],
            "patient_ids": text_array(list(map(str, owners))),
            # The key of a stored patient is there already.
            "wrapped_keys": bytea_array(
                [None if row.target_is_stored else row.target_key for row in found]
            ),
            **{name: bytea_array(sealed[field]) for name, field in FIELD_OF.items()},
        },
    )
    look_up_by_index(session)
