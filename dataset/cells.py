"""What one text means, for each kind of field: tolerant in spelling, strict in meaning.

`reader_of` gives the function that reads the texts of a field. What a text means depends on
nothing but the field, the text and, for dates, the column's order of day and month.

Source: domain notes 5.2 (values, NHS number) and 5.2.1 (tolerated values, spreadsheet damage).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from difflib import get_close_matches

from dataset import nhs_number
from dataset.dates import REASONS, DateOrder, parse_date
from dataset.fields import ACKNOWLEDGED, KEY_FIELDS, Field
from dataset.findings import Finding
from dataset.states import is_token
from dataset.values import CLEAR, Value
from dataset.versions import VERSIONS
from dataset.writing import without_mark

Outcome = tuple[Value, Finding | None]
CellReader = Callable[[str], Outcome]

CLEAR_TEXT = "#CLEAR"
_CANNOT_BE_CLEARED = frozenset(field.key for field in KEY_FIELDS) | {"service_code", ACKNOWLEDGED}

_INVISIBLE = "\ufeff\u200b\u200e\u200f"
_NEED_A_LOOK = frozenset(_INVISIBLE + "#='")
# What curly, doubled or wrongly decoded apostrophes become. \ufffd is a byte that was lost.
_APOSTROPHES = str.maketrans(dict.fromkeys("\u2018\u2019\u02bc\u2032\u00b4`\ufffd", "'"))
_MINUS_SIGNS = str.maketrans(dict.fromkeys("\u2212\u2010\u2011\u2012\u2013", "-"))

_SPREADSHEET_ERROR = re.compile(
    r"#(?:REF!|N/A|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!|#+)", re.IGNORECASE
)
_SCIENTIFIC = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?E[+-]?[0-9]+", re.IGNORECASE)
_WHOLE_AS_DECIMAL = re.compile(r"([0-9]+)[.,]0+")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)")
_SEPARATOR = re.compile(r"[;|]")

_LONGEST_FOR_SUGGESTION = 40
_SHORT_LIST = 8
_SUGGESTED = 3


def reader_of(field: Field, date_order: DateOrder) -> CellReader:
    """The function that reads one text of this field, blanks and what all kinds share included."""
    read = _date_reader(field, date_order) if field.kind == "date" else _BY_KIND[field.kind](field)
    clearable = field.key not in _CANNOT_BE_CLEARED
    not_clearable = (
        _error(field, "T03", "A warning stays confirmed; leave the cell blank to change nothing.")
        if field.kind == "tokens"
        else _error(field, "R01", "Every record needs this value, so it cannot be emptied.")
    )
    spreadsheet_error = _damaged(field, "The cell holds an error of the spreadsheet.")

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


def plain_among(field: Field) -> Callable[[str], list[str]] | None:
    """A function from texts, one on each line, to those of them that mean exactly themselves.

    Only for kinds whose texts are nearly all different, where reading one by one would cost most
    of a file's time; None for the others. It may leave texts out, never pick too many.
    """
    if field.kind == "nhs_number":
        plain = "[0-9]{10}"
    elif field.kind == "postcode":
        plain = "[A-Z0-9]{2,4} [A-Z0-9]{3}"
    elif field.kind == "text":
        plain = f"[A-Za-z0-9][A-Za-z0-9/_.-]{{0,{(field.max_length or 1) - 1}}}"
    else:
        return None
    return re.compile(f"^{plain}$", re.MULTILINE).findall


def _unwrapped(text: str) -> str:
    """Without invisible marks and what keeps a text a text: `="..."`, or our own mark in front."""
    text = text.strip(_INVISIBLE).strip()
    if text.startswith("'"):
        return without_mark(text)
    if text.startswith('="') and text.endswith('"') and len(text) > 2:
        text = text[2:-1].strip()
    return text


# --- findings -------------------------------------------------------------------------------


def _error(field: Field, code: str, message: str) -> Finding:
    return Finding(code, "error", field.key, message)


def _damaged(field: Field, what: str) -> Finding:
    mend = "Format the column as text, enter the value again and save."
    return _error(field, "T07", f"{what} {mend}")


# --- one function per kind ------------------------------------------------------------------


def _text_reader(field: Field) -> CellReader:
    longest = field.max_length or 0
    too_long = _error(field, "T05", f"The text is longer than {longest} characters. Shorten it.")
    damaged = _damaged(field, "A spreadsheet has turned this into a number such as 1.2E+09.")
    unprintable = _damaged(field, "The text holds characters that cannot be shown.")
    upper = field.kind == "service_code"

    def read(text: str) -> Outcome:
        if not text.isprintable():
            text = text.replace("\u00a0", " ")
            if not text.isprintable():
                return None, unprintable
        if len(text) > longest:
            return None, too_long
        if "+" in text and _SCIENTIFIC.fullmatch(text):
            return None, damaged
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
    scientific = _damaged(field, "A spreadsheet has turned the number into one such as 9.99E+09.")
    lost_digit = _damaged(field, "A spreadsheet has taken away the zero in front.")
    doubtful = _damaged(field, "A spreadsheet has added a decimal, and the number is not valid.")
    empty = _error(field, "V01", "The cell holds no number.")
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
        if _SCIENTIFIC.fullmatch(number):
            return None, scientific
        whole = _WHOLE_AS_DECIMAL.fullmatch(number)
        if whole:
            return (whole[1], repaired) if nhs_number.is_valid(whole[1]) else (None, doubtful)
        if number.isascii() and nhs_number.is_valid("0" + number):
            return None, lost_digit
        return as_text(number) if number else (None, empty)

    return read


def _date_reader(field: Field, order: DateOrder) -> CellReader:
    findings = {reason: _error(field, "T01", words) for reason, words in REASONS.items()}

    def read(text: str) -> Outcome:
        found = parse_date(text, order)
        return (None, findings[found]) if isinstance(found, str) else (found, None)

    return read


def _decimal_reader(field: Field) -> CellReader:
    step = Decimal(1).scaleb(-field.decimals)
    unit = f" {field.unit}" if field.unit else ""
    bad = _error(field, "T02", "This cannot be read as a number. Write digits alone, without unit.")
    damaged = _damaged(field, "A spreadsheet has turned the number into one such as 1.7E+02.")
    minimum, maximum = field.minimum or Decimal(0), field.maximum or Decimal(0)
    outside = _error(
        field,
        "T06",
        f"The number is outside {minimum} to {maximum}{unit}. Check it and its unit.",
    )

    def read(text: str) -> Outcome:
        text = text.translate(_MINUS_SIGNS)
        if not _DECIMAL.fullmatch(text):
            return None, damaged if _SCIENTIFIC.fullmatch(text) else bad
        if len(text) > 30:
            return None, outside
        # Adding zero turns -0.0 into 0.0.
        number = Decimal(text.replace(",", ".")).quantize(step, ROUND_HALF_UP) + 0
        return (number, None) if minimum <= number <= maximum else (None, outside)

    return read


def _spelling(text: str) -> str:
    """What two spellings of the same answer have in common."""
    text = text.replace("\u00e2\u20ac\u2122", "'").translate(_APOSTROPHES)
    return " ".join(text.casefold().split())


def _code_of_spelling(field: Field) -> dict[str, str]:
    """Every spelling of every answer of a list -> its code. Codes and labels win over aliases."""
    spellings: dict[str, str] = {}
    for option in field.options:
        spellings[_spelling(option.code)] = option.code
        if option.code.isdigit():
            spellings[option.code + ".0"] = option.code
            spellings[option.code + ",0"] = option.code
    for option in field.options:
        spellings.setdefault(_spelling(option.label), option.code)
    for option in field.options:
        for alias in option.aliases:
            spellings.setdefault(_spelling(alias), option.code)
    return spellings


def _list_words(field: Field) -> str:
    """What is allowed, if it is short enough to be said."""
    offered = field.offered(VERSIONS[-1].name)
    if len(offered) > _SHORT_LIST:
        return f"All answers of {field.no} are in the code book, on the page Downloads."
    return f"Use {_either([f'{option.code} ({option.label})' for option in offered])}."


def _either(words: list[str]) -> str:
    """Alternatives in a sentence: "a", "a or b", "a, b or c"."""
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _not_in_list(field: Field) -> Callable[[str], Finding]:
    """A function from a spelling that no answer has to the finding, with the nearest labels."""
    offered = field.offered(VERSIONS[-1].name)
    option_of = {_spelling(option.label): option for option in field.options}
    most = 1 if len(offered) <= _SHORT_LIST else _SUGGESTED
    allowed = _list_words(field)
    plain = _error(field, "T03", f"This answer is not in the list. {allowed}")

    def finding(spelling: str) -> Finding:
        if len(spelling) > _LONGEST_FOR_SUGGESTION or not spelling[:1].isalpha():
            return plain
        near = get_close_matches(spelling, option_of, n=most, cutoff=0.6)
        if not near:
            return plain
        found = [option_of[name] for name in near]
        words = _either([f"{option.label} (code {option.code})" for option in found])
        return _error(
            field, "T03", f"This answer is not in the list. Did you mean {words}? {allowed}"
        )

    return finding


def _single_reader(field: Field) -> CellReader:
    codes = _code_of_spelling(field)
    unknown = _not_in_list(field)
    several = _error(field, "T04", "The cell holds several values. Keep the one that applies.")

    def read(text: str) -> Outcome:
        spelling = _spelling(text)
        code = codes.get(spelling)
        if code is not None:
            return code, None
        parts = [part for part in map(str.strip, _SEPARATOR.split(spelling)) if part]
        if len(parts) > 1:
            return None, several
        if len(parts) == 1 and parts[0] in codes:
            return codes[parts[0]], None
        return None, unknown(spelling)

    return read


def _multi_reader(field: Field) -> CellReader:
    codes = _code_of_spelling(field)
    unknown = _not_in_list(field)
    place = {option.code: at for at, option in enumerate(field.options)}

    def read(text: str) -> Outcome:
        found = set()
        for part in _SEPARATOR.split(text):
            spelling = _spelling(part)
            if not spelling:
                continue
            code = codes.get(spelling)
            if code is None:
                return None, unknown(spelling)
            found.add(code)
        return (tuple(sorted(found, key=place.__getitem__)) or None), None

    return read


def _integer_reader(field: Field) -> CellReader:
    codes = _code_of_spelling(field)
    bad = _error(field, "T02", "This cannot be read. Write a number from 0 to 9, or U.")
    outside = _error(field, "T06", "The number is outside 0 to 9. Check it.")

    def read(text: str) -> Outcome:
        spelling = _spelling(text)
        code = codes.get(spelling)
        if code is not None:
            return code, None
        whole = spelling.lstrip("+-")
        # Matched as a whole: looked for in a long run of digits, it would take a minute.
        if decimal := _WHOLE_AS_DECIMAL.fullmatch(whole):
            whole = decimal[1]
        return None, outside if whole.isascii() and whole.isdigit() else bad

    return read


def _tokens_reader(field: Field) -> CellReader:
    """Tokens of warnings as `dataset.states` names them, in any case, each once."""
    unknown = _error(
        field,
        "T03",
        "This is no warning that can be confirmed. Leave the cell as the export wrote it, for "
        "example V09:dxa_date, or blank.",
    )

    def read(text: str) -> Outcome:
        found: dict[str, None] = {}
        for part in filter(None, map(str.strip, _SEPARATOR.split(text))):
            rule, _, name = part.partition(":")
            token = f"{rule.strip().upper()}:{name.strip().lower()}"
            if not is_token(token):
                return None, unknown
            found[token] = None
        return tuple(found) or None, None

    return read


_BY_KIND: dict[str, Callable[[Field], CellReader]] = {
    "service_code": _text_reader,
    "text": _text_reader,
    "nhs_number": _nhs_number_reader,
    "postcode": _postcode_reader,
    "single": _single_reader,
    "multi": _multi_reader,
    "decimal": _decimal_reader,
    "integer": _integer_reader,
    "tokens": _tokens_reader,
}
