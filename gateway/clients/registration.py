"""Registration: sites, registration forms, accounts, sessions, tokens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from gateway.clients.service import Service

Answer = dict[str, Any]
_PAGE_SIZE = 100
_MOST_PAGES = 20


class Registration(Service):
    """The API of registration; see its OpenAPI document for the fields of the answers."""

    def registration_form(self) -> Answer:
        """The registration form as it is asked: `sections` with their `questions`."""
        return self._answer(self.get("/registrations/form"))

    def begin_registration(self, email: str) -> None:
        """Has a link to a form mailed; the same answer for every address."""
        self.post("/registrations", {"email": email})

    def open_registration(self, link: str) -> Answer:
        """A form and what has become of it. Raises NotFound when the link is too old."""
        return self._answer(self.post("/registrations/open", {"link": link}))

    def save_section(self, link: str, section: str, answers: Mapping[str, str]) -> Answer:
        """Keeps answers, right or wrong. Raises NotFound, or Conflict when it has been sent."""
        body = {"link": link, "answers": dict(answers)}
        return self._answer(self.put(f"/registrations/sections/{section}", body))

    def send_registration(self, link: str) -> Answer:
        """Hands a form in. Raises InvalidInput naming the questions, NotFound or Conflict."""
        return self._answer(self.post("/registrations/submission", {"link": link}))

    def answer_query(self, link: str, words: str) -> Answer:
        """Answers the audit team's question. Raises InvalidInput, NotFound or Conflict."""
        return self._answer(self.post("/registrations/reply", {"link": link, "words": words}))

    def list_applications(self, *, state: str | None, page: int) -> Answer:
        """A page of registration forms; all states if None."""
        return self._answer(self.get("/applications", state=state, page=page))

    def get_application(self, application_id: UUID) -> Answer:
        """One registration form with its history."""
        return self._answer(self.get(f"/applications/{application_id}"))

    def approve(self, application_id: UUID) -> Answer:
        """Approves a form: the site exists from now on and its lead is sent a mail."""
        return self._answer(self.post(f"/applications/{application_id}/approval"))

    def query(self, application_id: UUID, *, words: str) -> None:
        """Asks the applicant something by mail. Raises InvalidInput or Conflict."""
        self.post(f"/applications/{application_id}/query", {"words": words})

    def site_history(self, site_id: UUID) -> Answer:
        """A site's codes and participation with their days, and what was done to it."""
        return self._answer(self.get(f"/sites/{site_id}/history"))

    def statement(self, site_id: UUID, *, begins: str, ends: str) -> Answer:
        """What a site took part in, in a period. Raises InvalidInput or NotFound."""
        path = f"/sites/{site_id}/participation-statement"
        return self._answer(self.get(path, begins=begins, ends=ends))

    def suspend_site(self, site_id: UUID, *, reason: str) -> None:
        """Suspends a site. Raises InvalidInput or Conflict."""
        self.post(f"/sites/{site_id}/suspension", {"reason": reason})

    def reinstate_site(self, site_id: UUID) -> None:
        """Lets a suspended site work again."""
        self.post(f"/sites/{site_id}/reinstatement")

    def change_participation(self, site_id: UUID, change: Mapping[str, Any]) -> None:
        """Notes that a service has started or ended. Raises InvalidInput or Conflict."""
        self.put(f"/sites/{site_id}/participation", change)

    def replace_ods_code(self, site_id: UUID, change: Mapping[str, Any]) -> None:
        """Gives a site another ODS code. Raises InvalidInput or Conflict."""
        self.put(f"/sites/{site_id}/ods-code", change)

    def decline(self, application_id: UUID, *, reason: str) -> None:
        """Declines a form; the reason is mailed to the applicant."""
        self.post(f"/applications/{application_id}/refusal", {"reason": reason})

    def sign_in(self, *, email: str, password: str, device: str | None) -> Answer:
        """Begins a session. Raises Unauthenticated, with the same text whatever was wrong.

        The answer holds the `session`, or what is `waiting` for a second factor.

        Args:
            device: what the browser carries since an earlier sign-in.
        """
        body = {"email": email, "password": password}
        if device is not None:
            body["device"] = device
        return self._answer(self.post("/sessions", body))

    def offer_app(self, waiting: str) -> Answer:
        """What to put into an authenticator app. Raises Conflict when one is set up."""
        return self._answer(self.post("/sessions/second-factor/enrolment", {"waiting": waiting}))

    def finish_sign_in(self, *, waiting: str, code: str, device: str | None) -> Answer:
        """Begins the session that waits. Raises InvalidInput, TooMany or Unauthenticated."""
        body = {"waiting": waiting, "code": code}
        if device is not None:
            body["device"] = device
        return self._answer(self.post("/sessions/second-factor", body))

    def sign_out(self) -> None:
        """Ends the caller's session."""
        self.delete("/sessions/current")

    def me(self) -> Answer:
        """The caller's account with its site."""
        return self._answer(self.get("/me"))

    def begin_visit(self, site_id: UUID, *, reason: str) -> Answer:
        """Acts at a site as the audit team. The answer holds the new session's string."""
        body = {"site_id": str(site_id), "reason": reason}
        return self._answer(self.post("/sessions/current/visit", body))

    def end_visit(self) -> Answer:
        """Ends the caller's visit. The answer holds the new session's string."""
        return self._answer(self.delete("/sessions/current/visit"))

    def change_site(self, site_id: UUID) -> Answer:
        """Acts for another of one's own sites. The answer holds the new session's string."""
        return self._answer(self.put("/sessions/current/site", {"site_id": str(site_id)}))

    def list_sites(self, *, search: str | None = None, page: int = 1) -> Answer:
        """A page of sites by name; `search` is part of a name or the beginning of a code."""
        return self._answer(self.get("/sites", search=search, page=page))

    def get_site(self, site_id: UUID) -> Answer:
        """A site: any for who may see all, else the caller's own."""
        return self._answer(self.get(f"/sites/{site_id}"))

    def list_people(self, site_id: UUID | None = None) -> list[Answer]:
        """Who is or was at a site, the caller's own unless named."""
        people: list[Answer] = self.get("/people", site_id=site_id)["items"]
        return people

    def person_names(self) -> dict[str, str]:
        """The names of all who are or were at the caller's site, by account id."""
        return {str(one["account_id"]): str(one["name"]) for one in self.list_people()}

    def add_person(self, person: Mapping[str, Any]) -> Answer:
        """Adds someone to a site. Raises InvalidInput or Conflict naming the fields."""
        return self._answer(self.post("/people", person))

    def change_person(self, account_id: UUID, change: Mapping[str, Any]) -> Answer:
        """Changes role and grants of someone at a site."""
        return self._answer(self.put(f"/people/{account_id}", change))

    def remove_person(self, account_id: UUID, *, site_id: UUID) -> None:
        """Takes someone out of a site; it works within five seconds."""
        self.delete(f"/people/{account_id}", site_id=site_id)

    def people_confirmation(self, site_id: UUID | None = None) -> Answer:
        """When a site's list of people was confirmed last, and whether it is time again."""
        return self._answer(self.get("/people/confirmation", site_id=site_id))

    def confirm_people(self) -> None:
        """Confirms that everybody on the list is still there."""
        self.post("/people/confirmation")

    def transfer_lead(self, account_id: str, *, own_role: str | None) -> None:
        """Makes somebody else the lead. Raises InvalidInput, NotFound or Conflict."""
        self.post("/people/transfer", {"account_id": account_id, "own_role": own_role})

    def leave_site(self) -> None:
        """Leaves the site that one acts for. Raises Conflict for its last lead."""
        self.delete("/me/site")

    def rotate_token(self, token_id: UUID) -> Answer:
        """Makes a token that takes another's place. Raises InvalidInput or Conflict."""
        return self._answer(self.post(f"/tokens/{token_id}/rotation"))

    def invite_again(self, account_id: UUID, *, site_id: UUID) -> None:
        """Mails a fresh one-time link to someone who has not chosen a password."""
        self.post(f"/people/{account_id}/invitation?site_id={site_id}")

    def list_log(self, place: Mapping[str, str], *, page: int) -> Answer:
        """A page of the log, the newest first: of the caller's site, or of all."""
        return self._answer(self.get("/log", page=page, **place))

    def write_to_team(self, message: Mapping[str, str]) -> None:
        """Has a message mailed to the audit team. Raises InvalidInput naming the fields."""
        self.post("/messages", message)

    def current_notices(self) -> list[Answer]:
        """The notices of today."""
        return list(self.get("/notices/current")["items"])

    def list_notices(self, *, page: int) -> Answer:
        """A page of all notices, the newest first."""
        return self._answer(self.get("/notices", page=page))

    def publish_notice(self, notice: Mapping[str, str]) -> None:
        """Shows a notice on everybody's home page. Raises InvalidInput naming the fields."""
        self.post("/notices", notice)

    def withdraw_notice(self, notice_id: UUID) -> None:
        """Shows a notice no more."""
        self.delete(f"/notices/{notice_id}")

    def list_visits(self, site_id: UUID, *, page: int = 1) -> Answer:
        """A page of the audit team's visits to a site, newest first."""
        return self._answer(self.get("/visits", site_id=site_id, page=page, page_size=10))

    def list_sessions(self) -> list[Answer]:
        """The caller's own sessions that go on, the one used last first."""
        return list(self.get("/sessions")["items"])

    def end_session(self, session_id: UUID) -> None:
        """Ends one of the caller's sessions. Raises NotFound when it is none of theirs."""
        self.delete(f"/sessions/{session_id}")

    def end_other_sessions(self) -> None:
        """Ends all of the caller's sessions but this one."""
        self.delete("/sessions/others")

    def change_password(self, *, password: str, new_password: str) -> None:
        """Changes the caller's own password. Raises InvalidInput, TooMany or Conflict."""
        self.put("/me/password", {"password": password, "new_password": new_password})

    def second_factor(self) -> Answer:
        """How the caller's second factor stands."""
        return self._answer(self.get("/me/second-factor"))

    def offer_other_app(self, password: str) -> Answer:
        """What to put into another app. Raises InvalidInput or TooMany."""
        return self._answer(self.post("/me/second-factor/enrolment", {"password": password}))

    def confirm_app(self, code: str) -> list[str]:
        """Uses the app just offered; returns recovery codes. Raises InvalidInput or Conflict."""
        return list(self.put("/me/second-factor", {"code": code})["recovery_codes"])

    def make_recovery_codes(self, password: str) -> list[str]:
        """Ten new recovery codes. Raises InvalidInput, TooMany or Conflict."""
        body = {"password": password}
        return list(self.post("/me/second-factor/recovery-codes", body)["recovery_codes"])

    def forget_second_factor(self, account_id: UUID, *, site_id: UUID | None = None) -> None:
        """Takes a lost app away from someone of a site, or from any account."""
        if site_id is None:
            self.delete(f"/accounts/{account_id}/second-factor")
        else:
            self.delete(f"/people/{account_id}/second-factor", site_id=site_id)

    def ask_for_reset(self, email: str) -> None:
        """Asks for a new password; the same answer for every address."""
        self.post("/password-resets", {"email": email})

    def check_password_link(self, link: str) -> Answer:
        """Whose link it is. Raises NotFound or Conflict when it is used, expired or unknown."""
        return self._answer(self.post("/password-links/check", {"link": link}))

    def set_password(self, *, link: str, password: str, terms_version: str | None = None) -> None:
        """Sets the password and uses the link up. Raises InvalidInput for a bad password.

        Args:
            terms_version: Of the terms of use that are accepted with it.
        """
        terms = {"terms_version": terms_version} if terms_version else {}
        self.post("/passwords", {"link": link, "password": password, **terms})

    def terms(self) -> Answer:
        """The terms of use: `version` and `terms`."""
        return self._answer(self.get("/terms"))

    def are_terms_due(self) -> bool:
        """Whether the caller has yet to accept the present terms."""
        return bool(self.get("/me/terms")["is_due"])

    def accept_terms(self, version: str) -> None:
        """Accepts the terms of this version. Raises Conflict when it is not the present one."""
        self.post("/me/terms", {"version": version})

    def list_tokens(self) -> Answer:
        """The site's API tokens, without their secrets."""
        return self._answer(self.get("/tokens"))

    def create_token(self, *, name: str, expires_in_days: int, rights: list[str]) -> Answer:
        """Makes a token; the answer holds its secret, this once."""
        body = {"name": name, "expires_in_days": expires_in_days, "rights": rights}
        return self._answer(self.post("/tokens", body))

    def revoke_token(self, token_id: UUID) -> None:
        """Ends a token; it stops working within five seconds."""
        self.delete(f"/tokens/{token_id}")

    def list_accounts(self, *, page: int, search: str | None = None) -> Answer:
        """A page of all accounts; `search` is part of a name or an address."""
        return self._answer(self.get("/accounts", search=search, page=page))

    def get_account(self, account_id: UUID) -> Answer:
        """Any account, with what may be done about it."""
        return self._answer(self.get(f"/accounts/{account_id}"))

    def switch_account(self, account_id: UUID, *, on: bool) -> None:
        """Switches an account on or off; off ends its sessions within five seconds."""
        self.post(f"/accounts/{account_id}/{'switch-on' if on else 'switch-off'}")

    def list_all_sites(self) -> list[Answer]:
        """All sites by name, page after page."""
        sites: list[Answer] = []
        for page in range(1, _MOST_PAGES + 1):
            answer = self._answer(self.get("/sites", page=page, page_size=_PAGE_SIZE))
            sites += answer["items"]
            if len(sites) >= answer["total"] or not answer["items"]:
                break
        return sites

    def list_failed_mails(self) -> Answer:
        """Mails that could not be delivered, without their text."""
        return self._answer(self.get("/mails", state="failed"))

    @staticmethod
    def _answer(answer: Any) -> Answer:
        return answer if isinstance(answer, dict) else {"items": answer}
