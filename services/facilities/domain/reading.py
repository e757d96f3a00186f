"""Reads what was sent for an answer, and says what is wrong with it where it cannot be read.

Pure. A draft keeps an answer that cannot be read exactly as it was typed, so that nothing is lost;
reading what was read changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from services.facilities.domain.questions import Kind, Question

EARLIEST_MONTH = "1970-01"
"""No service of this kind is older; an earlier month is a slip of the pen."""

KEPT_LENGTH = 4000
"""Longest text that a draft keeps, in characters, whatever the question allows."""

LONGEST_EXPLANATION = 1000

_EMAIL = re.compile(r"[^@\s,;<>()\[\]\\\"]+@([A-Za-z0-9-]+\.)+[A-Za-z0-9-]{2,}")
_PHONE = re.compile(r"\+?[0-9][0-9 ()\-]*( *(x|ext\.?|extension) *[0-9]+)?", re.IGNORECASE)
_YEAR_FIRST = re.compile(r"(\d{4})-(\d{1,2})")
_MONTH_FIRST = re.compile(r"(\d{1,2})[/ .-](\d{4})")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_DECIMAL = re.compile(r"[0-9]{1,9}([.,][0-9]{0,2})?|[.,][0-9]{1,2}")


class Unreadable(Exception):
    """What was typed is no answer to the question; `message` says what would be."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code, self.message = code, message


def read_answer(question: Question, raw: object) -> Any:
    """Return the stored form of what was sent: its value, or the raw text if it cannot be read.

    Args:
        question: the question answered.
        raw: str, int, list of str, or None, as it came in JSON. None, blank and [] all mean that
            there is no answer.

    Returns:
        The wire value of the question's kind; None for no answer; else what was typed, as text.
    """
    tidy = _tidy(question, raw)
    if tidy in (None, "", []):
        return None
    try:
        return read_value(question, tidy)
    except Unreadable:
        return tidy if isinstance(tidy, list) else str(tidy)[:KEPT_LENGTH]


def read_value(question: Question, raw: object) -> Any:
    """Return the wire value of the question's kind, of a grid that of one cell.

    Raises:
        Unreadable: it is none.
    """
    return _READERS[question.kind](question, raw)


def read_explanation(raw: object) -> str | None:
    """Return an explanation as it is kept: tidied text, cut at its greatest length, or None."""
    if not isinstance(raw, str):
        return None if raw in (None, []) else str(raw)[:LONGEST_EXPLANATION]
    return _tidy_lines(raw, "\n")[:LONGEST_EXPLANATION].strip() or None


def sentence(phrase: str) -> str:
    """Return the phrase with a capital, to begin a sentence."""
    return phrase[:1].upper() + phrase[1:]


def _tidy(question: Question, raw: object) -> object:
    """Strip blanks and control characters; a list stays a list of stripped texts."""
    if isinstance(raw, list):
        return [text for text in (_tidy_text(question, str(item)) for item in raw) if text]
    if isinstance(raw, int | float) and question.options:
        return str(raw)
    return _tidy_text(question, raw) if isinstance(raw, str) else raw


def _tidy_text(question: Question, text: str) -> str:
    return _tidy_lines(text, "\n" if question.kind is Kind.TEXTAREA else " ")


def _tidy_lines(text: str, joint: str) -> str:
    # JSON can carry half of a surrogate pair, which UTF-8 and so the database cannot.
    text = text.encode("utf-8", "replace").decode("utf-8")
    lines = [" ".join(_CONTROL.sub(" ", line).split()) for line in text.splitlines()]
    return joint.join(line for line in lines if line)[:KEPT_LENGTH]


def _read_text(question: Question, raw: object) -> str:
    if not isinstance(raw, str):
        raise Unreadable("not_a_text", f"Enter {question.phrase} as text.")
    if len(raw) > question.max_length:
        most = f"{question.max_length:,} characters"
        raise Unreadable("too_long", f"{sentence(question.phrase)} must be {most} or fewer.")
    return raw


