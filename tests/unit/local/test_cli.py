"""What the launcher says about its commands, before anything is installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from deploy.local.cli import HELP, _parser, benchmarks, main
from deploy.local.layout import ROOT


def bare_launcher(tmp_path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Runs a copy of the launcher with nothing but a failing Python beside it."""
    launcher = tmp_path / "flsdb"
    shutil.copy(ROOT / "flsdb", launcher)
    env = {"PATH": os.environ["PATH"], "FLSDB_PYTHON": "/bin/false"}
    return subprocess.run([str(launcher), *words], env=env, capture_output=True, text=True)


def test_a_wrong_command_lists_all_and_installs_nothing(tmp_path: Path) -> None:
    run = bare_launcher(tmp_path, "nonsense")
    assert run.returncode == 2
    assert not (tmp_path / ".local").exists()
    listed = run.stderr.partition("there are: ")[2].strip().split(", ")
    (commands,) = _parser()._subparsers._group_actions  # type: ignore[union-attr]
    assert sorted(listed) == sorted([*commands.choices, "help"])  # type: ignore[arg-type]


def test_help_tells_of_every_command_that_the_launcher_lists(tmp_path: Path) -> None:
    listed = bare_launcher(tmp_path, "nonsense").stderr.partition("there are: ")[2]
    told = set(re.findall(r"^  \./flsdb ([\w-]+)", HELP, flags=re.MULTILINE))
    assert told == set(listed.strip().split(", "))


@pytest.mark.parametrize("rows", ["0", "-5", "many"])
def test_a_sample_has_at_least_one_row(rows: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["sample", f"--rows={rows}"])
    assert f"{rows} is not a whole number from 1 on" in capsys.readouterr().err


def test_help_names_the_benchmarks(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["help"]) == 0
    told = capsys.readouterr().out
    assert benchmarks()
    assert all(name in told for name in benchmarks())


@pytest.mark.parametrize("word", ["up", "sample", "bench", "test"])
def test_each_command_explains_itself(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main([word, "--help"])
    assert end.value.code == 0
    assert "usage: ./flsdb " + word in capsys.readouterr().out
