"""Classes of a block of rows, or the buckets of their keys, out of what ``Feeds`` lays out."""

# mypy: ignore-errors
# Numba and LLVM type these functions, by the arguments they are called with.

from __future__ import annotations

import numpy as np

from gpu_target.backends.cpu.simd import bucket8
from gpu_target.columns.compiled import compiled
from gpu_target.columns.kernels import SIGN_OFF, erase, float_key
from gpu_target.columns.machine import address_of, class_at, code_at, key_at

READY, CODES, FLOATS, INTEGERS = 0, 1, 2, 3  # what there is: classes, codes of a dictionary, keys
EIGHT = np.uint64(8)


@compiled
def classify(feeds, base, n, out):
    """Classes of rows ``base`` to ``base + n`` into ``out`` uint16[columns, BLOCK and more]."""
    for c in range(len(feeds)):
        kind, data = feeds[c, 0], np.uint64(feeds[c, 1])
        start, end = np.uint64(base), np.uint64(base + n)
        row = out[c]
        if kind == READY:
            for i in range(start, end):
                row[i - start] = class_at(data, i)
        elif kind == CODES:
            table, last = np.uint64(feeds[c, 6]), np.uint32(feeds[c, 7] - 1)
            for i in range(start, end):
                code = code_at(data, i)  # those of NULL rows are arbitrary
                row[i - start] = class_at(table, np.uint64(code if code < last else last))
        else:
            shift, lowest, highest = feeds[c, 6], feeds[c, 7], feeds[c, 8]
            flips = SIGN_OFF if kind == FLOATS else 0
            target = address_of(row)
            whole = np.uint64(n) & ~np.uint64(7)
            for i in range(np.uint64(0), whole, EIGHT):
                bucket8(data + EIGHT * (start + i), flips, shift, lowest, highest, target + np.uint64(2) * i)
            for i in range(start + whole, end):
                key = float_key(key_at(data, i)) if kind == FLOATS else key_at(data, i)
                row[i - start] = min(max(key >> shift, lowest), highest) - lowest
        if feeds[c, 4]:
            erase(np.uint64(feeds[c, 2]), np.uint64(feeds[c, 3] + base), np.uint64(feeds[c, 4]), feeds[c, 5], n, row)
