"""What the pages of a record say: who it is about, what is wrong, missing, and how far it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from dataset import wire
from dataset.derived import age_at
from dataset.fields import FIELD_BY_KEY, SECTIONS, Field
from dataset.nhs_number import REASONS_FOR_NONE
from dataset.reading import read_cell
from dataset.versions import version_for
from gateway import wording
from gateway.answers import answer_of
from gateway.names import UNKNOWN_PERSON
from gateway.pages import states
from gateway.pages.typing.forms import DATE_PARTS, date_boxes, first_id, stored_texts
from gateway.pages.typing.questions import Beneath, Doubt, Said

Answer = Mapping[str, Any]


class Line(NamedTuple):
    """A label with its answer in words."""

    label: str
    answer: str


class SectionLine(NamedTuple):
    """A section with its state and what it lacks."""

    number: int
    title: str
    state: states.State
    missing: list[Field]


FOLLOW_UP_STATES = {
    "not_due": states.State("Not due yet", "grey"),
    "due": states.State("Due", "yellow"),
    "overdue": states.State("Overdue", "red"),
    "done": states.State("Recorded", "green"),
    "not_needed": states.State("Not needed", "grey"),
}


def words_of(field: Field, text: str) -> str:
    """A text as people read it: labels for codes, dates written out; as typed if unreadable."""
    value, _ = read_cell(field, text)
    wired = wire.wire_from_value(value)
    return answer_of(field, wired) if wired else text


def who_of(texts: Mapping[str, str]) -> list[Line]:
    """Whose record it is and about which fracture, so that nobody types into the wrong one."""
    number = texts.get("nhs_number", "")
    born, diagnosed = (_day(texts, key) for key in ("date_of_birth", "date_index_diagnosed"))
    age = f", {age_at(born, diagnosed)} at diagnosis" if born and diagnosed else ""
    none = {"NOT_UK": "none, not registered in the UK", "UNTRACED": "none, not found"}
    lines = [
        Line("Local identifier", texts.get("local_id", "")),
        Line(
            "NHS number",
            none[number] if number in REASONS_FOR_NONE else _words(texts, "nhs_number"),
        ),
        Line("Born", f"{wording.day(born)}{age}"),
        Line("Fracture diagnosed", wording.day(diagnosed)),
        Line("Site", _words(texts, "site_1")),
    ]
    return [line for line in lines if line.answer]


def _words(texts: Mapping[str, str], key: str) -> str:
    return words_of(FIELD_BY_KEY[key], texts.get(key, ""))


def _day(texts: Mapping[str, str], key: str) -> date | None:
    value, _ = read_cell(FIELD_BY_KEY[key], texts.get(key, ""))
    return value if isinstance(value, date) else None


def version_of(texts: Mapping[str, str]) -> str | None:
    """The dataset's version for these texts; None while the date of diagnosis is not known."""
    diagnosed_on = _day(texts, "date_index_diagnosed")
    return version_for(diagnosed_on).name if diagnosed_on else None


def errors_of(
    record: Answer, fields: Iterable[Field], texts: Mapping[str, str], *, scold: bool
) -> dict[str, list[str]]:
    """Id of a field -> what is wrong with it, for the fields of a page.

    Args:
        texts: what the fields show.
        scold: whether to say what is missing in a record that is only begun; not before the person
            has had the chance to type it.
    """
    known = {field.key: field for field in fields}
    errors: dict[str, list[str]] = {}
    for finding in record.get("findings") or ():
        field = known.get(finding.get("field") or "")
        if finding["level"] != "error" or field is None:
            continue
        if finding["code"] == "R01" and not scold and not record["stored"]:
            continue
        message = _gap_in_date(texts.get(field.key, "")) if finding["code"] == "T01" else ""
        errors.setdefault(first_id(field), []).append(message or finding["message"])
    return errors


def _gap_in_date(text: str) -> str:
    """What to say of a date of which some boxes are blank; blank if none is."""
    boxes = date_boxes("d", text)
    gaps = [part for part in DATE_PARTS if not boxes[f"d-{part}"].strip()]
    if not 0 < len(gaps) < len(DATE_PARTS) or "/" not in text:
        return ""
    return f"The {' and the '.join(gaps)} {'is' if len(gaps) == 1 else 'are'} missing."


