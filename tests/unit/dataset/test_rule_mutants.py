"""A rule that is changed anywhere is noticed by its own table of cases.

For each rule its module is read, one thing in the rule (or in what only rules use) is changed, and
the table runs against what comes out. A change that no case notices is named in the failure, with
the rule and the line.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from dataset import engine
from dataset.fields import FIELD_BY_KEY
from dataset.findings import Finding
from dataset.rules import RULES
from dataset.rules.registry import REGISTERED, Rule
from dataset.values import is_blank
from tests.unit.dataset.rule_cases import CASES, TODAY, is_as_expected
from tests.unit.dataset.whole_records import KEYS as GOOD

_OTHER_COMPARISON: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_OTHER_LEVEL = {"error": "warning", "warning": "error"}

_MEAN_THE_SAME = {
    # Only asked where the two numbers differ.
    ("V19", "described < counted", "described <= counted"),
}


def notices(rule: Rule) -> bool:
    """Whether the rule's table finds that something is wrong with it."""
    for _, changes, expected in CASES[rule.number]:
        record = {k: v for k, v in (GOOD | changes).items() if not is_blank(v)}
        try:
            found = list(rule.check(record, TODAY))
        except Exception:
            return True
        named = {key for f in found for key in (f.field, *f.fields)}
        if not named <= set(rule.fields) <= FIELD_BY_KEY.keys():
            return True
        if not is_as_expected(found, expected):
            return True
        if any(finding.code != rule.number for finding in found):
            return True
    return False


# --- changes that any rule can suffer --------------------------------------------------------


def _silent(record: Any, today: Any) -> Iterator[Finding]:
    yield from ()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.number)
def test_a_rule_as_it_is_satisfies_its_table(rule) -> None:
    assert not notices(rule)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.number)
def test_a_rule_that_says_nothing_is_noticed(rule) -> None:
    assert notices(replace(rule, check=_silent))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.number)
def test_a_rule_of_another_level_is_noticed(rule) -> None:
    for level in rule.levels:

        def check(record: Any, today: Any, changed: str = level) -> Iterator[Finding]:
            for finding in rule.check(record, today):
                is_changed = finding.level == changed
                yield replace(finding, level=_OTHER_LEVEL[changed]) if is_changed else finding

        assert notices(replace(rule, check=check)), f"{rule.number}: {level}"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.number)
def test_a_rule_that_overlooks_one_of_its_fields_is_noticed(rule) -> None:
    for key in rule.fields:

        def check(record: Any, today: Any, lost: str = key) -> Iterator[Finding]:
            return rule.check({k: v for k, v in record.items() if k != lost}, today)

        assert notices(replace(rule, check=check)), f"{rule.number}: {key}"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.number)
def test_a_rule_left_out_of_the_engine_is_noticed(rule, monkeypatch) -> None:
    monkeypatch.setattr(engine, "RULES", [r for r in RULES if r is not rule])
    said = [
        [f for f in engine.check_record(GOOD | changes, today=TODAY) if f.code == rule.number]
        for _, changes, expected in CASES[rule.number]
        if expected
    ]
    assert said and not any(said)


# --- changes of the rule's own lines ---------------------------------------------------------


def _tree_of(rule: Rule) -> ast.Module:
    return ast.parse(inspect.getsource(sys.modules[rule.check.__module__]))


def _own_lines(rule: Rule, tree: ast.Module) -> list[ast.stmt]:
    """The rule's function, and the functions and constants of its module that it uses."""
    defined: dict[str, ast.stmt] = {}
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            defined[statement.name] = statement
        elif isinstance(statement, ast.Assign):
            for target in statement.targets:
                for name in ast.walk(target):
                    if isinstance(name, ast.Name):
                        defined[name.id] = statement
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            defined[statement.target.id] = statement
    used: dict[int, ast.stmt] = {}
    waiting = [defined[rule.check.__name__]]
    while waiting:
        statement = waiting.pop()
        if id(statement) in used:
            continue
        used[id(statement)] = statement
        body = statement.body if isinstance(statement, ast.FunctionDef) else [statement]
        names = {n.id for part in body for n in ast.walk(part) if isinstance(n, ast.Name)}
        waiting += [defined[name] for name in names if name in defined]
    return list(used.values())


