"""The rows of a block sorted by class: the rows of any range of classes then lie side by side."""

# mypy: ignore-errors
# Numba and LLVM type these functions, by the arguments they are called with.

from __future__ import annotations

import numpy as np

from gpu_target.backends.cpu.masks import ONE, WORDS
from gpu_target.backends.cpu.simd import range64, trailing_zeros
from gpu_target.columns.compiled import compiled
from gpu_target.columns.machine import class_at


@compiled
def sort_rows(classes_at, valid, sort_column, sort_first, idle, begins, order, listed):
    """Counting sort of a block's rows by the classes of each sort column, without the rows of its idle classes.

    idle    int64[columns, 2]      lowest class and span of a run of classes that no rule looks up
    begins  uint16[...]            of sort column s, the rows of class c are order[s, begins[first + c]] up to
                                   begins[first + c + 1], first being sort_first[s]; one more entry is scratch
    order   uint16[columns, BLOCK] rows of the block
    listed  uint16[BLOCK]          scratch
    """
    for s in range(len(sort_column)):
        address = classes_at[sort_column[s]]
        low, span = np.uint16(idle[s, 0]), np.uint16(idle[s, 1])
        first, last = np.uint64(sort_first[s]), np.uint64(sort_first[s + 1])
        for k in range(first, last):
            begins[k] = 0
        shifted = first + np.uint64(2)
        n = np.uint64(0)
        for w in range(WORDS):
            rows = valid[w] & ~range64(address + np.uint64(128 * w), low, span)
            while rows:
                row = np.uint64(64 * w) + trailing_zeros(rows)
                rows &= rows - ONE
                listed[n] = row
                n += ONE
                begins[shifted + np.uint64(class_at(address, row))] += np.uint16(1)
        total = np.uint16(0)
        for k in range(first, last):
            total += begins[k]
            begins[k] = total
        shifted = first + ONE
        for k in range(n):
            row = listed[k]
            at = shifted + np.uint64(class_at(address, np.uint64(row)))
            order[s, np.uint64(begins[at])] = row
            begins[at] += np.uint16(1)
