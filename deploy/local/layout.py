"""Where everything of the local system lies: one folder, `.local/` unless FLSDB_HOME names another.

With another FLSDB_HOME a second system runs beside the first, with ports, secrets and data of its
own.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""The repository."""


@dataclass(frozen=True)
class Layout:
    """The files and folders of one local system, all below `home`."""

    home: Path

    @property
    def logs(self) -> Path:
        """One `<name>.log` for each program, the last start's kept as `<name>.log.1`."""
        return self.home / "logs"

    @property
    def run(self) -> Path:
        """What runs: `wanted.json`, and `<name>.json` for each program."""
        return self.home / "run"

    @property
    def mail(self) -> Path:
        """Every mail the system sent."""
        return self.home / "mail"

    @property
    def ports(self) -> Path:
        """Which ports were chosen."""
        return self.home / "ports.json"

    @property
    def secrets(self) -> Path:
        """Every generated secret, closed to others."""
        return self.home / "secrets.json"

    @property
    def demo(self) -> Path:
        """The demo accounts, closed to others."""
        return self.home / "demo.json"

    @property
    def choices(self) -> Path:
        """What people chose, such as the number of import workers."""
        return self.home / "choices.json"


def current_layout() -> Layout:
    """Returns the layout of the system this command is about."""
    home = os.environ.get("FLSDB_HOME")
    return Layout(Path(home).resolve() if home else ROOT / ".local")
