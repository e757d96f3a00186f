"""Why a whole file is refused, or what is said about it as a whole.

A `FileFinding` is shown to everyone of the site and lies unsealed in the database, so its message
names rows and columns and never quotes a cell.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class FileFinding:
    """One thing said about the whole file.

    Attributes:
        code: a key of `dataset.findings.CATALOGUE`.
        level: "error" refuses the file, "warning" is told and the file goes on.
        field: key of the field whose column it is about, None for the file.
    """

    code: str
    level: Literal["error", "warning"]
    message: str
    field: str | None = None


class FileRefused(Exception):
    """The file cannot be checked row by row; says everything that is wrong with it."""

    def __init__(self, *findings: FileFinding) -> None:
        super().__init__(", ".join(finding.code for finding in findings))
        self.findings = findings


def not_a_table(message: str) -> FileRefused:
    """The refusal F01 in the words of the cause."""
    return FileRefused(FileFinding("F01", "error", message))


class NotUtf8(FileRefused):
    """The bytes are no UTF-8; they may be another encoding."""


def note(message: str) -> FileFinding:
    """Something to know about how the file was read."""
    return FileFinding("F06", "warning", message)
