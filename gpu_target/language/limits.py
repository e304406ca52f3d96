"""How large a predicate may be. Every later pass may rely on these bounds, also where it recurses."""

from __future__ import annotations

from gpu_target.language import ast

MOST_BYTES = 1 << 20  # of UTF-8
MOST_NESTED = 200  # parentheses, calls, NOT and minus signs inside one another
MOST_OPERATORS_DEEP = 256  # nodes of the tree inside one another; a sum of n terms is n - 1 deep
MOST_ERRORS = 20  # reported of one predicate


def children(node: ast.Expr) -> tuple[ast.Expr, ...]:
    """The expressions directly inside a node, in the order of the text."""
    match node:
        case ast.And(operands) | ast.Or(operands):
            return operands
        case ast.Compare(_, left, right) | ast.Arithmetic(_, left, right):
            return left, right
        case ast.Negate(operand) | ast.Not(operand) | ast.IsNull(operand) | ast.Like(operand):
            return (operand,)
        case ast.Call(_, arguments):
            return arguments
        case ast.Between(operand, low, high):
            return operand, low, high
        case ast.In(operand, items):
            return (operand, items) if isinstance(items, ast.ListName) else (operand, *items)
        case _:
            return ()


def find_too_deep(tree: ast.Expr) -> ast.Offsets | None:
    """Where the first expression stands that lies more than ``MOST_OPERATORS_DEEP`` nodes inside others."""
    layer = [tree]
    for _ in range(MOST_OPERATORS_DEEP + 1):
        layer = [child for node in layer for child in children(node)]
        if not layer:
            return None
    return min(node.span for node in layer)
