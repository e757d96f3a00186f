"""Where the built style sheet and scripts are: their names carry a hash of the content."""

from __future__ import annotations

import json
from pathlib import Path

BUILD = Path(__file__).parent / "static" / "build"


class Assets:
    """Reads the manifest of the build once; nginx serves the files below `/static/`."""

    def __init__(self, build: Path = BUILD) -> None:
        manifest = build / "manifest.json"
        if not manifest.exists():
            raise SystemExit(
                "flsdb: the style sheet is not built: run `npm ci && npm run build` in gateway/"
            )
        self._names: dict[str, str] = json.loads(manifest.read_text(encoding="utf-8"))

    def url(self, name: str) -> str:
        """The address of a built file, such as `/static/pages.0a1b2c3d4e5f.css`."""
        return f"/static/{self._names[name]}"
