"""The state of a record, and what it means that a person has confirmed a warning.

A warning has a name that stays the same, its token: the rule's number and the field, such as
"V18:site_2". A record keeps the tokens that were acknowledged. Such a word lapses when a field that
the rule reads changes, since it was given for other answers.

Source: domain notes 1.10 (record states; unacknowledged warnings keep a record out of results).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Literal

from dataset.fields import KEY_FIELDS
from dataset.findings import Finding, is_error
from dataset.rules import RULES
from dataset.store import STORE_RULES, near_fracture, recorded_elsewhere
from dataset.values import Record, is_blank

OwnState = Literal["draft", "to_confirm", "valid", "invalid"]
"""What a record is by itself; "duplicate" and "deleted" follow from the store."""

_FIRST_KEYS = frozenset(field.key for field in KEY_FIELDS) | {"service_code", "local_id"}


def token_of(finding: Finding) -> str:
    """The stable name of a finding, by which a warning is acknowledged.

    >>> token_of(recorded_elsewhere())
    'V20:elsewhere'
    """
    return f"{finding.code}:{finding.name or finding.field}"


def _readers() -> dict[str, frozenset[str]]:
    """Every token that can be acknowledged -> the fields its rule reads."""
    readers = {
        f"{rule.number}:{key}": frozenset(rule.fields)
        for rule in RULES
        if "warning" in rule.levels
        for key in rule.fields
    }
    key_of_a_fracture = next(rule.fields for rule in STORE_RULES if rule.number == "V20")
    for finding in (near_fracture(1), recorded_elsewhere()):
        readers[token_of(finding)] = frozenset(key_of_a_fracture)
    return readers


_READ_BY = _readers()


def is_token(text: str) -> bool:
    """Whether a text can be the token of a warning that asks for confirmation."""
    return text in _READ_BY


def asks_to_confirm(finding: Finding) -> bool:
    """Whether a finding is a warning that a person has to acknowledge.

    A note about a repaired cell (T07) is a warning too, but leaves nothing to confirm.
    """
    return not is_error(finding) and is_token(token_of(finding))


def unacknowledged(findings: Iterable[Finding], acknowledged: Collection[str]) -> list[Finding]:
    """The warnings that nobody has confirmed yet, in their order."""
    return [
        finding
        for finding in findings
        if asks_to_confirm(finding) and token_of(finding) not in acknowledged
    ]


def remaining(acknowledged: Iterable[str], changed_keys: Collection[str]) -> list[str]:
    """The acknowledgements that still hold once these fields have changed, in their order.

    Tokens that no rule has (any more) are left out.

    >>> remaining(["V01:nhs_number", "V20:elsewhere"], {"date_index_diagnosed"})
    ['V01:nhs_number']
    """
    changed = frozenset(changed_keys)
    return [
        token for token in acknowledged if token in _READ_BY and changed.isdisjoint(_READ_BY[token])
    ]


def own_state(
    record: Record,
    findings: Collection[Finding],
    *,
    acknowledged: Collection[str] = (),
    unreadable: Collection[str] = (),
) -> OwnState:
    """The state of a record by itself.

    Args:
        findings: all that is said of it, by `engine.check_record` and with the store.
        acknowledged: tokens of the warnings that were confirmed.
        unreadable: keys of fields that hold a text that could not be read.

    Returns:
        "invalid" with an error or an unreadable text; else "to_confirm" with a warning that
        nobody confirmed; else "draft" if there is nothing but what it needs to be saved; else
        "valid".
    """
    if unreadable or any(map(is_error, findings)):
        return "invalid"
    if unacknowledged(findings, acknowledged):
        return "to_confirm"
    given = {key for key, value in record.items() if not is_blank(value)}
    return "draft" if given <= _FIRST_KEYS else "valid"
