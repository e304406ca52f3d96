"""Value classes of ordered columns: numbers, booleans, dates and timestamps as int64 keys that keep their order.

Tests are half-open intervals of keys, or sets of single keys. They cut the keys into segments; segments that no test
tells apart are one class. ``OrderedClasses`` finds the class of any key, also of one never seen before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from gpu_target.columns import kernels
from gpu_target.columns.arrow import bitmap_of, frozen, numbers_of
from gpu_target.columns.values import decimal_words, wall_clock

LOWEST, HIGHEST = -(2**63), 2**63  # every int64 key lies in [LOWEST, HIGHEST)
HIGHEST_FLOAT = 0x7FF0_0000_0000_0000  # the key of infinity; NaN has keys above it, and below LOWEST_FLOAT
LOWEST_FLOAT = -HIGHEST_FLOAT - 1
MOST_BUCKETS = 2048  # two or more: keys on both sides of zero never meet
FAR = 2**62  # the numbers one off these limits fit 64 bits, whatever an integer column is compared with
FEW = 32  # members of a set that are cheaper to take one by one
HINT_BITS = 14  # 2^14 two-byte ranks stay in the first-level cache
Classes = npt.NDArray[np.uint16]


class Interval(NamedTuple):
    """Keys from ``low`` up to, and without, ``high``."""

    low: int
    high: int


class Points(NamedTuple):
    """Any of these keys, ascending."""

    keys: tuple[int, ...]


Test = Interval | Points


class Cut(NamedTuple):
    """What a column was cut into: ``cuts`` ascending, ``class_of`` one more, a bit set of classes for each test."""

    cuts: npt.NDArray[Any]
    class_of: npt.NDArray[np.int64]
    n_classes: int
    sets: list[int]


def cut(tests: Sequence[Test], lowest: int = LOWEST, highest: int = HIGHEST) -> Cut:
    """The coarsest classes of the keys in [``lowest``, ``highest``) that no test tells apart.

    A segment's signature is the XOR of a random word for every test that holds on it, so that a million points cost
    one pass; a clash of signatures is looked for and drawn again.
    """
    dtype = np.int64 if lowest >= LOWEST and highest <= HIGHEST else object
    points = {
        number: keys[(keys >= lowest) & (keys <= highest - 1)]
        for number, test in enumerate(tests)
        if isinstance(test, Points)
        for keys in (np.array(test.keys, dtype),)
    }
    intervals = [end for test in tests if isinstance(test, Interval) for end in test if lowest < end < highest]
    ends = [np.array(intervals, dtype)]
    for keys in points.values():
        ends += [keys[keys > lowest], keys[keys < highest - 1] + 1]
    bounds = sorted_once(np.concatenate(ends))
    spans = _segments(tests, points, bounds, lowest, highest)
    return next(found for salt in range(64) if (found := _merge(spans, bounds, salt)) is not None)


def sorted_once(keys: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The distinct keys, ascending; of a million a fifth of the time that ``numpy.unique`` takes."""
    keys = np.sort(keys)
    once: npt.NDArray[Any] = keys[np.concatenate([np.ones(min(len(keys), 1), np.bool_), keys[1:] != keys[:-1]])]
    return once


class _Spans(NamedTuple):
    """Segments where tests hold: from ``low`` up to ``high`` of each, or the single ones of ``each``, by test."""

    low: npt.NDArray[np.int64]
    high: npt.NDArray[np.int64]
    each: dict[int, npt.NDArray[np.int64]]


def _segments(
    tests: Sequence[Test],
    points: Mapping[int, npt.NDArray[Any]],
    bounds: npt.NDArray[Any],
    lowest: int,
    highest: int,
) -> _Spans:
    low = np.zeros(len(tests), np.int64)
    high = np.zeros(len(tests), np.int64)
    each: dict[int, npt.NDArray[np.int64]] = {}
    starts, ends, of = [], [], []
    for number, test in enumerate(tests):
        if isinstance(test, Points):  # the segments that start at the keys themselves
            each[number] = np.searchsorted(bounds, points[number], "right").astype(np.int64)
        elif test.low < test.high and test.high > lowest and test.low < highest:
            of.append(number)
            starts.append(max(test.low, lowest))
            ends.append(min(test.high, highest - 1))
            high[number] = test.high >= highest  # the last key is in it
    low[of] = np.searchsorted(bounds, np.array(starts, bounds.dtype), "right")
    high[of] = np.where(high[of], len(bounds) + 1, np.searchsorted(bounds, np.array(ends, bounds.dtype), "right"))
    return _Spans(low, high, each)


