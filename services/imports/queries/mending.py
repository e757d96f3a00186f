"""What can be mended of a checked file on the page, and what was."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.imports.domain.findings import masked
from services.imports.queries.showing import Page
from services.imports.queries.working import find_import
from services.imports.sealed import open_value, unwrap_key
from services.imports.tables import Correction, FindingRow
from services.shared.errors import NotFound
from services.shared.sealing import Keyring

MOST_STEPS = 100


def list_mendable(
    session: Session, import_id: UUID, *, page: int, page_size: int, keyring: Keyring
) -> Page:
    """Rows with an error in a cell, with these cells as they are written, in their order.

    Raises:
        NotFound: no such import of the transaction's site.
    """
    row = find_import(session, import_id)
    if row is None:
        raise NotFound()
    in_cells = (
        FindingRow.import_id == import_id,
        FindingRow.level == "error",
        FindingRow.field.is_not(None),
        FindingRow.heading.is_not(None),
    )
    numbers = select(FindingRow.row_number).where(*in_cells).distinct()
    total = session.scalar(select(func.count()).select_from(numbers.subquery())) or 0
    shown = numbers.order_by(FindingRow.row_number).offset((page - 1) * page_size).limit(page_size)
    of_page = list(session.scalars(shown))
    statement = (
        select(FindingRow)
        .where(*in_cells, FindingRow.row_number.in_(of_page))
        .order_by(FindingRow.row_number, FindingRow.finding_id)
    )
    key = unwrap_key(keyring, import_id, row.wrapped_key)
    rows: dict[int, dict[str, dict[str, Any]]] = {number: {} for number in of_page}
    for finding in session.scalars(statement):
        assert finding.field is not None
        cell = rows[finding.row_number].setdefault(
            finding.field,
            {
                "field": finding.field,
                "heading": finding.heading,
                "value": open_value(
                    key, import_id, finding.row_number, finding.field, finding.sealed_value
                )
                or "",
                "messages": [],
            },
        )
        cell["messages"].append(f"{finding.code}: {finding.message}")
    items = [{"row": number, "cells": list(cells.values())} for number, cells in rows.items()]
    return Page(items, page, page_size, total)


def list_corrections(
    session: Session, import_id: UUID, *, keyring: Keyring
) -> list[dict[str, Any]]:
    """What was corrected on the way to this import, the newest first; identifiers are masked.

    Raises:
        NotFound: no such import of the transaction's site.
    """
    row = find_import(session, import_id)
    if row is None:
        raise NotFound()
    found: list[dict[str, Any]] = []
    for _ in range(MOST_STEPS):
        key = unwrap_key(keyring, row.import_id, row.wrapped_key)
        statement = (
            select(Correction)
            .where(Correction.import_id == row.import_id)
            .order_by(Correction.row_number, Correction.correction_id)
        )
        for each in session.scalars(statement):
            number, name = each.row_number, each.field
            old = open_value(key, row.import_id, number, f"{name}:old", each.sealed_old)
            new = open_value(key, row.import_id, number, f"{name}:new", each.sealed_new)
            found.append(
                {
                    "row": number,
                    "field": name,
                    "heading": each.heading,
                    "old": masked(name, old),
                    "new": masked(name, new),
                    "by": each.by,
                    "at": each.at,
                }
            )
        before = None if row.corrects is None else find_import(session, row.corrects)
        if before is None:
            break
        row = before
    return found
