"""Installs a Debian or Ubuntu package, without letting it start a server of its own.

Only root on a machine with apt-get may; anybody else gets one clear line naming the command.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

POLICY = Path("/usr/sbin/policy-rc.d")
"""Debian asks this script whether a package may start its service; 101 means no."""


class PackageMissing(Exception):
    """A package is missing and we may or could not install it; the text says what to do."""


def install_package(package: str, *, say: Callable[[str], None]) -> None:
    """Installs one package from the distribution, its service neither started nor enabled.

    Raises:
        PackageMissing: We are not root, there is no apt-get, or apt-get failed.
    """
    command = f"apt-get install --no-install-recommends {package}"
    if os.geteuid() != 0:
        raise PackageMissing(f"{package} is missing. Please run: sudo {command}")
    if shutil.which("apt-get") is None:
        raise PackageMissing(f"{package} is missing and this is not Debian or Ubuntu: install it")
    say(f"installing {package}")
    with _services_stay_stopped():
        if _apt(["install", "-y", "--no-install-recommends", package]).returncode != 0:
            _apt(["update"])
            answer = _apt(["install", "-y", "--no-install-recommends", package])
            if answer.returncode != 0:
                last = (answer.stderr.strip().splitlines() or ["no reason given"])[-1]
                raise PackageMissing(f"`{command}` failed: {last}")
    _disable_service(package)


def _apt(arguments: list[str]) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    return subprocess.run(
        ["apt-get", "-q", "-o", "DPkg::Lock::Timeout=120", *arguments],
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@contextmanager
def _services_stay_stopped() -> Iterator[None]:
    """Puts a policy-rc.d that says no in place, and whatever was there back afterwards."""
    kept = POLICY.with_name("policy-rc.d.flsdb-kept")
    # A run that was killed left the original under its other name: that one is still the original.
    if POLICY.exists() and not kept.exists():
        POLICY.rename(kept)
    POLICY.write_text("#!/bin/sh\nexit 101\n")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink(missing_ok=True)
        if kept.exists():
            kept.rename(POLICY)


def _disable_service(package: str) -> None:
    """Keeps systemd from starting the package's own server at the next boot: ours is private."""
    if Path("/run/systemd/system").is_dir():
        units = {"rabbitmq-server": ["rabbitmq-server", "epmd.socket", "epmd.service"]}
        for unit in units.get(package, [package]):
            subprocess.run(["systemctl", "disable", "-q", unit], capture_output=True, check=False)
