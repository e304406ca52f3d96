"""Class columns: each says how the rows of a batch become class ids.

A column is of one of these kinds, or of those in ``pairs`` and ``elements``, by what its tests ask. The last class,
``null``, is that of NULL. Classes of dictionary entries are kept between batches, keyed by the dictionary itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gpu_target.columns import expressions as ex
from gpu_target.columns import kernels
from gpu_target.columns.arrow import bitmap_of, frozen, numbers_of
from gpu_target.columns.expressions import TEXT, Value, family
from gpu_target.columns.ordered import (
    HIGHEST,
    HIGHEST_FLOAT,
    LOWEST,
    LOWEST_FLOAT,
    Buckets,
    Classes,
    OrderedClasses,
)  # fmt: skip
from gpu_target.columns.text import TextClasses
from gpu_target.columns.values import Batch, as_text

ANY_TEXT = ".*"
LONGEST_SEARCH = 4_000  # characters: RE2 gives up its automaton for longer ones


class Memo:
    """Classes of dictionary entries, for one column over the batches of one evaluation."""

    def __init__(self) -> None:
        self.known: dict[tuple[int, int, int], tuple[pa.Array, Classes]] = {}
        self.order: tuple[pa.Array, pa.Array, npt.NDArray[np.int64]] | None = None

    def table(self, dictionary: pa.Array, classify: Callable[[pa.Array, Classes], None]) -> Classes:
        """uint16[entries]; the dictionary is kept alive, so that its address stays its own."""
        last = dictionary.buffers()[-1]
        key = (last.address if last else 0, dictionary.offset, len(dictionary))
        found = self.known.get(key)
        if found is None or not (found[0] is dictionary or found[0].equals(dictionary)):
            table = np.empty(len(dictionary), np.uint16)
            classify(dictionary, table)
            if len(self.known) > 64:  # a new dictionary with every batch: do not keep them all
                self.known.clear()
            self.known[key] = found = (dictionary, table)
        return found[1]

    def common_order(self, left: pa.Array, right: pa.Array) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Rank of every entry of two dictionaries in their common order by bytes; -1 for an entry that is NULL."""
        order = self.order  # another thread may put down that of another batch meanwhile
        if order is None or not (order[0].equals(left) and order[1].equals(right)):
            both = pa.chunked_array([as_text(left), as_text(right)]).dictionary_encode().combine_chunks()
            both = both.chunk(0) if isinstance(both, pa.ChunkedArray) else both
            rank = np.empty(len(both.dictionary), np.int64)
            rank[np.asarray(pc.sort_indices(both.dictionary))] = np.arange(len(rank))
            ranks = np.append(rank, -1)[np.asarray(both.indices.fill_null(len(rank))).astype(np.int64)]
            self.order = order = (left, right, ranks)
        ranks = order[2]
        return ranks[: len(left)], ranks[len(left) :]


class ClassColumn(Protocol):
    """A column of class ids 0 .. ``null``."""

    @property
    def null(self) -> int: ...

    @property
    def values(self) -> tuple[Value, ...]:
        """What the classes are made of."""

    def encode(self, batch: Batch, memo: Memo, out: Classes) -> None:
        """Class of every row of the batch, into ``out`` uint16[n]."""