def _merge(spans: _Spans, bounds: npt.NDArray[Any], salt: int) -> Cut | None:
    n_segments = len(bounds) + 1
    words = random_words(len(spans.low), salt)
    change = np.zeros(n_segments + 1, np.uint64)
    np.bitwise_xor.at(change, spans.low, words)
    np.bitwise_xor.at(change, spans.high, words)
    for number, each in spans.each.items():
        np.bitwise_xor.at(change, each, words[number])
        np.bitwise_xor.at(change, each + 1, words[number])
    signatures = np.bitwise_xor.accumulate(change)[:-1]
    class_of, first, sizes = number_by_appearance(signatures)
    # classes appear in the order of their first segments, so that those inside an interval are neighbours
    low, high = np.searchsorted(first, spans.low), np.searchsorted(first, spans.high)
    before = np.concatenate([[0], np.cumsum(sizes)])
    if not np.array_equal(before[high] - before[low], spans.high - spans.low):
        return None  # two different segments were given one signature
    sets = [((1 << count) - 1) << start for start, count in zip(low.tolist(), (high - low).tolist(), strict=True)]
    for number, each in spans.each.items():
        found = single_set(class_of[each], sizes)
        if found is None:
            return None
        sets[number] = found
    kept = np.flatnonzero(class_of[1:] != class_of[:-1])
    return Cut(bounds[kept], np.concatenate([class_of[:1], class_of[1:][kept]]), len(first), sets)


def single_set(classes: npt.NDArray[np.int64], sizes: npt.NDArray[np.int64]) -> int | None:
    """The bit set of the classes of some single members, each named once; None where a class has other members too."""
    if len(classes) < FEW:
        found = 0
        own = set(classes.tolist())
        for each in own:
            found |= 1 << each
        return found if sum(sizes[list(own)].tolist()) == len(classes) else None
    holds = np.zeros(len(sizes), np.bool_)
    holds[classes] = True
    return to_bits(holds) if int(sizes[holds].sum()) == len(classes) else None


