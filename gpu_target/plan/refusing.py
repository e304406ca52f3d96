"""What is wrong with an expression, told at its place: names that mean nothing, and sides that cannot be compared."""

from __future__ import annotations

from typing import Never

import pyarrow as pa

from gpu_target.columns.expressions import Constant, Value, family
from gpu_target.language import ast
from gpu_target.language.decision import RowSource
from gpu_target.language.diagnostics import Diagnostic, Source, Span
from gpu_target.plan.compare import is_value, remedy_for
from gpu_target.plan.typed import Predicate

WORDS = {"number": "a number", "text": "text", "boolean": "a boolean", "time": "a date or time", "list": "a list"}


class Stop(Exception):
    """A problem was recorded; the expression around it has no meaning."""


class Refusing:
    """Notes problems in ``errors``, at places of ``source``, and leaves the expression."""

    errors: list[Diagnostic]
    source: Source

    def place(self, node: ast.Expr) -> Span:
        return Span(self.source, *node.span)

    def fail(self, code: str, message: str, where: ast.Expr | Span | None, label: str = "", remedy: str = "") -> Never:
        span = where if isinstance(where, Span) or where is None else self.place(where)
        notes = (self.source.note,) if isinstance(self.source, RowSource) and not isinstance(where, Span) else ()
        found = Diagnostic(code, message, span, label, remedy, notes=notes)
        if found not in self.errors:
            self.errors.append(found)
        raise Stop

    def clash(
        self, left_node: ast.Expr, left: Value | Predicate, right_node: ast.Expr, right: Value | Predicate
    ) -> Never:
        """Two sides that cannot be compared; the literal is blamed where there is one."""
        if isinstance(left, Constant) and not isinstance(right, Constant):
            left_node, left, right_node, right = right_node, right, left_node, left
        what = [self.words(each.type) if is_value(each) else "a condition" for each in (left, right)]
        if is_value(left) and family(left.type) == "list":
            self.fail("RT105", "a list cannot be compared", left_node, remedy="write CONTAINS(column, value)")
        name = f"`{left_node.name}` is {what[0]}" if isinstance(left_node, ast.Name) else f"{what[0]} stands here"
        self.fail(
            "RT105", f"{name} and cannot be compared with {what[1]}", right_node,
            label=f"found {what[1]}, expected {what[0]}", remedy=remedy_for(left, right),
        )  # fmt: skip

    def words(self, type_: pa.DataType) -> str:
        kind = family(type_)
        if kind == "time":
            return "a date" if pa.types.is_date(type_) else "a timestamp"
        return WORDS.get(kind, str(type_))
