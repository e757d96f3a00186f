"""Pages of a list: which one, and the addresses of its neighbours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode


@dataclass(frozen=True)
class Pages:
    """Where we are in a list, as `components/parts.html` shows it.

    Attributes:
        last: number of the last page, at least 1.
        previous: address of the page before, None on the first; likewise next.
    """

    page: int
    size: int
    total: int
    last: int
    previous: str | None
    next: str | None


def pages_of(answer: Mapping[str, Any], path: str, **kept: object) -> Pages:
    """Reads a service's list answer.

    Args:
        path: the address of the list.
        kept: other parameters of the address, such as a filter; blank ones are left out.
    """
    page, size, total = answer["page"], max(answer["page_size"], 1), answer["total"]
    last = max(1, -(-total // size))
    given = {name: value for name, value in kept.items() if value}

    def address(number: int) -> str:
        return f"{path}?{urlencode({**given, 'page': number})}"

    return Pages(
        page=page,
        size=size,
        total=total,
        last=last,
        previous=address(min(page - 1, last)) if page > 1 else None,
        next=address(page + 1) if page < last else None,
    )
