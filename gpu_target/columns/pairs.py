"""Class columns of two values of a row: how they compare, and whether one is among the elements of the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gpu_target.columns import expressions as ex
from gpu_target.columns import kernels
from gpu_target.columns.arrow import bitmap_of, frozen, numbers_of
from gpu_target.columns.coded import Memo, decoded
from gpu_target.columns.elements import list_parts
from gpu_target.columns.expressions import Value, family
from gpu_target.columns.ordered import Classes
from gpu_target.columns.values import Batch, Moments, as_text, earlier, read_moments, read_numbers

LESS, EQUAL, GREATER, PAIR_NULL = 0, 1, 2, 3  # classes of a pair of values
CLASS_OF_FLAGS = np.array([GREATER, LESS, EQUAL, LESS, *[PAIR_NULL] * 4], np.uint16)  # bits: less, equal, NULL


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


def pair_classes(less: npt.NDArray[Any], equal: npt.NDArray[Any], null: npt.NDArray[Any]) -> Classes:
    """Classes of a pair from three flags per row, bool[n] each."""
    flags = less.view(np.uint8) | equal.view(np.uint8) << 1 | null.view(np.uint8) << 2
    found: Classes = CLASS_OF_FLAGS[flags]
    return found


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
