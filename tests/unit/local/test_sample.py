"""The sample of `./flsdb sample` is one that a site of the running system can upload."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from deploy.local.cli import main
from deploy.local.private_files import write_private


def codes(path: Path) -> set[str]:
    with path.open(newline="", encoding="utf-8") as file:
        return {row["ServiceCode"] for row in csv.DictReader(file)}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FLSDB_HOME", str(tmp_path))
    return tmp_path


def test_without_a_demo_site_the_service_code_is_blank(home: Path) -> None:
    out = home / "sample.csv"
    assert main(["sample", "--rows", "30", "--out", str(out)]) == 0
    assert codes(out) == {""}


def test_the_demo_sites_code_stands_in_it(home: Path) -> None:
    write_private(home / "demo.json", {"site_code": "DEM"})
    out = home / "sample.csv"
    assert main(["sample", "--rows", "30", "--out", str(out)]) == 0
    assert codes(out) == {"DEM"}


def test_a_named_code_wins(home: Path) -> None:
    write_private(home / "demo.json", {"site_code": "DEM"})
    out = home / "sample.csv"
    assert main(["sample", "--rows", "30", "--out", str(out), "--service-code", "ABC"]) == 0
    assert codes(out) == {"ABC"}


def test_a_sample_that_cannot_be_is_one_clear_line(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["sample", "--rows", "3", "--today", "2022-03-01"])
    assert capsys.readouterr().err.startswith("flsdb: no sample was written: today is too early")
