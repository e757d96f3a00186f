"""Every code that a finding can have today, and the rules behind them.

Source: `dataset.findings.GIVEN`, `dataset.rules.RULES` and `dataset.store.STORE_RULES`.
"""

from __future__ import annotations

from dataclasses import dataclass

from dataset.fields import FIELD_BY_KEY, Field
from dataset.findings import GIVEN
from dataset.rules import RULES, RuleText
from dataset.store import STORE_RULES

COLUMNS = ("Code", "About", "Level", "Meaning", "How to mend it", "Reason", "Fields", "Headings")

KINDS = {
    "F": "the file",
    "H": "a heading",
    "R": "a row",
    "M": "a row",
    "T": "a cell",
    "V": "a rule",
}
"""First letter of a code -> what it is about."""

_EITHER = frozenset({"H01", "T07"})
_NOTES = frozenset({"F03", "F06", "F07"})
"""Codes that are no rules and have both levels."""


@dataclass(frozen=True, slots=True)
class Coded:
    """A code with all that can be said about it.

    Attributes:
        level: "error", "warning" or "error or warning".
        reason: why there is such a rule; blank if the code is no rule of the dataset.
        fields: what the rule speaks of.
    """

    code: str
    about: str
    level: str
    title: str
    mend: str
    reason: str
    fields: tuple[Field, ...]

    @property
    def numbers(self) -> str:
        """Numbers of the fields in words; L1 to L3 stand for those without one."""
        return ", ".join(dict.fromkeys(field.no for field in self.fields))


def _level_of(code: str, rule: RuleText | None) -> str:
    if rule:
        return " or ".join(rule.levels)
    if code in _EITHER:
        return "error or warning"
    return "warning" if code in _NOTES else "error"


def _coded(code: str, rule: RuleText | None) -> Coded:
    entry = GIVEN[code]
    return Coded(
        code=code,
        about=KINDS[code[0]],
        level=_level_of(code, rule),
        title=entry.title,
        mend=entry.mend,
        reason=rule.reason if rule else "",
        fields=tuple(FIELD_BY_KEY[key] for key in rule.fields) if rule else (),
    )


_RULE_OF_CODE: dict[str, RuleText] = {rule.number: rule for rule in (*RULES, *STORE_RULES)}
CODED = {code: _coded(code, _RULE_OF_CODE.get(code)) for code in GIVEN}
"""Code -> what can be said about it, in the order of the catalogue."""


def rules() -> tuple[Coded, ...]:
    """The codes that are rules, in order of number."""
    return tuple(CODED[code] for code in sorted(CODED) if code.startswith("V"))


def rules_about(field: Field) -> tuple[Coded, ...]:
    """The rules that read a field, in order of number."""
    return tuple(coded for coded in rules() if field in coded.fields)


def rows() -> list[tuple[str, ...]]:
    """All codes as cells below `COLUMNS`."""
    return [
        (
            coded.code,
            coded.about,
            coded.level,
            coded.title,
            coded.mend,
            coded.reason,
            coded.numbers,
            "; ".join(field.heading for field in coded.fields),
        )
        for coded in CODED.values()
    ]
