"""The engine against the oracle, bit by bit: every rule on every row."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

import gpu_target
from gpu_target.language import ast
from gpu_target.language.model import RuleSet
from gpu_target.language.printer import to_text
from tests.oracle.duckdb_sql import Oracle

AS_OF = datetime.date(2024, 2, 29)


@dataclass(frozen=True)
class Mismatch:
    """The first cell in which the two disagree."""

    rule: str
    row: dict[str, object]
    engine: bool
    oracle: bool
    backend: str
    n_cells: int  # that differ
    let: dict[str, str]

    def __str__(self) -> str:
        lines = [f"{self.n_cells} cells differ; the first:", f"  rule     {self.rule}"]
        lines += [f"  let      {name}: {text}" for name, text in self.let.items()]
        lines += [f"  row      {name} = {value!r}" for name, value in self.row.items()]
        lines += [f"  {self.backend:<8} {self.engine}", f"  duckdb   {self.oracle}"]
        return "\n".join(lines)


def engine_mask(ruleset: RuleSet, table: pa.Table, backend: str = "cpu", **options: object) -> np.ndarray:
    """bool[rule, row]: the matches of an evaluation. They and the counts have to agree."""
    plan = gpu_target.compile(ruleset, table.schema)
    result = plan.evaluate(table, backend=backend, outputs=("counts", "matches"), as_of=AS_OF, **options)
    return mask_of(result, len(plan.rules), table.num_rows)


def mask_of(result: gpu_target.Result, n_rules: int, n_rows: int) -> np.ndarray:
    matches = result.matches()
    mask = np.zeros((n_rules, n_rows), bool)
    mask[matches.column("rule").to_numpy(), matches.column("row").to_numpy()] = True
    assert mask.sum() == matches.num_rows, "a match is listed twice"
    assert (result.counts.to_numpy() == mask.sum(axis=1)).all(), "counts and matches differ"
    assert result.rows == n_rows
    return mask


def oracle_mask(ruleset: RuleSet, table: pa.Table) -> np.ndarray:
    return Oracle.of_ruleset(ruleset, table, AS_OF).rules(ruleset.active)


def first_mismatch(ruleset: RuleSet, table: pa.Table, backend: str = "cpu", **options: object) -> Mismatch | None:
    """None where the engine and the oracle agree on every rule and row."""
    found = engine_mask(ruleset, table, backend, **options)
    expected = oracle_mask(ruleset, table)
    different = found != expected
    if not different.any():
        return None
    # the shortest rule says most
    rules = np.flatnonzero(different.any(axis=1))
    texts = {int(each): to_text(ruleset.active[each].when.tree) for each in rules}
    rule = min(texts, key=lambda each: (len(texts[each]), each))
    row = int(np.flatnonzero(different[rule])[0])
    tree = ruleset.active[rule].when.tree
    names = names_read(tree, ruleset)
    return Mismatch(
        texts[rule],
        {name: table.column(name)[row].as_py() for name in table.column_names if name in names},
        bool(found[rule, row]),
        bool(expected[rule, row]),
        backend,
        int(different.sum()),
        {name: to_text(each.tree) for name, each in ruleset.let.items() if name in names},
    )


def names_read(tree: ast.Expr, ruleset: RuleSet) -> set[str]:
    """Columns and names of ``let`` that a predicate reads, directly or through lookups."""
    found: set[str] = set()
    waiting: list[object] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name) and node.name not in found:
            found.add(node.name)
            if node.name in ruleset.let:
                waiting.append(ruleset.let[node.name].tree)
        elif isinstance(node, ast.TableColumn):
            found |= set(ruleset.tables[node.table].key)
        if isinstance(node, Sequence) and not isinstance(node, str):
            waiting += node
        elif hasattr(node, "__slots__"):
            waiting += [getattr(node, name) for name in node.__slots__ if name != "span"]
    return found
