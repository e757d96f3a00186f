"""One page of a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

Row = TypeVar("Row")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of a list. `total` counts all pages' items."""

    items: Sequence[Row]
    page: int
    page_size: int
    total: int


def page_of(session: Session, query: Select[Any], page: int, page_size: int) -> Page[Row]:
    """Returns one page of what a query finds, with the total."""
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery()))
    items = session.scalars(query.limit(page_size).offset((page - 1) * page_size)).all()
    return Page(items, page, page_size, total or 0)
