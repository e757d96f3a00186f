"""The import specification: what a file with records may look like, and what becomes of it.

Says what the system does today. Sentences are ours; headings, codes, rules and their numbers come
from the dataset. What it says about files is held to the imports and records services by
`tests/unit/dataset/test_specification.py`.

Source: domain notes 5.2 and 5.2.1.
"""

from __future__ import annotations

from dataset.downloads.catalogue import CODED, Coded, rules
from dataset.downloads.code_book import ANCHORS
from dataset.downloads.document import Block, Bullets, Part, Steps, Table
from dataset.downloads.words import NEEDED, joined, kind_words, version_words
from dataset.fields import COMPANIONS, FIELDS, KEY_FIELDS, Field
from dataset.versions import VERSIONS

LARGEST_FILE_MB = 256
MOST_ROWS = 1_000_000
MOST_COLUMNS = 1_000
HEADINGS_WITHIN_LINES = 20
NEAR_DAYS = 7
"""Within so many days two fractures of one site may be one; see `services.records`."""

_ABOUT = {
    "About the file and its headings": ("F", "H"),
    "About a row": ("R", "M"),
    "About a cell": ("T",),
}


def import_specification() -> tuple[Part, ...]:
    """The whole document."""
    return (
        Part("file", "The file", _file()),
        Part("headings", "Headings", _headings()),
        Part("dates", "Dates", _dates()),
        Part("values", "Values", _values()),
        Part("nhs-number", "NHS number and local identifier", _nhs_number()),
        Part("row-key", "How a row finds its record", _row_key()),
        Part("modes", "What a file may do", _modes()),
        Part("blanks", "Blank cells, #CLEAR and Don't know", _blanks()),
        Part("steps", "What happens to a file", _steps()),
        Part("ledger", "The ledger", _ledger()),
        Part("findings", "Findings", _findings()),
        Part("rules", "Rules", _rules()),
        Part("versions", "Versions of the dataset", _versions()),
    )


def _file() -> tuple[Block, ...]:
    return (
        "One row for each fracture episode of one person, one column for each question.",
        Bullets(
            (
                "A text file with cells separated by commas, semicolons, tabs or upright strokes, "
                "or an Excel workbook (.xlsx). Best is CSV in UTF-8, which Excel calls “CSV UTF-8 "
                "(Comma delimited)”.",
                "UTF-8 and UTF-16, with or without a byte order mark, and Windows-1252, which is "
                "said (F03). Other encodings are refused (F01).",
                "A cell that holds the separator, a quotation mark or a line break stands in "
                "double quotation marks, and a quotation mark within it is written twice.",
                "Of a workbook the first visible sheet that has the headings is read. True dates "
                "are taken as dates. Hidden rows and columns are read like all others (F06).",
                "Lines end with LF, CR LF or CR.",
                f"At most {LARGEST_FILE_MB} MB, {MOST_ROWS:,} rows and {MOST_COLUMNS:,} columns.",
                f"The headings stand within the first {HEADINGS_WITHIN_LINES} lines. Title lines "
                "above them are passed over, which is said (F06). Below them there is at least "
                "one row.",
                "Each row has as many cells as there are headings. One that has more or fewer is "
                "left out (R08); the others go on.",
                "Empty rows are passed over. Rows are numbered as a spreadsheet program numbers "
                "them: the first line of the file is row 1.",
            )
        ),
        "Old Excel files (.xls), workbooks with a password, OpenDocument sheets, PDFs, pictures "
        "and archives are recognised and refused with what to do about it (F01). A workbook may "
        "unpack to 1 GB, or 100 times its size (F05). Nothing of a refused file is stored.",
    )


def _headings() -> tuple[Block, ...]:
    return (
        "Columns may stand in any order, and columns that you do not have can be left out. A "
        "heading is read by its number, then by its key, its name in the template or another name "
        "of the table below. Upper and lower case, spaces and punctuation do not matter.",
        Bullets(
            (
                f"These must be there: {joined([field.heading for field in KEY_FIELDS])} (H02). "
                "For a file that only updates, a row key is enough: LocalID, or both 1.01 "
                "NHSNumber and 1.09 Date Index Frac Diagnosed.",
                "A heading that is not known is named and its column passed over (H01). So is a "
                "column with the age, which is worked out from the date of birth.",
                "Two columns with the same meaning stop the file (H03).",
                "7.07, 7.08 and 7.09 are two columns each: write “Site” or “Date” behind the "
                "number.",
                "1.1 and 5.1, which a spreadsheet program makes of 1.10 and 5.10, are never "
                "guessed: without the name behind it such a heading stops the file (H01).",
                *(
                    f"Beside the questions there may be a column {column.heading}. {column.help}"
                    for column in COMPANIONS
                ),
            )
        ),
        Table(
            "Columns in the order of the template",
            ("Heading", "What it holds", "Needed", "Also read as"),
            tuple(map(_column_row, FIELDS)),
            (30, 38, 18, 30),
            tuple(f"column-{ANCHORS[field.key]}" for field in FIELDS),
        ),
    )


