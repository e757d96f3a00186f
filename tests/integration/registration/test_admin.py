"""The operators' command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from services.registration.admin import main
from tests.factories.registration import PASSWORD


@pytest.fixture
def password_file(tmp_path) -> Path:
    file = tmp_path / "password"
    file.write_text(PASSWORD + "\n")
    return file


def test_the_first_account_gets_a_link_by_mail(settings, look, visitor, sign_in, capsys) -> None:
    assert main(["create", "Team@example.org", "--name", "Team"], settings) == 0
    assert "on its way by mail" in capsys.readouterr().out
    link = look.link_for("Team@example.org")
    body = {"link": link, "password": PASSWORD}
    assert visitor("POST", "/passwords", json=body).status_code == 204
    me = sign_in("team@example.org")("GET", "/me").json
    assert me["roles"] == ["audit_team"] and me["site"] is None
    assert "registrations.review" in me["rights"]


def test_repeating_makes_a_new_link_and_ends_the_old_one(settings, look, visitor) -> None:
    main(["create", "team@example.org"], settings)
    old = look.link_for("team@example.org")
    assert main(["create", "TEAM@example.org"], settings) == 0
    assert look.count("account") == look.count("account_role") == 1
    new = look.link_for("team@example.org")
    check = "/password-links/check"
    assert visitor("POST", check, json={"link": old}).status_code == 404
    assert visitor("POST", check, json={"link": new}).status_code == 200


def test_a_password_file_sets_the_password(settings, look, sign_in, password_file, capsys) -> None:
    arguments = ["create", "team@example.org", "--password-file", str(password_file)]
    assert main(arguments, settings) == 0
    first = sign_in("team@example.org")
    assert PASSWORD not in capsys.readouterr().out
    assert look.rows("SELECT FROM mail WHERE kind <> 'second_factor_set_up'") == []
    look.rows("UPDATE account SET switched_off_at = now()")
    assert main(arguments, settings) == 0
    assert first("GET", "/me").status_code == 401
    sign_in("team@example.org")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["create", "nobody"], "not an e-mail address"),
        (["create", "a@example.org", "--password-file", "/no/such/file"], "cannot be read"),
    ],
)
def test_a_mistake_is_one_clear_line(settings, look, capsys, arguments, words) -> None:
    assert main(arguments, settings) == 1
    error = capsys.readouterr().err
    assert words in error and error.count("\n") == 1
    assert look.count("account") == 0


def test_a_weak_password_is_refused(settings, look, tmp_path, capsys) -> None:
    (tmp_path / "p").write_text("short")
    arguments = ["create", "a@example.org", "--password-file", str(tmp_path / "p")]
    assert main(arguments, settings) == 1
    assert "at least 12" in capsys.readouterr().err
    assert look.count("account") == 0


def test_a_sites_account_is_left_alone(settings, site, look, capsys) -> None:
    assert main(["create", site.email], settings) == 1
    assert "site's account" in capsys.readouterr().err
    assert site.lead("GET", "/me").json["roles"] == ["site_lead"]


def test_republishing_tells_every_site_again(settings, site, other_site, look, capsys) -> None:
    query = (
        "SELECT * FROM outbox_event WHERE name = 'registration.site_changed.v1' ORDER BY position"
    )
    before = [_told(row) for row in look.rows(query)]
    assert main(["republish"], settings) == 0
    assert "2 sites" in capsys.readouterr().out
    after = [_told(row) for row in look.rows(query)]
    assert after == before + before


def _told(row: dict[str, Any]) -> tuple[Any, ...]:
    version = row["headers"]["cloudEvents_subjectversion"]
    return json.loads(bytes(row["body"])), version
