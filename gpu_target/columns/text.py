"""Value classes of text columns. Text is ordered by its UTF-8 bytes.

Tests are half-open ranges of byte strings (comparisons, prefixes) and sets of single texts (equality, lists). A text
that some rule names is found by hash; any other text is placed among the bounds of the ranges.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gpu_target.columns import kernels
from gpu_target.columns.arrow import bitmap_of, text_of
from gpu_target.columns.expressions import TEXT
from gpu_target.columns.ordered import Classes, number_by_appearance, random_words, single_set


class Range(NamedTuple):
    """Texts from ``low`` up to, and without, ``high``; None is an open end."""

    low: bytes | None
    high: bytes | None


class Named(NamedTuple):
    """The text, or any text of the list of that key."""

    text: str | None
    key: str | None


Test = Range | Named
FEW = 4096  # names up to which slots are sparse: the first one looked at is then nearly always the right one
CELLS = 1 << 22  # of ranges by classes that are compared at once
SPARSE, DENSE = 16, 2  # slots per name, at least


def prefix_range(prefix: str) -> Range:
    """The texts that begin with ``prefix``. UTF-8 has no byte 0xFF, so the last byte can always be raised."""
    low = prefix.encode()
    return Range(low, low[:-1] + bytes([low[-1] + 1])) if low else Range(None, None)


@dataclass(frozen=True)
class TextClasses:
    """Finds the class of a text.

    slots          int32[power of two]: number of a named text, -1 where empty
    name_class     uint16[names]; name_offsets, names: their bytes
    segment_class  uint16[bounds + 1]: class of a text that no rule names; bound_offsets, bounds: bytes, ascending
    """

    slots: npt.NDArray[np.int32]
    name_offsets: npt.NDArray[np.int64]
    names: npt.NDArray[np.uint8]
    name_class: Classes
    bound_offsets: npt.NDArray[np.int64]
    bounds: npt.NDArray[np.uint8]
    segment_class: Classes
    null: int

    def classify(self, values: pa.Array, out: Classes) -> None:
        """Classes of a string, large_string or string_view array, into ``out`` uint16[n]."""
        if pa.types.is_string_view(values.type):
            values = values.cast(TEXT)
        bitmap, offset = bitmap_of(values)
        offsets, data = text_of(values)
        kernels.classify_texts(
            offsets, data, bitmap, offset, self.slots, self.name_offsets, self.names, self.name_class,
            self.bound_offsets, self.bounds, self.segment_class, self.null, out,
        )  # fmt: skip


class TextCut(NamedTuple):
    classes: TextClasses
    n_classes: int
    sets: list[int]


def cut_text(tests: Sequence[Test], lists: Mapping[str, pa.Array | tuple[str, ...]]) -> TextCut:
    """The coarsest classes of texts that no test tells apart, without that of NULL, which comes last.

    ``lists`` holds the texts of the keys that tests name, without duplicates.
    """
    ends = {end for test in tests if isinstance(test, Range) for end in test if end is not None}
    bounds = sorted(ends)
    ranks = {end: position + 1 for position, end in enumerate(bounds)}
    names, rows = _number_names(tests, lists)
    name_offsets, name_bytes = _own(names)
    bound_offsets, bound_bytes = _own(pa.array(bounds, pa.large_binary()))
    place = np.zeros(len(names), np.int64)
    kernels.rank_texts(name_offsets, name_bytes, bound_offsets, bound_bytes, place)
    ends_of = [(0, 0) if isinstance(test, Named) else _span(test, ranks, len(bounds) + 1) for test in tests]
    spans = np.array(ends_of, np.int64).reshape(len(tests), 2)
    ranges = [number for number, test in enumerate(tests) if isinstance(test, Range)]
    for salt in range(64):
        merged = _merge(spans, ranges, rows, place, len(bounds) + 1, salt)
        if merged is not None:
            break
    class_of, n_classes, sets = merged  # type: ignore[misc]
    room = SPARSE if len(names) <= FEW else DENSE
    slots = np.full(max(2, 1 << (room * len(names)).bit_length()), -1, np.int32)
    kernels.build_slots(name_offsets, name_bytes, slots)
    small = class_of.astype(np.uint16)
    n_segments = len(bounds) + 1
    classes = TextClasses(
        slots, name_offsets, name_bytes, small[n_segments:], bound_offsets, bound_bytes, small[:n_segments], n_classes
    )
    return TextCut(classes, n_classes, sets)


class _Named(NamedTuple):
    """The names of tests: ``one`` and ``its`` for tests of one text, the test and the number of its text; ``lists``."""

    one: npt.NDArray[np.int64]
    its: npt.NDArray[np.int64]
    lists: dict[int, npt.NDArray[np.int64]]


def _number_names(tests: Sequence[Test], lists: Mapping[str, pa.Array | tuple[str, ...]]) -> tuple[pa.Array, _Named]:
    """Every text that a test names, once, and for each test of names the numbers of its own.

    Texts written in rules are few and go through a dictionary; named lists can be long and stay Arrow's.
    """
    short: dict[str, int] = {}
    one: list[int] = []
    its: list[int] = []
    rows: dict[int, npt.NDArray[np.int64]] = {}
    long: list[tuple[int, pa.Array]] = []
    for position, test in enumerate(tests):
        if isinstance(test, Range):
            continue
        if test.key is None:
            one.append(position)
            its.append(short.setdefault(str(test.text), len(short)))
            continue
        own = lists[test.key]
        if isinstance(own, pa.Array):
            long.append((position, own))
        else:
            rows[position] = np.array([short.setdefault(each, len(short)) for each in own], np.int64)
    names = pa.array(list(short), TEXT)
    if long:
        names = pc.unique(pa.chunked_array([names, *(own for _, own in long)], TEXT))
    for position, own in long:
        rows[position] = np.asarray(pc.index_in(own, value_set=names)).astype(np.int64)
    return names, _Named(np.array(one, np.int64), np.array(its, np.int64), rows)


def _own(values: pa.Array) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    """Offsets from 0 and the bytes of exactly these values, detached from Arrow's buffers so that they pickle."""
    offsets, data = text_of(values)
    return (offsets - offsets[0]).copy(), data[offsets[0] : offsets[-1]].copy()


