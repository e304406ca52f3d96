"""Walking through the trees of conditions, which share their parts: each part is met once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gpu_target.language import ast

LEAVES = (
    ast.Number, ast.String, ast.Boolean, ast.Date, ast.Timestamp, ast.AsOf, ast.Name, ast.TableColumn, ast.ListName,
)  # fmt: skip


class Seen:
    """Trees that were met, by identity."""

    def __init__(self) -> None:
        self.met: dict[int, ast.Expr] = {}

    def add(self, tree: ast.Expr) -> bool:
        """Whether it is met for the first time."""
        if id(tree) in self.met:
            return False
        self.met[id(tree)] = tree
        return True


def children(tree: ast.Expr) -> Sequence[ast.Expr]:
    """The parts of a tree, in the order in which they are written."""
    match tree:
        case ast.And(operands) | ast.Or(operands):
            return operands
        case ast.Compare(_, left, right) | ast.Arithmetic(_, left, right):
            return left, right
        case ast.In(operand, items):
            return (operand, items) if isinstance(items, ast.ListName) else (operand, *items)
        case ast.Between(operand, low, high):
            return operand, low, high
        case ast.Like(operand) | ast.IsNull(operand) | ast.Not(operand) | ast.Negate(operand):
            return (operand,)
        case ast.Call(_, arguments):
            return arguments
    assert isinstance(tree, LEAVES)
    return ()


def walk(tree: ast.Expr) -> Iterator[ast.Expr]:
    """The tree and all of its parts, from left to right."""
    stack = [tree]
    while stack:
        found = stack.pop()
        yield found
        stack += reversed(children(found))
