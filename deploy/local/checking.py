"""`check`: checks a file on this machine with the rules of an upload, and sends nothing anywhere.

What only the store can know is left out: which rows are new, locked years, opt-outs, duplicates.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from dataset.findings import CATALOGUE
from services.imports.domain.annotating import annotated_headings, annotated_rows
from services.imports.domain.checking import CellFinding, CheckedChunk, check_chunk
from services.imports.domain.plans import Cut, Plan, Prepared
from services.imports.domain.preparing import prepare
from services.imports.domain.refusals import FileFinding, FileRefused
from services.imports.domain.sources import blocks_of
from services.imports.domain.splitting import RecordReader, records_of
from services.imports.domain.uploads import PART_BYTES
from services.shared.sheets.csv_file import csv_blocks
from services.shared.sheets.xlsx_file import xlsx_blocks

_FIRST_ROWS = 5


@dataclass
class Checked:
    """What came of a file.

    Attributes:
        groups: how often each finding stands in each column, the first rows with it.
    """

    rows: int
    same: int
    rejected: int
    with_warnings: int
    groups: dict[tuple[str, str, str], list[int]]


class OnDisk:
    """A file of this machine as a source of parts."""

    part_bytes = PART_BYTES

    def __init__(self, path: Path) -> None:
        self._path = path
        self.size = path.stat().st_size

    def part(self, number: int) -> bytes:
        """The part of this number, from 0."""
        with self._path.open("rb") as file:
            file.seek(number * PART_BYTES)
            return file.read(PART_BYTES)


class FileCheck:
    """Checks one file.

    Args:
        service_code: rows of other services are errors; None leaves that out.
    """

    def __init__(
        self, path: Path, *, mode: str, date_order: str | None, service_code: str | None
    ) -> None:
        """Reads the file once from end to end. Raises FileRefused."""
        self._source = OnDisk(path)
        self._converted = bytearray()
        self._mode = mode
        self._service_code = service_code or ""
        self.prepared: Prepared
        self.findings: list[FileFinding]
        self.prepared, self.findings = prepare(
            self._source,
            mode=mode,
            date_order=date_order,
            may_acknowledge=True,
            keep=self._converted.extend,
        )
        self.plan: Plan = self.prepared.plan
        if service_code is None:
            kept = tuple(c for c in self.plan.columns if c.key != "service_code")
            self.plan = replace(self.plan, columns=kept)

    def chunks(self) -> Iterator[tuple[Cut, list[list[str]], CheckedChunk]]:
        """Each part of the file: its rows as written, and what came of them."""
        same = sorted(self.prepared.repeats.same)
        differ = sorted(self.prepared.repeats.differ.items())
        for cut in self.prepared.cuts:
            records = records_of(self._bytes(cut), self.plan.delimiter)
            yield (
                cut,
                records,
                check_chunk(
                    records,
                    first_row=cut.first_row,
                    repeats=cut.repeats_within(same, differ),
                    plan=self.plan,
                    mode=self._mode,
                    site_code=self._service_code,
                    today=_today(),
                ),
            )

    def headings(self) -> list[str]:
        """The headings as the file has them."""
        blocks = iter([bytes(self._converted)]) if self.plan.converted else blocks_of(self._source)
        reader = RecordReader(blocks, self.plan.delimiter)
        for _ in range(self.plan.heading_row - 1):
            reader.take(1)
        run = reader.take(1)
        assert run is not None
        return run.records[0]

    def _bytes(self, cut: Cut) -> bytes:
        if self.plan.converted:
            return bytes(self._converted[cut.byte_start : cut.byte_end])
        first = cut.byte_start // PART_BYTES
        parts = range(first, -(-cut.byte_end // PART_BYTES))
        joined = b"".join(self._source.part(number) for number in parts)
        return joined[cut.byte_start - first * PART_BYTES : cut.byte_end - first * PART_BYTES]


def check_file(
    path: Path, copy: Path, *, mode: str, date_order: str | None, service_code: str | None
) -> int:
    """Checks a file, prints what was found and writes its annotated copy.

    Returns:
        0 if every row is good, 1 if some are rejected, 2 if the file as a whole is refused.
    """
    try:
        check = FileCheck(path, mode=mode, date_order=date_order, service_code=service_code)
    except FileRefused as refused:
        print(f"{path.name} cannot be read row by row:")
        _print_file_findings(refused.findings)
        return 2
    _print_file_findings(check.findings)
    done = Checked(check.prepared.rows_total, 0, 0, 0, {})
    shown = annotated_headings(check.headings())
    table = _table(check, done)
    blocks = (
        xlsx_blocks(shown, table, kinds=["text"] * len(shown))
        if copy.suffix.lower() == ".xlsx"
        else csv_blocks(shown, table)
    )
    with copy.open("wb") as out:
        for block in blocks:
            out.write(block)
    _print_outcome(done, copy)
    return 1 if done.rejected else 0


def _table(check: FileCheck, done: Checked) -> Iterator[list[Sequence[str]]]:
    headings = check.headings()
    for cut, records, chunk in check.chunks():
        by_row: dict[int, list[CellFinding]] = {}
        for finding in chunk.findings:
            by_row.setdefault(finding.row, []).append(finding)
            group = (finding.level, finding.code, finding.heading or "")
            done.groups.setdefault(group, []).append(finding.row)
        # A row may be sent on though it is wrong as a new record; here it counts as it stands.
        done.rejected += sum(
            any(each.level == "error" for each in found) for found in by_row.values()
        )
        done.same += chunk.same
        done.with_warnings += chunk.with_warnings
        rows = list(annotated_rows(headings, enumerate(records, cut.first_row), by_row))
        if rows:
            yield list(zip(*rows, strict=True))


def _print_file_findings(findings: Sequence[FileFinding]) -> None:
    for finding in findings:
        print(f"  {finding.level:7} {finding.code}  {finding.message}")


def _print_outcome(done: Checked, copy: Path) -> None:
    good = done.rows - done.same - done.rejected
    print(
        f"{done.rows:,} rows: {good:,} good, {done.with_warnings:,} of them with a warning, "
        f"{done.same:,} repeated, {done.rejected:,} with an error"
    )
    for (level, code, heading), rows in sorted(
        done.groups.items(), key=lambda item: (item[0][0], -len(item[1]), item[0])
    ):
        first = ", ".join(map(str, list(Counter(rows))[:_FIRST_ROWS]))
        title = CATALOGUE[code].title if code in CATALOGUE else code
        about = f", column {heading}" if heading else ""
        print(f"  {level:7} {code}  {title}, {len(rows):,} rows{about} (rows {first})")
    print(f"Your rows with what was found beside them: {copy}")
    print("Nothing was sent. New, changed and held rows are told when the file is uploaded.")


def _today() -> date:
    return datetime.now(UTC).astimezone(ZoneInfo("Europe/London")).date()


def copy_name(path: Path) -> Path:
    """Where the annotated copy goes unless one is told: beside the file."""
    ending = ".xlsx" if path.suffix.lower() == ".xlsx" else ".csv"
    return path.with_name(f"{path.stem}-checked{ending}")


def fail_for(path: Path) -> None:
    """Ends with one clear line if there is no such file, or it is empty."""
    if not path.is_file() or not path.stat().st_size:
        print(f"flsdb: {path} is not there or is empty", file=sys.stderr)
        sys.exit(2)
