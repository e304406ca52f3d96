"""Trees as flat lists: what comes back equals what went in, shared parts are shared, depth costs no recursion."""

from __future__ import annotations

import pickle
import sys
from fractions import Fraction

import pyarrow as pa

from gpu_target.columns.expressions import NUMBER, Column, Constant, Function, Value
from gpu_target.plan import typed
from gpu_target.plan.flat import flatten, rebuild

A = Column("a", pa.float64())
ONE = Constant(Fraction(1), NUMBER)


def test_a_tree_comes_back_equal_with_its_shared_parts_shared() -> None:
    shared = typed.Compare(A, ">", ONE)
    tree = typed.And((shared, typed.Not(shared), typed.InList(A, "#0"), typed.Truth(True)))
    nodes = flatten(tree)
    assert sum(node[0] is typed.Compare for node in nodes) == 1
    found = rebuild(nodes)
    assert found == tree
    assert found.operands[0] is found.operands[1].operand


def test_plain_values_that_equal_a_position_are_not_taken_for_one() -> None:
    tree = (0, 1, (2, (0,)), typed.Truth(False), ONE, "0")
    assert rebuild(flatten(tree)) == tree


def test_a_tree_deeper_than_python_recurses_is_pickled() -> None:
    depth = 2 * sys.getrecursionlimit()
    tree: Value = A
    for _ in range(depth):
        tree = Function("-", (tree,), NUMBER)
    found = rebuild(pickle.loads(pickle.dumps(flatten(tree))))
    levels = 0
    while isinstance(found, Function):
        levels, found = levels + 1, found.arguments[0]
    assert (levels, found) == (depth, A)
