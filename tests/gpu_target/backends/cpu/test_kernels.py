"""Kernels of the cpu backend by themselves, against NumPy."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from gpu_target.backends.cpu.classify import CODES, FLOATS, INTEGERS, READY, classify
from gpu_target.backends.cpu.masks import BLOCK, WORDS
from gpu_target.backends.cpu.order import sort_rows
from gpu_target.columns.kernels import SIGN_OFF

Feed = list[int]


def words_of(n: int) -> npt.NDArray[np.uint64]:
    """The rows of a block of ``n``, one bit each."""
    bits = np.zeros(BLOCK, np.uint8)
    bits[:n] = 1
    return np.packbits(bits, bitorder="little").view(np.uint64)


@pytest.mark.parametrize("n", [0, 1, 63, 64, 65, 4097, BLOCK])
@pytest.mark.parametrize("idle", [(0xFFFF, 0), (0, 0), (3, 4), (0, 90)])
def test_rows_are_sorted_by_class_without_those_of_idle_classes(n: int, idle: tuple[int, int]) -> None:
    rng = np.random.default_rng(n)
    classes = rng.integers(0, 12, BLOCK).astype(np.uint16)
    begins, order = np.full(14, 7, np.uint16), np.zeros((1, BLOCK), np.uint16)
    sort_rows(
        np.array([classes.ctypes.data], np.uint64), words_of(n), np.zeros(1, np.int64), np.array([0, 14]),
        np.array([idle]), begins, order, np.empty(BLOCK, np.uint16),
    )  # fmt: skip
    for class_ in range(12):
        rows = order[0, begins[class_] : begins[class_ + 1]]
        is_idle = idle[0] <= class_ <= idle[0] + idle[1]
        expected = [] if is_idle else np.flatnonzero(classes[:n] == class_).tolist()
        assert rows.tolist() == expected


def classified(feed: Feed, base: int, n: int) -> list[int]:
    out = np.full((1, BLOCK + 32), 4242, np.uint16)
    classify(np.array([feed], np.int64), base, n, out)
    assert (out[0, n:] == 4242).all(), "written past the rows"
    return out[0, :n].tolist()


@pytest.mark.parametrize(("base", "n"), [(0, 0), (0, 1), (64, 7), (128, 8), (3, 200), (5, 1000)])
def test_classes_come_as_they_are_or_by_code_or_by_bucket(base: int, n: int) -> None:
    rng = np.random.default_rng(n)
    ready = rng.integers(0, 60_000, 1300).astype(np.uint16)
    assert classified([READY, ready.ctypes.data, 0, 0, 0, 0, 0, 0, 0], base, n) == ready[base : base + n].tolist()

    table = rng.integers(0, 60_000, 50).astype(np.uint16)
    codes = rng.integers(0, 50, 1300).astype(np.int32)
    valid = rng.random(1300) < 0.8
    codes[~valid] = rng.integers(-(2**31), 2**31, (~valid).sum())  # the codes of NULL rows are arbitrary
    bitmap = np.packbits(np.concatenate([np.zeros(3, bool), valid]), bitorder="little")
    feed = [CODES, codes.ctypes.data, bitmap.ctypes.data, 3, len(bitmap), 61_000, table.ctypes.data, len(table), 0]
    expected = np.where(valid, table[np.clip(codes, 0, 49)], 61_000)[base : base + n]
    assert classified(feed, base, n) == expected.tolist()

    integers = rng.integers(-(2**31), 2**31, 1300)
    integers[::3] = rng.integers(90, 120, len(integers[::3]))
    feed = [INTEGERS, integers.ctypes.data, bitmap.ctypes.data, 3, len(bitmap), 12, 0, 99, 110]
    expected = np.where(valid, np.clip(integers - 99, 0, 11), 12)[base : base + n]
    assert classified(feed, base, n) == expected.tolist()


def test_floats_are_in_buckets_in_their_order_and_the_zeros_in_one() -> None:
    rng = np.random.default_rng(1)
    special = [-np.inf, -1e300, -1.5, -5e-324, -0.0, 0.0, 5e-324, 1.5, 2.5, 1e300, np.inf]
    numbers = np.array([*special, *rng.normal(0, 10, 500)])
    key = numbers.view(np.int64) ^ ((numbers.view(np.int64) >> 63) & SIGN_OFF)
    key[numbers == 0] = 0
    shift, base, last = 48, -20_000, 40_000
    found = classified([FLOATS, numbers.ctypes.data, 0, 0, 0, 0, shift, base - 1, base - 1 + last], 0, len(numbers))
    assert found == np.clip((key >> shift) - base + 1, 0, last).tolist()
    assert found[4] == found[5]
    assert (np.diff(np.array(found)[np.argsort(numbers)]) >= 0).all()


def test_a_block_has_a_bit_for_every_row() -> None:
    assert WORDS * 64 == BLOCK
    assert BLOCK < 2**16, "rows of a block are uint16"
