"""Class columns: each says how the rows of a batch become class ids.

A column is of one of these kinds, by what its tests ask. The last class, ``null``, is that of NULL. Classes of
dictionary entries are kept between batches, keyed by the dictionary itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gpu_target.columns import expressions as ex
from gpu_target.columns import kernels
from gpu_target.columns.arrow import bitmap_of, frozen, is_plain_text, numbers_of, text_of
from gpu_target.columns.expressions import TEXT, Value, family
from gpu_target.columns.ordered import (
    HIGHEST,
    HIGHEST_FLOAT,
    LOWEST,
    LOWEST_FLOAT,
    Buckets,
    Classes,
    OrderedClasses,
    from_bits,
)  # fmt: skip
from gpu_target.columns.text import TextClasses
from gpu_target.columns.values import Batch, Moments, as_text, earlier, read_moments, read_numbers

LESS, EQUAL, GREATER, PAIR_NULL = 0, 1, 2, 3  # classes of a pair of values
ShortTexts = tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint8], npt.NDArray[np.uint64], np.uint64]


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
        for bit, pattern in enumerate(self.expressions):
            fits = pc.fill_null(pc.match_substring_regex(texts, pattern), False)
            out |= np.asarray(fits.cast(pa.uint8())).astype(np.uint16) << np.uint16(bit)
        out[np.asarray(texts.is_null())] = self.null

    @cached_property
    def expressions(self) -> tuple[str, ...]:
        return tuple(like_to_regex(*each) for each in self.patterns)


@dataclass(frozen=True)
class PairColumn:
    """How two values of a row compare: LESS, EQUAL, GREATER, or PAIR_NULL where one is NULL."""

    left: Value
    right: Value
    null: int = PAIR_NULL

    @property
    def values(self) -> tuple[Value, ...]:
        return (self.left, self.right)

    def encode(self, batch: Batch, memo: Memo, out: Classes) -> None:
        kind = family(self.left.type)
        if kind == "text":
            pair_of_texts(batch.array(self.left), batch.array(self.right), memo, out)
        elif kind == "time":
            out[:] = pair_of_moments(batch.moments(self.left), batch.moments(self.right))
        elif self.is_exact:
            out[:] = pair_of_exact(batch.array(self.left), batch.array(self.right))
        else:
            left_number, right_number = batch.numbers(self.left), batch.numbers(self.right)
            less, equal = left_number < right_number, left_number == right_number
            null = np.isnan(left_number) | np.isnan(right_number)
            out[:] = pair_classes(less, equal, null)

    @property
    def is_exact(self) -> bool:
        return all(ex.is_stored(each) and ex.is_exact_number(each.type) for each in self.values)


@dataclass(frozen=True)
class ElementSets:
    """Sets of elements that tests ask for: bit k of ``bits`` uint64[element classes] says whether a class is in set k.

    Several class columns share one, so that the elements of a batch are classified and looked at once.
    """

    classes: OrderedClasses | TextClasses
    bits: npt.NDArray[np.uint64]

    def found(self, lists: pa.Array, memo: Memo) -> npt.NDArray[np.uint64]:
        """uint64[rows]: the sets that some element of each row is in; of a NULL row arbitrary."""
        elements, offsets = elements_of(lists)
        found = np.empty(len(lists), np.uint64)
        short = self.short_texts
        if short is not None and not elements.null_count and is_plain_text(elements.type):
            kernels.gather_short_elements(frozen(offsets), *text_of(elements), *short, found)
            return found
        codes = np.empty(len(elements), np.uint16)
        encode_array(elements, self.classes.classify, self.classes.null, memo, codes)
        kernels.gather_elements(codes, frozen(offsets), self.bits, found)
        return found

    @cached_property
    def short_texts(self) -> ShortTexts | None:
        """The named texts by hash, where each is short and any other text is of one class."""
        classes = self.classes
        if not isinstance(classes, TextClasses) or len(classes.bound_offsets) > 1:
            return None
        lengths = np.diff(classes.name_offsets)
        if len(lengths) and lengths.max() > 8:
            return None
        keys, sizes = np.zeros(len(classes.slots), np.uint64), np.full(len(classes.slots), kernels.NO_TEXT, np.uint8)
        key_bits = np.zeros(len(classes.slots), np.uint64)
        taken = np.flatnonzero(classes.slots >= 0)
        for slot, name in zip(taken.tolist(), classes.slots[taken].tolist(), strict=True):
            text = classes.names[classes.name_offsets[name] : classes.name_offsets[name + 1]].tobytes()
            keys[slot], sizes[slot] = int.from_bytes(text, "little"), len(text)
            key_bits[slot] = self.bits[classes.name_class[name]]
        return keys, sizes, key_bits, self.bits[classes.segment_class[0]]


def element_sets(classes: OrderedClasses | TextClasses, sets: Sequence[int]) -> ElementSets:
    """At most 64 sets of element classes, as ``cut`` gives them."""
    bits = np.zeros(classes.null + 1, np.uint64)
    for k, each in enumerate(sets):
        bits |= from_bits(each, classes.null + 1).astype(np.uint64) << np.uint64(k)
    return ElementSets(classes, bits)


@dataclass(frozen=True)
class ElementsColumn:
    """Tests of the elements of a list column: bit k of the class says whether some element is in set ``first + k``."""

    value: Value
    sets: ElementSets
    first: int
    count: int

    @property
    def null(self) -> int:
        return 1 << self.count

    @property
    def values(self) -> tuple[Value, ...]:
        return (self.value,)

    def encode(self, batch: Batch, memo: Memo, out: Classes) -> None:
        lists = batch.array(self.value)
        shared = (self.value, id(self.sets))
        if shared not in batch.elements:
            batch.elements[shared] = self.sets.found(lists, memo)
        kernels.take_bits(batch.elements[shared], np.uint64(self.first), np.uint64(self.null - 1), out)
        bitmap, offset = bitmap_of(lists)
        if len(bitmap):
            kernels.erase_nulls(bitmap, offset, self.null, out)


@dataclass(frozen=True)
class MemberColumn:
    """Whether a value of the row is among the elements of its list: 0 no, 1 yes, 2 where either is NULL."""

    lists: Value
    item: Value
    null: int = 2

    @property
    def values(self) -> tuple[Value, ...]:
        return (self.lists, self.item)

    def encode(self, batch: Batch, memo: Memo, out: Classes) -> None:
        lists = batch.array(self.lists)
        elements, starts, ends = list_parts(lists)
        sizes = ends - starts
        rows = np.repeat(np.arange(len(lists)), sizes)
        flat = np.repeat(starts - np.concatenate([[0], np.cumsum(sizes)[:-1]]), sizes) + np.arange(len(rows))
        if family(self.item.type) == "time":
            moments = batch.moments(self.item)
            pairs = pair_of_moments(read_moments(elements).take(flat), moments.take(rows))
            missing = ~moments.known
        else:
            items = self._items(batch)
            pairs = pair_of_values(decoded(elements).take(pa.array(flat)), items.take(pa.array(rows)))
            missing = is_missing(items)
        out[:] = 0
        out[rows[pairs == EQUAL]] = 1
        out[np.asarray(lists.is_null()) | missing] = self.null

    def _items(self, batch: Batch) -> pa.Array:
        if family(self.item.type) == "number" and not ex.is_stored(self.item):
            return pa.array(batch.numbers(self.item))
        return decoded(batch.array(self.item))


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


def pair_classes(less: npt.NDArray[Any], equal: npt.NDArray[Any], null: npt.NDArray[Any]) -> Classes:
    """Classes of a pair from three flags per row."""
    found = np.where(less, LESS, np.where(equal, EQUAL, GREATER))
    return np.where(null, PAIR_NULL, found).astype(np.uint16)


def pair_of_arrays(left: pa.Array, right: pa.Array) -> Classes:
    """Two Arrow arrays that Arrow compares as the language does: text by bytes, booleans."""
    less = np.asarray(pc.fill_null(pc.less(left, right), False))
    equal = np.asarray(pc.fill_null(pc.equal(left, right), False))
    return pair_classes(less, equal, np.asarray(left.is_null()) | np.asarray(right.is_null()))


def pair_of_texts(left: pa.Array, right: pa.Array, memo: Memo, out: Classes) -> None:
    """Two text columns; of two dictionaries, by the entries' common order, which is found once."""
    if not (pa.types.is_dictionary(left.type) and pa.types.is_dictionary(right.type)):
        out[:] = pair_of_arrays(as_text(left), as_text(right))
        return
    if not len(left.dictionary) or not len(right.dictionary):
        out[:] = PAIR_NULL
        return
    ranks = memo.common_order(left.dictionary, right.dictionary)
    codes = [frozen(numbers_of(each.indices).astype(np.int32, copy=False)) for each in (left, right)]
    kernels.compare_ranks(codes[0], codes[1], ranks[0], ranks[1], PAIR_NULL, out)
    for each in (left, right):
        bitmap, offset = bitmap_of(each)
        if len(bitmap):
            kernels.erase_nulls(bitmap, offset, PAIR_NULL, out)


