"""Predicates as expressions for ``DataFrame.eval``.

pandas compares to False where a value is missing, and to True with ``!=``. So each predicate is written as the
condition under which it is TRUE, NOT pushed down to the comparisons, which are guarded where that matters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from benchmarks.translate import CannotTranslate, literal, plain_like
from gpu_target.language import ast

OPPOSITE = {"=": "!=", "<>": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
SPELLING = {"=": "==", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
METHODS = {"prefix": "startswith", "suffix": "endswith", "inside": "contains"}


class PandasRules:
    """Translates for one frame whose ``let`` names are columns by then. ``lists`` are read as ``@list_NAME``."""

    def __init__(self, frame: pd.DataFrame, lists: Mapping[str, Sequence[str]], let: Sequence[str]) -> None:
        self.dtypes = dict(frame.dtypes)
        self.let = set(let)
        self.names: dict[str, Any] = {f"list_{name}": list(values) for name, values in lists.items()}

    def true(self, node: ast.Expr, negated: bool = False) -> str:
        """Where ``node`` is TRUE, or with ``negated`` where it is FALSE."""
        match node:
            case ast.Not():
                return self.true(node.operand, not negated)
            case ast.And() | ast.Or():
                word = " & " if isinstance(node, ast.And) is not negated else " | "
                return "(" + word.join(self.true(each, negated) for each in node.operands) + ")"
            case ast.IsNull():
                test = "notna" if node.negated is not negated else "isna"
                return f"{self.value(node.operand)}.{test}()"
            case ast.Compare():
                return self._compare(node, negated)
            case ast.Between():
                low, high = ast.Compare(">=", node.operand, node.low), ast.Compare("<=", node.operand, node.high)
                return self.true(ast.And((low, high)), node.negated is not negated)
            case ast.In():
                return self._in(node, node.negated is not negated)
            case ast.Like():
                return self._like(node, node.negated is not negated)
            case ast.Name():
                return f"({self.value(node)} == {not negated})"
        raise CannotTranslate(f"no pandas expression for {node}")

    def value(self, node: ast.Expr) -> str:
        match node:
            case ast.Name():
                if node.name not in self.dtypes and node.name not in self.let:
                    raise CannotTranslate(f"no column {node.name}")
                return node.name
            case ast.Arithmetic():
                return self._arithmetic(node)
            case ast.Negate():
                return f"(-{self.value(node.operand)})"
            case ast.Date() | ast.Timestamp():
                return f"'{literal(node)}'"
            case ast.Number() | ast.String() | ast.Boolean():
                return repr(literal(node))
        raise CannotTranslate(f"no pandas expression for {node}")

    def _arithmetic(self, node: ast.Arithmetic) -> str:
        left, right = self.value(node.left), self.value(node.right)
        if any(self._is_time(each) for each in (node.left, node.right)):
            raise CannotTranslate("no pandas expression for differences of days")
        if node.operator == "/" and not isinstance(node.right, ast.Number):
            right = f"{right}.where({right} != 0)"
        return f"({left} {node.operator} {right})"

    def _is_time(self, node: ast.Expr) -> bool:
        stored = self.dtypes.get(node.name) if isinstance(node, ast.Name) else None
        return isinstance(node, ast.Date | ast.Timestamp) or getattr(stored, "kind", "") == "M"

    def _compare(self, node: ast.Compare, negated: bool) -> str:
        sides = [node.left, node.right]
        coded = [isinstance(each, ast.Name) and str(self.dtypes.get(each.name)) == "category" for each in sides]
        operator = OPPOSITE[node.operator] if negated else SPELLING[node.operator]
        if any(coded) and (all(coded) or operator not in ("==", "!=")):
            raise CannotTranslate("pandas compares categories with one literal for equality only")
        text = f"({self.value(node.left)} {operator} {self.value(node.right)})"
        return self._guarded(text, sides) if operator == "!=" else text

    def _guarded(self, text: str, sides: Sequence[ast.Expr]) -> str:
        columns = [self.value(each) for each in sides if isinstance(each, ast.Name | ast.Arithmetic)]
        return "(" + " & ".join([text, *[f"{each}.notna()" for each in columns]]) + ")"

    def _in(self, node: ast.In, negated: bool) -> str:
        value = self.value(node.operand)
        if isinstance(node.items, ast.ListName):
            items = f"@list_{node.items.name}"
        else:
            items = "[" + ", ".join(self.value(each) for each in node.items) + "]"
        found = f"{value}.isin({items})"
        return f"(~{found} & {value}.notna())" if negated else found

    def _like(self, node: ast.Like, negated: bool) -> str:
        shape = plain_like(node)
        if shape is None:
            raise CannotTranslate(f"no pandas expression for LIKE {node.pattern!r}")
        if shape[0] == "=":
            return self._compare(ast.Compare("=", node.operand, ast.String(shape[1])), negated)
        value = self.value(node.operand)
        exact = ", regex=False" if shape[0] == "inside" else ""
        found = f"{value}.str.{METHODS[shape[0]]}({shape[1]!r}, na={negated}{exact})"
        return f"(~{found})" if negated else found
