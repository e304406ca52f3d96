"""What a condition reads, by the names that stand in it: columns, lists, tables and names of ``let``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from gpu_target.language import ast
from gpu_target.language.model import Predicate
from gpu_target.language.trees import walk


class Read(NamedTuple):
    """``kind`` is ``column``, ``list``, ``table`` or ``let``."""

    kind: str
    name: str


def reads_of(tree: ast.Expr, let: Mapping[str, Predicate]) -> set[Read]:
    """Everything that a condition or an expression names, itself or through ``let``.

    The columns that a lookup table has for its key are not named and so not among them.
    """
    found: set[Read] = set()
    waiting = [tree]
    while waiting:
        for node in walk(waiting.pop()):
            match node:
                case ast.Name(name) if name in let:
                    if Read("let", name) not in found:
                        found.add(Read("let", name))
                        waiting.append(let[name].tree)
                case ast.Name(name):
                    found.add(Read("column", name))
                case ast.ListName(name):
                    found.add(Read("list", name))
                case ast.TableColumn(table):
                    found.add(Read("table", table))
    return found
