"""The built style sheet and scripts: nothing from another host, names by content, errors filled."""

from __future__ import annotations

import json
import re
from hashlib import sha256
from pathlib import Path

import pytest

from deploy.local.frontend import build_frontend
from gateway.assets import BUILD, Assets
from gateway.edge import STATIC_PATH


@pytest.fixture(scope="module", autouse=True)
def built(tmp_path_factory: pytest.TempPathFactory) -> None:
    build_frontend(tmp_path_factory.mktemp("build") / "log", say=print)


def texts() -> dict[str, str]:
    return {str(f.relative_to(BUILD)): f.read_text() for f in BUILD.rglob("*.*") if f.is_file()}


def test_nginx_and_the_pages_speak_of_the_same_folder() -> None:
    assert STATIC_PATH == BUILD


def test_nothing_names_another_host() -> None:
    for name, text in texts().items():
        found = re.findall(r"""(?:https?:)?//[\w-]+(?:\.[\w-]+)+""", text)
        # Comments of NHS.UK frontend's script cite pages; nothing of them is ever asked for.
        if name.startswith("nhsuk-frontend."):
            found = [f for f in found if re.search(r"(?:import|fetch|src=).{0,20}" + f, text)]
        assert [f for f in found if "www.w3.org" not in f] == [], name


def test_the_style_sheet_has_our_fonts_only() -> None:
    css = next(
        text for name, text in texts().items() if name.startswith("pages.") and "css" in name
    )
    assert "@font-face" not in css and "Frutiger" not in css
    assert "#0b4f4a" in css, "our colour"
    for name in re.findall(r"url\(([^)]*)\)", css):
        assert name.startswith('"data:') or (BUILD / name.strip('"')).exists(), name


def test_names_carry_a_hash_of_the_content() -> None:
    manifest: dict[str, str] = json.loads((BUILD / "manifest.json").read_text())
    for name in manifest.values():
        digest = sha256((BUILD / name).read_bytes()).hexdigest()[:12]
        assert f".{digest}." in name


def test_scripts_import_each_other_by_their_built_names() -> None:
    script = (BUILD / Assets().url("pages.js").removeprefix("/static/")).read_text()
    imported = re.findall(r'from "\./([^"]+)"', script)
    assert len(imported) == 3
    assert all((BUILD / name).exists() for name in imported)


@pytest.mark.parametrize("code", [400, 404, 413, 429, 503, 504])
def test_the_edges_error_pages_are_filled(code: int) -> None:
    page: Path = BUILD / "errors" / f"{code}.html"
    text = page.read_text()
    assert "{{" not in text and Assets().url("pages.css") in text
    assert text.count("<h1>") == 1