def _column_row(field: Field) -> tuple[str, ...]:
    words = kind_words(field).partition(":")[0]
    others = ", ".join((field.key, *field.aliases))
    return field.heading, f"{field.label} ({words})", NEEDED[field.required], others


def _dates() -> tuple[Block, ...]:
    return (
        "All dates of a column are written in the same way. The order of day and month is read "
        "from the whole column, never cell by cell, and never guessed.",
        Bullets(
            (
                "Day, month and four-digit year with / - or . between them: 31/01/2024.",
                "Year, month, day: 2024-01-31, also with a time behind it.",
                "Day, name of the month, year: 31 January 2024 or 31-Jan-2024.",
            )
        ),
        Bullets(
            (
                "If every date of a column could be read with the day or the month first, the "
                "other date columns of the file decide. If they do not show it either, the file is "
                "refused, and you say at the upload how dates are written.",
                "Month before day is taken only if the uploader says so.",
                "A column in which some dates can only have the day first and others only the "
                "month is refused, with both rows named.",
                "Years with two digits, bare numbers such as 45321 and days that are not in the "
                "calendar are refused in that row alone (T01).",
            )
        ),
    )


def _values() -> tuple[Block, ...]:
    return (
        "Blanks around a value do not matter.",
        Table(
            "How values are read",
            ("What", "How it is read"),
            (
                (
                    "One answer of a list",
                    "Its code, its label, or another spelling of the code book. Upper and lower "
                    "case and the form of an apostrophe do not matter; 2.0 is read as 2, and Y and "
                    "N where the list has Yes and No.",
                ),
                (
                    "Several answers",
                    "Codes or labels with “;” between them; “|” is read too. The order does not "
                    "matter, and the same answer twice counts once. Some answers stand alone "
                    "(V12).",
                ),
                (
                    "Number",
                    "Digits with a decimal point or a decimal comma, without its unit. It is "
                    "rounded to one digit behind the point, and must be within its limits (T06).",
                ),
                ("Whole number", "0 to 9, or U where it is not known."),
                ("Postcode", "With or without the space, in capital or small letters."),
                ("Text", "As it stands, up to its longest length (T05)."),
                (
                    "Service code",
                    "Your own, or blank. It follows from your sign-in; a row with another one "
                    "belongs to another service (R04).",
                ),
            ),
            (22, 78),
        ),
        "What a spreadsheet program has damaged is not guessed: numbers such as 9.99E+09, lost "
        'digits and cells such as #REF! are errors (T07). A value written as ="0123" is read as '
        "the text between the quotation marks. No cell is ever run as a formula.",
    )


def _nhs_number() -> tuple[Block, ...]:
    return (
        "An NHS number has ten digits, the last of which checks the others (V01). Spaces and "
        "hyphens are taken away.",
        Bullets(
            (
                "For someone without an NHS number write NOT_UK, and UNTRACED for a number that "
                "could not be found. Such a row needs a LocalID (R01).",
                "Format the column as text before you enter or paste numbers. A number that has "
                "become 9990000018.0 and still fits its last digit is read, with a warning (T07). "
                "An identifier of your own that looks like a date gets the same warning. If some "
                "seem to have lost zeros in front, that is said for the file (F07).",
                "LocalID is your own identifier of the record, up to 50 characters, such as a "
                "hospital number with the number of the fracture. No two records of a site have "
                "the same.",
            )
        ),
    )


