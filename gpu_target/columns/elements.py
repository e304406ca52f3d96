"""Class columns of lists: which of the tests of elements some element of a row meets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from gpu_target.columns import kernels
from gpu_target.columns.arrow import bitmap_of, frozen, is_plain_text, text_of
from gpu_target.columns.coded import Memo, encode_array
from gpu_target.columns.expressions import Value
from gpu_target.columns.ordered import Classes, OrderedClasses, from_bits
from gpu_target.columns.text import TextClasses
from gpu_target.columns.values import Batch

ShortTexts = tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint8], npt.NDArray[np.uint64], np.uint64]


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
