"""The edge of a local system follows its configuration, and gives up root where it can."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local import accounts, nginx
from deploy.local.programs import Program

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can drop to another account")


def prepare(place: Path) -> Program:
    upstreams = ("GATEWAY_PAGES", "REGISTRATION", "RECORDS", "IMPORTS", "FACILITIES")
    variables = {
        **dict.fromkeys(upstreams, "127.0.0.1:9"),
        "LISTEN": "127.0.0.1:8099",
        "RESOLVER": "",
        "CACHE_PATH": str(place / "cache"),
        "STATIC_PATH": str(place / "static"),
    }
    return nginx.prepare_nginx(place / "nginx", nginx.ensure_nginx(say=print), variables)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every account can enter, as a clone in /opt is."""
    parent = Path("/opt" if Path("/opt").is_dir() else "/srv")
    folder = Path(tempfile.mkdtemp(prefix="flsdb-test-", dir=parent))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_a_changed_configuration_makes_another_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = prepare(tmp_path)
    assert prepare(tmp_path) == first
    changed = nginx.edge_configuration
    monkeypatch.setattr(nginx, "edge_configuration", lambda v: changed(v) + "# changed\n")
    assert prepare(tmp_path) != first


@as_root
@pytest.mark.parametrize("missing", [(), ("www-data", "nginx")], ids=["all", "nobody alone"])
def test_workers_drop_to_an_account_that_owns_no_database(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch, missing: tuple[str, ...]
) -> None:
    known = pwd.getpwnam

    def getpwnam(name: str) -> pwd.struct_passwd:
        if name in missing:
            raise KeyError(name)
        return known(name)

    monkeypatch.setattr(accounts.pwd, "getpwnam", getpwnam)
    program = prepare(open_folder)  # which runs `nginx -t`
    line = (open_folder / "nginx" / "nginx.conf").read_text().splitlines()[0]
    account, group = line.removeprefix("user ").rstrip(";").split()
    assert account not in ("root", "postgres", *missing)
    assert account == open_folder.joinpath("cache").owner()
    assert group == open_folder.joinpath("cache").group()
    tested = subprocess.run([*program.argv, "-t"], capture_output=True, text=True, check=False)
    assert "test is successful" in tested.stderr


@as_root
def test_workers_stay_root_where_no_other_account_reaches_the_files(open_folder: Path) -> None:
    open_folder.chmod(0o700)
    prepare(open_folder)
    assert (open_folder / "nginx" / "nginx.conf").read_text().startswith("user root root;")
