"""From matches to lanes: severity, rates, reliefs, reasons and scores, on every backend."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import gpu_target
from gpu_target.language.model import Rule
from gpu_target.selection.draws import draw_slowly, rule_word
from tests.gpu_target.building import BACKENDS, rule, ruleset

Lane = tuple[str, int, str | None, str | None]  # lane, score, rule_id, selected_by
GREEN = ("green", 0, None, None)


def lanes(table: pa.Table, *rules: Rule, backend: str = "cpu", seed: int = 0) -> dict[Any, Lane]:
    plan = gpu_target.compile(ruleset(*rules, key=(table.column_names[0],)), table.schema)
    found = plan.evaluate(table, backend=backend, outputs=("lanes",), seed=seed).lanes()
    return {key: tuple(rest) for key, *rest in zip(*(each.to_pylist() for each in found.columns), strict=True)}


def items(*pairs: tuple[Any, Any]) -> pa.Table:
    """Items as (declaration, value)."""
    return pa.table({"id": [key for key, _ in pairs], "value": [value for _, value in pairs]})


def selected(n: int, rate: Any, seed: int = 0, per_declaration: int = 1, **fields: Any) -> set[int]:
    """Declarations of 0 .. n - 1 that one rule for the red lane selects."""
    table = pa.table({"id": np.repeat(np.arange(n), per_declaration), "value": np.ones(n * per_declaration)})
    found = lanes(table, rule("A", "value = 1", rate=Fraction(rate), **fields), seed=seed)
    return {key for key, (lane, *_) in found.items() if lane == "red"}


# -- severity and the deciding rule -----------------------------------------------------------------------------------


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_most_severe_lane_of_all_items_decides(backend: str) -> None:
    rules = [rule(lane[0], f"value = {n}", lane=lane) for n, lane in enumerate(("green", "blue", "yellow", "red"))]
    table = items((1, 1), (2, 0), (1, 2), (3, 3), (3, 1), (2, 9), (1, 1), (4, 9))
    assert lanes(table, *rules, backend=backend) == {
        1: ("yellow", 3, "y", "RULE"),
        2: ("green", 1, None, None),
        3: ("red", 2, "r", "RULE"),
        4: GREEN,
    }


@pytest.mark.parametrize("backend", BACKENDS)
def test_of_equally_severe_rules_the_first_of_the_rule_set_decides(backend: str) -> None:
    rules = (rule("B", "value = 1", lane="blue"), rule("R2", "value = 2"), rule("R1", "value >= 1"))
    found = lanes(items((7, 1), (7, 2), (8, 1)), *rules, backend=backend)
    assert (found[7][2], found[8][2]) == ("R2", "R1")


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_score_is_the_sum_of_weights_over_rules_and_items(backend: str) -> None:
    rules = (
        rule("A", "value >= 1", weight=40),
        rule("B", "value = 2", weight=65_535, lane="green"),
        rule("C", "value = 1", weight=0),
        rule("D", "value >= 1", weight=3, rate=Fraction(0)),  # selects nothing and still counts
        rule("E", "value >= 1", relief=Fraction(100)),
    )
    found = lanes(items((1, 1), (1, 1), (1, 2), (2, 0)), *rules, backend=backend)
    assert (found[1][1], found[2][1]) == (3 * 43 + 65_535, 0)


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_reason_says_whether_the_deciding_rule_is_mandatory(backend: str) -> None:
    rules = (rule("M", "value = 1", mandatory=True, lane="blue"), rule("R", "value = 2"))
    found = lanes(items((1, 1), (2, 2), (3, 1), (3, 2)), *rules, backend=backend)
    assert [found[key][2:] for key in (1, 2, 3)] == [("M", "MANDATORY"), ("R", "RULE"), ("R", "RULE")]


@pytest.mark.parametrize(
    "type_", [pa.int64(), pa.int16(), pa.uint64(), pa.string(), pa.date32(), pa.timestamp("s")], ids=str
)
def test_a_declaration_is_named_by_text_whole_number_or_date(type_: pa.DataType) -> None:
    keys = (
        pa.array([3, 1, 3, 2], pa.int32()).cast(type_) if type_ != pa.timestamp("s") else pa.array([3, 1, 3, 2], type_)
    )
    table = pa.table({"id": keys, "value": [0, 1, 1, 0]})
    found = lanes(table, rule("A", "value = 1"))
    assert list(found) == keys.take(pa.array([0, 1, 3])).to_pylist()  # in order of first appearance
    assert [lane for lane, *_ in found.values()] == ["red", "red", "green"]


# -- rates ------------------------------------------------------------------------------------------------------------


def test_a_rate_selects_its_share() -> None:
    n = 40_000
    for rate in (1, 10, 50, 99):
        share = rate / 100
        assert abs(len(selected(n, rate)) - n * share) < 5 * (n * share * (1 - share)) ** 0.5  # five deviations


def test_no_rate_selects_none_and_the_full_rate_all() -> None:
    assert (len(selected(1000, 0)), len(selected(1000, 100))) == (0, 1000)


def test_raising_a_rate_only_adds_selections() -> None:
    rates = (0, Fraction(1, 3), 5, 20, 50, 80, 99, 100)
    found = [selected(3000, rate) for rate in rates]
    assert all(less < more for less, more in pairwise(found))


@pytest.mark.parametrize("backend", BACKENDS)
def test_more_items_do_not_raise_the_chance(backend: str) -> None:
    n = 200
    one = pa.table({"id": np.arange(n), "value": np.ones(n)})
    many = pa.table({"id": np.tile(np.arange(n), 5), "value": np.ones(5 * n)})
    half = rule("A", "value = 1", rate=Fraction(50))
    few = {key: lane for key, (lane, *_) in lanes(one, half, backend=backend).items()}
    assert {key: lane for key, (lane, *_) in lanes(many, half, backend=backend).items()} == few
    assert 60 < sum(lane == "red" for lane in few.values()) < 140


def test_another_seed_draws_others_and_the_same_seed_the_same() -> None:
    first = selected(2000, 50, seed=1)
    assert selected(2000, 50, seed=1) == first
    both = first & selected(2000, 50, seed=2)
    assert 400 < len(both) < 600  # independent: a quarter


def test_two_rules_draw_apart_and_moving_a_rule_changes_no_draw() -> None:
    table = pa.table({"id": np.arange(2000), "value": np.ones(2000)})
    a, b = rule("A", "value = 1", rate=Fraction(50)), rule("B", "value = 1", rate=Fraction(50), lane="yellow")
    found = lanes(table, a, b)
    assert lanes(table, b, a) == found
    assert {lane for lane, *_ in found.values()} == {"red", "yellow", "green"}
    assert sum(lane == "green" for lane, *_ in found.values()) == pytest.approx(500, abs=100)


def test_the_selected_declarations_are_pinned() -> None:
    """A change of the draw moves lanes between releases: it must not come unnoticed."""
    chosen = [n for n in range(60) if draw_slowly(2024, n, rule_word("A")) * 5 < 2**64]
    assert sorted(selected(60, 20, seed=2024)) == chosen == [3, 7, 14, 15, 17, 23, 26, 27, 28, 32, 42, 46, 49, 58]
    table = pa.table({"id": [f"MA-{n}" for n in range(60)], "value": np.ones(60)})
    found = lanes(table, rule("UV-0001", "value = 1", rate=Fraction(20)), seed=2024)
    assert [int(key[3:]) for key, (lane, *_) in found.items() if lane == "red"] == [
        3,
        5,
        10,
        12,
        13,
        28,
        29,
        39,
        43,
        49,
    ]


# -- relief -----------------------------------------------------------------------------------------------------------


def test_relief_lowers_every_rate_to_its_share() -> None:
    trusted = rule("T", "trusted", relief=Fraction(10))
    n = 20_000
    table = pa.table({"id": np.arange(n), "trusted": [True] * n})
    plain = rule("A", "trusted", rate=Fraction(50))
    kept = {key for key, (lane, *_) in lanes(table, plain, trusted).items() if lane == "red"}
    assert abs(len(kept) - n * 0.05) < 5 * (n * 0.05 * 0.95) ** 0.5
    assert kept < {key for key, (lane, *_) in lanes(table, plain).items() if lane == "red"}
    assert kept == {
        key for key, (lane, *_) in lanes(table, rule("A", "trusted", rate=Fraction(5))).items() if lane == "red"
    }


@pytest.mark.parametrize("backend", BACKENDS)
def test_of_several_reliefs_of_a_declaration_the_smallest_holds(backend: str) -> None:
    rules = (
        rule("A", "value >= 0"),
        rule("T50", "value >= 1", relief=Fraction(50)),
        rule("T0", "value = 2", relief=Fraction(0)),
    )
    table = items(*((key, value) for key in range(100) for value in (0, 1, 2 if key % 2 else 1)))
    found = lanes(table, *rules, backend=backend)
    assert {found[key][0] for key in range(1, 100, 2)} == {"green"}  # one item's relief holds for all items
    assert {found[key][0] for key in range(0, 100, 2)} == {"green", "red"}


@pytest.mark.parametrize("backend", BACKENDS)
def test_mandatory_rules_are_exempt_from_relief(backend: str) -> None:
    rules = (
        rule("M", "value = 1", mandatory=True, lane="yellow"),
        rule("R", "value >= 1"),
        rule("T", "value >= 1", relief=Fraction(0)),
    )
    found = lanes(items((1, 1), (2, 2)), *rules, backend=backend)
    assert found == {1: ("yellow", 2, "M", "MANDATORY"), 2: ("green", 1, None, None)}


def test_relief_rules_are_counted_and_never_decide() -> None:
    table = items((1, 1), (1, 1), (2, 0))
    plan = gpu_target.compile(ruleset(rule("T", "value = 1", relief=Fraction(100)), key=("id",)), table.schema)
    result = plan.evaluate(table, outputs=("counts", "lanes"))
    assert result.counts.to_dict() == {"T": 2}
    assert result.lanes()["lane"].to_pylist() == ["green", "green"]
