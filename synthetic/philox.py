"""Philox4x32-10: random numbers that are addressed, not streamed, so any row can be made alone.

Source: J. Salmon and others, "Parallel random numbers: as easy as 1, 2, 3", SC 2011; known answers from the file
``kat_vectors`` of Random123.
"""

# mypy: ignore-errors
# Numba types these functions, by the arguments they are called with.

from __future__ import annotations

import numpy as np

from synthetic.compiled import compiled

WORD = np.uint64(0xFFFF_FFFF)
HALF = np.uint64(32)
MULTIPLIERS = (np.uint64(0xD251_1F53), np.uint64(0xCD9E_8D57))
INCREMENTS = (np.uint64(0x9E37_79B9), np.uint64(0xBB67_AE85))


@compiled(inline=True)
def philox4x32(c0, c1, c2, c3, k0, k1):
    """Ten rounds on one counter. All uint64 holding 32-bit words: four of the counter, two of the key, four back."""
    for _ in range(10):
        p0 = c0 * MULTIPLIERS[0]
        p1 = c2 * MULTIPLIERS[1]
        c0, c1, c2, c3 = (p1 >> HALF) ^ c1 ^ k0, p1 & WORD, (p0 >> HALF) ^ c3 ^ k1, p0 & WORD
        k0 = (k0 + INCREMENTS[0]) & WORD
        k1 = (k1 + INCREMENTS[1]) & WORD
    return c0, c1, c2, c3


@compiled
def block(seed, row, line, group, attempt):
    """The four words of one group of draws of one row.

    seed uint64; row int64, 0 to 2^48 - 1; line int64, 0 to 65,535; group int64, from ``streams``; attempt int64, 0
    but for redrawn values. Returns four int64 of 32 bits each: signed, so that later arithmetic stays in integers.
    """
    row_bits = np.uint64(row)
    c1 = (row_bits >> HALF) | (np.uint64(line) << np.uint64(16))
    words = philox4x32(
        row_bits & WORD, c1 & WORD, np.uint64(group), np.uint64(attempt), seed & WORD, (seed >> HALF) & WORD
    )
    return np.int64(words[0]), np.int64(words[1]), np.int64(words[2]), np.int64(words[3])
