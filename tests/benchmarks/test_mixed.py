from __future__ import annotations

from collections import Counter

import numpy as np
import polars as pl
import pytest

from benchmarks.mixed import READ, mixed_rules
from benchmarks.polars_rules import PolarsRules
from benchmarks.workload import KEY, Workload, make_items, make_workload
from gpu_target.language import ast

ROWS, RULES = 20_000, 300


@pytest.fixture(scope="module")
def workload() -> Workload:
    return make_workload(ROWS, RULES, 3, "mixed")


def leaves(node: ast.Expr) -> list[ast.Expr]:
    if isinstance(node, (ast.And, ast.Or)):
        return [leaf for each in node.operands for leaf in leaves(each)]
    return leaves(node.operand) if isinstance(node, ast.Not) else [node]


def nodes(node: ast.Expr) -> list[type]:
    below = (
        node.operands if isinstance(node, (ast.And, ast.Or)) else [node.operand] if isinstance(node, ast.Not) else []
    )
    return [type(node), *(kind for each in below for kind in nodes(each))]


def test_the_same_seed_gives_the_same_rules_and_fewer_are_the_first_of_more(workload: Workload) -> None:
    items = make_items(ROWS, 3, (*KEY, *READ))
    assert mixed_rules(items, RULES, 3) == workload.text
    assert mixed_rules(items, RULES, 4) != workload.text
    fewer, more = mixed_rules(items, 50, 3).splitlines(), workload.text.splitlines()
    assert fewer[1:] == more[1 : len(fewer)]


def test_the_share_of_matches_and_the_number_of_predicates_are_those_of_the_method(workload: Workload) -> None:
    counts = workload.plan.evaluate(workload.table).count_array
    assert counts.sum() / (ROWS * RULES) == pytest.approx(0.0054, rel=0.2)  # 300 rules are few for a mean
    assert sum(len(leaves(each)) for each in workload.conditions) / RULES == pytest.approx(3.5, rel=0.1)
    assert (counts > 0).mean() > 0.95


def test_every_kind_of_predicate_and_all_columns_occur(workload: Workload) -> None:
    assert set(READ) <= set(workload.plan.columns)
    assert len(READ) >= 26
    kinds = Counter(kind for each in workload.conditions for kind in nodes(each))
    wanted = (ast.And, ast.Or, ast.Not, ast.Compare, ast.Between, ast.In, ast.Like, ast.IsNull, ast.Name)
    assert [kind.__name__ for kind in wanted if kinds[kind] < 3] == []
    text = workload.text
    assert [
        each for each in ("DATE '", "HOUR(", " / net_mass_kg", "IN @importer_id", "LIKE '8") if each not in text
    ] == []


def test_rules_spread_over_lanes_weights_and_a_few_rates(workload: Workload) -> None:
    rules = workload.plan.rules
    assert min(Counter(rule.lane for rule in rules).values()) > RULES / 8
    weights = np.array([rule.weight for rule in rules])
    assert weights.min() >= 1
    assert weights.max() <= 100
    assert len(np.unique(weights)) > 50
    assert 0 < sum(rule.rate < 100 for rule in rules) < RULES / 10


def test_polars_counts_the_same(workload: Workload) -> None:
    frame = pl.from_arrow(workload.table)
    assert isinstance(frame, pl.DataFrame)
    rules = PolarsRules(frame.schema, workload.lists, [])
    counted = frame.select(rules.predicate(each).sum().alias(str(k)) for k, each in enumerate(workload.conditions))
    assert list(counted.row(0)) == workload.plan.evaluate(workload.table).count_array.tolist()
