"""The axis of an ordered type, and the search along it."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpu_target.backends.interpreter import python_values
from gpu_target.columns.expressions import family
from gpu_target.explaining.axes import axis_of, changes_sign, distance, size_of
from gpu_target.explaining.ordered_search import Stretch, nearest, stretch, words
from gpu_target.plan.atoms import key_bounds
from gpu_target.plan.lists import exact_number
from tests.oracle.choices import Seeded
from tests.oracle.values import ALL_TYPES, pool

ORDERED = [type_ for type_ in ALL_TYPES if family(type_) in ("number", "time")]


@pytest.mark.parametrize("type_", ORDERED, ids=str)
def test_positions_are_values_in_their_order(type_: pa.DataType) -> None:
    axis = axis_of(type_)
    values = sorted({each for each in python_values(pool(type_, Seeded(str(type_)))) if each is not None})
    places = [axis.position(each) for each in values]
    assert [axis.value(place) for place in places] == values
    assert all(left < right for left, right in pairwise(places))
    assert all(axis.inside(place) for place in places)


@pytest.mark.parametrize("type_", ORDERED, ids=str)
def test_cuts_of_value_classes_stand_at_their_values(type_: pa.DataType) -> None:
    axis = axis_of(type_)
    for value in {each for each in python_values(pool(type_, Seeded(str(type_)))) if each is not None}:
        if isinstance(value, float) and math.isinf(value):
            continue  # no literal is one
        literal: Any = exact_number(value) if isinstance(value, float) else value
        low, high = key_bounds(literal, type_)
        assert axis.ceil(low) == axis.near(literal) == axis.position(value)
        assert axis.ceil(high) == axis.position(value) + 1


@given(threshold=st.integers(-(10**15), 10**15), start=st.integers(-(10**15), 10**15))
def test_between_two_probes_the_boundary_is_found_by_halving(threshold: int, start: int) -> None:
    axis = axis_of(pa.int64())
    found = nearest(axis, pa.int64(), start, [axis.lowest, axis.highest], lambda at: at >= threshold)
    assert found is not None
    assert found == max(start + 1, threshold) if start >= threshold else found == threshold


@given(low=st.integers(1, 10**6), width=st.integers(0, 10**6), old=st.integers(-(10**7), 10**7))
def test_a_stretch_reaches_to_both_of_its_ends(low: int, width: int, old: int) -> None:
    axis = axis_of(pa.int32())
    at = low + width // 2
    probes = sorted({axis.lowest, old, axis.highest, low - 1, low, low + width, low + width + 1})
    assert stretch(axis, at, probes, lambda each: low <= each <= low + width) == Stretch(low, low + width)


def test_the_sign_is_kept_where_it_can_be() -> None:
    axis = axis_of(pa.int32())
    probes = list(range(-100, 100))
    assert nearest(axis, pa.int32(), 10, probes, lambda at: at in (-1, 90)) == 90
    assert nearest(axis, pa.int32(), 10, probes, lambda at: at == -1) == -1
    assert nearest(axis, pa.int32(), 10, probes, lambda at: at in (0, 90)) == 0
    assert nearest(axis, pa.int32(), -10, probes, lambda at: at in (5, -90)) == -90
    assert [changes_sign(*each, pa.int32()) for each in ((0, -1), (0, 1), (-1, 0), (-1, 1), (1, -1))] == [
        True, False, False, True, True,
    ]  # fmt: skip


def test_sizes_rise_with_the_distance_and_stay_below_one() -> None:
    number, day = pa.float64(), 86_400 * 10**9
    assert size_of(1000, 900, number) == pytest.approx(100 / 1100)
    assert size_of(1000, 900, number) < size_of(1000, 1200, number) < size_of(1000, 1e300, number) <= 1
    assert size_of(1000, -1, number) == size_of(5.0, math.inf, number) == 1
    assert size_of(0, 365 * day, pa.date32()) == 0.5
    assert distance(Fraction(1, 3), 1) == Fraction(2, 3)


@pytest.mark.parametrize(
    ("type_", "first", "last", "said"),
    [
        (pa.int64(), 10, 20, "at least 10 and at most 20"),
        (pa.int64(), 10, 10, "10"),
        (pa.int64(), None, 20, "at most 20"),
        (pa.decimal128(9, 2), 1050, None, "at least 10.5"),
        (pa.date32(), 0, 1, "1970-01-01 or later and 1970-01-02 or earlier"),
        (pa.timestamp("s"), None, 86_399, "before 1970-01-02"),
        (pa.timestamp("s"), 0, None, "1970-01-01 or later"),
        (pa.int8(), None, None, "any value"),
    ],
)
def test_a_stretch_in_words(type_: pa.DataType, first: int | None, last: int | None, said: str) -> None:
    axis = axis_of(type_)
    found = Stretch(axis.lowest if first is None else first, axis.highest if last is None else last)
    assert words(axis, found, type_, frozenset()) == said


def test_floats_are_told_by_the_threshold_that_they_end_at() -> None:
    axis = axis_of(pa.float64())
    at = axis.position(0.5)
    assert words(axis, Stretch(axis.lowest, at - 1), pa.float64(), frozenset([0.5])) == "below 0.5"
    assert words(axis, Stretch(at + 1, axis.highest), pa.float64(), frozenset([0.5])) == "above 0.5"
    assert words(axis, Stretch(at, axis.highest), pa.float64(), frozenset([0.5])) == "at least 0.5"
