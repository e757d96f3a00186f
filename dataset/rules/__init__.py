"""Rules across the answers of one record. Small pure functions, one per rule.

To add a rule:
    1. write `vNN_what_it_says(record, today)` in the module of its subject, with `@rule`; it
       yields findings made by `error` or `warning`, and its docstring gives the reason in plain
       words and the source;
    2. give its code a title and a mend in `findings.CATALOGUE`;
    3. add its cases to `tests/unit/dataset/`, one per reason and both sides of each limit.
It then holds at every door. A rule may read only the fields it names, and takes a blank as "not
known yet": it keeps silent unless the blank itself is wrong. A finding names every field it speaks
of, and a record never has two warnings of a rule about the same field, because a warning is
confirmed by rule and field (`dataset.states`). Rules that need the store are decided by the records
service; their text is in `dataset.store`.

Source: domain notes 1.10 and 5.2.1.
"""

from __future__ import annotations

from dataset.rules import bone, dates, falls, follow_up, patient, postcode, sites, therapy
from dataset.rules.registry import REGISTERED, Rule, RuleText

__all__ = [
    "RULES",
    "RULE_BY_NUMBER",
    "Rule",
    "RuleText",
    "bone",
    "dates",
    "falls",
    "follow_up",
    "patient",
    "postcode",
    "sites",
    "therapy",
]

RULES: tuple[Rule, ...] = tuple(sorted(REGISTERED, key=lambda rule: rule.number))
"""All rules, in the order they are checked: that of their numbers."""
RULE_BY_NUMBER: dict[str, Rule] = {rule.number: rule for rule in RULES}
