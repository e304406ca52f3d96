"""The cost of rules: rows on which their terms are tried, the rarest term first."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import given, settings

import gpu_target
from gpu_target.statistics.cost import MOST_SLICES, SLICE
from gpu_target.statistics.rules import rule_statistics
from tests.gpu_target.building import ruleset
from tests.strategies import WITHOUT_SHRINKING, Example, examples

TABLE = pa.table({"a": np.arange(100), "b": np.arange(100) % 10, "c": np.arange(100) % 2})


def row_tests(*rules: str, table: pa.Table = TABLE, **options: Any) -> list[int]:
    plan = gpu_target.compile(ruleset(*rules), table.schema, key=())
    return rule_statistics(plan, table, threads=1, **options).row_tests.tolist()


def test_the_rows_of_the_rarest_term_are_looked_up_and_tested_for_the_next() -> None:
    assert row_tests("c = 0 AND b = 3 AND a < 5") == [5 + 5 + 1]  # rows 0 to 4; of these row 3; b = 3 and c = 0: none
    assert row_tests("a < 5") == [5]
    assert row_tests("a < 5 OR b = 3") == [14]
    assert row_tests("b = 3 AND (c = 0 OR a < 5)") == [10 + 10]


def test_a_rule_that_nothing_can_match_costs_nothing_and_one_without_terms_each_row() -> None:
    assert row_tests("a < 5 AND a > 5", "TRUE") == [0, 100]


def test_shares_are_of_all_rules() -> None:
    plan = gpu_target.compile(ruleset("a < 30", "a < 10", "a < 0"), TABLE.schema, key=())
    assert rule_statistics(plan, TABLE).cost_share.tolist() == [0.75, 0.25, 0.0]


def test_the_sample_is_taken_from_all_over_and_stays_small() -> None:
    n = SLICE * MOST_SLICES * 5
    table = pa.table({"a": np.arange(n)})
    plan = gpu_target.compile(ruleset(f"a < {n // 2}", f"a >= {n // 2}"), table.schema, key=())
    found = rule_statistics(plan, iter(table.to_batches(max_chunksize=SLICE)), threads=1)
    assert SLICE * MOST_SLICES / 2 <= found.sample_rows <= SLICE * MOST_SLICES
    assert abs(found.cost_share[0] - 0.5) < 0.05


@settings(max_examples=60, phases=WITHOUT_SHRINKING)
@given(example=examples(max_rows=130))
def test_a_rule_costs_at_least_what_it_matches_and_at_most_each_term_on_each_row(example: Example) -> None:
    plan = gpu_target.compile(example.ruleset, example.table.schema, key=())
    found = rule_statistics(plan, example.table, as_of="2024-06-01", threads=1)
    terms = np.maximum(np.diff(plan.layout.rule_start), 1)
    assert found.sample_rows == example.table.num_rows
    assert (found.row_tests >= found.counts).all()
    assert (found.row_tests <= terms * example.table.num_rows).all()
