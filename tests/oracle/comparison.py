"""Comparisons in SQL, as the language defines them: exact where a bare column meets a literal or two exact columns
meet, float64 otherwise. UNKNOWN where either side is NULL."""

from __future__ import annotations

import math
from fractions import Fraction

from tests.oracle.columns import Exact, Operand, double_sql, rounded

MIRRORED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def compare(operator: str, left: Operand, right: Operand) -> str:
    """A BOOLEAN in SQL. Raises TypeError where the language has no such comparison."""
    if left.kind != right.kind or left.kind == "list":
        raise TypeError(f"{left.kind} {operator} {right.kind}")
    if left.kind == "number":
        return _numbers(operator, left, right)
    return f"({left.sql} {operator} {right.sql})"


def _numbers(operator: str, left: Operand, right: Operand) -> str:
    if left.literal is not None and right.literal is None:
        left, right, operator = right, left, MIRRORED[operator]
    if right.literal is not None and left.exact:
        return _exact_literal(operator, left.exact, right.literal)
    if right.literal is not None and left.float_bits:
        return f"({left.sql} {operator} {double_sql(rounded(right.literal, left.float_bits))})"
    if left.exact and right.exact:
        return _exact_pair(operator, left.exact, right.exact)
    return f"({left.sql} {operator} {right.sql})"


def known(sql: str, answer: bool) -> str:
    """``answer`` wherever ``sql`` is not NULL."""
    return f"(CASE WHEN {sql} IS NULL THEN NULL ELSE {str(answer).upper()} END)"


def whole_literal(column: Exact, value: Fraction) -> int | None:
    """The stored number that equals ``value``; None where no value of the column does."""
    scaled = value * 10**column.scale
    lowest, highest = column.bounds
    return int(scaled) if scaled.denominator == 1 and lowest <= scaled <= highest else None


def _exact_literal(operator: str, column: Exact, value: Fraction) -> str:
    if operator in ("=", "<>"):
        whole = whole_literal(column, value)
        if whole is None:
            return known(column.sql, operator == "<>")
        return f"({column.sql} {operator} '{whole}'::{column.storage})"
    # x < v is x <= ceil(v) - 1, and x <= v is x <= floor(v), for whole x
    scaled = value * 10**column.scale
    below = math.ceil(scaled) - 1 if operator in ("<", ">=") else math.floor(scaled)
    wanted = "<=" if operator in ("<", "<=") else ">"
    lowest, highest = column.bounds
    if below < lowest:
        return known(column.sql, wanted == ">")
    if below >= highest:
        return known(column.sql, wanted == "<=")
    return f"({column.sql} {wanted} '{below}'::{column.storage})"


def _exact_pair(operator: str, left: Exact, right: Exact) -> str:
    scale = max(left.scale, right.scale)
    # digits left of the point and right of it: both sides must fit one type
    fits = all(each.storage != "BIGNUM" and _whole_digits(each) + scale <= 38 for each in (left, right))
    return f"({_at_scale(left, scale, fits)} {operator} {_at_scale(right, scale, fits)})"


def _whole_digits(column: Exact) -> int:
    return column.digits - column.scale


def _at_scale(column: Exact, scale: int, fits: bool) -> str:
    zeros = scale - column.scale
    if fits:
        wide = f"CAST({column.sql} AS HUGEINT)"
        return f"({wide} * '{10**zeros}'::HUGEINT)" if zeros else wide
    # BIGNUM has no exact arithmetic, so zeros are appended to its digits
    return f"CAST(CAST({column.sql} AS VARCHAR) || '{'0' * zeros}' AS BIGNUM)"


def contains_exact(list_: Exact, item: Exact) -> str:
    """Whether whole numbers in a list equal a whole number or decimal, without rounding."""
    scale = max(list_.scale, item.scale)
    wide = _at_scale(Exact("e", list_.storage, list_.digits, list_.scale), scale, fits=False)
    return f"list_contains(list_transform({list_.sql}, lambda e: {wide}), {_at_scale(item, scale, fits=False)})"
