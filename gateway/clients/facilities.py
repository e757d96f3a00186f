"""Facilities: rounds of the facilities audit, questionnaires, a site's answers, results."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from gateway.clients.service import Service

Answer = dict[str, Any]


class Facilities(Service):
    """The API of facilities."""

    def list_own_rounds(self) -> list[Answer]:
        """Rounds in which the own site is asked or has answered, the newest first."""
        items: list[Answer] = self.get("/rounds/own")["items"]
        return items

    def get_round(self, round_id: UUID | str) -> Answer:
        """A round."""
        answer: Answer = self.get(f"/rounds/{round_id}")
        return answer

    def get_questionnaire(self, round_id: UUID | str) -> Answer:
        """Sections and questions as data."""
        answer: Answer = self.get(f"/rounds/{round_id}/questionnaire")
        return answer

    def get_answers(self, round_id: UUID | str) -> Answer:
        """The own site's answers, their version, and what is missing or wrong."""
        answer: Answer = self.get(f"/rounds/{round_id}/answers")
        return answer

    def save_answers(
        self,
        round_id: UUID | str,
        *,
        version: int,
        seen: Mapping[str, int],
        answers: Mapping[str, Any],
    ) -> Answer:
        """Saves a draft. Raises Conflict with both values if somebody else changed an answer."""
        body = {"version": version, "seen": dict(seen), "answers": dict(answers)}
        answer: Answer = self.put(f"/rounds/{round_id}/answers", body)
        return answer

    def confirm_section(self, round_id: UUID | str, section: str, *, version: int) -> Answer:
        """Stands for a section. Raises InvalidInput while something in it is missing or wrong."""
        path = f"/rounds/{round_id}/sections/{section}/confirmation"
        answer: Answer = self.put(path, {"version": version})
        return answer

    def withdraw_section(self, round_id: UUID | str, section: str) -> None:
        """Takes back that a section is confirmed."""
        self.delete(f"/rounds/{round_id}/sections/{section}/confirmation")

    def set_owner(self, round_id: UUID | str, section: str, *, owner: UUID | str | None) -> None:
        """Says who looks after a section. Raises Forbidden where the caller cannot decide that."""
        body = {"owner": str(owner) if owner else None}
        self.put(f"/rounds/{round_id}/sections/{section}/owner", body)

    def list_comments(self, round_id: UUID | str) -> list[Answer]:
        """What the own site wrote beside questions, the oldest first."""
        items: list[Answer] = self.get(f"/rounds/{round_id}/comments")["items"]
        return items

    def write_comment(self, round_id: UUID | str, *, question: str, words: str) -> None:
        """Writes a comment beside a question."""
        self.post(f"/rounds/{round_id}/comments", {"question": question, "words": words})

    def submit(self, round_id: UUID | str, *, version: int) -> Answer:
        """Hands the answers in. Raises InvalidInput while something is missing or wrong."""
        answer: Answer = self.post(f"/rounds/{round_id}/submission", {"version": version})
        return answer

    def get_receipt(self, round_id: UUID | str) -> Answer:
        """What was submitted. Raises NotFound while nothing is."""
        answer: Answer = self.get(f"/rounds/{round_id}/receipt")
        return answer

    def get_last_time(self, round_id: UUID | str) -> Answer:
        """What was submitted last time and differs now. Raises NotFound if nothing was."""
        answer: Answer = self.get(f"/rounds/{round_id}/last-time")
        return answer

    def list_changes(self, round_id: UUID | str, *, page: int) -> Answer:
        """A page of the changes of the own site's answers."""
        answer: Answer = self.get(f"/rounds/{round_id}/answers/history", page=page, page_size=50)
        return answer

    def get_own_results(self, round_id: UUID | str) -> Answer:
        """The own site beside all. Raises Conflict while it has not submitted."""
        answer: Answer = self.get(f"/rounds/{round_id}/own-results")
        return answer

    def list_rounds(self) -> list[Answer]:
        """All rounds, the newest first."""
        items: list[Answer] = self.get("/rounds")["items"]
        return items

    def list_questionnaires(self) -> list[Answer]:
        """All questionnaires, the current one first."""
        items: list[Answer] = self.get("/questionnaires")["items"]
        return items

    def open_round(self, body: Mapping[str, Any]) -> Answer:
        """Opens a round, or finds that of the same name."""
        answer: Answer = self.post("/rounds", body)
        return answer

    def change_last_day(
        self, round_id: UUID | str, *, closes_on: str | None, reason: str
    ) -> Answer:
        """Gives a round another last day; a closed one opens again."""
        body = {"closes_on": closes_on, "reason": reason}
        answer: Answer = self.put(f"/rounds/{round_id}/last-day", body)
        return answer

    def close_round(self, round_id: UUID | str, *, reason: str) -> Answer:
        """Closes a round for all sites without an extension."""
        answer: Answer = self.post(f"/rounds/{round_id}/closing", {"reason": reason})
        return answer

    def list_round_changes(self, round_id: UUID | str) -> list[Answer]:
        """What was done to a round, the newest first."""
        items: list[Answer] = self.get(f"/rounds/{round_id}/changes")["items"]
        return items

    def remind(self, round_id: UUID | str) -> int:
        """Writes to every site that has not submitted; how many."""
        sites: int = self.post(f"/rounds/{round_id}/reminders")["sites"]
        return sites

    def get_progress(self, round_id: UUID | str, *, page: int, state: str | None = None) -> Answer:
        """How many sites have begun and submitted, and a page of them."""
        more = {"state": state} if state else {}
        answer: Answer = self.get(f"/rounds/{round_id}/progress", page=page, **more)
        return answer

    def get_site_answers(self, round_id: UUID | str, site_id: UUID) -> Answer:
        """The answers of any site, with the site."""
        answer: Answer = self.get(f"/rounds/{round_id}/sites/{site_id}/answers")
        return answer

    def reopen(
        self, round_id: UUID | str, site_id: UUID, *, reason: str, until_on: str | None
    ) -> None:
        """Lets a site change what it submitted. Raises Conflict if it has not."""
        body = {"reason": reason, "until_on": until_on}
        self.post(f"/rounds/{round_id}/sites/{site_id}/reopening", body)

    def extend(self, round_id: UUID | str, site_id: UUID, *, reason: str, until_on: str) -> None:
        """Gives a site more time."""
        body = {"reason": reason, "until_on": until_on}
        self.post(f"/rounds/{round_id}/sites/{site_id}/extension", body)

    def get_results(self, round_id: UUID | str, part: Mapping[str, str]) -> Answer:
        """What the sites that submitted answered; `part`: kind, nation, region."""
        answer: Answer = self.get(f"/rounds/{round_id}/results", **part)
        return answer

    def get_file(self, round_id: UUID | str, name: str) -> tuple[bytes, str]:
        """A file of a round, `data.csv` or `definitions.csv`: its bytes and its disposition."""
        return self.get_bytes(f"/rounds/{round_id}/{name}")
