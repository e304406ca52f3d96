"""The engine against the oracle, bit by bit: every rule on every row."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

import gpu_target
from gpu_target.language import ast
from gpu_target.language.model import RuleSet
from tests.oracle.duckdb_sql import Oracle
from tests.oracle.reproduce import Mismatch, shrink

AS_OF = datetime.date(2024, 2, 29)
LETTERS = {(True, False, False): "TRUE", (False, True, False): "FALSE", (False, False, True): "UNKNOWN"}


def engine_mask(ruleset: RuleSet, table: pa.Table, backend: str = "cpu", **options: Any) -> np.ndarray:
    """bool[rule, row]: the matches of an evaluation. The counts have to agree with them."""
    plan = gpu_target.compile(ruleset, table.schema)
    result = plan.evaluate(table, backend=backend, outputs=("counts", "matches"), as_of=AS_OF, **options)
    return mask_of(result, len(plan.rules), table.num_rows)


def mask_of(result: gpu_target.Result, n_rules: int, n_rows: int) -> np.ndarray:
    """bool[rule, row] of a result that has matches."""
    matches = result.matches()
    rows, rules = matches.column("row").to_numpy(), matches.column("rule").to_numpy()
    mask = np.zeros((n_rules, n_rows), bool)
    mask[rules, rows] = True
    order = rows * max(n_rules, 1) + rules
    assert (np.diff(order) > 0).all(), "matches are not sorted by row and rule, or one is there twice"
    assert (result.counts.to_numpy() == mask.sum(axis=1)).all(), "counts and matches differ"
    assert result.rows == n_rows
    return mask


def oracle_mask(ruleset: RuleSet, table: pa.Table) -> np.ndarray:
    """bool[rule, row] by DuckDB."""
    return Oracle.of_ruleset(ruleset, table, AS_OF).rules(ruleset.active)


@dataclass(frozen=True)
class Comparison:
    """How both sides answer one predicate of a rule set on one row."""

    ruleset: RuleSet
    table: pa.Table
    backend: str

    def answers(self, tree: ast.Expr, row: int) -> tuple[str, str]:
        """TRUE, FALSE, UNKNOWN or the error, by the engine and by the oracle."""
        one = self.table.slice(row, 1)
        asked = (tree, ast.Not(tree), ast.IsNull(tree))
        rules = tuple(replace(self.ruleset.rules[0], id=f"R{k}", when=replace(self.ruleset.rules[0].when, tree=each))
                      for k, each in enumerate(asked))  # fmt: skip
        ruleset = replace(self.ruleset, rules=rules)
        expected = oracle_mask(ruleset, one)[:, 0]
        try:
            found = engine_mask(ruleset, one, self.backend)[:, 0]
        except Exception as error:  # whatever the engine does wrong is the finding
            return f"{type(error).__name__}: {error}", LETTERS[tuple(map(bool, expected))]
        return LETTERS.get(tuple(map(bool, found)), f"inconsistent: {found}"), LETTERS[tuple(map(bool, expected))]


def first_mismatch(ruleset: RuleSet, table: pa.Table, backend: str = "cpu", **options: Any) -> Mismatch | None:
    """None where the engine and the oracle agree on every rule and row; otherwise the smallest reproduction found."""
    expected = oracle_mask(ruleset, table)
    try:
        found = engine_mask(ruleset, table, backend, **options)
    except Exception as error:  # an engine that stops has to be reproduced too
        return _crash(ruleset, table, backend, error)
    different = found != expected
    if not different.any():
        return None
    rules = np.flatnonzero(different.any(axis=1))
    # the rule that differs on the fewest rows is the least likely to be wrong for several reasons
    rule = int(min(rules, key=lambda each: int(different[each].sum())))
    row = int(np.flatnonzero(different[rule])[0])
    compare = Comparison(ruleset, table, backend)
    smallest = shrink(ruleset.active[rule].when.tree, lambda tree: compare.answers(tree, row))
    return Mismatch.of(ruleset, table, smallest, row, backend, compare.answers(smallest, row), int(different.sum()))


def _crash(ruleset: RuleSet, table: pa.Table, backend: str, error: Exception) -> Mismatch:
    """The smallest rule that stops the engine by itself; the whole set where none does."""
    compare = Comparison(ruleset, table, backend)
    for rule in ruleset.active:
        try:
            engine_mask(replace(ruleset, rules=(rule,)), table, backend)
        except Exception:
            smallest = shrink(rule.when.tree, lambda tree: compare.answers(tree, 0))
            return Mismatch.of(ruleset, table, smallest, 0, backend, compare.answers(smallest, 0), table.num_rows)
    answers = (f"{type(error).__name__}: {error} (no rule does it alone)", "")
    return Mismatch.of(ruleset, table, ruleset.active[0].when.tree, 0, backend, answers, table.num_rows)
