"""Lanes: against plain Python where nothing is drawn, and what must hold where rates draw."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings

from gpu_target.language.model import LANES, RuleSet
from gpu_target.language.parser import parse_predicate_text
from tests.conformance.evaluating import lanes
from tests.gpu_target.building import BACKENDS, FAST_BACKENDS
from tests.oracle.bulk import oracle_mask
from tests.oracle.cases import KEY, case, rule_of, ruleset_of
from tests.oracle.choices import Seeded
from tests.oracle.lanes import decide
from tests.strategies import WITHOUT_SHRINKING, Example, lane_examples


def certain(ruleset: RuleSet, seed: int) -> RuleSet:
    """The rule set with lanes, weights and reliefs of which none draws."""
    choices = Seeded(seed)
    rules = []
    for rule in ruleset.rules:
        rate = Fraction(choices.pick((100, 100, 100, 0)))
        weight = choices.pick((1, 0, 40, 65_535))
        lane = choices.pick(LANES)
        changed = replace(rule, lane=lane, rate=rate, weight=weight, mandatory=choices.chance(10))
        if choices.chance(10):
            changed = replace(rule, lane=None, relief=Fraction(choices.pick((100, 0))))
        rules.append(replace(changed, rate=Fraction(100)) if changed.mandatory else changed)
    return replace(ruleset, rules=tuple(rules))


def declarations(table: pa.Table, n: int, seed: int) -> pa.Table:
    """The rows as items of ``n`` declarations, in no order."""
    keys = np.random.default_rng(seed).integers(0, n, table.num_rows)
    return table.set_column(table.schema.get_field_index(KEY), KEY, pa.array(keys))


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("seed", range(6))
def test_lanes_and_scores_are_those_of_plain_python(seed: int, backend: str) -> None:
    drawn = case(f"lanes {seed}", 12, n_columns=8)
    ruleset = certain(drawn.ruleset, seed)
    table = declarations(drawn.source.random_table(seed, 300), 120, seed)
    expected = decide(table.column(KEY).to_pylist(), oracle_mask(ruleset, table), ruleset.active)
    assert lanes(ruleset, table, backend) == expected


@pytest.mark.parametrize("backend", BACKENDS)
@given(example=lane_examples())
@settings(max_examples=40, phases=WITHOUT_SHRINKING)
def test_the_same_seed_gives_the_same_lanes(backend: str, example: Example) -> None:
    first = lanes(example.ruleset, example.table, backend, seed=3)
    assert lanes(example.ruleset, example.table, backend, seed=3) == first


@given(example=lane_examples(max_rules=6))
@settings(max_examples=60, phases=WITHOUT_SHRINKING)
def test_one_more_rule_never_lowers_a_lane(example: Example) -> None:
    *others, last = example.ruleset.rules
    if last.relief is not None or not others:
        return  # a relief is there to lower lanes
    before = lanes(replace(example.ruleset, rules=tuple(others)), example.table)
    after = lanes(example.ruleset, example.table)
    assert before.keys() == after.keys()
    for key, (lane, score, *_) in before.items():
        assert LANES.index(after[key][0]) >= LANES.index(lane)
        assert after[key][1] >= score


@given(example=lane_examples(max_rules=6))
@settings(max_examples=60, phases=WITHOUT_SHRINKING)
def test_the_order_of_items_does_not_matter(example: Example) -> None:
    n_rows = example.table.num_rows
    rows = [example.table.slice(n_rows - 1 - row, 1) for row in range(n_rows)]
    backwards = pa.concat_tables([example.table.schema.empty_table(), *rows])
    assert lanes(example.ruleset, backwards) == lanes(example.ruleset, example.table)


def one_rule(rate: str, relief: str | None = None) -> RuleSet:
    rules = [replace(rule_of(parse_predicate_text("x > 0"), "A"), rate=Fraction(rate))]
    if relief is not None:
        rules.append(replace(rule_of(parse_predicate_text("x > 0"), "B", "green"), lane=None, relief=Fraction(relief)))
    return replace(ruleset_of([]), rules=tuple(rules))


TABLE = pa.table({KEY: pa.array(np.arange(20_000)), "x": pa.array(np.ones(20_000, np.int8))})


def selected(ruleset: RuleSet, seed: int = 0, backend: str = "cpu", table: pa.Table = TABLE) -> set[int]:
    return {key for key, (lane, *_) in lanes(ruleset, table, backend, seed).items() if lane == "red"}


@pytest.mark.parametrize("backend", FAST_BACKENDS)
def test_raising_a_rate_only_adds_selections(backend: str) -> None:
    rates = ("0", "0.01", "1", "12.5", "100/3", "50", "99.99", "100")
    sets = [selected(one_rule(rate), backend=backend) for rate in rates]
    assert all(lower <= higher for lower, higher in pairwise(sets))
    assert sets[0] == set()
    assert sets[-1] == set(range(20_000))


@pytest.mark.parametrize("percent", [1.0, 12.5, 50.0, 99.0])
@pytest.mark.parametrize("seed", [0, 1, 2**64 - 1])
def test_a_rate_selects_its_share(percent: float, seed: int) -> None:
    share = percent / 100
    deviation = (20_000 * share * (1 - share)) ** 0.5
    # five standard deviations: one test in 1.7 million would fail by chance, and the draws are fixed
    assert abs(len(selected(one_rule(str(percent)), seed)) - 20_000 * share) < 5 * deviation


def test_another_seed_draws_other_declarations() -> None:
    first, second = selected(one_rule("50"), 1), selected(one_rule("50"), 2)
    # drawn independently, a quarter is in both; half, were the seeds not told apart
    assert 4_600 < len(first & second) < 5_400


def test_a_relief_keeps_a_part_of_what_the_rate_selects() -> None:
    whole, half = selected(one_rule("60")), selected(one_rule("60", relief="50"))
    assert half < whole
    assert half == selected(one_rule("30"))
    assert selected(one_rule("60", relief="0")) == set()
    assert selected(one_rule("60", relief="100")) == whole


def test_rules_draw_independently() -> None:
    rules = tuple(
        replace(rule_of(parse_predicate_text("x > 0"), name, lane), rate=Fraction(50))
        for name, lane in (("A", "red"), ("B", "yellow"))
    )
    found = lanes(replace(ruleset_of([]), rules=rules), TABLE)
    n = {lane: sum(each[0] == lane for each in found.values()) for lane in LANES}
    assert abs(n["red"] - 10_000) < 400
    assert abs(n["yellow"] - 5_000) < 400
    assert abs(n["green"] - 5_000) < 400


@pytest.mark.parametrize(
    "key_type", [pa.int32(), pa.uint64(), pa.string(), pa.large_string(), pa.string_view()], ids=str
)
def test_a_draw_does_not_depend_on_where_the_declaration_stands(key_type: pa.DataType) -> None:
    keys = (
        pa.array([f"{k}" for k in range(2_000)])
        if key_type not in (pa.int32(), pa.uint64())
        else pa.array(range(2_000))
    )
    table = pa.table({KEY: keys.cast(key_type), "x": pa.array(np.ones(2_000, np.int8))})
    whole = selected(one_rule("30"), table=table)
    parts = [selected(one_rule("30"), table=table.slice(first, 500)) for first in range(0, 2_000, 500)]
    assert set().union(*parts) == whole
    assert sum(map(len, parts)) == len(whole)
