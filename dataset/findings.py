"""What can be wrong with a file, a cell or a record, in plain words.

A `Finding` speaks to the person who has to mend it. Its message never holds the value itself, so
that no NHS number, date of birth, postcode or local identifier reaches a log or a list by it.
`CATALOGUE` has a title and a mend for each code; pages and lists of findings use it, and the
guidance shows `GIVEN`, the codes that can be met today.

Source: domain notes 1.10, 5.2 (error codes) and 5.2.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

Level = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong or unlikely.

    Args:
        code: a key of `CATALOGUE`, for example "V02" or "T01".
        level: "error" keeps a row out, "warning" asks for a second look.
        field: key of the field to mend, None if it is about the whole row or file.
        message: what is wrong and how to mend it, without the value.
        fields: keys of other fields that the finding speaks of.
        name: what tells it from another of the same code where the field does not; None if the
            field does.
    """

    code: str
    level: Level
    field: str | None
    message: str
    fields: tuple[str, ...] = ()
    name: str | None = None


class Entry(NamedTuple):
    """What stands in the catalogue for one code."""

    title: str
    mend: str


def is_error(finding: Finding) -> bool:
    """Whether a finding keeps its row or record out."""
    return finding.level == "error"


_FILE = {
    "H01": Entry(
        "Heading not known",
        "If the column belongs to the audit, give it the heading of the template; if not, there is "
        "nothing to do.",
    ),
    "H02": Entry("Key column missing", "Add the column, with the heading of the template."),
    "H03": Entry("Same heading twice", "Keep one column for each heading."),
    "F01": Entry(
        "Not a table we can read",
        "Save the sheet as CSV (UTF-8) with the headings in the first row.",
    ),
    "F02": Entry("File too large", "Split it into files of at most 256 MB."),
    "F03": Entry(
        "Encoding repaired",
        "Nothing to do if the texts look right. Saving as CSV (UTF-8) avoids it.",
    ),
    "F04": Entry("Too many rows", "Split the file into parts of at most 1,000,000 rows."),
    "F05": Entry("Unpacks too large", "Save the sheet anew, without pictures and empty rows."),
    "F06": Entry("How the file was read", "If this is not what you meant, change the file."),
    "F07": Entry(
        "Zeros may be lost",
        "If your identifiers can begin with zeros, format the column as text, enter the short ones "
        "again and upload the file anew. If they differ in length anyway, there is nothing to do.",
    ),
}

_ROW = {
    "R01": Entry("Key missing", "Fill in what every record needs."),
    "R02": Entry("NHS number not valid", "Compare the number with its source and correct it."),
    "R03": Entry(
        "Same record twice in the file",
        "Two rows have the same key and differ. Keep the right one; until then none is stored.",
    ),
    "R04": Entry(
        "Belongs to another service",
        "The service code is not yours. Remove the row or the column.",
    ),
    "R05": Entry("Period is locked", "Ask the audit team to unlock the period."),
    "R06": Entry(
        "Patient has opted out",
        "The patient's opt-out is on record. Remove the row; nothing of it is stored.",
    ),
    "R07": Entry(
        "NHS number of another patient",
        "The local identifier belongs to a record with another NHS number. Correct one of them.",
    ),
    "R08": Entry(
        "Row has too many or too few cells",
        "Too many: check for a comma within a text. Too few: check for a row cut short, or a line "
        "break within a text. Such texts need quotation marks around them.",
    ),
    "M01": Entry(
        "Already recorded",
        "This upload only adds. Choose add and update to change records that are there.",
    ),
    "M02": Entry(
        "Not recorded yet",
        "This upload only updates. Choose add and update to add new records.",
    ),
}

_CELL = {
    "T01": Entry("Date cannot be read", "Write day, month and four-digit year: 31/01/2024."),
    "T02": Entry("Number cannot be read", "Write digits alone, for example 172.5."),
    "T03": Entry(
        "Answer not in the list", "Use a code or label of the code book, on the page Downloads."
    ),
    "T04": Entry("Several values where one is asked", "Keep the one that applies."),
    "T05": Entry("Text too long", "Shorten it."),
    "T06": Entry("Number out of range", "Check the number and its unit."),
    "T07": Entry(
        "Damaged by a spreadsheet",
        "Format the column as text, enter the value again and save.",
    ),
}

