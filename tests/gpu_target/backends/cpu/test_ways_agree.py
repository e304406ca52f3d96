"""Whatever way a rule is found by, it finds the same: costs choose between ways, never between results."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import gpu_target
from gpu_target.backends.cpu import anchors, leaves, steps
from gpu_target.backends.cpu.backend import Way, alike
from gpu_target.backends.cpu.find import KEY
from gpu_target.columns import ordered
from gpu_target.language.model import RuleSet
from tests.oracle.bulk import AS_OF, engine_mask
from tests.oracle.cases import case
from tests.oracle.conjunctions import plain_case

EVERYTHING = 1e15
WAYS: dict[str, dict[tuple[Any, str], float]] = {
    "scanned": {(anchors, "SCAN_COST"): -EVERYTHING, (anchors, "SORT_COST"): EVERYTHING},
    "scanned by masks": {(anchors, "SCAN_COST"): -EVERYTHING, (anchors, "SORT_COST"): EVERYTHING,
                         (steps, "RANGE_USES"): 1, (steps, "SET_USES"): 1},
    "masks by insertion": {(anchors, "SCAN_COST"): -EVERYTHING, (anchors, "SORT_COST"): EVERYTHING,
                           (steps, "RANGE_USES"): 1, (steps, "SET_USES"): 1, (steps, "COMMON"): 2.0},
    "masks of classes": {(anchors, "SCAN_COST"): -EVERYTHING, (anchors, "SORT_COST"): EVERYTHING,
                         (steps, "SET_USES"): 1, (steps, "COMMON"): -1.0},
    "anchored": {(anchors, "SCAN_COST"): EVERYTHING, (anchors, "SORT_COST"): -EVERYTHING},
    "few buckets": {(ordered, "MOST_BUCKETS"): 4, (leaves, "CLASSIFY_COST"): EVERYTHING},
    "few buckets, scanned": {(ordered, "MOST_BUCKETS"): 3, (leaves, "CLASSIFY_COST"): EVERYTHING,
                             (anchors, "SCAN_COST"): -EVERYTHING, (anchors, "SORT_COST"): EVERYTHING},
    "classified": {(leaves, "MOST_INTERVALS"): 0},
    "classified where keys are tested": {(leaves, "CLASSIFY_COST"): -1.0},
    "keys tested however often": {(leaves, "CLASSIFY_COST"): EVERYTHING},
    "keys tested, anchored": {(leaves, "CLASSIFY_COST"): EVERYTHING, (anchors, "SCAN_COST"): EVERYTHING,
                              (anchors, "SORT_COST"): -EVERYTHING},
}  # fmt: skip
OF_BUCKETS = [way for way, settings in WAYS.items() if any(module in (leaves, ordered) for module, _ in settings)]
ROWS = 20_000  # two blocks and a part of a third


@dataclass(frozen=True)
class Drawn:
    """A rule set, rows for it, and what the default way finds in them."""

    ruleset: RuleSet
    table: pa.Table

    @cached_property
    def expected(self) -> np.ndarray:
        return engine_mask(self.ruleset, self.table)

    def way(self, settings: Mapping[tuple[Any, str], float], monkeypatch: pytest.MonkeyPatch) -> Way:
        with monkeypatch.context() as patch:
            for (module, name), value in settings.items():
                patch.setattr(module, name, value)
            plan = gpu_target.compile(self.ruleset, self.table.schema)
            plan.evaluate(self.table, as_of=AS_OF)
        way: Way = plan.kept["cpu"].way
        return way


@cache
def nested(seed: int) -> Drawn:
    """Predicates inside one another, over columns of all types."""
    case_ = case(seed, 120, n_columns=12, depth=2, n_random=40)
    return Drawn(case_.ruleset, case_.source.random_table(seed, ROWS))


@cache
def plain(seed: int) -> Drawn:
    """Conjunctions over numbers, which are left in buckets."""
    case_ = plain_case(seed, 200)
    return Drawn(case_.ruleset, case_.source.random_table(seed, ROWS))


DRAWN = [pytest.param(draw, seed, id=f"{draw.__name__}-{seed}") for draw in (nested, plain) for seed in (1, 2, 3)]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("draw", "seed"), DRAWN)
def test_every_way_finds_the_same_rows(
    way: str, draw: Callable[[int], Drawn], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = draw(seed)
    assert drawn.expected.any(axis=1).sum() > 20
    for (module, name), value in WAYS[way].items():
        monkeypatch.setattr(module, name, value)
    assert (engine_mask(drawn.ruleset, drawn.table) == drawn.expected).all()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_plain_conjunctions_are_found_as_the_interpreter_finds_them(seed: int) -> None:
    """What all ways get wrong alike is no difference between them."""
    drawn = plain(seed)
    some = drawn.table.slice(0, 300)
    assert (engine_mask(drawn.ruleset, some, "interpreter") == drawn.expected[:, :300]).all()


@pytest.mark.parametrize(("draw", "seed"), DRAWN)
def test_the_ways_are_taken(draw: Callable[[int], Drawn], seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the test above would compare one way with itself."""
    drawn = draw(seed)
    default = drawn.way({}, monkeypatch)
    taken = {way: drawn.way(settings, monkeypatch) for way, settings in WAYS.items()}
    for name, way in taken.items():
        if draw is plain or name not in OF_BUCKETS:  # nested predicates leave next to no column in buckets
            assert not same(way.program, default.program), name
    rules = {name: way.program.rules for name, way in taken.items()}
    anchored = {name: int((np.diff(each.run_start) > 0).sum()) for name, each in rules.items()}
    assert anchored["scanned"] == anchored["scanned by masks"] == anchored["masks by insertion"] == 0
    assert len(rules["scanned"].ranges) > len(rules["scanned by masks"].ranges)
    inserted = {name: len(way.program.steps.insert) for name, way in taken.items()}
    assert inserted["masks by insertion"] > inserted["masks of classes"]
    assert anchored["anchored"] > 0.5 * len(rules["anchored"].rule)  # the others are ORs over columns
    assert taken["classified"].keyed.columns.sum() == 0


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_plain_conjunctions_are_found_by_buckets_and_keys(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    default = plain(seed).way({}, monkeypatch)
    taken = {way: plain(seed).way(WAYS[way], monkeypatch) for way in OF_BUCKETS}
    assert default.keyed.columns.sum() >= 5
    assert key_tests(default) >= 20
    assert bucket_widths(default).max() > 1000
    assert bucket_widths(taken["few buckets"]).max() <= 6
    assert bucket_widths(taken["few buckets, scanned"]).max() <= 5
    assert key_tests(taken["classified where keys are tested"]) == 0
    assert key_tests(taken["keys tested however often"]) > key_tests(default)
    for way in ("few buckets", "few buckets, scanned", "keys tested, anchored"):
        assert key_tests(taken[way]) >= 20, way


def key_tests(way: Way) -> int:
    return int((way.program.rules.tests[:, 0] == KEY).sum())


def bucket_widths(way: Way) -> np.ndarray:
    return way.keyed.widths[way.keyed.columns]


def same(one: Any, other: Any) -> bool:
    """Whether two programs, or parts of them, hold the same numbers."""
    if isinstance(one, tuple):
        return all(same(a, b) for a, b in zip(one, other, strict=True))
    return np.array_equal(one, other)


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


def plan_of(column: pa.Array, *conditions: str) -> tuple[gpu_target.Plan, pa.Table]:
    table = pa.table({"x": column})
    rules = "".join(f"  - {{id: R{k}, when: '{each}', lane: red}}\n" for k, each in enumerate(conditions))
    with TemporaryDirectory() as folder:
        file = Path(folder) / "rules.yaml"
        file.write_text(f"ruleset: t\nkey: [x]\nrules:\n{rules}")
        return gpu_target.compile(gpu_target.load_rules(file), table.schema), table


def test_rules_that_match_everything_make_room_for_their_rows() -> None:
    """The matches of a block are more than the buffer for them holds at first, many times over."""
    n_rules = 50
    plan, table = plan_of(pa.array(np.arange(ROWS)), *["x >= 0"] * n_rules)
    found = plan.evaluate(table, outputs=("counts", "matches"))
    starts, rule = found.sparse_matches()
    assert found.counts.tolist() == [ROWS] * n_rules
    assert starts.tolist() == list(range(0, n_rules * ROWS + 1, n_rules))
    assert rule.reshape(ROWS, n_rules).tolist() == [list(range(n_rules))] * ROWS


FAR_OUT = ("x > -9223372036854775807", "x >= 9223372036854775807", "x > -9223372036854775808", "x < 5",
           "x <> 9223372036854775807", "x IS NULL")  # fmt: skip


@pytest.mark.parametrize("type_", [pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32()])
def test_integers_compared_with_numbers_that_they_cannot_hold(type_: pa.DataType) -> None:
    plan, table = plan_of(pa.array([0, 1, 5, 100, None], type_), *FAR_OUT)
    assert plan.evaluate(table).counts.tolist() == [4, 0, 4, 2, 4, 1]


ENDS = [-(2**63), -(2**63) + 1, -(2**62) - 1, -1, 0, 1, 2**62, 2**63 - 2, 2**63 - 1, None]


@pytest.mark.parametrize("bounds", [
    (-(2**63), -(2**63) + 1), (2**63 - 2, 2**63 - 1), (-(2**63), 2**63 - 1), (-(2**62), 2**62), (0, 1),
    (2**62, 2**62 + 1), (2**63, 2**64),
])  # fmt: skip
def test_whole_numbers_at_the_ends_of_their_range(bounds: tuple[int, int]) -> None:
    conditions = ["x >= 5", *(f"x {sign} {bound}" for sign in ("<", "<=", "=", ">=", ">", "<>") for bound in bounds)]
    conditions += [f"x BETWEEN {bounds[0]} AND {bounds[1]}", f"NOT x BETWEEN {bounds[0]} AND {bounds[1]}"]
    plan, table = plan_of(pa.array(ENDS, pa.int64()), *conditions)
    counts = plan.evaluate(table).counts
    assert plan.kept["cpu"].keyed.columns.tolist() == [True]
    assert counts.equals(plan.evaluate(table, backend="interpreter").counts)


@pytest.mark.parametrize(
    "conditions", [["x > 1e300"], ["x < -1e300"], ["x >= 1e300", "x > 1e300"], ["x > 1e300", "x > 5"]]
)
def test_floats_compared_with_numbers_beyond_their_range(conditions: list[str]) -> None:
    values = [1.0, 7.0, float("inf"), float("-inf"), float("nan"), None]
    plan, table = plan_of(pa.array(values, pa.float32()), *conditions)
    assert plan.evaluate(table).counts.equals(plan.evaluate(table, backend="interpreter").counts)


def test_evaluations_of_one_plan_on_other_data_may_run_at_once() -> None:
    drawn = case(6, 60, n_columns=8, depth=1, n_random=40)
    tables = [drawn.source.random_table(seed, 3_000) for seed in range(3)]
    tables += [pa.concat_tables([each.slice(0, 1)] * 50) for each in tables]
    expected = [gpu_target.compile(drawn.ruleset, each.schema).evaluate(each, as_of=AS_OF).counts for each in tables]
    plan = gpu_target.compile(drawn.ruleset, tables[0].schema)
    with ThreadPoolExecutor(6) as pool:
        for _ in range(4):
            found = list(pool.map(lambda each: plan.evaluate(each, as_of=AS_OF).counts, tables))
            assert all(a.equals(b) for a, b in zip(found, expected, strict=True))
