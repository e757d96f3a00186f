"""Who changes a record, and by which door."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

Door = Literal["page", "api", "import"]


@dataclass(frozen=True, slots=True)
class Author:
    """Who changes a record.

    Attributes:
        visit_id: the visit of the audit team during which it is done; None for a site's own people.
        import_id: the import whose row they have decided about; of the door `import` alone.
    """

    account_id: UUID
    visit_id: UUID | None
    door: Door
    import_id: UUID | None = None
