"""Whatever way a rule is found by, it finds the same: costs choose between ways, never between results."""

from __future__ import annotations

import numpy as np
import pytest

import gpu_target
from gpu_target.backends.cpu import anchors, leaves, steps
from gpu_target.backends.cpu.backend import CpuRunner, alike
from tests.oracle.bulk import AS_OF, engine_mask
from tests.oracle.cases import case

EVERYTHING = 1e15
WAYS = {
    "scanned": {(anchors, "SCAN_COST"): -EVERYTHING, (anchors, "SORT_COST"): EVERYTHING},
    "scanned by masks": {(anchors, "SCAN_COST"): -EVERYTHING, (anchors, "SORT_COST"): EVERYTHING,
                         (steps, "RANGE_USES"): 1, (steps, "SET_USES"): 1},
    "masks by insertion": {(anchors, "SCAN_COST"): -EVERYTHING, (anchors, "SORT_COST"): EVERYTHING,
                           (steps, "RANGE_USES"): 1, (steps, "SET_USES"): 1, (steps, "COMMON"): 2.0},
    "masks of classes": {(anchors, "SCAN_COST"): -EVERYTHING, (anchors, "SORT_COST"): EVERYTHING,
                         (steps, "SET_USES"): 1, (steps, "COMMON"): -1.0},
    "anchored": {(anchors, "SCAN_COST"): EVERYTHING, (anchors, "SORT_COST"): -EVERYTHING},
    "classified": {(leaves, "MOST_INTERVALS"): 0},
    "classified where keys are tested often": {(leaves, "CLASSIFY_COST"): -1.0},
}  # fmt: skip
ROWS = 20_000  # two blocks and a part of a third


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_way_finds_the_same_rows(way: str, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = case(seed, 120, n_columns=12, depth=2, n_random=40)
    table = drawn.source.random_table(seed, ROWS)
    expected = engine_mask(drawn.ruleset, table)
    assert expected.any(axis=1).sum() > 20
    for (module, name), value in WAYS[way].items():
        monkeypatch.setattr(module, name, value)
    assert (engine_mask(drawn.ruleset, table) == expected).all()


def test_the_ways_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the test above would compare one way with itself."""
    drawn = case(1, 120, n_columns=12, depth=2, n_random=40)
    table = drawn.source.random_table(1, ROWS)
    taken = {}
    for way, settings in WAYS.items():
        with monkeypatch.context() as patch:
            for (module, name), value in settings.items():
                patch.setattr(module, name, value)
            plan = gpu_target.compile(drawn.ruleset, table.schema)
            plan.evaluate(table, as_of=AS_OF)
        program = plan.kept["cpu"].way.program
        anchored = int((np.diff(program.rules.run_start) > 0).sum())
        taken[way] = (anchored, len(program.rules.ranges), len(program.steps.insert), len(program.rules.rule))
        keyed = int(plan.kept["cpu"].way.keyed.columns.sum())
        assert (keyed == 0) == way.startswith("classified"), way
    assert taken["scanned"][0] == taken["scanned by masks"][0] == taken["masks by insertion"][0] == 0
    assert taken["scanned"][1] > taken["scanned by masks"][1]
    assert taken["masks by insertion"][2] > taken["masks of classes"][2]
    assert taken["anchored"][0] > 0.5 * taken["anchored"][3]  # the others are ORs over columns


def test_other_rows_get_another_program_and_like_rows_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = case(4, 60, n_columns=8, depth=1, n_random=40)
    plan = gpu_target.compile(drawn.ruleset, drawn.source.random_table(1, 1).schema)
    some, like = (drawn.source.random_table(seed, ROWS) for seed in (1, 2))
    plan.evaluate(some, as_of=AS_OF)
    first = plan.kept["cpu"].way.program
    plan.evaluate(like, as_of=AS_OF)
    assert plan.kept["cpu"].way.program is first
    one_row_over_and_over = some.take(np.zeros(ROWS, np.int64))
    counts = plan.evaluate(one_row_over_and_over, as_of=AS_OF).counts
    assert plan.kept["cpu"].way.program is not first
    single = gpu_target.compile(drawn.ruleset, some.schema).evaluate(some.slice(0, 1), as_of=AS_OF).counts
    assert (counts == single * ROWS).all()


def test_samples_are_alike_up_to_a_tenth_of_the_rows() -> None:
    assert alike([np.array([0.5, 0.5])], [np.array([0.45, 0.55])])
    assert not alike([np.array([0.5, 0.5]), np.ones(1)], [np.array([0.3, 0.7]), np.ones(1)])


def test_a_rule_that_matches_everything_makes_room_for_its_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Matches of a block may be more than the buffer for them holds at first, many times over."""
    drawn = case(5, 40, n_columns=4, depth=1, n_random=10)
    table = drawn.source.random_table(5, ROWS)
    rules = tuple(drawn.ruleset.rules)
    columns = drawn.source.random_table(5, 1).schema.names
    assert columns
    plan = gpu_target.compile(drawn.ruleset, table.schema)
    found = plan.evaluate(table, outputs=("counts", "matches"), as_of=AS_OF, threads=1)
    starts, rule = found.sparse_matches()
    assert len(starts) == ROWS + 1
    assert starts[-1] == len(rule) == found.counts.sum()
    assert (np.bincount(rule, minlength=len(rules)) == found.counts.to_numpy()).all()
    runner = CpuRunner(plan, None)  # type: ignore[arg-type]
    assert runner.prepared is plan.kept["cpu"]
