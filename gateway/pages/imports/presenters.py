"""An import as its page shows it: where it stands, how far it is, its ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dataset.fields import FIELD_BY_KEY
from dataset.findings import CATALOGUE
from gateway.names import UNKNOWN_PERSON
from gateway.pages import states
from gateway.pages.imports.timing import time_left
from gateway.wording import number, plural

SETTLED = ("checked", "applied", "cancelled", "refused", "failed", "undone")
"""States that change only when a person does something, so that nothing need be asked again."""

_STAGES = {
    "waiting_to_be_read": "Waiting to be read",
    "checking": "Checking rows",
    "staging": "Comparing rows with what is stored",
    "comparing": "Adding up",
    "storing": "Storing",
    "undoing": "Undoing",
}
_TEXTS = {
    "checked": "Nothing is stored yet: look at the findings, then confirm or cancel.",
    "applied": "The file's good rows are in your records.",
    "cancelled": "Nothing of this file was stored.",
    "refused": "The file as a whole needs mending first; nothing of it was stored.",
    "undone": "What this file had stored is as it was before.",
    "failed": "The fault is ours and has been recorded. Upload the file again; if it fails "
    "again, contact the audit team.",
}
_CAN_BE_SET_UP = (
    "Nothing of it was stored. Say once what its headings mean, and the file is read as it is; or "
    "mend the file."
)
_MEND_ADDED = (("H01", "warning"), ("H02", "error"))
"""File findings whose message says what is wrong alone; all others say how to mend it too."""
_ORDERS = {
    "dmy": "Day, month, year",
    "mdy": "Month, day, year",
    "iso": "Year, month, day",
}
_SETTLED = {
    "cells": "as their own dates show",
    "file": "as the other date columns of the file show",
    "you": "as you have said",
}
_LEDGER = (
    ("received", "Received"),
    ("new", "New"),
    ("changed", "Changed"),
    ("same", "Same"),
    ("rejected", "Rejected"),
    ("held", "Held"),
)


@dataclass(frozen=True)
class View:
    """What the page says about an import.

    Attributes:
        percent: how far the work of this state is, 0 to 100; None where it cannot be known.
        words: rows done of rows in all.
        settled: nothing changes any more without a person.
        queue: who else's files are worked on; empty if nobody's.
    """

    state: str
    tag: states.State
    stage: str
    percent: int | None
    words: str
    settled: bool
    queue: str = ""

    @property
    def spoken(self) -> str:
        """What a screen reader hears."""
        if self.settled:
            return f"{self.tag.text}. {self.stage}"
        return f"{self.stage}, {self.percent}%" if self.percent is not None else self.stage


def view_of(import_: dict[str, Any]) -> View:
    """Where an import stands."""
    state = import_["state"]
    settled = state in SETTLED and not (
        state == "checked" and import_.get("confirm") == "automatic"
    )
    # A failed import says itself what went wrong.
    said = import_.get("failure") if state == "failed" else None
    if state == "refused" and import_.get("file_kept") and not dates_in_doubt(import_):
        said = _CAN_BE_SET_UP
    stage = said or _TEXTS.get(state) or _STAGES.get(import_.get("stage") or "", "Working")
    percent, words = (None, "") if settled else _progress(import_)
    queue = "" if settled else queue_in_words(import_)
    tag = states.shown(states.IMPORT, state)
    return View(state, tag, stage, percent, words, settled, queue)


def _progress(import_: dict[str, Any]) -> tuple[int | None, str]:
    total = import_.get("rows_total")
    if not total or import_["state"] == "undoing":
        return None, ""
    if import_["state"] == "applying":
        done = import_.get("rows_applied") or 0
        words = f"{number(done)} of {number(total)} rows stored"
        return _percent(done, total), _with_time(import_, words, done / total)
    checked, staged = import_.get("rows_checked") or 0, import_.get("rows_staged") or 0
    words = f"{number(checked)} of {number(total)} rows checked, {number(staged)} compared"
    share = (checked + staged) / (2 * total)
    return _percent(checked + staged, 2 * total), _with_time(import_, words, share)


def queue_in_words(import_: dict[str, Any]) -> str:
    """Who is ahead or beside, while the import is worked on; empty if nobody is."""
    queue = import_.get("queue") or {}
    ahead, beside = queue.get("ahead") or 0, queue.get("beside") or 0
    if import_["state"] == "received" and ahead:
        return f"{plural(ahead, 'file')} of all sites {_is(ahead)} ahead of yours."
    if beside:
        return (
            f"{plural(beside, 'other file')} {_is(beside)} worked on at the same time; the sites "
            "take turns."
        )
    return ""


def changes_of(import_: dict[str, Any]) -> list[dict[str, Any]]:
    """The answers that would change, with the words of their fields; most rows first."""
    return [
        {**each, "label": FIELD_BY_KEY[each["field"]].label, "no": FIELD_BY_KEY[each["field"]].no}
        for each in import_.get("changed_fields") or []
        if each["field"] in FIELD_BY_KEY
    ]


_HAPPENED = {
    "received": "Sent",
    "checking": "Read; checking began",
    "checked": "Checked",
    "applying": "Confirmed",
    "applied": "Stored",
    "cancelled": "Cancelled",
    "refused": "Refused as a whole",
    "failed": "Failed by a fault of ours",
    "undoing": "Undoing asked for",
    "undone": "Undone",
    "downloaded": "A copy was taken out",
    "file_deleted": "The file was deleted, as its time was over",
    "cells_opened": "Cells with identifiers were shown, to be mended",
    "rows_decided": "Decided about rows set aside",
}


def history_of(import_: dict[str, Any], people: Mapping[str, str]) -> list[dict[str, Any]]:
    """What happened, the newest first.

    Args:
        people: account id -> name.
    """
    return [
        {
            "at": event["at"],
            "what": _HAPPENED.get(event["kind"], event["kind"]),
            "by": people.get(str(event["by"]), UNKNOWN_PERSON) if event.get("by") else None,
        }
        for event in reversed(import_.get("history") or [])
    ]


def _with_time(import_: dict[str, Any], words: str, done: float) -> str:
    left = time_left(import_, done, datetime.now(UTC))
    return f"{words}, {left}" if left else words


def _percent(done: int, total: int) -> int:
    # 100 is for what is over: the last step after the last row still takes its time.
    return min(99, done * 100 // total)


def ledger_of(import_: dict[str, Any]) -> list[dict[str, Any]]:
    """The figures of the ledger, in the order of its sum."""
    counts = import_.get("counts") or {}
    return [
        {"label": label, "value": counts.get(name), "id": f"ledger-{name}"}
        for name, label in _LEDGER
    ]


def rows_of(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of the list of imports."""
    return [
        {**item, "tag": states.shown(states.IMPORT, item["state"]), "view": view_of(item)}
        for item in items
    ]


