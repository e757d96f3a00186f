"""A private server in a temporary folder leaves nothing behind, wherever its data had to lie."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.accounts import outside_folder
from deploy.local.layout import ROOT

FORGOTTEN = """
import sys
from deploy.local.servers import start_postgres
print(start_postgres(sys.argv[1]).place)
"""
REMOVED = """
import sys
from deploy.local.servers import start_postgres
server = start_postgres(sys.argv[1])
print(server.place)
server.stop(remove=True)
"""


@pytest.mark.parametrize("script", [FORGOTTEN, REMOVED], ids=["at exit", "when removed"])
def test_nothing_stays_below_var_lib(tmp_path: Path, script: str) -> None:
    folder = tmp_path / "postgres"
    run = subprocess.run(
        [sys.executable, "-c", script, str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    place = Path(run.stdout.strip())
    assert place == folder or not place.exists()
    assert not outside_folder(folder).exists()
