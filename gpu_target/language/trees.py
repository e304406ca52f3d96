"""The parts of an expression, and all that is inside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from gpu_target.language import ast


def children(tree: ast.Expr) -> Sequence[ast.Expr]:
    """The parts of a tree, in the order in which they are written."""
    parts = PARTS.get(type(tree))
    return () if parts is None else parts(tree)


def _items(tree: ast.In) -> Sequence[ast.Expr]:
    return (tree.operand, tree.items) if isinstance(tree.items, ast.ListName) else (tree.operand, *tree.items)


PARTS: Mapping[type, Callable[[Any], Sequence[ast.Expr]]] = {
    ast.And: lambda tree: tree.operands, ast.Or: lambda tree: tree.operands, ast.In: _items,
    ast.Compare: lambda tree: (tree.left, tree.right), ast.Arithmetic: lambda tree: (tree.left, tree.right),
    ast.Between: lambda tree: (tree.operand, tree.low, tree.high), ast.Call: lambda tree: tree.arguments,
    ast.Like: lambda tree: (tree.operand,), ast.IsNull: lambda tree: (tree.operand,),
    ast.Not: lambda tree: (tree.operand,), ast.Negate: lambda tree: (tree.operand,),
}  # fmt: skip


def walk(tree: ast.Expr) -> Iterator[ast.Expr]:
    """The tree and all of its parts, from left to right."""
    stack = [tree]
    while stack:
        found = stack.pop()
        yield found
        parts = PARTS.get(type(found))
        if parts is not None:
            stack += reversed(parts(found))