def groups_of(groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Findings grouped: errors first, then the most frequent."""
    shown = [
        {
            **group,
            "tag": states.shown(states.LEVEL, group["level"]),
            "about": group.get("heading") or _heading(group.get("field")),
            "rows": ", ".join(number(row) for row in group.get("first_rows") or []),
            "more": group["count"] > len(group.get("first_rows") or []),
        }
        for group in groups
    ]
    return sorted(shown, key=lambda g: (g["level"] != "error", -g["count"], g["code"]))


def findings_of(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Findings by row."""
    return [
        {
            **item,
            "tag": states.shown(states.LEVEL, item["level"]),
            "about": item.get("column") or _heading(item.get("field")),
            "value": item.get("value_masked") or item.get("value") or "",
        }
        for item in items
    ]


def file_findings_of(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is said about the file as a whole; how to mend it once, after the last of its kind."""
    last = {(item["code"], item["level"]): place for place, item in enumerate(items)}
    return [
        {
            **item,
            "tag": states.shown(states.LEVEL, item["level"]),
            "title": CATALOGUE[item["code"]].title if item["code"] in CATALOGUE else item["code"],
            "mend": CATALOGUE[item["code"]].mend
            if (item["code"], item["level"]) in _MEND_ADDED
            and last[item["code"], item["level"]] == place
            else "",
        }
        for place, item in enumerate(items)
    ]


def dates_in_doubt(import_: dict[str, Any]) -> bool:
    """Whether the file was refused because of how its date columns are written."""
    return import_["state"] == "refused" and any(
        item["code"] == "T01" for item in import_.get("file_findings") or []
    )


def passed_over_of(import_: dict[str, Any]) -> list[str]:
    """Rows that the chosen mode passes over, in sentences; they count as rejected."""
    return [
        f"{plural(count, 'row')} passed over ({code}): {CATALOGUE[code].title.lower()}."
        for code, count in sorted((import_.get("passed_over") or {}).items())
        if count and code in CATALOGUE
    ]


def dates_of(import_: dict[str, Any]) -> list[str]:
    """How the date columns were read, in sentences; columns that are read alike in one."""
    alike: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for each in import_.get("dates") or []:
        alike.setdefault((each["order"], each["settled_by"]), []).append(each)
    return [
        f"{_ORDERS.get(order, order)}, {_SETTLED.get(settled_by, settled_by)}: "
        + ", ".join(f"{each['heading']} (as in row {number(each['row'])})" for each in columns)
        + "."
        for (order, settled_by), columns in alike.items()
    ]


def undone_of(import_: dict[str, Any]) -> list[str]:
    """What became of the records of an import that was undone, or why it was not, in sentences."""
    undone = import_.get("undone") or {}
    if years := undone.get("refused_years"):
        locked = " and ".join(map(str, years))
        return [
            f"It could not be undone: records of {locked} would change, and that is locked. Ask "
            "the audit team to unlock it, on the page Deadlines, then try again."
        ]
    if not undone:
        return []
    sentences = [
        f"{plural(undone['removed'], 'record')} that it had added {_is(undone['removed'])} gone, "
        f"{number(undone['restored'])} that it had changed {_is(undone['restored'])} as before."
    ]
    if undone["kept"]:
        sentences.append(
            f"{plural(undone['kept'], 'record')} {_is(undone['kept'])} kept, because somebody has "
            "changed or confirmed it since."
        )
    return sentences


def _is(count: int) -> str:
    return "is" if count == 1 else "are"


def nothing_to_store(import_: dict[str, Any]) -> str | None:
    """Why there is nothing to confirm, in a sentence; None if there is something."""
    counts = import_.get("counts") or {}
    if import_.get("all_or_nothing") and (counts.get("rejected") or counts.get("held")):
        return (
            "You chose to store all rows or nothing, and some are rejected or held. Mend them and "
            "upload the file again."
        )
    if not counts.get("received") or counts.get("rejected") != counts["received"]:
        return None
    if sum((import_.get("passed_over") or {}).values()) == counts["received"]:
        return "Nothing can be stored: what you chose for this upload passes over every row."
    return "Nothing can be stored: mend the rows and upload again."


def confirm_text(import_: dict[str, Any]) -> str:
    """What confirming would do, in a sentence."""
    counts = import_.get("counts") or {}
    new, changed = counts.get("new") or 0, counts.get("changed") or 0
    if not new and not changed:
        return "No record would change. You can confirm to close the import, or cancel it."
    left_out = (counts.get("rejected") or 0) + (counts.get("held") or 0)
    rest = f" {plural(left_out, 'row')} will be left out." if left_out else ""
    return f"{plural(new, 'record')} will be added and {number(changed)} changed.{rest}"


def _heading(key: str | None) -> str:
    field = FIELD_BY_KEY.get(key or "")
    return field.heading if field else ""
