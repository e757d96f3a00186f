"""What one text means, for each kind of field: tolerant in spelling, strict in meaning.

`reader_of` gives the function that reads the texts of a field; answers of lists are read in
`dataset.lists`. What a text means depends on nothing but the field, the text and, for dates, the
column's order of day and month.

Source: domain notes 5.2 (values, NHS number) and 5.2.1 (tolerated values, spreadsheet damage).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

from dataset import nhs_number
from dataset.dates import REASONS, DateOrder, parse_date
from dataset.fields import ACKNOWLEDGED, KEY_FIELDS, Field
from dataset.findings import Finding
from dataset.lists import integer_reader, multi_reader, single_reader, tokens_reader
from dataset.outcome import (
    SCIENTIFIC,
    WHOLE_AS_DECIMAL,
    CellReader,
    Outcome,
    damaged,
    error,
)
from dataset.values import CLEAR, Value
from dataset.writing import without_mark

CLEAR_TEXT = "#CLEAR"
_CANNOT_BE_CLEARED = frozenset(field.key for field in KEY_FIELDS) | {"service_code", ACKNOWLEDGED}

_INVISIBLE = "\ufeff\u200b\u200e\u200f"
_NEED_A_LOOK = frozenset(_INVISIBLE + "#='")
_MINUS_SIGNS = str.maketrans(dict.fromkeys("\u2212\u2010\u2011\u2012\u2013", "-"))

_SPREADSHEET_ERROR = re.compile(
    r"#(?:REF!|N/A|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!|#+)", re.IGNORECASE
)
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)")


def reader_of(field: Field, date_order: DateOrder) -> CellReader:
    """The function that reads one text of this field, blanks and what all kinds share included."""
    read = _date_reader(field, date_order) if field.kind == "date" else _BY_KIND[field.kind](field)
    clearable = field.key not in _CANNOT_BE_CLEARED
    not_clearable = (
        error(field, "T03", "A warning stays confirmed; leave the cell blank to change nothing.")
        if field.kind == "tokens"
        else error(field, "R01", "Every record needs this value, so it cannot be emptied.")
    )
    spreadsheet_error = damaged(field, "The cell holds an error of the spreadsheet.")

    def read_text(text: str) -> Outcome:
        text = text.strip()
        if not text:
            return None, None
        if text[0] in _NEED_A_LOOK or text[-1] in _INVISIBLE:
            text = _unwrapped(text)
            if text.upper() == CLEAR_TEXT:
                return (CLEAR, None) if clearable else (None, not_clearable)
            if _SPREADSHEET_ERROR.fullmatch(text):
                return None, spreadsheet_error
            if not text:
                return None, None
        return read(text)

    return read_text


def quick_reader_of(field: Field) -> Callable[[str], dict[str, Value]] | None:
    """A function that reads many texts at once, one on each line, if they are as they should be.

    Only for kinds whose texts are nearly all different, where reading one by one would cost most
    of a file's time; None for the others. It leaves out what needs a look, and says of the rest
    what `reader_of` says. A line of a text with several is at worst read without being asked for.
    """
    plain = {
        "nhs_number": "[0-9]{10}",
        "postcode": "[A-Z0-9]{2,4} [A-Z0-9]{3}",
        "text": f"[A-Za-z0-9][A-Za-z0-9/_.-]{{0,{(field.max_length or 1) - 1}}}",
    }.get(field.kind)
    if plain is None:
        return None
    find_plain = re.compile(f"^{plain}$", re.MULTILINE).findall
    find_spaced = re.compile("^([0-9]{3}) ([0-9]{3}) ([0-9]{4})$", re.MULTILINE).findall

    def read(lines: str) -> dict[str, Value]:
        found = find_plain(lines)
        values: dict[str, Value] = dict(zip(found, found, strict=True))
        if field.kind == "nhs_number" and " " in lines:
            values |= {" ".join(parts): "".join(parts) for parts in find_spaced(lines)}
        return values

    return read


def _unwrapped(text: str) -> str:
    """Without invisible marks and what keeps a text a text: `="..."`, or our own mark in front."""
    text = text.strip(_INVISIBLE).strip()
    if text.startswith("'"):
        return without_mark(text)
    if text.startswith('="') and text.endswith('"') and len(text) > 2:
        text = text[2:-1].strip()
    return text


# As spreadsheets write dates that nobody has formatted: 3-Dec, Dec-12, 03/12/2024, ISO with a time.
_LOOKS_LIKE_DATE = re.compile(
    r"[0-9]{1,2}-[A-Z][a-z]{2}(-[0-9]{2,4})?|[A-Z][a-z]{2}-[0-9]{2}"
    r"|[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}( [0-9]{1,2}:[0-9]{2}(:[0-9]{2})?)?"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(:[0-9]{2})?"
)


# --- one function per kind ------------------------------------------------------------------


def _text_reader(field: Field) -> CellReader:
    longest = field.max_length or 0
    too_long = error(field, "T05", f"The text is longer than {longest} characters. Shorten it.")
    as_number = damaged(field, "A spreadsheet has turned this into a number such as 1.2E+09.")
    unprintable = damaged(field, "The text holds characters that cannot be shown.")
    upper = field.kind == "service_code"
    is_identifier = field.key == "local_id"
    as_date = Finding(
        "T07",
        "warning",
        field.key,
        "This looks like a date. A spreadsheet turns identifiers such as 3-12 into dates. Compare "
        "it with your system; formatting the column as text avoids it.",
    )

    def read(text: str) -> Outcome:
        if not text.isprintable():
            text = text.replace("\u00a0", " ")
            if not text.isprintable():
                return None, unprintable
        if len(text) > longest:
            return None, too_long
        if "+" in text and SCIENTIFIC.fullmatch(text):
            return None, as_number
        if is_identifier and _LOOKS_LIKE_DATE.fullmatch(text):
            return text, as_date
        return (text.upper() if upper else text), None

    return read


def _postcode_reader(field: Field) -> CellReader:
    as_text = _text_reader(field)

    def read(text: str) -> Outcome:
        parts = text.upper().replace("-", " ").split()
        packed = "".join(parts)
        if 5 <= len(packed) <= 7 and packed.isascii() and packed.isalnum():
            return f"{packed[:-3]} {packed[-3:]}", None
        # Hyphens alone are no blank: V23 speaks of what is there.
        return as_text(" ".join(parts) or text)

    return read


def _nhs_number_reader(field: Field) -> CellReader:
    """Digits without gaps. What is no NHS number is passed on as written: V01 speaks of it."""
    as_text = _text_reader(field)
    scientific = damaged(field, "A spreadsheet has turned the number into one such as 9.99E+09.")
    lost_digit = damaged(field, "A spreadsheet has taken away the zero in front.")
    doubtful = damaged(field, "A spreadsheet has added a decimal, and the number is not valid.")
    empty = error(field, "V01", "The cell holds no number.")
    repaired = Finding(
        "T07",
        "warning",
        field.key,
        "A spreadsheet has added .0 to the number; it was taken away again. Nothing to mend here; "
        "formatting the column as text avoids it.",
    )

    def read(text: str) -> Outcome:
        number = text if len(text) == 10 else nhs_number.normalised(text)
        if nhs_number.is_valid(number):
            return number, None
        reason = number.upper().replace("NOTUK", nhs_number.NOT_UK)
        if reason in nhs_number.REASONS_FOR_NONE:
            return reason, None
        if SCIENTIFIC.fullmatch(number):
            return None, scientific
        whole = WHOLE_AS_DECIMAL.fullmatch(number)
        if whole:
            return (whole[1], repaired) if nhs_number.is_valid(whole[1]) else (None, doubtful)
        if number.isascii() and nhs_number.is_valid("0" + number):
            return None, lost_digit
        return as_text(number) if number else (None, empty)

    return read


def _date_reader(field: Field, order: DateOrder) -> CellReader:
    findings = {reason: error(field, "T01", words) for reason, words in REASONS.items()}

    def read(text: str) -> Outcome:
        found = parse_date(text, order)
        return (None, findings[found]) if isinstance(found, str) else (found, None)

    return read


def _decimal_reader(field: Field) -> CellReader:
    step = Decimal(1).scaleb(-field.decimals)
    unit = f" {field.unit}" if field.unit else ""
    bad = error(field, "T02", "This cannot be read as a number. Write digits alone, without unit.")
    as_number = damaged(field, "A spreadsheet has turned the number into one such as 1.7E+02.")
    minimum, maximum = field.minimum or Decimal(0), field.maximum or Decimal(0)
    outside = error(
        field,
        "T06",
        f"The number is outside {minimum} to {maximum}{unit}. Check it and its unit.",
    )

    def read(text: str) -> Outcome:
        text = text.translate(_MINUS_SIGNS)
        if not _DECIMAL.fullmatch(text):
            return None, as_number if SCIENTIFIC.fullmatch(text) else bad
        if len(text) > 30:
            return None, outside
        # Adding zero turns -0.0 into 0.0.
        number = Decimal(text.replace(",", ".")).quantize(step, ROUND_HALF_UP) + 0
        return (number, None) if minimum <= number <= maximum else (None, outside)

    return read


_BY_KIND: dict[str, Callable[[Field], CellReader]] = {
    "service_code": _text_reader,
    "text": _text_reader,
    "nhs_number": _nhs_number_reader,
    "postcode": _postcode_reader,
    "single": single_reader,
    "multi": multi_reader,
    "decimal": _decimal_reader,
    "integer": integer_reader,
    "tokens": tokens_reader,
}
