"""Typed predicates taken apart: their leaves, what these compare, what they read; and one value put for another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from gpu_target.columns import expressions as ex
from gpu_target.columns.expressions import Value
from gpu_target.language import ast
from gpu_target.plan import typed
from gpu_target.plan.bind import BoundRule
from gpu_target.plan.lookups import BoundTable
from gpu_target.plan.plan import values_of
from gpu_target.plan.typed import Predicate

LEAVES = (
    typed.Compare, typed.ComparePair, typed.InList, typed.Like, typed.IsNull, typed.Contains, typed.ContainsAny,
)  # fmt: skip
NODES = (*LEAVES, typed.Not, typed.IsUnknown, typed.And, typed.Or, typed.CompareTruth, typed.CoalesceTruth)


def terms_of(bound: BoundRule) -> tuple[Predicate, ...]:
    """What the rule's ``when`` joins by AND, one predicate per operand as written."""
    if len(bound.terms) == 1 and isinstance(bound.rule.when.tree, ast.And):
        whole = bound.terms[0]
        assert isinstance(whole, typed.And)
        return whole.operands
    return bound.terms


def trees_of(bound: BoundRule) -> tuple[ast.Expr, ...]:
    """The same operands as they were written."""
    tree = bound.rule.when.tree
    return tree.operands if isinstance(tree, ast.And) else (tree,)


def leaves_of(predicate: Predicate) -> Iterator[typed.Leaf]:
    """Every comparison and test in a predicate."""
    if isinstance(predicate, LEAVES):
        yield predicate
    elif isinstance(predicate, (typed.Not, typed.IsUnknown)):
        yield from leaves_of(predicate.operand)
    elif isinstance(predicate, typed.CompareTruth):
        yield from leaves_of(predicate.left)
        yield from leaves_of(predicate.right)
    elif not isinstance(predicate, typed.Truth):
        for each in predicate.operands:
            yield from leaves_of(each)


def compared_of(leaf: typed.Leaf) -> tuple[Value, ...]:
    """The values that a leaf tests, literals and AS_OF left out."""
    if isinstance(leaf, typed.ComparePair):
        sides: tuple[Value, ...] = (leaf.left, leaf.right)
    elif isinstance(leaf, typed.Contains):
        sides = (leaf.value, leaf.item)
    else:
        sides = (leaf.value,)
    return tuple(side for side in dict.fromkeys(sides) if not isinstance(side, (ex.Constant, ex.AsOf)))


def columns_read(node: Any, tables: Mapping[str, BoundTable]) -> dict[str, None]:
    """Names of the record's columns that a predicate or value reads, in order; those of lookup keys included."""
    found: dict[str, None] = {}
    for value in values_of(node):
        if isinstance(value, ex.Column):
            found[value.name] = None
        elif isinstance(value, ex.Lookup):
            table = tables[value.table]
            found.update(dict.fromkeys((*table.keys, *([table.date] if table.date else []))))
    return found


def reads_directly(node: Any, name: str) -> bool:
    """Whether a column is read as itself, not only to look something up."""
    return any(isinstance(each, ex.Column) and each.name == name for each in values_of(node))


def put(node: Any, old: Value, new: Value) -> Any:
    """``node`` with ``new`` wherever ``old`` stands; the same object where it stands nowhere."""
    if node == old and type(node) is type(old):
        return new
    if isinstance(node, tuple):
        parts = tuple(put(each, old, new) for each in node)
        return parts if any(a is not b for a, b in zip(parts, node, strict=True)) else node
    if not isinstance(node, (ex.Function, *NODES)):
        return node
    values = [getattr(node, each.name) for each in fields(node)]
    changed = [put(each, old, new) for each in values]
    return node if all(a is b for a, b in zip(values, changed, strict=True)) else type(node)(*changed)
