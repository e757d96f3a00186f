"""The edge of a local system follows its configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.local import nginx


def test_a_changed_configuration_makes_another_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upstreams = ("GATEWAY_PAGES", "REGISTRATION", "RECORDS", "IMPORTS", "FACILITIES")
    variables = {
        **dict.fromkeys(upstreams, "127.0.0.1:9"),
        "LISTEN": "127.0.0.1:8099",
        "RESOLVER": "",
        "CACHE_PATH": str(tmp_path / "cache"),
        "STATIC_PATH": str(tmp_path / "static"),
    }
    binary = nginx.ensure_nginx(say=print)
    first = nginx.prepare_nginx(tmp_path / "nginx", binary, variables)
    assert nginx.prepare_nginx(tmp_path / "nginx", binary, variables) == first
    changed = nginx.edge_configuration
    monkeypatch.setattr(nginx, "edge_configuration", lambda v: changed(v) + "# changed\n")
    assert nginx.prepare_nginx(tmp_path / "nginx", binary, variables) != first
