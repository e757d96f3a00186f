"""`check` and `verify-receipt`: what they print, write and return, without any server."""

from __future__ import annotations

import base64
import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from deploy.local.checking import check_file, copy_name
from deploy.local.receipts import keys_of, verify_receipt
from services.imports.domain.receipts import FORMAT, Signer
from tests.factories.imports import csv_bytes, make_row
from tests.unit.imports.test_forms import FORMS

CHOICES: dict[str, Any] = {"mode": "add_and_update", "date_order": None, "service_code": None}


def checked(folder: Path, data: bytes, name: str = "january.csv", **more: Any) -> tuple[int, Path]:
    file = folder / name
    file.write_bytes(data)
    copy = copy_name(file)
    return check_file(file, copy, **{**CHOICES, **more}), copy


@pytest.mark.parametrize("form", ["commas", "tabs", "UTF-16 little", "workbook"])
def test_good_files_of_any_form_pass(
    tmp_path: Path, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    name = "january.xlsx" if form == "workbook" else "january.csv"
    code, copy = checked(tmp_path, FORMS[form], name)
    assert code == 0
    assert "3 rows: 3 good" in capsys.readouterr().out
    assert copy.exists() and copy.suffix == Path(name).suffix


def test_errors_are_told_by_kind_and_stand_beside_their_rows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [make_row(0), make_row(1, gender="perhaps"), make_row(2, gender="never")]
    code, copy = checked(tmp_path, csv_bytes(rows))
    out = capsys.readouterr().out
    assert code == 1
    assert "3 rows: 1 good" in out
    assert "T03" in out and "2 rows, column 1.03 Gender (rows 3, 4)" in out
    assert "perhaps" not in out
    table = list(csv.reader(io.StringIO(copy.read_bytes().decode("utf-8-sig"), newline="")))
    assert [bool(row[-2]) for row in table[1:]] == [False, True, True]
    assert checked(tmp_path, copy.read_bytes().replace(b"perhaps", b"1"), "again.csv")[0] == 1


def test_a_file_that_cannot_be_read_says_why_and_leaves_no_copy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, copy = checked(tmp_path, b"%PDF-1.7 x")
    assert code == 2 and not copy.exists()
    assert "F01" in capsys.readouterr().out


def test_rows_of_another_service_are_errors_if_it_is_said_whose_file_it_is(tmp_path: Path) -> None:
    data = csv_bytes([make_row(0, service_code="XYZ")], keys=[*make_row(0), "service_code"])
    assert checked(tmp_path, data)[0] == 0
    assert checked(tmp_path, data, service_code="XYZ")[0] == 0
    assert checked(tmp_path, data, service_code="ABC")[0] == 1


def test_a_receipt_is_verified_by_the_published_keys(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    signer = Signer({"k1": base64.b64encode(b"k" * 32).decode()}, "k1")
    document = {
        "format": FORMAT, "number": 2, "import_id": "i", "site_code": "BNT", "issued_at": "now",
        "state": "applied", "ledger": {"received": 3}, "file_sha256": "00", "replaces": "r",
    }  # fmt: skip
    signature = base64.b64encode(signer.sign(document)).decode()
    file, keys = tmp_path / "receipt.json", tmp_path / "keys.json"
    file.write_text(json.dumps({"receipt": document, "key_id": "k1", "signature": signature}))
    keys.write_text(json.dumps({"keys": signer.public_keys()}))
    assert verify_receipt(file, keys_of(keys)) == 0
    assert capsys.readouterr().out.startswith("GENUINE")
    file.write_text(file.read_text().replace('"received": 3', '"received": 4'))
    assert verify_receipt(file, keys_of(keys)) == 1
    assert "NOT GENUINE" in capsys.readouterr().out
    file.write_text("no json")
    assert verify_receipt(file, keys_of(keys)) == 1
