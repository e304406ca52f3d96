"""Comparisons that the type of a value decides, whatever the record: and why, in words."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from gpu_target.columns import expressions as ex
from gpu_target.columns.expressions import Value, family
from gpu_target.findings.classes import COMPUTED, domain_of_type, limits_of
from gpu_target.findings.conditions import Conditions
from gpu_target.language import ast
from gpu_target.plan import typed
from gpu_target.plan.layout import FALSE_NODE, TRUE_NODE
from gpu_target.plan.plan import values_of
from gpu_target.plan.typed import Predicate

Path = tuple[int, ...]
COMPARISONS = (ast.Compare, ast.Between, ast.In, ast.Like, ast.Call)
GIVES = {
    "MONTH": "MONTH gives whole numbers from 1 to 12", "DAY": "DAY gives whole numbers from 1 to 31",
    "HOUR": "HOUR gives whole numbers from 0 to 23", "WEEKDAY": "WEEKDAY gives whole numbers from 1 to 7",
    "YEAR": "YEAR gives whole numbers", "LENGTH": "LENGTH gives whole numbers from 0",
    "ABS": "ABS gives no negative number",
}  # fmt: skip
assert GIVES.keys() == COMPUTED.keys()


def decided(conditions: Conditions, tree: ast.Expr, predicate: Predicate) -> Iterator[tuple[Path, str, str]]:
    """Comparisons in a condition that no value, or every value, of their type meets: path, label and remedy of each."""
    if isinstance(tree, (ast.And, ast.Or)) and isinstance(predicate, (typed.And, typed.Or)):
        for k, (each, part) in enumerate(zip(tree.operands, predicate.operands, strict=True)):
            yield from (((k, *path), label, remedy) for path, label, remedy in decided(conditions, each, part))
    elif isinstance(tree, ast.Not) and isinstance(predicate, typed.Not):
        for path, label, remedy in decided(conditions, tree.operand, predicate.operand):
            yield (0, *path), label, remedy
    elif isinstance(tree, COMPARISONS):
        node = conditions.node(predicate)
        if node == FALSE_NODE:
            yield (), reason_for_never(conditions, tree, predicate), "write what was meant, or delete it"
        elif node == TRUE_NODE or (node[0] == "set" and node[2] == conditions.facts.there(node[1])):
            yield (), "so is every value that is not missing", "write IS NOT NULL, or a limit that parts the values"


def reason_for_never(conditions: Conditions, tree: ast.Expr, predicate: Predicate | None) -> str:
    """Why a part of a condition holds of no record."""
    if isinstance(tree, ast.Between) and isinstance(predicate, typed.And):
        ends = [conditions.node(each) for each in predicate.operands]
        if FALSE_NODE not in ends:
            return "nothing lies between these ends, are they exchanged?"
    lists = conditions.binder.lists.bound
    if isinstance(predicate, (typed.InList, typed.ContainsAny)) and not len(lists[predicate.key].values):
        return "the list is empty"
    if isinstance(tree, COMPARISONS) and not isinstance(predicate, (typed.ComparePair, typed.CompareTruth)):
        found = next((nature_of(each) for each in values_of(predicate) if not isinstance(each, ex.Constant)), "")
        if found:
            return f"no value is so: {found}"
    return "no record is so"


def nature_of(value: Value) -> str:
    """What values a value can be, in words."""
    if isinstance(value, ex.Function):
        limits = limits_of(value)
        if limits.capitals:
            return "UPPER gives no small letters"
        if limits.longest is not None:
            return f"LEFT gives {limits.longest} characters at most"
        return GIVES.get(value.name, "")
    if isinstance(value, ex.Lookup):
        return f"no row of the table has such a value in `{value.table}.{value.column}`"
    return f"`{value.name}` is {_of_type(value.type)}" if isinstance(value, ex.Column) else ""


def _of_type(type_: pa.DataType) -> str:
    if pa.types.is_integer(type_):
        low, high, *_ = domain_of_type(type_)
        small = type_.bit_width < 64
        return f"a whole number from {low:,} to {high - 1:,}" if small else "a whole number"
    if pa.types.is_decimal(type_):
        return f"a decimal({type_.precision}, {type_.scale})"
    if pa.types.is_date(type_):
        return "a date"
    return {"number": "a number", "text": "text", "boolean": "TRUE or FALSE", "time": "a timestamp"}.get(
        family(type_), "a list"
    )
