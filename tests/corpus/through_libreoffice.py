"""Makes the files of `libreoffice/`, which really went through LibreOffice, in both directions.

Run on a machine that has it (Debian: libreoffice-calc): python -m tests.corpus.through_libreoffice
The files are kept in the repository, so that no test needs half a gigabyte of an office program.
Patients are invented; their NHS numbers are of the 999 range.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.factories.imports import KEYS, csv_bytes, make_row

HERE = Path(__file__).parent / "libreoffice"
_CSV_IN = "CSV:44,34,76,1,,2057,false,true"
"""Commas, UTF-8, British English, numbers and dates found out as when a person opens the file."""


def main() -> None:
    """Writes every file anew."""
    program = shutil.which("soffice")
    if program is None:
        sys.exit("LibreOffice is needed: apt-get install libreoffice-calc")
    HERE.mkdir(exist_ok=True)
    good = csv_bytes(make_row(index) for index in range(5))
    risky = csv_bytes(
        [
            make_row(0, local_id="000123"),
            make_row(1, local_id="12E5"),
            make_row(2, local_id="1-2"),
            make_row(3, local_id="123456789012345678"),
            make_row(4, local_id="H00004"),
        ],
        keys=KEYS,
    )
    with tempfile.TemporaryDirectory() as folder:
        for name, data in (("good", good), ("risky", risky)):
            source = Path(folder) / f"{name}.csv"
            source.write_bytes(data)
            _convert(program, source, "xlsx", f"{name}.xlsx", options=_CSV_IN)
            for kind, filter_options in (
                ("commas", "44,34,76,1,,0,false,true"),
                ("semicolons", "59,34,76,1,,0,false,true"),
                ("tabs-utf16", "9,34,65535,1,,0,false,true"),
                ("windows", "44,34,1,1,,0,false,true"),
                ("quoted", "44,34,76,1,,0,true,true"),
            ):
                _convert(
                    program,
                    HERE / f"{name}.xlsx",
                    f"csv:Text - txt - csv (StarCalc):{filter_options}",
                    f"{name}-{kind}.csv",
                )


def _convert(program: str, source: Path, target: str, name: str, *, options: str = "") -> None:
    with tempfile.TemporaryDirectory() as folder:
        infilter = [f"--infilter={options}"] if options else []
        command = [program, "--headless", f"-env:UserInstallation=file://{folder}/profile"]
        command += [*infilter, "--convert-to", target, "--outdir", folder, str(source)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        (made,) = Path(folder).glob(f"{source.stem}.*")
        shutil.copyfile(made, HERE / name)


if __name__ == "__main__":
    main()
