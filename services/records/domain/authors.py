"""Who changes a record, and by which door."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

Door = Literal["page", "api"]


@dataclass(frozen=True, slots=True)
class Author:
    """Who changes a record.

    Attributes:
        visit_id: the visit of the audit team during which it is done; None for a site's own people.
    """

    account_id: UUID
    visit_id: UUID | None
    door: Door
