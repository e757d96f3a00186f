"""A site's own records as a table that can be imported again unchanged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.orm import Session

from services.records.domain.columns import CLINICAL_KEYS
from services.records.domain.exporting import (
    CellWriter,
    Filters,
    clinical_writers,
    identifier_cell,
    in_template_order,
)
from services.records.identifiers import Opener
from services.records.keys import Keys
from services.records.queries.exporting import SITE_HEAD, stream_of_site

_IDENTIFIERS = ("nhs_number", "date_of_birth", "postcode", "local_id")


def table_of_site(
    session: Session, keys: Keys, *, site_id: UUID, site_code: str, filters: Filters, labels: bool
) -> Iterator[list[Sequence[str]]]:
    """The records of the transaction's site, in parts of columns below `EXPORT_HEADINGS`.

    Identifiers are opened with each patient's key; those of an erased patient are blank.

    Args:
        labels: labels of the lists instead of codes.

    Raises:
        sealing.CannotOpen: what is stored of a record does not open.
    """
    writers = clinical_writers(labels=labels)
    for rows in stream_of_site(session, site_id=site_id, filters=filters):
        yield _part(rows, keys, site_code, writers)


def _part(
    rows: Sequence[Row[Any]], keys: Keys, site_code: str, writers: dict[str, CellWriter]
) -> list[Sequence[str]]:
    columns = list(zip(*rows, strict=True))
    acknowledged = columns[len(SITE_HEAD) - 1]
    cells: dict[str, Sequence[str]] = {
        key: list(map(writers[key], column))
        for key, column in zip(CLINICAL_KEYS, columns[len(SITE_HEAD) :], strict=True)
    }
    cells["service_code"] = [site_code] * len(rows)
    opened = [_opened(row, keys) for row in rows]
    cells |= dict(zip(_IDENTIFIERS, zip(*opened, strict=True), strict=True))
    return [*in_template_order(cells), [tokens or "" for tokens in acknowledged]]


def _opened(row: Row[Any], keys: Keys) -> tuple[str, ...]:
    """The cells of a row's identifiers, in the order of `_IDENTIFIERS`."""
    patient_id, wrapped, nhs, absent, birth, postcode, local_id = row[: len(SITE_HEAD) - 1]
    if wrapped is None:
        return (absent or "", "", "", "")
    opener = Opener(keys, patient_id, wrapped)
    return (
        absent or identifier_cell(opener.open("nhs_number", nhs)),
        identifier_cell(opener.open("date_of_birth", birth)),
        identifier_cell(opener.open("postcode", postcode)),
        identifier_cell(opener.open("local_id", local_id)),
    )
