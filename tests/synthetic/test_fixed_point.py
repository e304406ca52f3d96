"""Logarithms, powers and normal variates in integers, against floating point."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from synthetic.compiled import compiled
from synthetic.fixed_point import NORMAL_KNOTS, ONE, exp2, log2, normal, sigma_bits
from synthetic.philox import block

MIDDLE = 1 << 31


@compiled
def power(exponent: int) -> int:
    return exp2(exponent)  # type: ignore[no-any-return]


@compiled
def variate(word: int) -> int:
    return normal(word)  # type: ignore[no-any-return]


@given(st.integers(0, 61 << 24))
def test_a_power_of_two_is_near_the_exact_one(exponent: int) -> None:
    exact = 2.0 ** (exponent / ONE)
    assert power(exponent) == pytest.approx(exact, rel=1e-8, abs=0.51)


def test_whole_powers_of_two_are_exact() -> None:
    assert [power(n << 24) for n in range(62)] == [1 << n for n in range(62)]


def test_a_power_far_below_one_is_zero() -> None:
    assert power(-30 << 24) == 0
    assert power(-1_000 << 24) == 0


@given(st.integers(1, (1 << 62) - 1))
def test_a_logarithm_is_near_the_exact_one_from_below(value: int) -> None:
    error = log2(value) / ONE - math.log2(value)
    assert -3e-7 < error <= 1e-9


@given(st.integers(1, 1 << 50), st.integers(1, 1 << 50))
def test_logarithms_keep_the_order(a: int, b: int) -> None:
    low, high = sorted((a, b))
    assert log2(low) <= log2(high)


def test_the_table_holds_the_quantiles_of_the_normal_distribution() -> None:
    body = stats.norm.ppf(0.5 + np.arange(512) / 1_024)
    # the last cell is halved 15 times, towards the tail; the last knot stands one word before certainty
    tail = stats.norm.isf([*(0.5 ** np.arange(11, 26)), 0.5**32])
    known = np.concatenate([body, tail])
    assert len(NORMAL_KNOTS) == len(known)
    assert np.abs(NORMAL_KNOTS / ONE - known).max() < 1e-7


@given(st.integers(0, (1 << 32) - 1))
def test_a_variate_is_near_the_quantile_of_its_word(word: int) -> None:
    probability = (word + 0.5) / 2**32
    distance = min(probability, 1 - probability)
    # straight lines between knots bend most in the last cell, of one word in 16 million
    tolerance = 1e-3 if distance > 2**-7 else 0.02 if distance > 2**-25 else 0.4
    assert variate(word) / ONE == pytest.approx(stats.norm.ppf(probability), abs=tolerance)


@given(st.integers(0, MIDDLE - 1))
def test_variates_are_symmetric_and_rise_with_the_word(below: int) -> None:
    assert variate((1 << 32) - 1 - below) == -variate(below)
    assert variate(below) <= variate(below + 1)


def test_the_tail_reaches_beyond_six_standard_deviations() -> None:
    assert variate((1 << 32) - 1) / ONE == pytest.approx(6.22, abs=0.01)
    assert variate(MIDDLE) == 0


def test_many_variates_are_normal() -> None:
    drawn = np.array([variate(block(np.uint64(3), row, 0, 77 << 16, 0)[0]) for row in range(20_000)]) / ONE
    assert stats.kstest(drawn, "norm").pvalue > 1e-3


def test_sigma_is_given_in_natural_units() -> None:
    assert sigma_bits(1.0) / 65_536 == pytest.approx(1 / math.log(2), rel=1e-5)
    assert sigma_bits(0) == 0