_RULE = {
    "V01": Entry(
        "NHS number not valid",
        "An NHS number has 10 digits, the last of which checks the others. Compare it with its "
        "source.",
    ),
    "V02": Entry(
        "Under 50 at diagnosis, or born after it",
        "The audit covers people aged 50 and over. Check date of birth and date of diagnosis.",
    ),
    "V03": Entry("Unlikely age", "Check the date of birth and the date of diagnosis."),
    "V04": Entry(
        "Date of diagnosis out of range",
        "It lies between 1 January 2016 and today.",
    ),
    "V05": Entry(
        "Date in the future",
        "Nothing can have happened after today: check day, month and year.",
    ),
    "V06": Entry(
        "Assessed before diagnosis or contact",
        "The assessment is not before the diagnosis, and rarely before the first contact. Check "
        "the dates.",
    ),
    "V07": Entry(
        "Unlikely date of first contact",
        "The first contact is expected within a year after the diagnosis. Check both dates, or "
        "confirm them.",
    ),
    "V08": Entry(
        "Assessed late",
        "The assessment is expected within a year after the diagnosis. Check both dates, or "
        "confirm them.",
    ),
    "V09": Entry(
        "Unlikely date of the scan",
        "A scan from before the fracture is rare, and one in childhood cannot be meant. Check the "
        "date, or confirm it.",
    ),
    "V10": Entry(
        "Scan result without a scan",
        "A date of the scan goes with a scan in 3.01, a T-score with the date of the scan.",
    ),
    "V11": Entry(
        "Reason for no scan missing or not needed",
        "If 3.01 is No, 3.02 says why; otherwise leave 3.02 blank.",
    ),
    "V12": Entry(
        "Answers that exclude each other",
        "An answer such as None, Don't know or Informed decline stands alone.",
    ),
    "V13": Entry(
        "Several drugs recommended",
        "More than one drug at once is rare. Keep the one that was recommended, or confirm it.",
    ),
    "V14": Entry(
        "Falls questions without an assessment",
        "5.02 to 5.09 go with Yes in 5.01. Correct 5.01, or clear the others.",
    ),
    "V15": Entry(
        "First follow-up: date missing or unlikely",
        "If 6.01 is Yes, 6.02 has the date, 12 to 16 weeks after the diagnosis; otherwise it is "
        "blank.",
    ),
    "V16": Entry(
        "Second follow-up: date missing or unlikely",
        "If 7.01 is Yes, 7.02 has the date, 48 to 56 weeks after the diagnosis and after the "
        "first follow-up; otherwise it is blank.",
    ),
    "V17": Entry(
        "Drug taken that was not recommended or started",
        "Compare what was recommended (4.01) and taken (6.05, 7.05), or confirm it.",
    ),
    "V18": Entry(
        "Fracture sites out of order or twice",
        "Fill first, second and third site in this order; the same site twice is unlikely.",
    ),
    "V19": Entry(
        "New fractures do not add up",
        "7.07 to 7.09 describe as many new fractures as 7.06 counts, three at most, each after "
        "the diagnosis.",
    ),
    "V20": Entry(
        "Same fracture recorded twice, or nearly so",
        "A record of this patient with the same or nearly the same date of diagnosis is stored "
        "already. Compare the two, and correct or remove the one that is wrong.",
    ),
    "V21": Entry(
        "Date after the date of death",
        "Nothing happens to a patient after death. Check both dates.",
    ),
    "V22": Entry(
        "Unlikely measure",
        "Check the number and its unit, or confirm it.",
    ),
    "V23": Entry(
        "Postcode not in the UK pattern, or of no known area",
        "Write the postcode in full; ZZ99 3VZ stands for no fixed address.",
    ),
    "V24": Entry(
        "Patient has opted out",
        "The patient does not want their data used for audits. Nothing about them is stored.",
    ),
}

CATALOGUE: dict[str, Entry] = {**_FILE, **_ROW, **_CELL, **_RULE}
"""Code -> title and mend, for every code of the dataset's plan."""

_NOT_YET_GIVEN = frozenset({"F02", "R02"})
GIVEN = {code: entry for code, entry in CATALOGUE.items() if code not in _NOT_YET_GIVEN}
"""The part of `CATALOGUE` that this version of the system can give; a test compares the two."""
