"""Every backend finds what `cpu` finds, to the last match, lane and score, for made-up rules on a made-up year."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

import gpu_target
from benchmarks.workload import Workload, make_workload
from tests.gpu_target.building import BACKENDS

OUTPUTS = ("counts", "lanes", "matches")
# around the words and tiles in which rules are joined: of 32, 64, 128 and 256
AROUND = (1, 31, 32, 33, 63, 64, 65, 127, 128, 129, 255, 256, 257)


def assert_same(plan: gpu_target.Plan, workload: Workload, rows: int, backend: str, **options: int) -> None:
    table = workload.table.slice(0, rows)
    expected = plan.evaluate(table, backend="cpu", outputs=OUTPUTS, seed=7)
    found = plan.evaluate(table, backend=backend, outputs=OUTPUTS, seed=7, **options)
    assert found.backend == backend
    assert expected.count_array.sum() > 0, "rules that never match prove nothing"
    assert (found.count_array == expected.count_array).all()
    assert found.matches().equals(expected.matches())
    assert found.lanes().equals(expected.lanes())
    assert plan.evaluate(table, backend=backend, **options).counts.equals(expected.counts), "counts alone differ"


@cache
def small() -> Workload:
    return make_workload(400, max(AROUND), seed=5)


@pytest.mark.parametrize("backend", BACKENDS[1:])
@pytest.mark.parametrize("rules", AROUND)
def test_any_number_of_rules_is_found_alike(rules: int, backend: str) -> None:
    workload = small()
    busiest = workload.plan.evaluate(workload.table).counts.sort_values(ascending=False, kind="stable").index[:rules]
    ruleset = replace(workload.ruleset, rules=tuple(rule for rule in workload.ruleset.rules if rule.id in set(busiest)))
    assert_same(gpu_target.compile(ruleset, workload.table.schema), workload, 400, backend)


@pytest.fixture(scope="module")
def large() -> Workload:
    return make_workload(200_000, 1_500, seed=6)


@pytest.mark.gpu
@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("rows", [4_095, 65_536, 65_537, 200_000])
def test_a_card_finds_the_same_in_many_rows(rows: int, threads: int, large: Workload) -> None:
    assert_same(large.plan, large, rows, "cuda", threads=threads)
