"""A disagreement as small as it can be said: one predicate, one row, both answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from typing import get_args

import pyarrow as pa

from gpu_target.language import ast
from gpu_target.language.model import Rule, RuleSet
from gpu_target.language.printer import to_text

NODES = get_args(ast.Expr)
PREDICATES = (ast.And, ast.Or, ast.Not, ast.Compare, ast.Between, ast.In, ast.Like, ast.IsNull, ast.Call)


@dataclass(frozen=True)
class Mismatch:
    rule: str
    row: dict[str, str]  # columns that the rule reads, with type and value
    around: dict[str, str]  # lists, tables and names of ``let`` that it reads
    engine: str
    oracle: str
    backend: str
    n_cells: int  # that differ in the whole comparison

    @classmethod
    def of(
        cls,
        ruleset: RuleSet,
        rule: Rule,
        tree: ast.Expr,
        row: pa.Table,
        backend: str,
        answers: tuple[str, str],
        n_cells: int,
    ) -> Mismatch:
        """``row`` has one row; ``tree`` is the rule's predicate or a part of it."""
        names, around = _read(tree, ruleset)
        for role, condition in (("date", rule.valid), ("flow", rule.flow), ("office", rule.offices)):
            if condition:
                names.add(ruleset.roles[role])
                around[role] = str(condition)
        values = {
            f"{name} {row.schema.field(name).type}": repr(row.column(name)[0])
            for name in row.column_names
            if name in names
        }
        return cls(to_text(tree), values, around, *answers, backend, n_cells)

    def __str__(self) -> str:
        lines = [f"{self.n_cells} cells differ; the first:", f"  rule {self.rule}"]
        lines += [f"  {name} = {value}" for name, value in (*self.around.items(), *self.row.items())]
        return "\n".join([*lines, f"  {self.backend}: {self.engine}", f"  duckdb: {self.oracle}"])


def shrink(tree: ast.Expr, answers: Callable[[ast.Expr], tuple[str, str]]) -> ast.Expr:
    """The innermost predicate inside ``tree`` on which the two answers still differ."""
    if _differ(tree, answers):
        for child in _children(tree):
            if isinstance(child, PREDICATES) and _differ(child, answers):
                return shrink(child, answers)
    return tree


def _differ(tree: ast.Expr, answers: Callable[[ast.Expr], tuple[str, str]]) -> bool:
    try:
        engine, oracle = answers(tree)
    except TypeError:  # a call that is a value and no predicate
        return False
    return engine != oracle


def _children(node: ast.Expr) -> Iterator[ast.Expr]:
    for each in fields(node):
        value = getattr(node, each.name)
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, NODES):
                yield item


def _read(tree: ast.Expr, ruleset: RuleSet) -> tuple[set[str], dict[str, str]]:
    """Columns that a predicate reads, directly or not, and the lists, tables and names of ``let`` it stands on."""
    columns: set[str] = set()
    around: dict[str, str] = {}
    waiting: list[ast.Expr] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name) and node.name in ruleset.let:
            around[f"let {node.name}"] = to_text(ruleset.let[node.name].tree)
            waiting.append(ruleset.let[node.name].tree)
        elif isinstance(node, ast.Name):
            columns.add(node.name)
        elif isinstance(node, ast.TableColumn):
            lookup = ruleset.tables[node.table]
            columns |= set(lookup.key)
            around[f"table {node.table}"] = f"key {dict(lookup.key)}, prefix {lookup.prefix}, {_rows(lookup.table)}"
        elif isinstance(node, ast.ListName):
            around[f"@{node.name}"] = repr(ruleset.lists[node.name].values.to_pylist()[:20])
        waiting += _children(node)
    return columns, around


def _rows(table: pa.Table | None) -> str:
    return "" if table is None else repr(table.to_pylist()[:20])
