"""Predicates as Polars expressions, in the forms that Polars evaluates fastest."""

from __future__ import annotations

import datetime
import functools
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl

from benchmarks.translate import COMPARE, CannotTranslate, literal, plain_like, regular
from gpu_target.language import ast

ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {"+": operator.add, "-": operator.sub, "*": operator.mul}
MICROSECONDS_PER_DAY = 86_400_000_000


class PolarsRules:
    """Translates for one frame. ``let`` names are columns of the frame by then: they are computed once, in the run."""

    def __init__(
        self, schema: Mapping[str, pl.DataType], lists: Mapping[str, Sequence[str]], let: Sequence[str]
    ) -> None:
        self.schema, self.lists, self.let = schema, lists, set(let)

    def predicate(self, node: ast.Expr) -> pl.Expr:
        """The expression that is TRUE, FALSE or NULL as the language says."""
        handler = HANDLERS.get(type(node))
        if handler is None:
            raise CannotTranslate(f"no Polars expression for {node}")
        return handler(self, node)

    value = predicate

    def kind(self, node: ast.Expr) -> pl.DataType | None:
        """The stored type of a bare column."""
        return self.schema.get(node.name) if isinstance(node, ast.Name) else None

    def coded(self, node: ast.Expr) -> bool:
        return isinstance(self.kind(node), (pl.Categorical, pl.Enum))

    def text(self, node: ast.Expr) -> pl.Expr:
        return self.value(node).cast(pl.String) if self.coded(node) else self.value(node)

    def _name(self, node: ast.Name) -> pl.Expr:
        if node.name not in self.schema and node.name not in self.let:
            raise CannotTranslate(f"no column {node.name}")
        return pl.col(node.name)

    def _arithmetic(self, node: ast.Arithmetic) -> pl.Expr:
        left, right = self.value(node.left), self.value(node.right)
        if isinstance(self.kind(node.left), (pl.Date, pl.Datetime)):
            return _days(left, right)
        if node.operator != "/":
            return ARITHMETIC[node.operator](left, right)
        if isinstance(node.right, ast.Number) and float(node.right.text):
            return left / right
        return pl.when(right != 0).then(left / right)

    def _compare(self, node: ast.Compare) -> pl.Expr:
        left, right = self.value(node.left), self.value(node.right)
        ordered = node.operator not in ("=", "<>")
        both = self.coded(node.left) and self.coded(node.right)
        if both or (ordered and (self.coded(node.left) or self.coded(node.right))):
            left, right = self.text(node.left), self.text(node.right)  # codes have no order of their own
        return COMPARE[node.operator](left, right)

    def _between(self, node: ast.Between) -> pl.Expr:
        low = self._compare(ast.Compare(">=", node.operand, node.low))
        high = self._compare(ast.Compare("<=", node.operand, node.high))
        return _negated(low & high, node.negated)

    def _in(self, node: ast.In) -> pl.Expr:
        column = self.kind(node.operand)
        if isinstance(node.items, ast.ListName):
            listed: list[Any] = list(self.lists[node.items.name])
            if column is not None and column.is_numeric():
                listed = [float(each) for each in listed]
        else:
            listed = [literal(item) for item in node.items]
        if any(isinstance(each, (datetime.date, datetime.datetime)) for each in listed):
            found = [self._compare(ast.Compare("=", node.operand, item)) for item in node.items]  # type: ignore[union-attr]
            return _negated(functools.reduce(operator.or_, found), node.negated)
        return _negated(self.value(node.operand).is_in(listed), node.negated)

    def _like(self, node: ast.Like) -> pl.Expr:
        shape, body = plain_like(node) or ("pattern", regular(node))
        if shape == "=":
            found = self.value(node.operand) == body
        elif shape in ("prefix", "suffix"):
            value = self.value(node.operand)
            space: Any = value.cat if self.coded(node.operand) else value.str
            found = space.starts_with(body) if shape == "prefix" else space.ends_with(body)
        else:
            found = self.text(node.operand).str.contains(body, literal=shape == "inside")
        return _negated(found, node.negated)

    def _is_null(self, node: ast.IsNull) -> pl.Expr:
        value = self.value(node.operand)
        return value.is_not_null() if node.negated else value.is_null()

    def _connective(self, node: ast.And | ast.Or) -> pl.Expr:
        join = operator.and_ if isinstance(node, ast.And) else operator.or_
        return functools.reduce(join, [self.predicate(each) for each in node.operands])

    def _call(self, node: ast.Call) -> pl.Expr:
        if node.function not in FUNCTIONS:
            raise CannotTranslate(f"no Polars expression for {node.function}")
        return FUNCTIONS[node.function](self, *node.arguments)

    def _left(self, operand: ast.Expr, count: ast.Expr) -> pl.Expr:
        space: Any = self.value(operand).cat if self.coded(operand) else self.value(operand).str
        return space.slice(0, literal(count))

    def _length(self, operand: ast.Expr) -> pl.Expr:
        space: Any = self.value(operand).cat if self.coded(operand) else self.value(operand).str
        return space.len_chars()

    def _contains(self, column: ast.Expr, item: ast.Expr) -> pl.Expr:
        return self.value(column).list.contains(self.value(item))

    def _contains_any(self, column: ast.Expr, items: ast.Expr) -> pl.Expr:
        assert isinstance(items, ast.ListName)
        return self.value(column).list.eval(pl.element().is_in(list(self.lists[items.name]))).list.any()

    def _joined(self, join: Callable[..., pl.Expr], *arguments: ast.Expr) -> pl.Expr:
        return join(*[self.text(each) for each in arguments])


