"""API tokens: made for a site, seen by it alone."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from services.shared.identity import HEADER, Verifier
from tests.integration.registration.conftest import Api


def make(lead: Any, **changes: Any) -> Any:
    body = {"name": "PAS export", "expires_in_days": 90, **changes}
    return lead("POST", "/tokens", json=body)


def test_a_token_is_shown_once_and_speaks_for_its_site(site, settings, look) -> None:
    answer = make(site.lead)
    assert answer.status_code == 201
    secret = answer.json["token"]
    listed = site.lead("GET", "/tokens").json
    assert listed["total"] == 1 and secret not in str(listed)
    assert listed["items"][0]["name"] == "PAS export"
    assert secret not in str(look.rows("SELECT t::text FROM api_token t"))
    identity = Api(site.lead.app, secret).identity()
    actor = Verifier(settings.identity_public_keys).verify(identity.headers[HEADER])
    assert actor.site_id == site.site_id
    assert actor.session_id == answer.json["token_id"]
    assert actor.rights == frozenset(answer.json["rights"])
    assert "tokens.manage" not in actor.rights and "records.import" in actor.rights
    assert len(actor.csrf) >= 32


def test_a_token_is_no_cookie(site) -> None:
    secret = make(site.lead).json["token"]
    answer = Api(site.lead.app, secret).identity("page")
    assert answer.status_code == 200 and HEADER not in answer.headers


def test_a_token_can_be_given_fewer_rights_and_never_more(site, other_site) -> None:
    answer = make(site.lead, rights=["records.read"])
    assert answer.json["rights"] == ["records.read"]
    assert Api(site.lead.app, answer.json["token"])("GET", "/tokens").status_code == 403
    assert make(site.lead, rights=["tokens.manage"]).status_code == 422
    assert make(site.lead, rights=[]).status_code == 422
    refused = make(other_site.lead, rights=["records.read"])
    assert refused.status_code == 422 and "facilities.read" in refused.json["errors"]["rights"][0]


def test_a_token_loses_the_rights_its_site_loses(site, settings, look) -> None:
    script = Api(site.lead.app, make(site.lead).json["token"])
    look.rows("UPDATE site SET patient_audit = false")
    actor = Verifier(settings.identity_public_keys).verify(script.identity().headers[HEADER])
    assert not [right for right in actor.rights if right.startswith("records.")]
    look.rows("UPDATE site SET state = 'suspended'")
    actor = Verifier(settings.identity_public_keys).verify(script.identity().headers[HEADER])
    assert actor.rights == frozenset()


def test_a_site_sees_and_revokes_its_own_tokens_only(site, other_site) -> None:
    made = make(site.lead).json
    assert other_site.lead("GET", "/tokens").json["total"] == 0
    path = f"/tokens/{made['token_id']}"
    assert other_site.lead("DELETE", path).status_code == 404
    script = Api(site.lead.app, made["token"])
    assert script.identity().status_code == 200
    assert site.lead("DELETE", path).status_code == 204
    assert script.identity().status_code == 401
    assert site.lead("DELETE", path).status_code == 204
    assert site.lead("GET", "/tokens").json["items"][0]["revoked_at"] is not None


def test_an_expired_token_is_refused(site, look) -> None:
    script = Api(site.lead.app, make(site.lead).json["token"])
    look.rows("UPDATE api_token SET expires_at = now()")
    assert script.identity().status_code == 401


@pytest.mark.parametrize("days", [0, 367, "soon", None])
def test_a_tokens_life_is_bounded(site, days) -> None:
    answer = make(site.lead, expires_in_days=days)
    assert answer.status_code == 422 and "expires_in_days" in answer.json["errors"]


def test_its_last_use_is_noted_once_an_hour(site, look) -> None:
    script = Api(site.lead.app, make(site.lead).json["token"])
    script.identity()
    first = look.value("SELECT last_used_at FROM api_token")
    assert first is not None
    script.identity()
    assert look.value("SELECT last_used_at FROM api_token") == first
    look.rows("UPDATE api_token SET last_used_at = last_used_at - interval '61 minutes'")
    script.identity()
    assert look.value("SELECT last_used_at FROM api_token") >= first


def test_raw_sql_without_a_site_sees_no_token_on_a_used_connection(
    site, other_site, databases
) -> None:
    make(site.lead)
    make(other_site.lead)
    count = "SELECT count(*) FROM api_token"
    with psycopg.connect(databases.url("registration")) as database:
        assert database.execute(count).fetchone() == (0,)
        database.execute("SELECT set_config('app.site_id', %s, true)", (str(site.site_id),))
        assert database.execute(count).fetchone() == (1,)
        database.commit()
        assert database.execute(count).fetchone() == (0,)
        database.execute("SELECT set_config('app.site_id', %s, true)", (str(site.site_id),))
        moved = database.execute(
            "UPDATE api_token SET revoked_at = now() WHERE site_id = %s", (other_site.site_id,)
        )
        assert moved.rowcount == 0
