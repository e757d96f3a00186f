"""What became of the rows of a batch: counts, and findings for the person who uploads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from dataset.findings import CATALOGUE, Finding, is_error


@dataclass(slots=True)
class Prepared:
    """What became of rows of a batch.

    Attributes:
        findings: for the person who uploads: row, field, code, level, message.
        merged: rows about stored records of which imports found something as records by themselves,
            which no longer holds.
        passed_over: rows that the mode leaves out, by code (M01, M02); they are rejected too.
        unclear: rows that are staged although it is not clear which stored record they are about.
    """

    staged: int = 0
    rejected: int = 0
    findings: list[dict[str, Any]] = field(default_factory=list)
    merged: list[int] = field(default_factory=list)
    passed_over: Counter[str] = field(default_factory=Counter)
    unclear: list[int] = field(default_factory=list)

    def reject(self, row_number: int, code: str, field_key: str | None = None) -> None:
        """Counts a row as rejected and says why."""
        entry = CATALOGUE[code]
        self.refuse(row_number, Finding(code, "error", field_key, f"{entry.title}. {entry.mend}"))

    def refuse(self, row_number: int, finding: Finding) -> None:
        """Counts a row as rejected, with a finding of its own."""
        self.rejected += 1
        self._find(row_number, finding)

    def reject_as_told(self) -> None:
        """Counts a row as rejected for what imports has told of it."""
        self.rejected += 1

    def warn(self, row_number: int, findings: Iterable[Finding]) -> None:
        """Tells warnings about a row that is staged."""
        for finding in findings:
            self._find(row_number, finding)

    def pass_over(self, row_number: int, code: str) -> None:
        """Counts a row that the mode leaves out."""
        self.passed_over[code] += 1
        self.reject(row_number, code)

    def checked(self, row_number: int, findings: Sequence[Finding]) -> bool:
        """Takes the findings of a merged record; False, and counted, when one is an error."""
        for finding in findings:
            self._find(row_number, finding)
        if any(map(is_error, findings)):
            self.rejected += 1
            return False
        return True

    def _find(self, row_number: int, finding: Finding) -> None:
        self.findings.append(
            {
                "row": row_number,
                "field": finding.field,
                "code": finding.code,
                "level": finding.level,
                "message": finding.message,
            }
        )
