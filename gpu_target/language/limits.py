"""How large a predicate may be. Every later pass may rely on these bounds, also where it recurses."""

from __future__ import annotations

from gpu_target.language import ast
from gpu_target.language.trees import children

MOST_BYTES = 1 << 20  # of UTF-8
MOST_NESTED = 200  # parentheses, calls, NOT and minus signs inside one another
MOST_OPERATORS_DEEP = 256  # nodes of the tree inside one another; a sum of n terms is n - 1 deep
MOST_ERRORS = 20  # reported of one predicate


def find_too_deep(tree: ast.Expr) -> ast.Offsets | None:
    """Where the first expression stands that lies more than ``MOST_OPERATORS_DEEP`` nodes inside others."""
    layer = [tree]
    for _ in range(MOST_OPERATORS_DEEP + 1):
        layer = [child for node in layer for child in children(node)]
        if not layer:
            return None
    return min(node.span for node in layer)
