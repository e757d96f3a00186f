"""Records: the patient records of the caller's own site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from gateway.clients.service import Service

Answer = dict[str, Any]


class Records(Service):
    """The API of records."""

    def list_records(self, *, page: int, page_size: int, sort: str, **filters: object) -> Answer:
        """A page of records; NHS numbers are masked.

        Args:
            filters: state, diagnosed_from and diagnosed_to (days as in ISO 8601),
                site_of_fracture, section, section_state; None for all.
        """
        answer: Answer = self.get("/records", page=page, page_size=page_size, sort=sort, **filters)
        return answer

    def search(self, query: str) -> Answer:
        """Records, and entries that are none yet, with exactly this NHS number or identifier."""
        answer: Answer = self.post("/records/search", {"query": query})
        return answer

    def preview_undo(self, import_id: UUID) -> Answer:
        """What undoing a stored import would do to records, by their number."""
        answer: Answer = self.get(f"/imports/{import_id}/undo-preview")
        return answer

    def list_changes(self, import_id: UUID, field: str, *, after: int, limit: int) -> list[Answer]:
        """Rows of a checked import that would change a field, after a row."""
        address = f"/imports/{import_id}/changes"
        return list(self.get(address, field=field, after=after, limit=limit)["items"])

    def list_held_rows(self, import_id: UUID, *, after: int, limit: int) -> Answer:
        """Rows of an import that wait for a decision, after a row; the import's state; how many."""
        answer: Answer = self.get(f"/imports/{import_id}/held-rows", after=after, limit=limit)
        return answer

    def get_held_row(self, import_id: UUID, row_number: int) -> Answer:
        """A row that waits, with the records it may be about. The opening is logged there."""
        answer: Answer = self.get(f"/imports/{import_id}/held-rows/{row_number}")
        return answer

    def decide_held_row(self, import_id: UUID, row_number: int, body: Mapping[str, Any]) -> str:
        """Decides about a row; what became of it: new, changed, same or rejected."""
        address = f"/imports/{import_id}/held-rows/{row_number}/decision"
        return str(self.post(address, body)["outcome"])

    def leave_held_rows(self, import_id: UUID) -> int:
        """Leaves out the next thousand rows that wait; how many they were."""
        return int(self.post(f"/imports/{import_id}/held-rows/leave", {})["left"])

    def list_worklists(self) -> list[Answer]:
        """Every work-list with how many wait, in the order of the work."""
        return list(self.get("/worklists")["items"])

    def get_worklist(self, name: str, *, after: str | None, limit: int) -> Answer:
        """A part of a work-list: what comes after a place in it, from the first if None."""
        answer: Answer = self.get(f"/worklists/{name}", after=after, limit=limit)
        return answer

    def get_next_of_worklist(self, name: str, *, after: str | None) -> Answer:
        """The item after a place in a work-list, None after the last; and how many there are."""
        answer: Answer = self.get(f"/worklists/{name}/next", after=after)
        return answer

    def get_record(self, record_id: UUID) -> Answer:
        """A whole record with identifiers, findings and history. The opening is logged there."""
        answer: Answer = self.get(f"/records/{record_id}")
        return answer

    def list_history(self, record_id: UUID) -> list[Answer]:
        """Every change of a record, field by field, the newest first. The look is logged there."""
        return list(self.get(f"/records/{record_id}/history"))

    def get_version(self, record_id: UUID, version: int) -> Answer:
        """A record as it was at a version. The look is logged there."""
        answer: Answer = self.get(f"/records/{record_id}/versions/{version}")
        return answer

    def list_reads(self, record_id: UUID, *, page: int) -> Answer:
        """A page of who opened a record and when, the newest first."""
        answer: Answer = self.get(f"/records/{record_id}/reads", page=page)
        return answer

    def look_up(self, nhs_number: str) -> Answer:
        """Whether a number is right, and what of its patient is recorded or begun here."""
        answer: Answer = self.post("/records/lookup", {"nhs_number": nhs_number})
        return answer

    def begin_form(
        self, record_id: UUID, *, texts: Mapping[str, str], opt_out_checked_on: str | None
    ) -> Answer:
        """Begins a record under an id of the caller's making; sent twice, it begins one."""
        body = {
            "record_id": str(record_id),
            "texts": dict(texts),
            "opt_out_checked_on": opt_out_checked_on,
        }
        answer: Answer = self.post("/forms", body)
        return answer

    def save_form(
        self, record_id: UUID, *, version: int, texts: Mapping[str, str], autosave: bool = False
    ) -> Answer:
        """Saves texts as typed. Raises Conflict `version_moved` with both values of each field.

        Args:
            version: the one the form was filled in on.
            autosave: keep them for this person and leave the record as it is.
        """
        body = {"version": version, "texts": dict(texts), "autosave": autosave}
        answer: Answer = self.put(f"/forms/{record_id}", body)
        return answer

    def drop_form(self, record_id: UUID) -> None:
        """Throws away what is begun and no record yet."""
        self.delete(f"/forms/{record_id}")

    def acknowledge(self, record_id: UUID | str, *, version: int, tokens: Sequence[str]) -> Answer:
        """Notes that warnings are right. Raises InvalidInput if the record has them no more."""
        answer: Answer = self.post(
            f"/records/{record_id}/acknowledgements", {"version": version, "tokens": list(tokens)}
        )
        return answer

    def list_pairs(self, *, decided: bool, page: int) -> Answer:
        """A page of pairs of records that may be about one fracture."""
        answer: Answer = self.get("/duplicates", decided=str(decided).lower(), page=page)
        return answer

    def get_pair(self, pair_id: UUID) -> Answer:
        """Both records of a pair with their identifiers. Two looks are logged there."""
        answer: Answer = self.get(f"/duplicates/{pair_id}")
        return answer

    def decide_pair(self, pair_id: UUID, decision: str) -> None:
        """Keeps the first or the second, or says that both are right. Raises Conflict."""
        self.post(f"/duplicates/{pair_id}/decision", {"decision": decision})

    def delete_record(self, record_id: UUID, *, version: int, reason: str) -> None:
        """Deletes a record; it can be restored, unless the reason is an opt-out."""
        self.post(f"/records/{record_id}/deletion", {"version": version, "reason": reason})

    def restore_record(self, record_id: UUID, *, version: int) -> None:
        """Brings a deleted record back. Raises Conflict where it cannot come back."""
        self.post(f"/records/{record_id}/restoration", {"version": version})

    def list_deleted(self, *, page: int) -> Answer:
        """A page of deleted records."""
        answer: Answer = self.get("/records/deleted", page=page)
        return answer

    def record_opt_out(self, nhs_number: str) -> None:
        """Keeps a patient out, who need not have a record. Raises InvalidInput, Conflict."""
        self.post("/opt-outs", {"nhs_number": nhs_number})

    def count_opt_outs(self) -> int:
        """How many opt-outs the site has recorded."""
        return int(self.get("/opt-outs/count")["count"])

    def erase_patient(self, record_id: UUID, *, version: int, reason: str) -> None:
        """Erases for good what identifies the patient of a record."""
        self.post(f"/records/{record_id}/erasure", {"version": version, "reason": reason})

    def list_periods(self) -> list[Answer]:
        """The years of diagnosis with their deadlines, as they hold for the caller's site."""
        return list(self.get("/periods")["items"])

    def set_period(self, year: int, deadlines: Mapping[str, Any]) -> None:
        """Sets the deadlines of a year for all sites. Raises InvalidInput, Conflict."""
        self.put(f"/periods/{year}", deadlines)

    def list_extensions(self) -> list[Answer]:
        """What sites were granted beyond the deadline of a year."""
        return list(self.get("/period-extensions")["items"])

    def extend_period(self, extension: Mapping[str, Any]) -> None:
        """Gives a site more time for a year. Raises InvalidInput."""
        self.post("/period-extensions", extension)

    def ask_to_unlock(self, *, record_id: UUID | None, year: int | None, reason: str) -> None:
        """Asks the audit team to unlock a record or a year. Raises InvalidInput, Conflict."""
        body = {"record_id": str(record_id) if record_id else None, "year": year, "reason": reason}
        self.post("/unlock-requests", body)

    def list_unlock_requests(self, *, state: str | None = None) -> list[Answer]:
        """The site's own requests; the audit team's answer holds those of all sites."""
        return list(self.get("/unlock-requests", state=state)["items"])

    def decide_unlock_request(self, request_id: UUID, decision: Mapping[str, Any]) -> None:
        """Grants a request until a day, or refuses it with a reason. Raises Conflict."""
        self.post(f"/unlock-requests/{request_id}/decision", decision)
