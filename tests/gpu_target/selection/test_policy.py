"""What rules do to a declaration, as arrays: exact chances, levels of relief, severity."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from gpu_target.language.model import Rule
from gpu_target.selection.policy import make_policy
from tests.gpu_target.building import rule


def made(**fields: Any) -> Rule:
    return rule(fields.pop("id", "A"), "TRUE", **fields)


@pytest.mark.parametrize(
    ("rate", "threshold", "certain"),
    [
        (Fraction(0), 0, False),
        (Fraction(50), 2**63, False),
        (Fraction(25), 2**62, False),
        (Fraction(100), 2**64 - 1, True),
        (Fraction(1, 3), -(-(2**64) // 300), False),
        (Fraction(1, 10**30), 1, False),  # never rounded to never
        (100 - Fraction(1, 10**30), 2**64 - 1, False),
    ],
)
def test_a_chance_is_exact(rate: Fraction, threshold: int, certain: bool) -> None:
    policy = make_policy([made(rate=rate)])
    assert (int(policy.threshold[0, 0]), bool(policy.certain[0, 0])) == (threshold, certain)


def test_levels_fall_from_no_relief_and_each_is_there_once() -> None:
    rules = [made(relief=Fraction(each)) for each in (10, 50, 10, 100, 0)]
    policy = make_policy(rules)
    assert policy.levels == (100, 50, 10, 0)
    assert policy.relief.tolist() == [2, 1, 2, 0, 3]
    assert policy.weight.tolist() == [0] * 5  # relief rules add nothing to the score


def test_relief_multiplies_every_rate_but_that_of_mandatory_rules() -> None:
    policy = make_policy([made(rate=Fraction(50)), made(mandatory=True), made(), made(relief=Fraction(50))])
    assert policy.threshold[0].tolist() == [2**63, 2**62]
    assert policy.certain.tolist() == [[False, False], [True, True], [True, False], [False, False]]
    assert policy.threshold[3].tolist() == [0, 0]


@given(st.lists(st.builds(
    made,
    rate=st.fractions(0, 100, max_denominator=1000),
    mandatory=st.booleans(),
    relief=st.none() | st.sampled_from([Fraction(0), Fraction(1, 3), Fraction(50), Fraction(100)]),
), max_size=6))  # fmt: skip
def test_no_chance_rises_from_one_level_to_the_next(rules: list[Rule]) -> None:
    policy = make_policy(rules)
    assert (policy.threshold[:, 1:] <= policy.threshold[:, :-1]).all()
    assert (policy.certain[:, 1:] <= policy.certain[:, :-1]).all()


def test_lanes_rise_from_green_to_red() -> None:
    rules = [made(lane=lane, weight=n) for n, lane in enumerate(("green", "blue", "yellow", "red"))]
    policy = make_policy(rules)
    assert policy.severity.tolist() == policy.weight.tolist() == [0, 1, 2, 3]


def test_no_rules_have_arrays_of_no_rows_and_the_one_level() -> None:
    policy = make_policy([])
    assert policy.levels == (100,)
    assert policy.threshold.shape == policy.certain.shape == (0, 1)
