"""Facilities: rounds of the facilities audit, questionnaires, a site's answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from gateway.clients.service import Service

Answer = dict[str, Any]


class Facilities(Service):
    """The API of facilities."""

    def get_current_round(self) -> Answer:
        """The round that is open today. Raises NotFound between rounds."""
        answer: Answer = self.get("/rounds/current")
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
        self, round_id: UUID | str, *, version: int, answers: Mapping[str, Any]
    ) -> Answer:
        """Saves a draft. Raises Conflict with both values if somebody else changed an answer."""
        answer: Answer = self.put(
            f"/rounds/{round_id}/answers", {"version": version, "answers": dict(answers)}
        )
        return answer

    def submit(self, round_id: UUID | str, *, version: int) -> Answer:
        """Hands the answers in. Raises InvalidInput while something is missing or wrong."""
        answer: Answer = self.post(f"/rounds/{round_id}/submission", {"version": version})
        return answer

    def get_site_answers(self, round_id: UUID | str, site_id: UUID) -> Answer:
        """The answers of any site, with the site."""
        answer: Answer = self.get(f"/rounds/{round_id}/sites/{site_id}/answers")
        return answer

    def reopen(self, round_id: UUID | str, site_id: UUID, *, reason: str) -> None:
        """Lets a site change what it submitted. Raises Conflict if it has not."""
        self.post(f"/rounds/{round_id}/sites/{site_id}/reopening", {"reason": reason})

    def get_progress(self, round_id: UUID | str, *, page: int) -> Answer:
        """How many sites have begun and submitted, and a page of them."""
        answer: Answer = self.get(f"/rounds/{round_id}/progress", page=page)
        return answer