@dataclass(frozen=True)
class OrderedColumn:
    """Numbers, booleans and times by their rank among the cuts."""

    value: Value
    classes: OrderedClasses

    @property
    def null(self) -> int:
        return self.classes.null

    @property
    def values(self) -> tuple[Value, ...]:
        return (self.value,)

    def encode(self, batch: Batch, memo: Memo, out: Classes) -> None:
        if ex.is_stored(self.value):
            encode_array(batch.array(self.value), self.classes.classify, self.null, memo, out)
        else:
            self.classes.classify_numbers(batch.numbers(self.value), out)

    @cached_property
    def buckets(self) -> Buckets | None:
        """How keys are cut into buckets; None for columns that must be classified: those of uint64, which no int64 key
        holds, decimals, booleans and times."""
        type_ = self.value.type
        is_integer = ex.is_stored(self.value) and pa.types.is_integer(type_) and not pa.types.is_uint64(type_)
        if self.classes.n_cuts < 1 or not (self.is_float or is_integer):
            return None
        return Buckets.around(self.classes.cuts[: self.classes.n_cuts], is_integer)

    @property
    def is_float(self) -> bool:
        """Whether keys are the bits of float64."""
        return family(self.value.type) == "number" and (
            not ex.is_stored(self.value) or pa.types.is_floating(self.value.type)
        )

    def keys(self, batch: Batch) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8], int]:
        """int64[n] keys of a column with buckets, with the bits of their validity and the number of the first.

        Keys are the bits of float64, NULL being NaN, or integers, those of NULL being arbitrary.
        """
        if self.is_float:
            return np.ascontiguousarray(batch.numbers(self.value)).view(np.int64), kernels.NO_BITMAP, 0
        values = decoded(batch.array(self.value))
        return (numbers_of(values).astype(np.int64, copy=False), *bitmap_of(values))

    def intervals(
        self, holds: npt.NDArray[np.bool_]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """The keys of sets of classes without NULL, as ``OrderedClasses.intervals`` gives them."""
        low, high = (LOWEST_FLOAT, HIGHEST_FLOAT) if self.is_float else (LOWEST, HIGHEST - 1)
        return self.classes.intervals(holds, low, high)


@dataclass(frozen=True)
class TextColumn:
    """Text by name or by its place among the bounds."""

    value: Value
    classes: TextClasses

    @property
    def null(self) -> int:
        return self.classes.null

    @property
    def values(self) -> tuple[Value, ...]:
        return (self.value,)

    def encode(self, batch: Batch, memo: Memo, out: Classes) -> None:
        encode_array(batch.array(self.value), self.classes.classify, self.null, memo, out)


@dataclass(frozen=True)
class PatternColumn:
    """LIKE patterns that are no prefix: bit k of the class says whether pattern k fits. At most 15 patterns."""

    value: Value
    patterns: tuple[tuple[str, str | None], ...]

    @property
    def null(self) -> int:
        return 1 << len(self.patterns)

    @property
    def values(self) -> tuple[Value, ...]:
        return (self.value,)

    def encode(self, batch: Batch, memo: Memo, out: Classes) -> None:
        encode_array(batch.array(self.value), self._classify, self.null, memo, out)

    def _classify(self, values: pa.Array, out: Classes) -> None:
        texts = as_text(values)
        out[:] = 0
        if self.any_of:  # most texts fit no pattern, and one search for all of them tells
            rows = np.flatnonzero(fits(texts, self.any_of))
            out[rows] = self._bits(texts.take(pa.array(rows)))
        else:
            out[:] = self._bits(texts)
        out[np.asarray(texts.is_null())] = self.null

    def _bits(self, texts: pa.Array) -> Classes:
        found = np.zeros(len(texts), np.uint16)
        for bit, expression in enumerate(self.expressions):
            found |= fits(texts, expression).astype(np.uint16) << np.uint16(bit)
        return found

    @cached_property
    def expressions(self) -> tuple[str, ...]:
        return tuple(like_to_regex(*each) for each in self.patterns)

    @cached_property
    def any_of(self) -> str:
        """What fits where some pattern does; empty where it would not pay, or be too long for an automaton."""
        joined = "|".join(f"(?:{each})" for each in self.expressions)
        return joined if len(self.expressions) > 2 and len(joined) <= LONGEST_SEARCH else ""


# -- shared -----------------------------------------------------------------------------------------------------------


def encode_array(
    values: pa.Array, classify: Callable[[pa.Array, Classes], None], null: int, memo: Memo, out: Classes
) -> None:
    """Classes of an Arrow array; of a dictionary, once per entry."""
    if not pa.types.is_dictionary(values.type):
        classify(values, out)
        return
    table = memo.table(values.dictionary, classify)
    bitmap, offset = bitmap_of(values)
    codes = frozen(numbers_of(values.indices).astype(np.int32, copy=False))
    kernels.gather(codes, bitmap, offset, table, null, out)


def decoded(values: pa.Array) -> pa.Array:
    """A dictionary-coded array written out, a string_view as large_string: what Arrow can take rows from."""
    if pa.types.is_dictionary(values.type):
        return decoded(values.dictionary).take(values.indices)
    return values.cast(TEXT) if pa.types.is_string_view(values.type) else values


def like_to_regex(pattern: str, escape: str | None) -> str:
    """A LIKE pattern for RE2: ``%`` any text, ``_`` one code point, everything else itself.

    Any text at either end is left out, and with it the anchor: RE2 then looks for what is between as for a word.
    """
    parts: list[str] = []
    characters = iter(pattern)
    for character in characters:
        if character == escape:
            parts.append(_literal(next(characters)))
        elif character == "%":
            parts.append(ANY_TEXT)
        elif character == "_":
            parts.append(".")
        else:
            parts.append(_literal(character))
    first, last = 0, len(parts)
    while first < last and parts[first] == ANY_TEXT:
        first += 1
    while last > first and parts[last - 1] == ANY_TEXT:
        last -= 1
    start, end = r"\A" if first == 0 else "", r"\z" if last == len(parts) else ""
    return f"(?s){start}{''.join(parts[first:last])}{end}"


def fits(texts: pa.Array, expression: str) -> npt.NDArray[np.bool_]:
    """bool[n]: the texts in which the expression is found; NULL has none."""
    return np.asarray(pc.fill_null(pc.match_substring_regex(texts, expression), False))


def _literal(character: str) -> str:
    return character if re.fullmatch(r"[A-Za-z0-9 ]", character) else f"\\x{{{ord(character):x}}}"
