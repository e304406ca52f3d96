"""Evaluations that the conformance tests share."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

import gpu_target
from gpu_target.language import ast
from gpu_target.language.diagnostics import Source
from gpu_target.language.model import Predicate, RuleSet
from tests.oracle.bulk import AS_OF, engine_mask
from tests.oracle.cases import KEY
from tests.oracle.worked import Worked


def with_trees(ruleset: RuleSet, trees: list[ast.Expr]) -> RuleSet:
    """The rule set with these predicates in place of its rules."""
    rules = tuple(
        replace(ruleset.rules[0], id=f"R{position}", when=Predicate(tree, Source("", "")))
        for position, tree in enumerate(trees)
    )
    return replace(ruleset, rules=rules)


def three_ways(ruleset: RuleSet) -> RuleSet:
    """Three rules for each: where its predicate is TRUE, where it is FALSE, and where it is UNKNOWN."""
    trees = [rule.when.tree for rule in ruleset.rules]
    return with_trees(ruleset, [each for tree in trees for each in (tree, ast.Not(tree), ast.IsNull(tree))])


def truth(ruleset: RuleSet, table: pa.Table, backend: str, **options: Any) -> np.ndarray:
    """bool[rule, 3, row]: where each rule's predicate is TRUE, is FALSE, and is UNKNOWN."""
    mask = engine_mask(three_ways(ruleset), table, backend, **options)
    return mask.reshape(len(ruleset.rules), 3, table.num_rows)


def lanes(
    ruleset: RuleSet, table: pa.Table, backend: str = "cpu", seed: int = 0, **options: Any
) -> dict[Any, tuple[Any, ...]]:
    """key -> (lane, score, rule_id, selected_by)."""
    plan = gpu_target.compile(ruleset, table.schema)
    found = plan.evaluate(table, backend=backend, outputs=("lanes",), seed=seed, as_of=AS_OF, **options).lanes()
    assert found.column_names[1:] == ["lane", "score", "rule_id", "selected_by"]
    columns = [column.to_pylist() for column in found.columns]
    decided = {key: tuple(rest) for key, *rest in zip(*columns, strict=True)}
    assert len(decided) == found.num_rows, "a declaration has two lanes"
    return decided


def worked_letters(worked: Worked, ruleset: RuleSet, backend: str, as_of: datetime.date | None) -> dict[str, str]:
    """The answers of a backend to a table worked out by hand, in its letters."""
    asked = three_ways(ruleset)
    table = worked.table.append_column(KEY, pa.array(np.arange(worked.table.num_rows)))
    plan = gpu_target.compile(asked, table.schema)
    result = plan.evaluate(table, backend=backend, outputs=("counts", "matches"), as_of=as_of)
    mask = np.zeros((len(asked.rules), worked.table.num_rows), bool)
    mask[result.matches()["rule"].to_numpy(), result.matches()["row"].to_numpy()] = True
    letters = {}
    for text, three in zip(worked.answers, mask.reshape(-1, 3, worked.table.num_rows), strict=True):
        letters[text] = " ".join(
            "".join(letter for letter, yes in zip("TFN", row, strict=True) if yes) for row in three.T
        )
    return letters
