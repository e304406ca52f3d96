"""What the translations of predicates into other engines share."""

from __future__ import annotations

import datetime
import operator
import re
from collections.abc import Callable
from typing import Any

from gpu_target.language import ast

EPOCH = datetime.date(1970, 1, 1)
COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq, "<>": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


class CannotTranslate(Exception):
    """An expression that a comparison does not cover; the message says which."""


def literal(node: ast.Expr) -> Any:
    """A literal as a Python value."""
    match node:
        case ast.Number():
            return int(node.text) if node.text.isdecimal() else float(node.text)
        case ast.Negate(operand=ast.Number()):
            return -literal(node.operand)
        case ast.String() | ast.Boolean():
            return node.value
        case ast.Date():
            return EPOCH + datetime.timedelta(days=node.days)
        case ast.Timestamp():
            return datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=node.nanoseconds // 1000)
    raise CannotTranslate(f"{node} is no literal")


def plain_like(node: ast.Like) -> tuple[str, str] | None:
    """``("=", text)``, ``("prefix", text)``, ``("suffix", text)`` or ``("inside", text)``; None for other patterns."""
    body = node.pattern.strip("%")
    if node.escape is not None or "_" in node.pattern or "%" in body:
        return None
    first, last = node.pattern.startswith("%"), node.pattern.endswith("%")
    return {(False, False): "=", (False, True): "prefix", (True, False): "suffix", (True, True): "inside"}[
        first, last
    ], body


def regular(node: ast.Like) -> str:
    """The pattern of a LIKE as a regular expression for the whole text."""
    parts: list[str] = []
    escaped = False
    for character in node.pattern:
        if escaped or character not in ("%", "_", node.escape):
            parts.append(re.escape(character))
            escaped = False
        elif character == node.escape:
            escaped = True
        else:
            parts.append(".*" if character == "%" else ".")
    return f"(?s)^{''.join(parts)}$"
