"""What must hold of any predicate on any data, whatever the right answer is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings

from gpu_target.language import ast
from tests.conformance.evaluating import truth, with_trees
from tests.gpu_target.building import BACKENDS
from tests.oracle.bulk import engine_mask
from tests.oracle.cases import case, ruleset_of
from tests.strategies import WITHOUT_SHRINKING, Example, examples, single_predicates

TAUTOLOGY = ast.Boolean(True)


@pytest.mark.parametrize("backend", BACKENDS)
@given(drawn=single_predicates())
@settings(max_examples=60)
def test_a_predicate_is_true_false_or_unknown_of_every_row(backend: str, drawn: tuple[ast.Expr, pa.Table]) -> None:
    tree, table = drawn
    assert (truth(ruleset_of([tree]), table, backend).sum(axis=1) == 1).all()


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("seed", range(3))
def test_the_three_answers_partition_the_rows_of_seeded_cases(backend: str, seed: int) -> None:
    drawn = case(f"partition {seed}", 40)
    assert (truth(drawn.ruleset, drawn.source.random_table(seed, 131), backend).sum(axis=1) == 1).all()


@given(drawn=single_predicates())
@settings(max_examples=40)
def test_logic_keeps_its_laws(drawn: tuple[ast.Expr, pa.Table]) -> None:
    tree, table = drawn
    same = [
        tree,
        ast.Not(ast.Not(tree)),
        ast.And((tree, TAUTOLOGY)),
        ast.Or((tree, ast.Boolean(False))),
        ast.And((tree, tree)),
        ast.Not(ast.Or((ast.Not(tree), ast.Not(tree)))),
        ast.Compare("=", tree, TAUTOLOGY),
        ast.Call("COALESCE", (tree, ast.Boolean(False))),
    ]
    mask = engine_mask(ruleset_of(same), table)
    assert (mask == mask[0]).all()


@given(drawn=single_predicates())
@settings(max_examples=40)
def test_absorbing_operands_decide_alone(drawn: tuple[ast.Expr, pa.Table]) -> None:
    tree, table = drawn
    always: list[ast.Expr] = [ast.Or((tree, TAUTOLOGY)), ast.Not(ast.And((tree, ast.Boolean(False)))), TAUTOLOGY]
    never: list[ast.Expr] = [ast.And((tree, ast.Boolean(False))), ast.And((tree, ast.Not(tree))), ast.Boolean(False)]
    mask = engine_mask(ruleset_of([*always, *never]), table)
    assert mask[:3].all()
    assert not mask[3:].any()


@given(example=examples())
@settings(max_examples=40, phases=WITHOUT_SHRINKING)
def test_the_order_of_rows_does_not_matter(example: Example) -> None:
    order = np.random.default_rng(1).permutation(example.table.num_rows)
    expected = engine_mask(example.ruleset, example.table)
    # Arrow cannot take from string views, so the rows are put in order one by one
    rows = [example.table.slice(int(row), 1) for row in order]
    shuffled = pa.concat_tables([example.table.schema.empty_table(), *rows])
    assert (engine_mask(example.ruleset, shuffled) == expected[:, order]).all()


@given(example=examples(max_rules=8))
@settings(max_examples=40, phases=WITHOUT_SHRINKING)
def test_the_order_of_rules_does_not_matter(example: Example) -> None:
    reverse = replace(example.ruleset, rules=example.ruleset.rules[::-1])
    expected = engine_mask(example.ruleset, example.table)
    assert (engine_mask(reverse, example.table)[::-1] == expected).all()


@given(example=examples())
@settings(max_examples=40, phases=WITHOUT_SHRINKING)
def test_a_rule_answers_alone_as_it_does_among_others(example: Example) -> None:
    together = engine_mask(example.ruleset, example.table)
    for position, rule in enumerate(example.ruleset.rules):
        alone = engine_mask(replace(example.ruleset, rules=(rule,)), example.table)
        assert (alone[0] == together[position]).all()


def test_rules_written_twice_match_alike() -> None:
    drawn = case("twice", 150)
    table = drawn.source.random_table(5, 700)
    trees = [rule.when.tree for rule in drawn.ruleset.rules]
    mask = engine_mask(with_trees(drawn.ruleset, trees + trees), table)
    assert (mask[:150] == mask[150:]).all()
    assert (mask[:150] == engine_mask(drawn.ruleset, table)).all()
