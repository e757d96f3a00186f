"""The terms of use: accepted with the first password, and again when they change."""

from __future__ import annotations

from typing import Any

import pytest

from services.registration.domain import terms
from tests.factories.registration import PASSWORD, make_form


def due(person: Any) -> bool:
    return bool(person("GET", "/me/terms").json["is_due"])


def test_terms_are_accepted_with_the_first_password(
    visitor: Any, team: Any, look: Any, sign_in: Any
) -> None:
    form = make_form()
    sent = visitor("POST", "/applications", json=form).json
    team("POST", f"/applications/{sent['application_id']}/approval", json={})
    link = look.link_for(form["lead_email"])
    shown = visitor("GET", "/terms").json
    assert shown["version"] == terms.VERSION and shown["terms"]
    body = {"link": link, "password": PASSWORD, "terms_version": shown["version"]}
    wrong = visitor("POST", "/passwords", json=body | {"terms_version": "1999-01"})
    assert wrong.status_code == 409, "and the link is not used up"
    assert visitor("POST", "/passwords", json=body).status_code == 204
    assert not due(sign_in(form["lead_email"]))


def test_each_account_accepts_for_itself_and_again_when_they_change(
    site: Any, other_site: Any, look: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert due(site.lead) and due(other_site.lead)
    for _ in range(2):
        answer = site.lead("POST", "/me/terms", json={"version": terms.VERSION})
        assert answer.status_code == 204
    assert [due(site.lead), due(other_site.lead)] == [False, True]
    assert look.value("SELECT count(*) FROM audit_log WHERE what = 'terms_accepted'") == 1
    assert site.lead("POST", "/me/terms", json={"version": "x"}).status_code == 409
    for place in ("actions.terms", "queries.credentials", "views.terms"):
        monkeypatch.setattr(f"services.registration.{place}.VERSION", "2099-01")
    assert due(site.lead)
