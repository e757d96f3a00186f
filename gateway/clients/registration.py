"""Registration: sites, registration forms, accounts, sessions, tokens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from gateway.clients.service import Service

Answer = dict[str, Any]


class Registration(Service):
    """The API of registration; see its OpenAPI document for the fields of the answers."""

    def apply(self, form: Mapping[str, Any]) -> Answer:
        """Hands in a registration form. Raises InvalidInput naming the fields."""
        return self._answer(self.post("/applications", form))

    def list_applications(self, *, state: str | None, page: int) -> Answer:
        """A page of registration forms; all states if None."""
        return self._answer(self.get("/applications", state=state, page=page))

    def get_application(self, application_id: UUID) -> Answer:
        """One registration form with its history."""
        return self._answer(self.get(f"/applications/{application_id}"))

    def approve(self, application_id: UUID) -> Answer:
        """Approves a form: the site exists from now on and its lead is sent a mail."""
        return self._answer(self.post(f"/applications/{application_id}/approval"))

    def decline(self, application_id: UUID, *, reason: str) -> None:
        """Declines a form; the reason is mailed to the applicant."""
        self.post(f"/applications/{application_id}/refusal", {"reason": reason})

    def sign_in(self, *, email: str, password: str) -> Answer:
        """Begins a session. Raises Unauthenticated, with the same text whatever was wrong."""
        return self._answer(self.post("/sessions", {"email": email, "password": password}))

    def sign_out(self) -> None:
        """Ends the caller's session."""
        self.delete("/sessions/current")

    def me(self) -> Answer:
        """The caller's account with its site."""
        return self._answer(self.get("/me"))

    def check_password_link(self, link: str) -> Answer:
        """Whose link it is. Raises NotFound or Conflict when it is used, expired or unknown."""
        return self._answer(self.post("/password-links/check", {"link": link}))

    def set_password(self, *, link: str, password: str) -> None:
        """Sets the password and uses the link up. Raises InvalidInput for a bad password."""
        self.post("/passwords", {"link": link, "password": password})

    def list_tokens(self) -> Answer:
        """The site's API tokens, without their secrets."""
        return self._answer(self.get("/tokens"))

    def create_token(self, *, name: str, expires_in_days: int) -> Answer:
        """Makes a token; the answer holds its secret, this once."""
        return self._answer(
            self.post("/tokens", {"name": name, "expires_in_days": expires_in_days})
        )

    def revoke_token(self, token_id: UUID) -> None:
        """Ends a token; it stops working within five seconds."""
        self.delete(f"/tokens/{token_id}")

    def list_accounts(self, *, page: int) -> Answer:
        """A page of all accounts."""
        return self._answer(self.get("/accounts", page=page))

    def switch_account(self, account_id: UUID, *, on: bool) -> None:
        """Switches an account on or off; off ends its sessions within five seconds."""
        self.post(f"/accounts/{account_id}/{'switch-on' if on else 'switch-off'}")

    def list_failed_mails(self) -> Answer:
        """Mails that could not be delivered, without their text."""
        return self._answer(self.get("/mails", state="failed"))

    @staticmethod
    def _answer(answer: Any) -> Answer:
        return answer if isinstance(answer, dict) else {"items": answer}
