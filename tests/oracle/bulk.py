"""The engine against the oracle, bit by bit: every rule on every row."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

import gpu_target
from gpu_target.language import ast
from gpu_target.language.model import Rule, RuleSet
from tests.oracle.duckdb_sql import Oracle
from tests.oracle.reproduce import Mismatch, shrink

AS_OF = datetime.date(2024, 2, 29)


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
    """How both sides answer predicates of a rule on one row."""

    ruleset: RuleSet
    rule: Rule
    row: pa.Table
    backend: str

    def answers(self, tree: ast.Expr) -> tuple[str, str]:
        """TRUE, FALSE, UNKNOWN or the error, by the engine and by the oracle."""
        asked = (tree, ast.Not(tree), ast.IsNull(tree))
        rules = tuple(
            replace(self.rule, id=f"R{position}", when=replace(self.rule.when, tree=each))
            for position, each in enumerate(asked)
        )
        ruleset = replace(self.ruleset, rules=rules)
        expected = _letter(oracle_mask(ruleset, self.row))
        try:
            return _letter(engine_mask(ruleset, self.row, self.backend)), expected
        except Exception as error:  # whatever the engine does wrong is the finding
            return f"{type(error).__name__}: {error}", expected

    def smallest(self, n_cells: int) -> Mismatch:
        tree = shrink(self.rule.when.tree, self.answers)
        return Mismatch.of(self.ruleset, self.rule, tree, self.row, self.backend, self.answers(tree), n_cells)


def _letter(mask: np.ndarray) -> str:
    true, false, unknown = (bool(each) for each in mask[:, 0])
    # none of the three: the rule's valid, flow or offices does not hold
    return {(True, False, False): "TRUE", (False, True, False): "FALSE", (False, False, True): "UNKNOWN"}.get(
        (true, false, unknown), f"TRUE {true}, FALSE {false}, UNKNOWN {unknown}"
    )


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
    compare = Comparison(ruleset, ruleset.active[rule], table.slice(row, 1), backend)
    smallest = compare.smallest(int(different.sum()))
    if smallest.engine != smallest.oracle:
        return smallest
    # the other rules and rows decide how a rule is found, so that alone it may be found rightly
    engine, oracle = ("TRUE" if mask[rule, row] else "not TRUE" for mask in (found, expected))
    return replace(smallest, engine=f"{engine}, but only among the other rules and rows", oracle=oracle)


def _crash(ruleset: RuleSet, table: pa.Table, backend: str, error: Exception) -> Mismatch:
    """The smallest rule that stops the engine by itself; the whole set where none does."""
    for rule in ruleset.active:
        try:
            engine_mask(replace(ruleset, rules=(rule,)), table, backend)
        except Exception:  # this rule stops it alone; the finding carries what the engine said
            return Comparison(ruleset, rule, table.slice(0, 1), backend).smallest(table.num_rows)
    rule = ruleset.active[0]
    answers = (f"{type(error).__name__}: {error} (no rule does it alone)", "")
    return Mismatch.of(ruleset, rule, rule.when.tree, table.slice(0, 1), backend, answers, table.num_rows)