def _read_single(question: Question, raw: object) -> str:
    codes = [raw] if not isinstance(raw, list) else raw
    if len(codes) != 1 or codes[0] not in question.codes:
        raise Unreadable("not_an_option", f"Select {question.phrase} from the options.")
    return str(codes[0])


def _read_multi(question: Question, raw: object) -> list[str]:
    codes = raw if isinstance(raw, list) else [raw]
    if any(code not in question.codes for code in codes):
        raise Unreadable("not_an_option", f"Select {question.phrase} from the options.")
    alone = [option.label for option in question.options if option.alone and option.code in codes]
    if alone and len(set(codes)) > 1:
        message = f"Select either “{alone[0]}” or other options for {question.phrase}."
        raise Unreadable("not_together", message)
    return [code for code in question.codes if code in codes]


def _read_integer(question: Question, raw: object) -> int:
    digits = re.sub(r"[ ,]", "", raw) if isinstance(raw, str) else raw
    if isinstance(digits, str) and re.fullmatch(r"[0-9]{1,18}", digits):
        digits = int(digits)
    if not isinstance(digits, int) or isinstance(digits, bool):
        message = f"{sentence(question.phrase)} must be a whole number, like 350000."
        raise Unreadable("not_a_number", message)
    return digits


def _read_decimal(question: Question, raw: object) -> float:
    text = re.sub(r" ", "", raw) if isinstance(raw, str) else raw
    if isinstance(text, str) and _DECIMAL.fullmatch(text):
        return float(Decimal(text.replace(",", ".")))
    if isinstance(text, int | float) and not isinstance(text, bool):
        number = float(text) if abs(text) < 10**9 else -1.0
        if number >= 0 and round(number, 2) == number:
            return number
    message = f"{sentence(question.phrase)} must be a number, like 2 or 0.6."
    raise Unreadable("not_a_number", message)


def _read_month(question: Question, raw: object) -> str:
    text = raw if isinstance(raw, str) else ""
    if match := _YEAR_FIRST.fullmatch(text):
        year, month = int(match[1]), int(match[2])
    elif match := _MONTH_FIRST.fullmatch(text):
        year, month = int(match[2]), int(match[1])
    else:
        year, month = 0, 0
    if not 1 <= month <= 12:
        message = f"Enter {question.phrase} as a month and a year, like 4 2019."
        raise Unreadable("not_a_month", message)
    value = f"{year:04d}-{month:02d}"
    if not EARLIEST_MONTH <= value <= "2099-12":
        message = f"{sentence(question.phrase)} must have a year between 1970 and 2099."
        raise Unreadable("out_of_range", message)
    return value


def _read_email(question: Question, raw: object) -> str:
    text = _read_text(question, raw)
    if not _EMAIL.fullmatch(text):
        message = f"Enter {question.phrase} in the right format, like name@example.nhs.uk."
        raise Unreadable("not_an_email", message)
    return text


def _read_phone(question: Question, raw: object) -> str:
    text = _read_text(question, raw)
    if not _PHONE.fullmatch(text) or sum(letter.isdigit() for letter in text) < 5:
        message = f"Enter {question.phrase} as a telephone number, like 0115 496 0000."
        raise Unreadable("not_a_phone", message)
    return text


_READERS: dict[Kind, Callable[[Question, Any], Any]] = {
    Kind.TEXT: _read_text,
    Kind.TEXTAREA: _read_text,
    Kind.SINGLE: _read_single,
    Kind.MULTI: _read_multi,
    Kind.INTEGER: _read_integer,
    Kind.DECIMAL: _read_decimal,
    Kind.GRID: _read_decimal,
    Kind.MONTH: _read_month,
    Kind.EMAIL: _read_email,
    Kind.PHONE: _read_phone,
}
