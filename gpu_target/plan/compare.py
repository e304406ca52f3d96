"""Comparisons of typed values: literals folded, the literal on the right, and advice where types clash."""

from __future__ import annotations

import operator
from fractions import Fraction

import pyarrow as pa
from typing_extensions import TypeIs

from gpu_target.columns import expressions as ex
from gpu_target.columns.expressions import Constant, Value, family
from gpu_target.plan import typed
from gpu_target.plan.literals import DAY_NANOSECONDS
from gpu_target.plan.typed import Predicate

OPERATORS = {
    "=": operator.eq, "<>": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
MIRRORED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
VALUES = frozenset((ex.Column, ex.Lookup, ex.Constant, ex.AsOf, ex.Function))


def is_value(found: Value | Predicate) -> TypeIs[Value]:
    """Whether a bound expression is a value, not a predicate."""
    return type(found) in VALUES


def is_boolean(found: Value | Predicate) -> bool:
    """Whether a bound expression is TRUE, FALSE or UNKNOWN: a predicate, or a boolean value."""
    return not is_value(found) or family(found.type) == "boolean"


def as_moment(constant: Constant) -> Constant:
    """Dates as the nanoseconds of their midnight, so that all times compare in one unit."""
    if pa.types.is_date(constant.type):
        assert isinstance(constant.value, int)
        return Constant(constant.value * DAY_NANOSECONDS, ex.MOMENT)
    return constant


def compare_values(left: Value, sign: str, right: Value) -> Predicate:
    """Two values of one family compared; a literal comes to stand on the right."""
    if isinstance(left, Constant):
        if isinstance(right, Constant):
            return typed.Truth(OPERATORS[sign](as_moment(left).value, as_moment(right).value))
        left, sign, right = right, MIRRORED[sign], left
    if isinstance(right, Constant):
        right = as_moment(right)
        if family(left.type) != "time" or ex.is_stored(left):
            return typed.Compare(left, sign, right)
    return typed.ComparePair(left, sign, right)


def remedy_for(wanted: Value | Predicate, found: Value | Predicate, spelled: str = "") -> str:
    """What to write instead of a literal of the wrong type; ``spelled`` is a number as it is written, 0203 not 203."""
    if not is_value(wanted) or not isinstance(found, Constant):
        return "compare values of one type; the language converts none"
    kind, value = family(wanted.type), found.value
    if kind == "text" and isinstance(value, Fraction):
        number = str(value.numerator) if value.denominator == 1 else str(float(value))
        return f"write '{spelled or number}' in quotes"
    if kind == "number" and isinstance(value, str):
        return f"write {value} without quotes" if value.replace(".", "", 1).isdigit() else "write a number"
    if kind == "time":
        shown = value if isinstance(value, str) and len(value) == 10 else "2024-01-31"
        return f"write DATE '{shown}'"
    if kind == "boolean":
        return "write TRUE or FALSE"
    if kind == "text":
        return "write a text in single quotes"
    return "write a number"