def pair_of_moments(left: Moments, right: Moments) -> Classes:
    """Two times, to the nanosecond."""
    equal = (left.days == right.days) & (left.nanoseconds == right.nanoseconds)
    return pair_classes(earlier(left, right), equal, ~(left.known & right.known))


def pair_of_exact(left: pa.Array, right: pa.Array) -> Classes:
    """Integers and decimals compared without rounding."""
    left, right = decoded(left), decoded(right)
    null = np.asarray(left.is_null()) | np.asarray(right.is_null())
    if pa.types.is_integer(left.type) and pa.types.is_integer(right.type):
        a, b = numbers_of(left), numbers_of(right)  # NumPy compares signed with unsigned exactly
        return pair_classes(a < b, a == b, null)
    a, b = (np.array([0 if each is None else each for each in values.to_pylist()], object) for values in (left, right))
    return pair_classes((a < b).astype(bool), (a == b).astype(bool), null)


def pair_of_values(left: pa.Array, right: pa.Array) -> Classes:
    """Two plain arrays of one family compared row by row."""
    kind = family(left.type)
    if kind == "text":
        return pair_of_arrays(as_text(left), as_text(right))
    if kind == "boolean":
        return pair_of_arrays(left, right)
    if ex.is_exact_number(left.type) and ex.is_exact_number(right.type):
        return pair_of_exact(left, right)
    a, b = read_numbers(left), read_numbers(right)
    return pair_classes(a < b, a == b, np.isnan(a) | np.isnan(b))


