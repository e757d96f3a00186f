"""Reads the values that a program sends: wire form, held to what a cell may say. Pure.

Dates are "2024-01-31", numbers are texts, several answers a list of codes. What the form allows is
then read by the reader of files, so that an answer that is in no list gets the same finding here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dataset.cells import CLEAR_TEXT
from dataset.fields import FIELDS, Field
from dataset.findings import Finding
from dataset.values import Value
from dataset.wire import value_from_wire
from dataset.writing import write_cell
from services.records.domain.saying import Unread, read_text

_MALFORMED: dict[str, tuple[str, str]] = {
    "date": ("T01", 'Send a date as text, year first: "2024-01-31".'),
    "decimal": ("T02", 'Send a number as text: "172.5".'),
    "integer": ("T02", 'Send a number from 0 to 9 as text, or "U".'),
    "single": ("T03", "Send the code of one answer as text."),
    "multi": ("T03", 'Send a list of codes: ["1", "4"].'),
}
_NO_TEXT = ("T05", "Send a text.")


@dataclass(frozen=True, slots=True)
class Sent:
    """Values as they were sent.

    Attributes:
        values: field key -> canonical value; None empties the field, or could not be read.
        findings: what could not be read, in template order.
    """

    values: dict[str, Value]
    findings: tuple[Finding, ...]

    @property
    def unreadable(self) -> frozenset[str]:
        """Keys of what could not be read."""
        return frozenset(finding.field for finding in self.findings if finding.field)


def read_sent(wire: Mapping[str, object], *, site_code: str) -> Sent:
    """Reads values in wire form; keys are those of fields.

    Args:
        site_code: of the caller's site. A service code that is sent has to agree with it.
    """
    values: dict[str, Value] = {}
    findings: list[Finding] = []
    for field in FIELDS:
        if field.key not in wire:
            continue
        value, finding = _read(field, wire[field.key])
        if finding is None and field.key == "service_code":
            finding = _foreign(value, site_code)
        elif field.key != "service_code":
            values[field.key] = value
        if finding is not None:
            findings.append(finding)
    return Sent(values, tuple(findings))


def _read(field: Field, wire: object) -> tuple[Value, Finding | None]:
    if wire is None or wire == CLEAR_TEXT:
        return None, None
    text = _text(field, wire)
    if text is None:
        code, words = _MALFORMED.get(field.kind, _NO_TEXT)
        return None, Finding(code, "error", field.key, words)
    said, finding = read_text(field.key, text)
    return (None, finding) if isinstance(said, Unread) else (said, None)


def _text(field: Field, wire: object) -> str | None:
    """What the cell of a file would say; None if it has not the form of its field."""
    if field.kind == "multi":
        is_list = isinstance(wire, list) and all(isinstance(code, str) for code in wire)
        return ";".join(wire) if is_list and isinstance(wire, list) else None
    if not isinstance(wire, str):
        return None
    if field.kind == "date":
        try:
            return write_cell(field, value_from_wire(field.key, wire))
        except ValueError:
            return None
    return wire


def _foreign(value: Value, site_code: str) -> Finding | None:
    if value is None or value == site_code.upper():
        return None
    return Finding(
        "R04",
        "error",
        "service_code",
        "The service code is not yours. Leave it out, or send your own.",
    )