def random_words(n: int, salt: int) -> npt.NDArray[np.uint64]:
    """uint64[n] by SplitMix64 (Steele, Lea, Flood 2014): fixed, so that a plan does not depend on the run."""
    with np.errstate(over="ignore"):
        z = (np.arange(1, n + 1, dtype=np.uint64) + np.uint64(salt << 32)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def number_by_appearance(
    signatures: npt.NDArray[np.uint64],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Class of every signature, classes in order of appearance; where each appears first; how often it appears."""
    _, first, inverse, sizes = np.unique(signatures, return_index=True, return_inverse=True, return_counts=True)
    order = np.argsort(first)
    rank = np.empty(len(first), np.int64)
    rank[order] = np.arange(len(first))
    return rank[inverse], first[order], sizes[order]


def to_bits(holds: npt.NDArray[np.bool_]) -> int:
    """A bit set, as a Python integer, of the classes that hold."""
    return int.from_bytes(np.packbits(holds, bitorder="little").tobytes(), "little")


def from_bits(holds: int, n: int) -> npt.NDArray[np.bool_]:
    """bool[n] of such a bit set."""
    raw = np.frombuffer(holds.to_bytes(-(-n // 8), "little"), np.uint8)
    return np.unpackbits(raw, bitorder="little")[:n].astype(np.bool_)


@dataclass(frozen=True)
class Buckets:
    """Equal shares of the keys around a column's cuts: cheaper to find than classes, and only exact with ``shift`` 0.

    Keys below ``base << shift`` are in bucket 0, those of bucket ``last`` and above in ``last``; NULL of integers
    has ``last + 1``.
    """

    shift: int
    base: int
    last: int

    @property
    def exact(self) -> bool:
        return self.shift == 0

    @property
    def count(self) -> int:
        return self.last + 2

    @property
    def limits(self) -> tuple[int, int]:
        """The shifted keys of bucket 0 and of bucket ``last``, as which those below and above count."""
        return self.base - 1, self.base - 1 + self.last

    def of(self, keys: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Bucket of every key."""
        lowest, highest = self.limits
        found: npt.NDArray[np.int64] = np.clip(keys >> self.shift, lowest, highest) - lowest
        return found

    @staticmethod
    def around(cuts: npt.NDArray[np.int64], may_be_exact: bool) -> Buckets:
        """The narrowest of at most MOST_BUCKETS; ``cuts`` ascending, at least one.

        Floats have most of their keys between zero and one, so those above zero are parted where some cut is: one at
        zero must not make a single bucket of all that is usual.
        """
        positive = cuts if may_be_exact else cuts[cuts > 0]
        low, high = int(positive[0] if len(positive) else cuts[0]), int(cuts[-1])
        shift = 0 if may_be_exact and low >= -FAR and high < FAR else 1  # differences of shifted keys fit 64 bits
        while (high >> shift) - (low >> shift) >= MOST_BUCKETS:
            shift += 1
        return Buckets(shift, low >> shift, (high >> shift) - (low >> shift) + 1)


def curve(key: int) -> int:
    """The bucket that ``kernels.curve`` gives a key."""
    if key < 128:
        return max(key, 0)
    power = key.bit_length() - 7
    return (power << 6) + (key >> power)


def curves(keys: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """int64[n]: the same of many keys at once."""
    positive = np.maximum(keys, 0)
    left = positive.copy()
    length = np.zeros(len(keys), np.int64)  # in bits, less one
    for bits in (32, 16, 8, 4, 2, 1):
        big = left >> bits > 0
        length += np.where(big, bits, 0)
        left = np.where(big, left >> bits, left)
    power = np.maximum(length - 6, 0)
    return np.where(positive < 128, positive, (power << 6) + (positive >> power))


@dataclass(frozen=True)
class OrderedClasses:
    """Finds the class of a key: its rank among ``cuts`` by a table of buckets of keys, then ``class_of``.

    Buckets are equally wide, or widen with the keys where that parts the cuts better: thresholds of quantities are
    small numbers with a few large ones among them.

    cuts      int64[m] ascending, or uint64[m, words] (highest word first, sign flipped) for decimals over 18 digits;
              cuts of int64 get more behind them, which a search may read and which change nothing
    class_of  uint16[m + 1], and as many more
    n_cuts    m
    null      the class of NULL and NaN
    """

    cuts: npt.NDArray[Any]
    class_of: Classes
    null: int
    n_cuts: int = field(init=False)
    hint: npt.NDArray[np.int32] = field(init=False, repr=False)  # rank at each bucket, one more at either end
    shift: int = field(init=False, default=1)
    base: int = field(init=False, default=0)
    curved: bool = field(init=False, default=False)
    deepest: int = field(init=False, default=0)  # cuts in the fullest bucket

    def __post_init__(self) -> None:
        object.__setattr__(self, "n_cuts", len(self.cuts))
        if self.cuts.ndim == 2:
            object.__setattr__(self, "hint", np.zeros(2, np.int32))
            return
        hint = np.zeros(2, np.int32)
        if len(self.cuts):
            bits = max(HINT_BITS, min(20, (2 * len(self.cuts)).bit_length()))
            low, high = int(self.cuts[0]), int(self.cuts[-1])
            shift = 1  # at least one, so that the difference of two shifted keys fits 64 bits
            while (high >> shift) - (low >> shift) >= 1 << bits:
                shift += 1
            base, counts = low >> shift, np.bincount((self.cuts >> np.int64(shift)) - np.int64(low >> shift))
            curved = curves(self.cuts)
            if counts.max() > 1 and (other := np.bincount(curved - curved[0])).max() < counts.max():
                base, counts = int(curved[0]), other
                object.__setattr__(self, "curved", True)
            hint = np.concatenate([[0, 0], np.cumsum(counts)]).astype(np.int32)
            object.__setattr__(self, "shift", shift)
            object.__setattr__(self, "base", base)
            object.__setattr__(self, "deepest", int(counts.max()))
        # where a key equals a cut behind the last one, its class is that of the last segment all the same
        more = max(self.deepest, kernels.COMMON_DEPTH) + 1
        object.__setattr__(self, "cuts", np.append(self.cuts, np.full(more, HIGHEST - 1)).astype(np.int64))
        object.__setattr__(self, "class_of", np.append(self.class_of, np.repeat(self.class_of[-1:], more)))
        object.__setattr__(self, "hint", hint)

    def intervals(
        self, holds: npt.NDArray[np.bool_], lowest: int, highest: int
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Keys from ``lowest`` to ``highest`` whose class is in a set: ``holds`` bool[sets, classes].

        Returns set, first and last key of every interval, each int64[intervals]; those of a set one after the other.
        """
        cuts = self.cuts[: self.n_cuts]
        inside = np.zeros((len(holds), self.n_cuts + 3), np.int8)
        inside[:, 1:-1] = holds[:, self.class_of[: self.n_cuts + 1]]
        edges = np.diff(inside, axis=1)
        owner, begin = np.nonzero(edges == 1)
        _, end = np.nonzero(edges == -1)
        first = np.maximum(np.concatenate([[lowest], cuts]), lowest)[begin]
        last = np.minimum(np.concatenate([cuts - 1, [highest]]), highest)[end - 1]
        some = (first <= last) & np.append(cuts > lowest, True)[end - 1]  # no key is below the lowest
        return owner[some], first[some], last[some]

    def classify(self, values: pa.Array, out: Classes) -> None:
        """Classes of a plain Arrow array of the column's type, into ``out`` uint16[n]."""
        bitmap, offset = bitmap_of(values)
        values = wall_clock(values)
        if self.cuts.ndim == 2:
            words = np.ascontiguousarray(decimal_words(values)[:, ::-1])
            words[:, 0] ^= np.uint64(1 << 63)
            kernels.rank_words(frozen(words), bitmap, offset, self.cuts, self.class_of, self.null, out)
        elif pa.types.is_decimal(values.type):
            keys = np.ascontiguousarray(decimal_words(values)[:, 0]).view(np.int64)
            self._rank(keys, bitmap, offset, 0, out)
        elif pa.types.is_floating(values.type):
            self.classify_numbers(numbers_of(values).astype(np.float64), out, bitmap, offset)
        else:
            keys = numbers_of(values)
            bias = LOWEST if keys.dtype == np.uint64 else 0
            self._rank(keys.view(np.int64) if bias else keys.astype(np.int64, copy=False), bitmap, offset, bias, out)

    def classify_numbers(
        self,
        numbers: npt.NDArray[np.float64],
        out: Classes,
        bitmap: npt.NDArray[np.uint8] | None = None,
        offset: int = 0,
    ) -> None:
        """Classes of float64 values, NaN being NULL."""
        bits = np.ascontiguousarray(numbers).view(np.int64)
        bitmap = kernels.NO_BITMAP if bitmap is None else bitmap
        kernels.rank_floats(
            frozen(bits),
            bitmap,
            offset,
            self.cuts,
            self.class_of,
            self.hint,
            self.shift,
            self.base,
            self.curved,
            self.deepest,
            self.null,
            out,
        )

    def _rank(
        self, keys: npt.NDArray[np.int64], bitmap: npt.NDArray[np.uint8], offset: int, bias: int, out: Classes
    ) -> None:
        kernels.rank_keys(
            frozen(keys), bitmap, offset, bias, self.cuts, self.class_of, self.hint, self.shift, self.base, self.curved,
            self.deepest, self.null, out,
        )  # fmt: skip


def cut_words(cuts: Sequence[int], width: int) -> npt.NDArray[np.uint64]:
    """Wide keys as uint64[m, width], highest word first with its sign bit flipped, so that words compare unsigned."""
    mask = (1 << 64) - 1
    words = [[(int(each) >> 64 * (width - 1 - k)) & mask for k in range(width)] for each in cuts]
    found = np.array(words, np.uint64).reshape(len(words), width)
    if len(words):
        found[:, 0] ^= np.uint64(1 << 63)
    return found
