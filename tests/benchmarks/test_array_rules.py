"""Rules as elementwise operations count what the engine counts: otherwise their times would say nothing."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

import gpu_target
from benchmarks.array_rules import ArrayRules
from benchmarks.workload import Workload, make_workload
from gpu_target.language.parser import parse_predicate_text
from tests.oracle.cases import ruleset_of

TABLE = pa.table({
    "key": pa.array(range(6)),
    "text": pa.array(["a", "b", None, "ab", "é", "b"]).dictionary_encode(),
    "plain": ["b", "b", "b", None, "z", "a"],
    "whole": pa.array([1, -2, None, 4, 127, 0], pa.int8()),
    "real": [0.1, None, float("nan"), -0.0, 2.5, float("inf")],
    "single": pa.array([0.1, 0.2, None, 0.3, 1e30, -1.0], pa.float32()),
    "time": pa.array([0, -1, None, 86_400 * 4 + 3_600 * 5, 10**9, 86_399], pa.timestamp("s")),
    "list": pa.array([["x", "y"], [], None, ["y", None], ["z"], ["x"]]),
})  # fmt: skip
PREDICATES = (
    "text = 'b'", "text <> 'b'", "text < 'b'", "NOT text < 'b'", "text IN ('a', 'é')", "text NOT IN ('a', 'nothing')",
    "text IN @wanted", "text LIKE 'a%'", "text LIKE '_'", "text NOT LIKE '%b'", "text = plain", "text < plain",
    "NOT text = plain", "text IS NULL", "plain IS NOT NULL", "whole > 1", "NOT whole > 1", "whole IN (1, 4)",
    "whole NOT IN (1, 4)", "whole BETWEEN -2 AND 4", "whole NOT BETWEEN 0 AND 4", "real > 0.05", "real <> 2.5",
    "NOT real <> 2.5", "real IS NULL", "single = 0.1", "single < 0.25", "time >= DATE '1970-01-02'",
    "time < TIMESTAMP '1970-01-01 12:00:00'", "WEEKDAY(time) = 1", "HOUR(time) BETWEEN 5 AND 23",
    "CONTAINS(list, 'x')", "NOT CONTAINS(list, 'x')", "CONTAINS_ANY(list, @wanted)", "share > 0.5", "share IS NULL",
    "text = 'b' AND whole < 1", "NOT (text = 'b' OR whole < 1)", "text = 'b' OR whole IS NULL AND real IS NULL",
)  # fmt: skip


def agree(table: pa.Table, workload_rules: ArrayRules, plan: gpu_target.Plan, conditions: list) -> int:
    """Compare counts rule by rule; how many rules were compared."""
    kept = workload_rules.prepare(conditions)
    found = workload_rules.counts([conditions[each] for each in kept])
    expected = plan.evaluate(table).count_array[kept]
    wrong = [position for position, mine, theirs in zip(kept, found, expected, strict=True) if mine != theirs]
    assert wrong == []
    return len(kept)


def test_every_kind_of_predicate_counts_as_the_engine_does() -> None:
    lists = {"wanted": ["x", "ab", "é"]}
    let = {"share": parse_predicate_text("real / whole")}
    trees = [parse_predicate_text(text) for text in PREDICATES]
    ruleset = ruleset_of(trees, lists={name: pa.array(each) for name, each in lists.items()}, let=let)
    plan = gpu_target.compile(ruleset, TABLE.schema)
    assert agree(TABLE, ArrayRules(np, TABLE, lists, let), plan, trees) == len(PREDICATES)


@pytest.fixture(scope="module")
def workload() -> Workload:
    return make_workload(20_000, 400, seed=3)


def test_generated_rules_count_as_the_engine_does(workload: Workload) -> None:
    rules = ArrayRules(np, workload.table, workload.lists, workload.let)
    compared = agree(workload.table, rules, workload.plan, list(workload.conditions))
    assert compared == len(workload.conditions), "some made-up rules could not be written as array operations"


def test_a_rule_that_cannot_be_written_so_is_left_out() -> None:
    trees = [parse_predicate_text(text) for text in ("whole > 1", "LENGTH(text) > 1", "ABS(whole) = 2")]
    assert ArrayRules(np, TABLE, {}, {}).prepare(trees) == [0]