def _row_key() -> tuple[Block, ...]:
    return (
        Steps(
            (
                "If the row has a LocalID that is stored at your site, it is about that record. "
                "Only so can an NHS number or a date of diagnosis be corrected.",
                "Otherwise NHS number (1.01) and date of diagnosis (1.09) together name the "
                "record.",
                "Otherwise, if the same patient has a stored fracture of the same site (1.11) "
                f"diagnosed within {NEAR_DAYS} days, the row is held: it may be the same fracture.",
                "Otherwise it is a new record.",
            )
        ),
        "A row whose LocalID belongs to a record with another NHS number is held, because it would "
        "change who the patient is.",
        "Rows of one file that share a LocalID, or NHS number and date of diagnosis: if they are "
        "equal cell for cell, the first counts and the others are “same”; if not, none of them is "
        "stored (R03).",
    )


def _modes() -> tuple[Block, ...]:
    return (
        Table(
            "Modes of an upload",
            ("Mode", "For programs", "What it does"),
            (
                ("Add and update", "add_and_update", "New records are added, known ones updated."),
                ("Only add", "add_only", "A row about a known record is left out (M01)."),
                ("Only update", "update_only", "A row about a new record is left out (M02)."),
            ),
            (22, 22, 56),
        ),
    )


def _blanks() -> tuple[Block, ...]:
    never = joined([field.heading for field in KEY_FIELDS], "and")
    return (
        Bullets(
            (
                "A blank cell, or a column that is not there, leaves what is stored as it is.",
                f"#CLEAR empties a value. It is an error in ServiceCode, {never} (R01).",
                "Don't know (U) is stored where nothing is known yet. It never takes the place of "
                "a known answer.",
            )
        ),
        "A row that updates a record is put onto it first, and the rules look at the result.",
    )


def _steps() -> tuple[Block, ...]:
    return (
        Steps(
            (
                "The file is sent. The same bytes again lead to the import that is there already.",
                "Headings and dates are looked at over the whole file. What stops the file is "
                "said at once.",
                "Every row is checked and compared with what is stored. Nothing is stored yet.",
                "A person confirms or cancels. A program can ask for good rows to be stored "
                "without asking.",
                "Each row without an error is stored, or held for a decision. A row with an error "
                "never stops the others.",
            )
        ),
        "A row with warnings is stored, and its record is marked “to confirm” until a person has "
        "confirmed each of them.",
    )


def _ledger() -> tuple[Block, ...]:
    return (
        "Every row of the file is counted once, and the counts add up: received = new + changed + "
        "same + rejected + held.",
        Table(
            "Words of the ledger",
            ("Word", "Meaning"),
            (
                ("Received", "Rows of the file, empty ones left out."),
                ("New", "Records that were not there before."),
                ("Changed", "Stored records of which the row changed something."),
                ("Same", "Rows that change nothing, or repeat another row of the file."),
                ("Rejected", "Rows with an error, or passed over by the mode. Not stored."),
                ("Held", "Rows that need a person's decision. Not stored."),
            ),
            (22, 78),
        ),
    )


def _findings() -> tuple[Block, ...]:
    return (
        "An error keeps its row out, or stops the file if it is about the whole file. A warning "
        "asks for a second look. A code never changes its meaning.",
        *(
            Table(
                caption,
                ("Code", "Level", "Meaning", "How to mend it"),
                tuple(_finding_row(coded) for coded in _of(letters)),
                (9, 14, 30, 47),
                tuple(coded.code for coded in _of(letters)),
            )
            for caption, letters in _ABOUT.items()
        ),
    )


def _of(letters: tuple[str, ...]) -> tuple[Coded, ...]:
    return tuple(coded for code, coded in CODED.items() if code[0] in letters)


def _finding_row(coded: Coded) -> tuple[str, ...]:
    return coded.code, coded.level, coded.title, coded.mend


def _rules() -> tuple[Block, ...]:
    return (
        "The same rules hold for a file, for a record typed in and for one sent by a program.",
        Table(
            "Rules in order of number",
            ("Rule", "Level", "Meaning", "Why, and about which questions", "How to mend it"),
            tuple(
                (c.code, c.level, c.title, " ".join(filter(None, (c.reason, _about(c)))), c.mend)
                for c in rules()
            ),
            (8, 12, 22, 32, 30),
            tuple(c.code for c in rules()),
        ),
    )


def _about(coded: Coded) -> str:
    return f"({coded.numbers})" if coded.fields else ""


def _versions() -> tuple[Block, ...]:
    return (
        "Which version of the dataset a record belongs to follows from the date of diagnosis "
        "(1.09).",
        Bullets(tuple(map(version_words, VERSIONS))),
        "The code book says which answers belong to which version, and lists what changed.",
    )
