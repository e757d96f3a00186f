"""Reads cells whose answer is one or several of a list.

Source: domain notes 5.2 (values) and 5.2.1 (tolerated values).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import get_close_matches

from dataset.fields import Field
from dataset.findings import Finding
from dataset.outcome import WHOLE_AS_DECIMAL, CellReader, Outcome, error
from dataset.states import is_token
from dataset.versions import VERSIONS

# What curly, doubled or wrongly decoded apostrophes become. \ufffd is a byte that was lost.
_APOSTROPHES = str.maketrans(dict.fromkeys("\u2018\u2019\u02bc\u2032\u00b4`\ufffd", "'"))
# The sign of old Macintoshes read as Windows', and the other way round: "Dont" with an accent.
_DAMAGED_NOT = re.compile("n[\u00ed\u00f5\u0092]t ")
_SEPARATOR = re.compile(r"[;|]")
_LONGEST_FOR_SUGGESTION = 40
_SHORT_LIST = 8
_SUGGESTED = 3


def spelling_of(text: str) -> str:
    """What two spellings of the same answer have in common."""
    text = text.replace("\u00e2\u20ac\u2122", "'").translate(_APOSTROPHES)
    return _DAMAGED_NOT.sub("n't ", " ".join(text.casefold().split()))


def _code_of_spelling(field: Field) -> dict[str, str]:
    """Every spelling of every answer of a list -> its code. Codes and labels win over aliases."""
    spellings: dict[str, str] = {}
    for option in field.options:
        spellings[spelling_of(option.code)] = option.code
        if option.code.isdigit():
            spellings[option.code + ".0"] = option.code
            spellings[option.code + ",0"] = option.code
    for option in field.options:
        spellings.setdefault(spelling_of(option.label), option.code)
    for option in field.options:
        for alias in option.aliases:
            spellings.setdefault(spelling_of(alias), option.code)
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
    option_of = {spelling_of(option.label): option for option in field.options}
    most = 1 if len(offered) <= _SHORT_LIST else _SUGGESTED
    allowed = _list_words(field)
    plain = error(field, "T03", f"This answer is not in the list. {allowed}")

    def finding(spelling: str) -> Finding:
        if len(spelling) > _LONGEST_FOR_SUGGESTION or not spelling[:1].isalpha():
            return plain
        near = get_close_matches(spelling, option_of, n=most, cutoff=0.6)
        if not near:
            return plain
        found = [option_of[name] for name in near]
        words = _either([f"{option.label} (code {option.code})" for option in found])
        return error(
            field, "T03", f"This answer is not in the list. Did you mean {words}? {allowed}"
        )

    return finding


def single_reader(field: Field) -> CellReader:
    """One answer of the list, as code or label."""
    codes = _code_of_spelling(field)
    unknown = _not_in_list(field)
    several = error(field, "T04", "The cell holds several values. Keep the one that applies.")

    def read(text: str) -> Outcome:
        spelling = spelling_of(text)
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


def multi_reader(field: Field) -> CellReader:
    """Any number of answers of the list, in its order, each once."""
    codes = _code_of_spelling(field)
    unknown = _not_in_list(field)
    place = {option.code: at for at, option in enumerate(field.options)}

    def read(text: str) -> Outcome:
        found = set()
        for part in _SEPARATOR.split(text):
            spelling = spelling_of(part)
            if not spelling:
                continue
            code = codes.get(spelling)
            if code is None:
                return None, unknown(spelling)
            found.add(code)
        return (tuple(sorted(found, key=place.__getitem__)) or None), None

    return read


def integer_reader(field: Field) -> CellReader:
    """A whole number from 0 to 9, or U."""
    codes = _code_of_spelling(field)
    bad = error(field, "T02", "This cannot be read. Write a number from 0 to 9, or U.")
    outside = error(field, "T06", "The number is outside 0 to 9. Check it.")

    def read(text: str) -> Outcome:
        spelling = spelling_of(text)
        code = codes.get(spelling)
        if code is not None:
            return code, None
        whole = spelling.lstrip("+-")
        # Matched as a whole: looked for in a long run of digits, it would take a minute.
        if decimal := WHOLE_AS_DECIMAL.fullmatch(whole):
            whole = decimal[1]
        return None, outside if whole.isascii() and whole.isdigit() else bad

    return read


def tokens_reader(field: Field) -> CellReader:
    """Tokens of warnings as `dataset.states` names them, in any case, each once."""
    unknown = error(
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