def _days(left: pl.Expr, right: pl.Expr) -> pl.Expr:
    between = left.cast(pl.Datetime("us")) - right.cast(pl.Datetime("us"))
    return between.dt.total_microseconds() / MICROSECONDS_PER_DAY


def _negated(expression: pl.Expr, negated: bool) -> pl.Expr:
    return ~expression if negated else expression


FUNCTIONS: dict[str, Callable[..., pl.Expr]] = {
    "ABS": lambda self, x: self.value(x).abs(),
    "COALESCE": lambda self, *xs: self._joined(pl.coalesce, *xs),
    "LEAST": lambda self, *xs: self._joined(pl.min_horizontal, *xs),
    "GREATEST": lambda self, *xs: self._joined(pl.max_horizontal, *xs),
    "LENGTH": PolarsRules._length, "LEFT": PolarsRules._left,
    "UPPER": lambda self, x: self.text(x).str.to_uppercase(),
    "YEAR": lambda self, x: self.value(x).dt.year(), "MONTH": lambda self, x: self.value(x).dt.month(),
    "DAY": lambda self, x: self.value(x).dt.day(), "HOUR": lambda self, x: self.value(x).dt.hour(),
    "WEEKDAY": lambda self, x: self.value(x).dt.weekday(),
    "CONTAINS": PolarsRules._contains, "CONTAINS_ANY": PolarsRules._contains_any,
}  # fmt: skip

HANDLERS: dict[type, Callable[[PolarsRules, Any], pl.Expr]] = {
    ast.Number: lambda self, node: pl.lit(literal(node)), ast.String: lambda self, node: pl.lit(literal(node)),
    ast.Boolean: lambda self, node: pl.lit(literal(node)), ast.Date: lambda self, node: pl.lit(literal(node)),
    ast.Timestamp: lambda self, node: pl.lit(literal(node)), ast.Name: PolarsRules._name,
    ast.Negate: lambda self, node: -self.value(node.operand), ast.Arithmetic: PolarsRules._arithmetic,
    ast.Call: PolarsRules._call, ast.Compare: PolarsRules._compare, ast.Between: PolarsRules._between,
    ast.In: PolarsRules._in, ast.Like: PolarsRules._like, ast.IsNull: PolarsRules._is_null,
    ast.Not: lambda self, node: ~self.predicate(node.operand),
    ast.And: PolarsRules._connective, ast.Or: PolarsRules._connective,
}  # fmt: skip
