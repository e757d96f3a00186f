"""Secrets are closed to others, at every moment."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from deploy.local.private_files import read_json, write_private


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_private_file_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        write_private(tmp_path / "new" / "secrets.json", {"a": "b"})
    finally:
        os.umask(before)
    assert mode_of(tmp_path / "new" / "secrets.json") == 0o600


def test_a_file_that_was_open_to_others_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    path.write_text("{}")
    path.chmod(0o644)
    write_private(path, {"a": "b"})
    assert mode_of(path) == 0o600
    assert read_json(path) == {"a": "b"}


def test_writing_leaves_no_other_file(tmp_path: Path) -> None:
    write_private(tmp_path / "secrets.json", {"a": "b"})
    assert [path.name for path in tmp_path.iterdir()] == ["secrets.json"]


def test_a_file_that_is_not_there_reads_as_nothing(tmp_path: Path) -> None:
    assert read_json(tmp_path / "none.json") == {}
