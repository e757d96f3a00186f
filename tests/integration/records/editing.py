"""Somebody who types records, and programs that send them: shared by the tests of editing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from tests.integration.records.conftest import Caller

CHECKED_ON = "2024-06-01"

KEYS = {
    "nhs_number": "999 000 0018",
    "date_of_birth": "1/3/1950",
    "gender": "2",
    "date_index_diagnosed": "10/1/2024",
    "site_1": "3",
}
"""Texts of all that a record needs."""
VALUES = {
    "nhs_number": "9990000018",
    "date_of_birth": "1950-03-01",
    "gender": "2",
    "date_index_diagnosed": "2024-01-10",
    "site_1": "3",
}
"""The same as a program sends it."""


@dataclass
class Editor:
    """Somebody with a form open, who remembers the version it was filled in on."""

    caller: Caller
    record_id: str = field(default_factory=lambda: str(uuid4()))
    version: int = 0

    def start(self, **texts: str) -> dict[str, Any]:
        """Sends the first texts of a new record."""
        return self._take(self.post(**texts), 201)

    def post(self, **texts: str) -> Any:
        body = {"record_id": self.record_id, "texts": texts, "opt_out_checked_on": CHECKED_ON}
        return self.caller.post("/forms", body)

    def save(self, **texts: str) -> dict[str, Any]:
        """Saves texts on the version that was seen, which has to go well."""
        return self._take(self.put(texts), 200)

    def put(self, texts: dict[str, str], **more: Any) -> Any:
        body = {"version": self.version, "texts": texts, **more}
        return self.caller.put(f"/forms/{self.record_id}", body)

    def autosave(self, **texts: str) -> dict[str, Any]:
        answer = self.put(texts, autosave=True)
        assert answer.status_code == 200, answer.text
        return answer.json

    def open(self) -> dict[str, Any]:
        """Opens the record, or what is none yet, to fill a form from it."""
        return self._take(self.caller.get(f"/records/{self.record_id}"), 200)

    def beside(self, caller: Caller) -> Editor:
        """Another one who has the same form open as it is now."""
        return Editor(caller, self.record_id, self.version)

    def _take(self, answer: Any, status: int) -> dict[str, Any]:
        assert answer.status_code == status, answer.text
        self.version = answer.json["form_version"]
        return answer.json


def sent(editor_or_id: str, texts: dict[str, str], **more: Any) -> dict[str, Any]:
    """The body of a first save."""
    body = {"record_id": editor_or_id, "texts": texts, "opt_out_checked_on": CHECKED_ON}
    return {**body, **more}


def codes(answer: dict[str, Any]) -> list[tuple[str, str | None]]:
    """Code and field of every finding."""
    return [(finding["code"], finding["field"]) for finding in answer["findings"]]
