"""Numbers and times to classes: the rank among any cuts, and classes that answer exactly what was asked."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpu_target.columns.ordered import (
    HIGHEST,
    LOWEST,
    MOST_BUCKETS,
    Buckets,
    Interval,
    OrderedClasses,
    Points,
    curve,
    curves,
    cut,
    cut_words,
    sorted_once,
)
from gpu_target.plan.literals import float_key

LAST = HIGHEST - 1
MANY = 60_000


def classes_of(classes: OrderedClasses, values: pa.Array) -> list[int]:
    out = np.zeros(len(values), np.uint16)
    classes.classify(values, out)
    return out.tolist()


def adjacent_doubles() -> list[int]:
    """Cuts one unit in the last place apart, around numbers of very different size, zero and its sign included."""
    start = [5e-324, 1.0, 1e-300, 0.1, 1e300, -1.0, -5e-324]
    near = [np.nextafter(each, to) for each in start for to in (-np.inf, np.inf)]
    return [float_key(float(each)) for each in (*start, *near, 0.0, np.inf, -np.inf)]


CUTS = {
    "none": [],
    "one": [7],
    "one at the start": [LOWEST + 1],
    "one at the end": [LAST],
    "adjacent": [3, 4, 5],
    "negative": [-1_000, -999, -3, -1],
    "both signs": [-5, 0, 5],
    "the whole range": [LOWEST + 1, -1, 0, 1, LAST],
    "one bucket holds six": [*range(100, 106), 2**61],
    "one bucket holds seven": [*range(100, 107), 2**61],
    "one bucket holds all but the ends": [LOWEST + 1, *range(5_000), LAST],
    "the last bucket is the full one": [0, *range(LAST - 900, LAST + 1)],
    "even": list(range(-(2**62), 2**62, 2**50)),
    "adjacent doubles": adjacent_doubles(),
    "many": [k * k * (-1) ** k for k in range(2, MANY)],
}


@pytest.mark.parametrize("name", CUTS)
def test_the_class_of_a_key_is_its_rank_among_the_cuts(name: str) -> None:
    cuts = np.array(sorted(set(CUTS[name])), np.int64)
    classes = OrderedClasses(cuts, np.arange(len(cuts) + 1).astype(np.uint16), null=MANY)
    near = [key + step for key in cuts.tolist() for step in (-1, 0, 1) if LOWEST <= key + step <= LAST]
    random = np.random.default_rng(1).integers(LOWEST, LAST, 500)
    keys = np.concatenate([np.array(near, np.int64), random, [LOWEST, LOWEST + 1, -1, 0, 1, LAST - 1, LAST]])
    assert classes_of(classes, pa.array(keys)) == np.searchsorted(cuts, keys, "right").tolist()


@given(
    cuts=st.sets(st.integers(LOWEST + 1, LAST) | st.integers(-40, 40), max_size=40),
    keys=st.lists(st.integers(LOWEST, LAST) | st.integers(-41, 41), min_size=1),
)
def test_the_class_of_any_key_is_its_rank_among_any_cuts(cuts: set[int], keys: list[int]) -> None:
    ascending = np.array(sorted(cuts), np.int64)
    classes = OrderedClasses(ascending, np.arange(len(cuts) + 1).astype(np.uint16), null=99)
    keys = [*keys, *cuts, *(each - 1 for each in cuts)]
    assert classes_of(classes, pa.array(keys, pa.int64())) == np.searchsorted(ascending, keys, "right").tolist()


def intervals() -> st.SearchStrategy[Interval]:
    ends = st.integers(-12, 12) | st.sampled_from([LOWEST, LOWEST + 1, LAST, HIGHEST])
    return st.builds(Interval, ends, ends)


def points() -> st.SearchStrategy[Points]:
    keys = st.integers(-12, 12) | st.sampled_from([LOWEST, LAST])
    return st.builds(lambda found: Points(tuple(sorted(found))), st.sets(keys, max_size=8))


KEYS = [LOWEST, LOWEST + 1, *range(-14, 15), LAST - 1, LAST]


@given(tests=st.lists(intervals() | points(), max_size=8))
@settings(max_examples=200)
def test_a_test_holds_on_the_classes_of_exactly_the_keys_that_it_asks_for(tests: list[Interval | Points]) -> None:
    found = cut(tests)
    classes = OrderedClasses(found.cuts.astype(np.int64), found.class_of.astype(np.uint16), found.n_classes)
    of_key = classes_of(classes, pa.array(KEYS, pa.int64()))
    signatures = {}
    for key, class_ in zip(KEYS, of_key, strict=True):
        holds = tuple(test.low <= key < test.high if isinstance(test, Interval) else key in test.keys for test in tests)
        assert tuple(bool(bits >> class_ & 1) for bits in found.sets) == holds
        signatures[holds] = class_
    assert len(set(of_key)) == len(signatures), "keys that no test tells apart have two classes"
    assert found.n_classes == len(set(of_key))


def test_keys_that_no_test_tells_apart_share_a_class_wherever_they_lie() -> None:
    found = cut([Points((1, 100, 10_000)), Interval(5, 7), Interval(50, 70)])
    assert found.n_classes == 4  # the points, each of the two intervals, everything else


def test_a_hundred_thousand_points_are_two_classes() -> None:
    keys = tuple(range(0, 300_000, 3))
    found = cut([Points(keys)])
    classes = OrderedClasses(found.cuts.astype(np.int64), found.class_of.astype(np.uint16), found.n_classes)
    values = np.arange(-5, 300_005)
    holds = np.array(classes_of(classes, pa.array(values))) == (found.sets[0].bit_length() - 1)
    assert found.n_classes == 2
    assert (holds == ((values % 3 == 0) & (values >= 0) & (values < 300_000))).all()


def test_unsigned_keys_beyond_the_signed_range_keep_their_order() -> None:
    cuts = [1, 2**63 - 1, 2**63, 2**63 + 1, 2**64 - 1]
    classes = OrderedClasses(np.array([each + LOWEST for each in cuts], np.int64), np.arange(6, dtype=np.uint16), 9)
    values = [0, 1, 2**63 - 2, 2**63 - 1, 2**63, 2**63 + 1, 2**64 - 2, 2**64 - 1, None]
    assert classes_of(classes, pa.array(values, pa.uint64())) == [0, 1, 1, 2, 3, 4, 4, 5, 9]


@pytest.mark.parametrize(("type_", "digits"), [(pa.decimal128(38, 2), 38), (pa.decimal256(76, 2), 76)])
def test_decimals_wider_than_a_word_are_ranked_exactly(type_: pa.DataType, digits: int) -> None:
    top = 10**digits - 1
    cuts = sorted({-top, -(2**70), -(2**64), -1, 0, 1, 2**63, 2**64, 2**64 + 1, top})
    width = type_.bit_width // 64
    classes = OrderedClasses(cut_words(cuts, width), np.arange(len(cuts) + 1).astype(np.uint16), 99)
    units = [each + step for each in cuts for step in (-1, 0, 1) if abs(each + step) <= top]
    values = pa.array([Decimal(f"{each}E-2") for each in units] + [None], type_)
    expected = [sum(each <= unit for each in cuts) for unit in units]
    assert classes_of(classes, values) == [*expected, 99]
    assert classes_of(classes, values.slice(7)) == [*expected[7:], 99]


def test_wide_points_beyond_64_bits_are_cut_exactly() -> None:
    big = 10**30
    found = cut([Points((big, big + 1)), Interval(-big, big)], -(2**127), 2**127)
    classes = OrderedClasses(cut_words(list(found.cuts), 2), found.class_of.astype(np.uint16), found.n_classes)
    values = [-big - 1, -big, big - 1, big, big + 1, big + 2]
    of_value = classes_of(classes, pa.array([Decimal(each) for each in values], pa.decimal128(38, 0)))
    assert [[bits >> each & 1 for bits in found.sets] for each in of_value] == [
        [0, 0], [0, 1], [0, 1], [1, 0], [1, 0], [0, 0],
    ]  # fmt: skip


@pytest.mark.parametrize("type_", [pa.float16(), pa.float32(), pa.float64()])
def test_floats_rank_by_value_with_one_zero_and_without_nan(type_: pa.DataType) -> None:
    cuts = np.array([float_key(each) for each in (-np.inf, -1.5, 0.0, 2.0, np.inf)], np.int64)
    classes = OrderedClasses(cuts, np.arange(6, dtype=np.uint16), 9)
    values = [-np.inf, -2.0, -1.5, -0.0, 0.0, 0.5, 2.0, 3.0, np.inf, np.nan, -np.nan, None]
    array = pa.array([None if each is None else np.float64(each) for each in values], pa.float64(), from_pandas=False)
    negative_nan = np.frombuffer(np.uint64(0xFFF8_0000_0000_0001).tobytes(), np.float64)[0]
    array = pa.concat_arrays([array, pa.array([negative_nan])]).cast(type_)
    assert classes_of(classes, array) == [1, 1, 2, 3, 3, 3, 4, 4, 5, 9, 9, 9, 9]


def test_buckets_widen_where_small_thresholds_have_large_ones_among_them() -> None:
    cuts = np.array([*range(1, 60), 1_000, 50_000, 10**6, 10**12, 2**62], np.int64)
    classes = OrderedClasses(cuts, np.arange(len(cuts) + 1).astype(np.uint16), null=MANY)
    assert classes.curved
    assert classes.deepest == 1
    around = np.concatenate([cuts - 1, cuts, cuts + 1, np.array([-(2**63), -5, 0, 127, 128, 129, 2**63 - 1])])
    out = np.empty(len(around), np.uint16)
    classes.classify(pa.array(around), out)
    assert out.tolist() == np.searchsorted(cuts, around, "right").tolist()


@given(keys=st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(-2, 300), min_size=1))
def test_buckets_that_widen_are_those_of_the_keys_one_by_one(keys: list[int]) -> None:
    powers = [max(key.bit_length() - 7, 0) if key > 0 else 0 for key in keys]
    expected = [(power << 6) + (max(key, 0) >> power) for key, power in zip(keys, powers, strict=True)]
    assert curves(np.array(keys, np.int64)).tolist() == [curve(key) for key in keys] == expected


@given(keys=st.lists(st.integers(-5, 5) | st.integers(-(2**63), 2**63 - 1)))
def test_keys_are_sorted_and_taken_once(keys: list[int]) -> None:
    assert sorted_once(np.array(keys, np.int64)).tolist() == sorted(set(keys))
    assert sorted_once(np.array(keys, object)).tolist() == sorted(set(keys))


@given(st.data())
def test_intervals_of_a_set_of_classes_hold_its_keys_and_no_others(data: st.DataObject) -> None:
    keys = st.integers(-(2**63) + 2, 2**63 - 2)
    cuts = np.array(sorted(data.draw(st.sets(keys, min_size=1, max_size=8))), np.int64)
    class_of = np.array(data.draw(st.lists(st.integers(0, 4), min_size=len(cuts) + 1, max_size=len(cuts) + 1)))
    classes = OrderedClasses(cuts, class_of.astype(np.uint16), 5)
    holds = np.array(data.draw(st.lists(st.lists(st.booleans(), min_size=6, max_size=6), min_size=1, max_size=4)))
    around = [int(cut) + step for cut in cuts for step in (-1, 0, 1)] + [data.draw(keys)]
    owner, first, last = classes.intervals(holds, LOWEST + 1, HIGHEST - 1)
    assert (first <= last).all()
    for number, each in enumerate(holds):
        mine = owner == number
        for key in around:
            inside = bool(((first[mine] <= key) & (key <= last[mine])).any())
            assert inside == each[class_of[int(np.searchsorted(cuts, key, "right"))]]


@given(st.lists(st.integers(-(2**31), 2**31 - 1), min_size=1, max_size=8, unique=True), st.booleans())
def test_buckets_keep_the_order_and_are_exact_where_they_say_so(points: list[int], may_be_exact: bool) -> None:
    cuts = np.array(sorted(points), np.int64)
    buckets = Buckets.around(cuts, may_be_exact)
    assert buckets.last <= MOST_BUCKETS
    extremes = [LOWEST, LOWEST + 1, HIGHEST - 1]
    keys = np.array(sorted({*extremes, *(cuts - 1).tolist(), *cuts.tolist(), *(cuts + 1).tolist()}), np.int64)
    found = buckets.of(keys)
    assert (np.diff(found) >= 0).all()
    assert 0 <= found.min() <= found.max() <= buckets.last
    if buckets.exact:
        for cut in cuts:
            assert found[keys < cut].max() < found[keys >= cut].min()
