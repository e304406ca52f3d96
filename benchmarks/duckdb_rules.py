"""Predicates as plain DuckDB SQL.

The tests' oracle writes its SQL so that no cast of DuckDB can act, which costs speed. Here the SQL is what a user would
write; that it means the same on these rows is shown by the counts, which every run compares.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from benchmarks.translate import CannotTranslate, literal
from gpu_target.language import ast

FUNCTIONS = {
    "ABS": "abs", "COALESCE": "coalesce", "LEAST": "least", "GREATEST": "greatest", "LENGTH": "length", "LEFT": "left",
    "UPPER": "upper", "YEAR": "year", "MONTH": "month", "DAY": "day", "HOUR": "hour", "WEEKDAY": "isodow",
    "CONTAINS": "list_contains",
}  # fmt: skip


class DuckDBRules:
    """Translates for one table. ``numbers`` names its columns of numbers; lists from files are text."""

    def __init__(self, lists: Mapping[str, Sequence[str]], let: Sequence[str], numbers: Sequence[str]) -> None:
        self.lists, self.let, self.numbers = lists, set(let), set(numbers)

    def sql(self, node: ast.Expr) -> str:
        handler = HANDLERS.get(type(node))
        if handler is None:
            raise CannotTranslate(f"no SQL for {node}")
        return handler(self, node)

    def _arithmetic(self, node: ast.Arithmetic) -> str:
        left, right = self.sql(node.left), self.sql(node.right)
        if node.operator == "/" and not (isinstance(node.right, ast.Number) and float(node.right.text)):
            right = f"nullif({right}, 0)"
        return f"({left} {node.operator} {right})"

    def _call(self, node: ast.Call) -> str:
        if node.function == "CONTAINS_ANY":
            column, items = node.arguments
            assert isinstance(items, ast.ListName)
            return f"list_has_any({self.sql(column)}, [{self._listed(items, column)}])"
        if node.function not in FUNCTIONS:
            raise CannotTranslate(f"no SQL for {node.function}")
        return f"{FUNCTIONS[node.function]}({', '.join(self.sql(each) for each in node.arguments)})"

    def _in(self, node: ast.In) -> str:
        if isinstance(node.items, ast.ListName):
            items = self._listed(node.items, node.operand)
        else:
            items = ", ".join(self.sql(each) for each in node.items)
        return f"({self.sql(node.operand)} {'NOT ' if node.negated else ''}IN ({items}))"

    def _listed(self, items: ast.ListName, column: ast.Expr) -> str:
        values = self.lists[items.name]
        if isinstance(column, ast.Name) and column.name in self.numbers:
            return ", ".join(values)
        return ", ".join(_quoted(each) for each in values)

    def _like(self, node: ast.Like) -> str:
        escape = f" ESCAPE {_quoted(node.escape)}" if node.escape else ""
        return f"({self.sql(node.operand)} {_not(node)}LIKE {_quoted(node.pattern)}{escape})"

    def _between(self, node: ast.Between) -> str:
        return f"({self.sql(node.operand)} {_not(node)}BETWEEN {self.sql(node.low)} AND {self.sql(node.high)})"

    def _connective(self, node: ast.And | ast.Or) -> str:
        word = " AND " if isinstance(node, ast.And) else " OR "
        return "(" + word.join(self.sql(each) for each in node.operands) + ")"


def _not(node: ast.Like | ast.Between) -> str:
    return "NOT " if node.negated else ""


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _number(node: ast.Number) -> str:
    """A whole number as it is; anything else as a DOUBLE, where SQL would take a DECIMAL."""
    return node.text if node.text.isdecimal() else f"{float(node.text)!r}::DOUBLE"


HANDLERS: dict[type, Callable[[DuckDBRules, Any], str]] = {
    ast.Number: lambda self, node: _number(node),
    ast.String: lambda self, node: _quoted(node.value),
    ast.Boolean: lambda self, node: str(node.value).upper(),
    ast.Date: lambda self, node: f"DATE '{literal(node)}'",
    ast.Timestamp: lambda self, node: f"TIMESTAMP '{literal(node)}'",
    ast.Name: lambda self, node: '"' + node.name.replace('"', '""') + '"',
    ast.Negate: lambda self, node: f"(- {self.sql(node.operand)})",
    ast.Compare: lambda self, node: f"({self.sql(node.left)} {node.operator} {self.sql(node.right)})",
    ast.IsNull: lambda self, node: f"({self.sql(node.operand)} IS {'NOT ' if node.negated else ''}NULL)",
    ast.Not: lambda self, node: f"(NOT {self.sql(node.operand)})",
    ast.Arithmetic: DuckDBRules._arithmetic, ast.Call: DuckDBRules._call, ast.In: DuckDBRules._in,
    ast.Like: DuckDBRules._like, ast.Between: DuckDBRules._between, ast.And: DuckDBRules._connective,
    ast.Or: DuckDBRules._connective,
}  # fmt: skip