def summary_of(
    errors: Mapping[str, Sequence[str]], fields: Iterable[Field]
) -> list[dict[str, str]]:
    """The lines of the error summary, in the order of the page; each names its question."""
    whole = [{"text": message} for message in errors.get("", ())]
    return whole + [
        {"text": message if field.no in message else f"{field.label}: {message}",
         "href": f"#{first_id(field)}"}
        for field in fields
        for message in errors.get(first_id(field), ())
    ]  # fmt: skip


def seen_of(record: Answer, fields: Iterable[Field]) -> list[str]:
    """The errors of a page's fields, each by a name: `V02:date_of_birth`."""
    keys = {field.key for field in fields}
    return sorted(
        {
            f"{finding['code']}:{finding['field']}"
            for finding in record.get("findings") or ()
            if finding["level"] == "error" and finding.get("field") in keys
        }
    )


def said_of(record: Answer, names: Mapping[str, str]) -> Said:
    """The warnings of a record by field, and what is stored where something else was typed."""
    warnings: dict[str, list[Doubt]] = {}
    for finding in record.get("findings") or ():
        if finding["level"] != "error" and finding.get("field"):
            warnings.setdefault(finding["field"], []).append(doubt_of(finding, names))
    return Said(warnings, _beneath(record))


def doubt_of(finding: Answer, names: Mapping[str, str]) -> Doubt:
    """A warning with who has acknowledged it."""
    given = finding.get("acknowledged") or {}
    by = names.get(str(given.get("by")), UNKNOWN_PERSON) if given else None
    return Doubt(finding["message"], finding.get("token"), by, given.get("at"))


def _beneath(record: Answer) -> dict[str, Beneath]:
    if not record["stored"]:
        return {}
    stored, drafted = stored_texts(record), drafted_keys(record)
    return {
        key: Beneath(words_of(FIELD_BY_KEY[key], stored.get(key, "")), key in drafted)
        for key in record.get("texts") or {}
    }


def drafted_keys(record: Answer) -> list[str]:
    """What was typed into a stored record and not saved yet; other texts wait to be mended."""
    if not record["stored"]:
        return []
    wrong = {f.get("field") for f in record.get("findings") or () if f["level"] == "error"}
    return [
        key
        for key, text in (record.get("texts") or {}).items()
        if key not in wrong and not _is_unreadable(FIELD_BY_KEY[key], text)
    ]


def _is_unreadable(field: Field, text: str) -> bool:
    _, finding = read_cell(field, text)
    return finding is not None and finding.level == "error"


def is_acknowledged(record: Answer) -> bool:
    """Whether somebody acknowledged something, so that names are needed."""
    return any(finding.get("acknowledged") for finding in record.get("findings") or ())


def sections_of(record: Answer) -> list[SectionLine]:
    """The sections with their states and what they lack."""
    return [
        SectionLine(
            section["section"],
            SECTIONS[section["section"]],
            states.shown(states.SECTION, section["state"]),
            [FIELD_BY_KEY[key] for key in section.get("missing") or () if key in FIELD_BY_KEY],
        )
        for section in record.get("sections") or ()
    ]


def intro_of(record: Answer, section: int) -> list[str]:
    """What to know before a follow-up is typed: its window, and whether it is late."""
    follow_up = (record.get("follow_up") or {}).get({6: "first", 7: "second"}.get(section, ""))
    if not follow_up or not follow_up.get("due_on"):
        return []
    window = f"{wording.day(follow_up['due_on'])} to {wording.day(follow_up['until'])}"
    weeks = "12 to 16" if section == 6 else "48 to 56"
    line = f"Its window, {weeks} weeks after the diagnosis: {window}."
    late = {"overdue": " It is overdue.", "due": " It is due now.", "not_due": " Not due yet."}
    return [line + late.get(follow_up["state"], "")]


def context_of(texts: Mapping[str, str], keys: Sequence[str]) -> list[Line]:
    """Answers of other sections that one needs to know here."""
    return [Line(FIELD_BY_KEY[key].label, _words(texts, key)) for key in keys]