def _mutations(statement: ast.stmt) -> Iterator[ast.AST]:
    """Every node of a statement that can be changed; texts of messages and docstrings cannot."""
    body = statement.body if isinstance(statement, ast.FunctionDef) else [statement]
    for part in body:
        for node in ast.walk(part):
            if isinstance(node, ast.Compare | ast.BoolOp) or any(
                (
                    isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not),
                    isinstance(node, ast.Constant) and type(node.value) is int,
                    isinstance(node, ast.Constant) and _is_code(node.value),
                    isinstance(node, ast.Name) and node.id in _OTHER_LEVEL,
                )
            ):
                yield node


def _is_code(value: Any) -> bool:
    """Whether a text is an answer or a key, not words for a person."""
    return isinstance(value, str) and bool(value) and value.isascii() and value.isalnum()


def _changed(node: ast.AST) -> Iterator[ast.AST]:
    """What a node can be changed into."""
    if isinstance(node, ast.Compare):
        for place, operator in enumerate(node.ops):
            other = _OTHER_COMPARISON[type(operator)]()
            ops = [*node.ops[:place], other, *node.ops[place + 1 :]]
            yield ast.Compare(node.left, ops, node.comparators)
    elif isinstance(node, ast.BoolOp):
        other_operator = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield ast.BoolOp(other_operator, node.values)
    elif isinstance(node, ast.UnaryOp):
        yield node.operand
    elif isinstance(node, ast.Name):
        yield ast.Name(_OTHER_LEVEL[node.id], node.ctx)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        yield ast.Constant(node.value + 1)
        yield ast.Constant(node.value - 1)
    elif isinstance(node, ast.Constant):
        yield ast.Constant(f"{node.value}?")


class _Swap(ast.NodeTransformer):
    """Puts one node in the place of another, in the tree itself."""

    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return self.new if node is self.old else super().generic_visit(node)


def _rule_from(tree: ast.Module, rule: Rule) -> Rule:
    """The rule as the changed module defines it."""
    known = len(REGISTERED)
    try:
        namespace: dict[str, Any] = {"__name__": rule.check.__module__}
        exec(compile(ast.fix_missing_locations(tree), "changed", "exec"), namespace)  # noqa: S102
        return next(r for r in REGISTERED[known:] if r.number == rule.number)
    finally:
        del REGISTERED[known:]


def _is_noticed(tree: ast.Module, rule: Rule) -> bool:
    """Whether the table fails for a changed module; one that cannot even be loaded is noticed."""
    try:
        return notices(_rule_from(tree, rule))
    except Exception:
        return True


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.number)
def test_a_change_of_any_line_of_a_rule_is_noticed(rule) -> None:
    tree = _tree_of(rule)
    assert not _is_noticed(tree, rule)
    unnoticed = []
    tried = 0
    nodes = [node for line in _own_lines(rule, tree) for node in _mutations(line)]
    for node in nodes:
        for new in _changed(node):
            tried += 1
            _Swap(node, ast.copy_location(new, node)).visit(tree)
            old_text, new_text = ast.unparse(node), ast.unparse(new)
            is_noticed = _is_noticed(tree, rule)
            if is_noticed == ((rule.number, old_text, new_text) in _MEAN_THE_SAME):
                unnoticed.append(f"line {node.lineno}: {old_text} -> {new_text}")
            _Swap(new, node).visit(tree)
    assert not _is_noticed(tree, rule)
    assert tried > 1
    assert not unnoticed, f"{rule.number} may change unnoticed: " + "; ".join(unnoticed)
