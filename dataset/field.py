"""What a question of the dataset is made of: `Option` and `Field`. Holds no question itself."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from dataset.conditions import Condition

Kind = Literal[
    "service_code",
    "text",
    "nhs_number",
    "date",
    "postcode",
    "single",
    "multi",
    "decimal",
    "integer",
    "tokens",
]
"""How a column is read; "tokens" is no question's kind but that of the acknowledgements."""
Required = Literal["K", "C", "c", "o"]

ALL_VERSIONS = ("v3", "v4")


@dataclass(frozen=True, slots=True)
class Option:
    """One answer of a list.

    Args:
        code: what is stored, for example "1", "40" or "U".
        label: what people read.
        versions: the dataset versions that offer it.
        aliases: other spellings a file may use for exactly this answer.
    """

    code: str
    label: str
    versions: tuple[str, ...] = ALL_VERSIONS
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """One column of the dataset, which is one question of the form.

    Args:
        no: the audit's number ("1.07"); L1 to L3 for the three columns without one.
        key: machine name, as in records, events and tables.
        heading: heading of the column in the template.
        label: the question, short.
        help: one or two sentences for the person answering.
        kind: decides the type of the value, see `dataset.reading`.
        section: 0 to 7, see `dataset.fields.SECTIONS`.
        required: "K" needed to save at all, "C" needed for a complete section, "c" needed when
            the question is asked (see `asked_if` and `may_stay_blank`), "o" optional.
        aliases: other headings that mean this column.
        options: answers of a single, multi or integer field, in list order.
        exclusive: codes of a multi field that cannot stand beside any other.
        asked_when: the condition in plain words, None if always asked.
        asked_if: the same as data. None where no answer of the record decides: it is always
            asked, or only time or what the person knows decides.
        may_stay_blank: asked, but a section is complete without it, because a blank says
            something too: there was no assessment (1.07), the scan is still to come (3.03).
        given_unasked: an answer is welcome although `asked_if` does not hold (6.05, 7.05).
        unit: unit of a decimal, as written behind the number.
        decimals: digits kept behind the decimal point.
        minimum: smallest number that can be stored (below: T06); likewise maximum.
        warn_minimum: below this a number is unlikely; likewise warn_maximum.
        max_length: most characters of a text.
        versions: dataset versions that have the column.
    """

    no: str
    key: str
    heading: str
    label: str
    help: str
    kind: Kind
    section: int
    required: Required
    aliases: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    exclusive: tuple[str, ...] = ()
    asked_when: str | None = None
    asked_if: Condition | None = None
    may_stay_blank: bool = False
    given_unasked: bool = False
    unit: str | None = None
    decimals: int = 0
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    warn_minimum: Decimal | None = None
    warn_maximum: Decimal | None = None
    max_length: int | None = None
    versions: tuple[str, ...] = ALL_VERSIONS

    @property
    def shown_if(self) -> Condition | None:
        """When a form shows the question; None means always."""
        return None if self.given_unasked else self.asked_if

    @property
    def is_needed(self) -> bool:
        """Whether a section waits for it: always, or while `asked_if` holds if that is given."""
        return self.required in ("K", "C", "c") and not self.may_stay_blank

    def label_of(self, code: str) -> str:
        """The label of a code, or the code itself if the list does not have it."""
        for option in self.options:
            if option.code == code:
                return option.label
        return code

    def offered(self, version: str) -> tuple[Option, ...]:
        """The answers that a version of the dataset ("v3", "v4") offers, in list order."""
        return tuple(option for option in self.options if version in option.versions)
