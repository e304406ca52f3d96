"""How the rows of a batch reach a backend that classifies them itself, on a device or block by block.

Numbers and times go as they are stored and are ranked there; dictionaries go as codes, with the classes of their
entries. Whatever is computed from text, from pairs of values or from lists goes as class ids made here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from gpu_target.columns import expressions as ex
from gpu_target.columns.arrow import bitmap_of, numbers_of
from gpu_target.columns.coded import ClassColumn, Memo, OrderedColumn
from gpu_target.columns.expressions import Value
from gpu_target.columns.kernels import NO_BITMAP
from gpu_target.columns.ordered import Classes, OrderedClasses
from gpu_target.columns.values import Batch, decimal_words, wall_clock


@dataclass(frozen=True)
class Keys:
    """Values of a ranked column, [n] of int8 to uint64 or float64; those of NULLs are arbitrary.

    ``validity`` uint8 holds a bit per row from ``bit`` on; empty where nothing is NULL. NaN is NULL without it.
    """

    values: npt.NDArray[Any]
    validity: npt.NDArray[np.uint8]
    bit: int


@dataclass(frozen=True)
class Codes:
    """Codes of a dictionary, [n] of any integers; ``table`` uint16[entries] has the classes of its entries."""

    codes: npt.NDArray[Any]
    validity: npt.NDArray[np.uint8]
    bit: int
    table: Classes


@dataclass(frozen=True)
class Ids:
    """Class ids, uint16[n]."""

    classes: Classes


Travelling = Keys | Codes | Ids


def ranks_of(column: ClassColumn) -> OrderedClasses | None:
    """The cuts that rank a column whose values may go as keys: int64, of which each key has one class between two."""
    if isinstance(column, OrderedColumn) and column.classes.cuts.ndim == 1:
        return column.classes
    return None


def travelling(column: ClassColumn, batch: Batch, memo: Memo) -> Travelling:
    """The rows of a batch in the form in which they are least work for both sides."""
    if isinstance(column, OrderedColumn) and not ex.is_stored(column.value):
        return Keys(np.ascontiguousarray(batch.numbers(column.value)), NO_BITMAP, 0)
    codes = codes_of(column, batch, memo)
    if codes is not None:
        return codes
    if ranks_of(column) is not None:
        return _keys(batch.array(column.values[0]))
    classes = np.empty(batch.n_rows, np.uint16)
    column.encode(batch, memo, classes)
    return Ids(classes)


def codes_of(column: ClassColumn, batch: Batch, memo: Memo) -> Codes | None:
    """The codes of a column whose one value is dictionary-coded in this batch; None for any other."""
    if len(column.values) != 1 or not _is_array(column.values[0]):
        return None
    values = batch.array(column.values[0])
    return _coded(column, column.values[0], values, memo) if pa.types.is_dictionary(values.type) else None


def _is_array(value: Value) -> bool:
    """Whether a batch has the value as an Arrow array; other values are computed as numbers or moments."""
    return ex.is_stored(value) or ex.family(value.type) == "text"


def _keys(values: pa.Array) -> Keys:
    """Stored numbers, booleans and times, widened only where no kernel reads the width."""
    validity, bit = _validity(values)
    values = wall_clock(values)
    if pa.types.is_decimal(values.type):
        return Keys(np.ascontiguousarray(decimal_words(values)[:, 0]).view(np.int64), validity, bit)
    numbers = numbers_of(values)
    if numbers.dtype.kind == "f":
        numbers = numbers.astype(np.float64, copy=False)
    return Keys(np.ascontiguousarray(numbers), validity, bit)


def _validity(values: pa.Array) -> tuple[npt.NDArray[np.uint8], int]:
    """The validity bits of these rows and no others, and the number of the first."""
    validity, bit = bitmap_of(values)
    return validity[bit >> 3 : (bit + len(values) + 7) >> 3], bit & 7


def _coded(column: ClassColumn, value: Value, values: pa.Array, memo: Memo) -> Codes:
    """A dictionary's codes; its entries are classified as if they were a batch of their own."""

    def classify(entries: pa.Array, out: Classes) -> None:
        whole = Batch({}, len(entries), {}, None)
        if isinstance(value, ex.Column):
            whole.columns = {value.name: entries}
        else:
            whole.computed[value] = entries
        column.encode(whole, Memo(), out)

    table = memo.table(values.dictionary, classify)
    validity, bit = _validity(values)
    return Codes(np.ascontiguousarray(numbers_of(values.indices)), validity, bit, table)
