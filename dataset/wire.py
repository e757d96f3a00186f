"""Turns values into what JSON can hold, and back, exactly.

Dates become "2024-01-31", decimals their digits as text ("172.5"), several values a list; all
else stays. `CLEAR` becomes "#CLEAR", which no value can be. Blanks are left out of a record and
are null in a column.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from dataset.field import Field
from dataset.fields import COLUMN_BY_KEY, FIELD_BY_KEY
from dataset.values import CLEAR, Record, Value

WireValue = str | list[str] | None

_CLEAR_TEXT = "#CLEAR"

FINE, WARNED, WRONG_IF_NEW, WRONG = range(4)
"""What was found about a row of a file by itself, as it travels with the row's values.

Attributes:
    WARNED: a warning that the row does not acknowledge.
    WRONG_IF_NEW: not a record by itself. It may still be part of one that is stored.
    WRONG: not to be stored, whatever it is about.
"""
UNREADABLE = "unreadable"
"""Beside the values of a row that is wrong: the fields whose cell could not be read."""


def wire_from_record(record: Record) -> dict[str, WireValue]:
    """The record as a JSON object: blanks left out.

    >>> wire_from_record({"date_of_birth": date(1950, 3, 1), "t_score": Decimal("-2.5")})
    {'date_of_birth': '1950-03-01', 't_score': '-2.5'}
    """
    return {key: wire_from_value(value) for key, value in record.items() if value is not None}


def record_from_wire(data: Mapping[str, object]) -> dict[str, Value]:
    """The record of a JSON object: blanks left out.

    Raises:
        ValueError: a key is no field's, or a value has not the form of its field. The text names
            the key, never the value.
    """
    record: dict[str, Value] = {}
    for key, wire in data.items():
        value = value_from_wire(key, wire)
        if value is not None:
            record[key] = value
    return record


def wire_from_value(value: Value) -> WireValue:
    """One value as JSON can hold it."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, date):
        return value.isoformat()
    return _CLEAR_TEXT if value is CLEAR else str(value)


def value_from_wire(key: str, wire: object) -> Value:
    """One value from JSON.

    Raises:
        ValueError: as `record_from_wire`.
    """
    return _from_wire(_field(FIELD_BY_KEY, key), wire)


def _field(fields: Mapping[str, Field], key: str) -> Field:
    try:
        return fields[key]
    except KeyError:
        raise ValueError(f"{key} is not a field of the dataset") from None


def _from_wire(field: Field, wire: object) -> Value:
    if wire is None:
        return None
    if wire == _CLEAR_TEXT:
        return CLEAR
    try:
        return _FROM_WIRE[field.kind](wire)
    except (TypeError, ValueError, InvalidOperation):
        raise ValueError(f"the value of {field.key} has not the form of its field") from None


def wire_from_column(values: Iterable[Value]) -> list[WireValue]:
    """A column of values as JSON can hold it, blanks as None."""
    return [
        value if value is None or type(value) is str else wire_from_value(value) for value in values
    ]


def column_from_wire(key: str, column: Iterable[object]) -> list[Value]:
    """A column of values from JSON, which may be a companion; the field is looked up once.

    Raises:
        ValueError: as `record_from_wire`.
    """
    field = _field(COLUMN_BY_KEY, key)
    return [None if wire is None else _from_wire(field, wire) for wire in column]


def _text(wire: object) -> str:
    if not isinstance(wire, str):
        raise TypeError
    return wire


def _date(wire: object) -> date:
    text = _text(wire)
    found = date.fromisoformat(text)
    # Python reads more forms ("20240131") than are ours.
    if found.isoformat() != text:
        raise ValueError
    return found


def _decimal(wire: object) -> Decimal:
    number = Decimal(_text(wire))
    if not number.is_finite():
        raise ValueError
    return number


def _codes(wire: object) -> tuple[str, ...]:
    if not isinstance(wire, list | tuple):
        raise TypeError
    return tuple(map(_text, wire))


_FROM_WIRE: dict[str, Callable[[object], Value]] = {
    "service_code": _text,
    "text": _text,
    "nhs_number": _text,
    "postcode": _text,
    "single": _text,
    "integer": _text,
    "date": _date,
    "decimal": _decimal,
    "multi": _codes,
    "tokens": _codes,
}
