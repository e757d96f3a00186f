"""Records: the patient records of the caller's own site."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from gateway.clients.service import Service

Answer = dict[str, Any]


class Records(Service):
    """The API of records."""

    def list_records(self, *, page: int, page_size: int, sort: str) -> Answer:
        """A page of records; NHS numbers are masked."""
        answer: Answer = self.get("/records", page=page, page_size=page_size, sort=sort)
        return answer

    def get_record(self, record_id: UUID) -> Answer:
        """A whole record with identifiers, findings and history. The opening is logged there."""
        answer: Answer = self.get(f"/records/{record_id}")
        return answer
