"""The values of a record, and the mark that empties one.

A record is a dict from field key to canonical value; an absent key or None is a blank.

    date                      datetime.date
    single, integer           the code: "1", "U"
    multi                     tuple of codes in list order, each once
    decimal                   decimal.Decimal with the field's decimals
    nhs_number                ten digits, or "NOT_UK" or "UNTRACED"; what cannot be a number is
                              kept as written (without gaps) so that rule V01 speaks of it
    postcode                  upper case, one space: "AA1 1AA"
    text, service_code        str, stripped
    tokens                    tuple of tokens of warnings, each once; no answer of a record, but a
                              column beside it (`fields.COMPANIONS`)
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final


class Clear:
    """The type of `CLEAR`: a cell that says `#CLEAR`, which empties the stored value.

    It is false, as a blank is, so that rules treat both alike; it is one object, also after
    being copied or sent to another process.
    """

    _only: Clear | None = None

    def __new__(cls) -> Clear:
        """The one object there is."""
        if cls._only is None:
            cls._only = super().__new__(cls)
        return cls._only

    def __bool__(self) -> bool:
        return False

    def __reduce__(self) -> str:
        return "CLEAR"

    def __repr__(self) -> str:
        return "CLEAR"


CLEAR: Final = Clear()

Value = date | Decimal | str | tuple[str, ...] | Clear | None
Record = Mapping[str, Value]


def is_blank(value: object) -> bool:
    """Whether nothing is known: None or `CLEAR`. A decimal zero is not blank."""
    return value is None or value is CLEAR
