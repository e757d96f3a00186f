"""The identifiers of a batch: taken out, hashed, and turned into row keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from dataset.nhs_number import REASONS_FOR_NONE
from services.records.domain.batches import Batch
from services.records.keys import Keys
from services.records.queries.staging import RowKeys

FIELD_OF = {
    "nhs": "nhs_number",
    "birth": "date_of_birth",
    "postcode": "postcode",
    "local_id": "local_id",
}
"""Name of an identifier in our columns -> its field of the dataset."""

OF_RECORD = ("birth", "postcode", "local_id")
"""The identifiers that belong to a record; the NHS number belongs to its patient."""

DAY = "date_index_diagnosed"


@dataclass(frozen=True, slots=True)
class Identity:
    """The identifiers of a batch as columns of equal length.

    Attributes:
        texts: `nhs`, `birth`, `postcode`, `local_id` -> clear text (wire form) of each row.
        hashes: the same names -> keyed hash of each row; None where there is none.
        absent: why there is no NHS number, of each row; None where there is one, or a blank.
    """

    texts: Mapping[str, Sequence[str | None]]
    hashes: Mapping[str, Sequence[bytes | None]]
    absent: Sequence[str | None]

    def part(self, start: int, stop: int) -> Identity:
        """The rows of these places (from 0, `stop` left out)."""
        return Identity(
            {name: column[start:stop] for name, column in self.texts.items()},
            {name: column[start:stop] for name, column in self.hashes.items()},
            self.absent[start:stop],
        )


def identity_of(batch: Batch, keys: Keys) -> Identity:
    """Takes the identifiers out of a batch and hashes them."""
    texts = {name: batch.column(key) for name, key in FIELD_OF.items()}
    absent = [text if text in REASONS_FOR_NONE else None for text in texts["nhs"]]
    hashed = {
        **texts,
        "nhs": [
            text if why is None else None for text, why in zip(texts["nhs"], absent, strict=True)
        ],
    }
    return Identity(
        texts,
        {name: keys.hashes.hash_all(FIELD_OF[name], column) for name, column in hashed.items()},
        absent,
    )


def row_keys(batch: Batch, identity: Identity) -> RowKeys:
    """The keys by which the rows of a batch are matched."""
    return RowKeys(
        row_numbers=batch.row_numbers,
        nhs_hashes=identity.hashes["nhs"],
        nhs_absents=identity.absent,
        local_id_hashes=identity.hashes["local_id"],
        dates=batch.column("date_index_diagnosed"),
        sites=batch.column("site_1"),
    )


def iso_date(text: str | None) -> date | None:
    """The date of a wire text; None for a blank."""
    return None if text is None else date.fromisoformat(text)