def is_missing(values: pa.Array) -> npt.NDArray[np.bool_]:
    """Whether each value is NULL or NaN."""
    missing = np.asarray(values.is_null())
    if pa.types.is_floating(values.type):
        missing = missing | np.asarray(pc.fill_null(pc.is_nan(values), False))
    return missing


def decoded(values: pa.Array) -> pa.Array:
    """A dictionary-coded array written out, a string_view as large_string: what Arrow can take rows from."""
    if pa.types.is_dictionary(values.type):
        return decoded(values.dictionary).take(values.indices)
    return values.cast(TEXT) if pa.types.is_string_view(values.type) else values


def elements_of(lists: pa.Array) -> tuple[pa.Array, npt.NDArray[np.int64]]:
    """The elements of a list array, and int64[n + 1] where those of each row begin, from any number on.

    A NULL row may have elements.
    """
    if pa.types.is_fixed_size_list(lists.type):
        lists = lists.cast(pa.large_list(lists.type.value_type))
    offsets = np.asarray(lists.offsets).astype(np.int64)
    return lists.values.slice(offsets[0], offsets[-1] - offsets[0]), offsets  # a slice of rows still has all elements


def list_parts(lists: pa.Array) -> tuple[pa.Array, npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The elements of a list array, and where each row's begin and end; those of a NULL row are empty."""
    elements, offsets = elements_of(lists)
    offsets = offsets - offsets[0]
    starts, ends = offsets[:-1], np.where(np.asarray(lists.is_null()), offsets[:-1], offsets[1:])
    return elements, starts, ends


def like_to_regex(pattern: str, escape: str | None) -> str:
    """A LIKE pattern for RE2: ``%`` any text, ``_`` one code point, everything else itself."""
    parts: list[str] = []
    characters = iter(pattern)
    for character in characters:
        if character == escape:
            parts.append(_literal(next(characters)))
        elif character == "%":
            parts.append(".*")
        elif character == "_":
            parts.append(".")
        else:
            parts.append(_literal(character))
    return r"(?s)\A" + "".join(parts) + r"\z"


def _literal(character: str) -> str:
    return character if re.fullmatch(r"[A-Za-z0-9 ]", character) else f"\\x{{{ord(character):x}}}"
