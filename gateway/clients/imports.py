"""Imports: uploaded files, their progress and findings. Uploads do not pass through the pages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from gateway.clients.service import Service

Answer = dict[str, Any]


class Imports(Service):
    """The API of imports."""

    def list_imports(self, *, page: int) -> Answer:
        """A page of the site's imports, the newest first."""
        answer: Answer = self.get("/imports", page=page)
        return answer

    def get_import(self, import_id: UUID) -> Answer:
        """One import: state, rows done, counts, what is said of the whole file."""
        answer: Answer = self.get(f"/imports/{import_id}")
        return answer

    def list_findings(
        self,
        import_id: UUID,
        *,
        page: int,
        page_size: int,
        code: str | None = None,
        level: str | None = None,
    ) -> Answer:
        """A page of findings by row; identifiers are masked."""
        answer: Answer = self.get(
            f"/imports/{import_id}/findings",
            page=page,
            page_size=page_size,
            code=code,
            level=level,
        )
        return answer

    def list_finding_groups(self, import_id: UUID) -> list[Answer]:
        """Findings grouped by code and column, with counts and the first rows."""
        answer: Answer = self.get(f"/imports/{import_id}/finding-groups")
        return list(answer["items"])

    def confirm(self, import_id: UUID) -> None:
        """Has the checked rows stored. Raises Conflict in any other state."""
        self.post(f"/imports/{import_id}/confirmation")

    def list_setups(self) -> list[Answer]:
        """The set-ups of the site's files, and what newer versions of the dataset did to each."""
        return list(self.get("/profiles")["items"])

    def get_setup(self, import_id: UUID) -> Answer:
        """A file's headings and answers beside the dataset's.

        Raises NotFound when the file is not kept, Conflict when it has no headings.
        """
        answer: Answer = self.get(f"/imports/{import_id}/setup")
        return answer

    def save_setup(self, import_id: UUID, body: dict[str, Any]) -> None:
        """Saves how files with these headings are read. Raises InvalidInput."""
        self.put(f"/imports/{import_id}/setup", body)

    def check_again(self, import_id: UUID) -> Answer:
        """Begins a new import of the same bytes. Raises Conflict when it is too late."""
        answer: Answer = self.post(f"/imports/{import_id}/again")
        return answer

    def list_mendable(self, import_id: UUID, *, page: int, page_size: int) -> Answer:
        """Rows with an error in a cell, with these cells as they are written."""
        answer: Answer = self.get(f"/imports/{import_id}/mendable", page=page, page_size=page_size)
        return answer

    def correct(self, import_id: UUID, corrections: list[dict[str, Any]]) -> Answer:
        """Corrects cells; the new import that goes on. Raises Conflict when it is too late."""
        answer: Answer = self.post(
            f"/imports/{import_id}/corrections", {"corrections": corrections}
        )
        return answer

    def list_corrections(self, import_id: UUID) -> list[Answer]:
        """What was corrected on the way to an import; identifiers are masked."""
        return list(self.get(f"/imports/{import_id}/corrections")["items"])

    def get_receipt(self, import_id: UUID) -> Answer:
        """The newest receipt with its signature. Raises NotFound when nothing was stored."""
        answer: Answer = self.get(f"/imports/{import_id}/receipt")
        return answer

    def undo(self, import_id: UUID) -> None:
        """Has a stored import undone. Raises Conflict when that is not possible any more."""
        self.post(f"/imports/{import_id}/undo")

    def cancel(self, import_id: UUID) -> None:
        """Ends the import; nothing of it is stored. Raises Conflict when it is too late."""
        self.post(f"/imports/{import_id}/cancellation")
