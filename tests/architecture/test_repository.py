"""Promises about the repository as a whole."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("registration", "records", "imports", "facilities")
FILES = (
    "__init__.py", "app.py", "settings.py", "domain", "tables.py", "queries.py", "actions.py",
    "schemas.py", "views", "events.py", "handlers.py", "metrics.py", "migrations", "wsgi.py",
    "relay.py", "consumer.py", "README.md",
)  # fmt: skip
LARGE_FILES = {
    # A longer file that is clear is better than two that are muddled; each has its reason.
    "services/shared/consumer.py": "the whole life of a delivery, in the order it happens",
    "services/records/migrations/versions/0001_records.py": "a first migration is one piece",
}


def _tracked(*patterns: str) -> list[Path]:
    """The repository's own files; without git or its folder, all but what `.gitignore` names."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns]
    if shutil.which("git") and (ROOT / ".git").exists():
        found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        return [ROOT / line for line in found.stdout.splitlines() if (ROOT / line).is_file()]
    ignored = {".local", "__pycache__", "node_modules", "build"}
    every = (path for pattern in patterns for path in ROOT.rglob(pattern.rpartition("/")[2]))
    return [p for p in every if p.is_file() and ignored.isdisjoint(p.relative_to(ROOT).parts)]


@pytest.mark.parametrize("service", SERVICES)
def test_services_are_built_alike(service: str) -> None:
    folder = ROOT / "services" / service

    def there(name: str) -> bool:
        # A file that outgrew 300 lines is a folder of the same name.
        return (folder / name).exists() or (folder / name.removesuffix(".py")).is_dir()

    assert [name for name in FILES if not there(name)] == []


def test_no_source_file_is_too_long() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in _tracked("*.py")
        if "tests" not in path.parts and (lines := len(path.read_text().splitlines())) > 350
    }
    assert set(long) - set(LARGE_FILES) == set(), long


def test_shared_stays_small() -> None:
    modules = [p for p in (ROOT / "services/shared").glob("*.py") if p.name != "__init__.py"]
    assert len(modules) <= 18
    assert sum(len(p.read_text().splitlines()) for p in modules) <= 2300


def test_no_file_is_named_after_nothing() -> None:
    names = {"utils", "helpers", "common", "misc", "base"}
    assert [p for p in _tracked("*.py") if p.stem in names] == []


def test_lock_files_name_no_registry() -> None:
    for path in _tracked("requirements/*.txt"):
        assert "://" not in path.read_text(), path
    for path in _tracked("*package-lock.json"):
        assert '"resolved"' not in path.read_text(), path


def test_every_nhs_number_in_the_repository_is_synthetic() -> None:
    """Ten digits with a right check digit are from the 999 range, which is never issued."""
    from dataset.nhs_number import is_valid

    allowed = {
        # published examples of the algorithm
        "9434765919",
        "9876543210",
        "4010232137",
        "0123456789",  # the digits in order, as an alphabet
    }
    found = []
    for path in _tracked("*.py", "*.md", "*.html", "*.csv", "*.json"):
        if path.name == "package-lock.json":
            continue
        for number in re.findall(r"(?<![\d.-])\d{10}(?![\d.])", path.read_text(errors="replace")):
            if is_valid(number) and not number.startswith("999") and number not in allowed:
                found.append((str(path.relative_to(ROOT)), number))
    assert found == []


def test_every_setting_is_explained() -> None:
    """Each `environ.var` has its sentence."""
    silent = []
    for path in _tracked("services/*/settings.py", "gateway/settings.py"):
        for call in re.findall(
            r"environ\.(?:bool_)?var\((?:[^()]|\([^()]*\))*\)", path.read_text()
        ):
            if "help=" not in call:
                silent.append((path.parent.name, call[:60]))
    assert silent == []


def test_the_run_files_can_be_run() -> None:
    for name in ("flsdb", ".ci/run"):
        assert os.access(ROOT / name, os.X_OK), name


def test_the_page_of_decisions_lists_each_decision() -> None:
    index = (ROOT / "docs/decisions/README.md").read_text()
    for page in (ROOT / "docs/decisions").glob("[0-9]*.md"):
        assert page.name in index, page.name


def test_package_json_is_private() -> None:
    assert json.loads((ROOT / "gateway/package.json").read_text())["private"] is True