def _span(test: Range, ranks: dict[bytes, int], n_segments: int) -> tuple[int, int]:
    low = 0 if test.low is None else ranks[test.low]
    high = n_segments if test.high is None else ranks[test.high]
    return (low, high) if low < high else (0, 0)


def _merge(
    spans: npt.NDArray[np.int64],
    ranges: Sequence[int],
    rows: _Named,
    place: npt.NDArray[np.int64],
    n_segments: int,
    salt: int,
) -> tuple[npt.NDArray[np.int64], int, list[int]] | None:
    """Classes of the segments, then of the named texts; None where two signatures clash."""
    words = random_words(len(spans), salt)
    change = np.zeros(n_segments + 1, np.uint64)
    np.bitwise_xor.at(change, spans[:, 0], words)
    np.bitwise_xor.at(change, spans[:, 1], words)
    segments = np.bitwise_xor.accumulate(change)[:-1]
    named = segments[place]
    np.bitwise_xor.at(named, rows.its, words[rows.one])
    for number, each in rows.lists.items():
        named[each] ^= words[number]
    class_of, first, sizes = number_by_appearance(np.concatenate([segments, named]))
    # where a class's first member lies among the segments: a segment by itself, a named text by its place
    lies = np.where(first < n_segments, first, place[np.maximum(first - n_segments, 0)] if len(place) else 0)
    inside = _sets_of_ranges(spans[ranges], lies, sizes, np.sort(place))
    alone = class_of[n_segments + rows.its]
    if inside is None or (sizes[alone] != 1).any():
        return None
    sets = [0] * len(spans)
    for number, found in zip(ranges, inside, strict=True):
        sets[number] = found
    for number, its in zip(rows.one.tolist(), alone.tolist(), strict=True):
        sets[number] = 1 << its
    for number, each in rows.lists.items():
        own = single_set(class_of[n_segments + each], sizes)
        if own is None:
            return None
        sets[number] = own
    return class_of, len(first), sets


def _sets_of_ranges(
    spans: npt.NDArray[np.int64],
    lies: npt.NDArray[np.int64],
    sizes: npt.NDArray[np.int64],
    beneath: npt.NDArray[np.int64],
) -> list[int] | None:
    """The bit set of the classes inside each range of segments; None where a class lies inside only in part.

    ``lies`` and ``sizes`` are of the classes, ``beneath`` holds the places of all named texts, ascending.
    """
    order = np.argsort(lies, kind="stable")
    before = np.concatenate([[0], np.cumsum(sizes[order])])
    inner = before[np.searchsorted(lies[order], spans)]
    members = spans + np.searchsorted(beneath, spans)
    if not np.array_equal(inner[:, 1] - inner[:, 0], members[:, 1] - members[:, 0]):
        return None
    sets: list[int] = []
    step = max(1, CELLS // len(lies))
    for k in range(0, len(spans), step):
        low, high = spans[k : k + step, :1], spans[k : k + step, 1:]
        rows = np.packbits((lies >= low) & (lies < high), axis=1, bitorder="little")
        sets += [int.from_bytes(row.tobytes(), "little") for row in rows]
    return sets
