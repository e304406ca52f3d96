"""Bit masks of the rows of a block.

A mask has one bit per row of a block. ``live`` holds for every mask which of its 64 parts may not be zero, so that most
rules are dismissed by one AND of two words, and masks are cleared where they were written and nowhere else.
"""

# mypy: ignore-errors
# Numba and LLVM type these functions, by the arguments they are called with.

from __future__ import annotations

import numpy as np

from gpu_target.backends.cpu.simd import popcount, range64, trailing_zeros
from gpu_target.columns.compiled import compiled

BLOCK = 8192  # rows; halving it doubles what every rule costs per row, doubling it drives classes out of the cache
WORDS = BLOCK // 64
PART = WORDS // 64  # words for which ``live`` has one bit
ONE = np.uint64(1)
ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
FEW_PARTS = 8  # up to which single parts of masks are joined; above, whole masks, which the processor does abreast


@compiled(inline=True)
def part_of(w):
    """The bit of ``live`` for a word of a mask."""
    return ONE << (np.uint64(w) // np.uint64(PART))


@compiled(inner=True)
def clear_masks(masks, live):
    """Zero every mask, touching only its live parts."""
    for m in range(len(live)):
        parts = live[m]
        while parts:
            w = trailing_zeros(parts) * np.uint64(PART)
            parts &= parts - ONE
            for p in range(w, w + np.uint64(PART)):
                masks[m, p] = 0
        live[m] = 0


@compiled(inner=True)
def insert_rows(begins, order, insert, targets, masks, live):
    """Set the bits of the rows of a class in the masks that take it in."""
    for k in range(len(insert)):
        s, at = np.uint64(insert[k, 0]), np.uint64(insert[k, 1])
        begin, end = np.uint64(begins[at]), np.uint64(begins[at + ONE])
        for t in range(np.uint64(insert[k, 2]), np.uint64(insert[k, 3])):
            m = np.uint64(targets[t])
            parts = np.uint64(0)
            for r in range(begin, end):
                row = np.uint64(order[s, r])
                masks[m, row >> np.uint64(6)] |= ONE << (row & np.uint64(63))
                parts |= part_of(row >> np.uint64(6))
            live[m] |= parts


@compiled(inner=True)
def compare_ranges(classes_at, valid, compare, masks, live):
    """Masks of the rows whose class lies in a range."""
    for k in range(len(compare)):
        m = compare[k, 0]
        address = classes_at[compare[k, 1]]
        low, span = np.uint16(compare[k, 2]), np.uint16(compare[k, 3])
        parts = np.uint64(0)
        for w in range(WORDS):
            found = range64(address + np.uint64(2 * 64 * w), low, span) & valid[w]
            masks[m, w] = found
            parts |= np.uint64(found != 0) << (np.uint64(w) // np.uint64(PART))
        live[m] = parts


@compiled(inner=True)
def join_masks(join, operands, masks, live):
    """OR and AND of earlier masks; an OR keeps what its mask holds already."""
    for k in range(len(join)):
        m, start, end = join[k, 0], join[k, 2], join[k, 3]
        if join[k, 1] == 0:
            for o in range(start, end):
                other = operands[o]
                parts = live[other]
                live[m] |= parts
                if popcount(parts) > FEW_PARTS:
                    for w in range(WORDS):
                        masks[m, w] |= masks[other, w]
                else:
                    while parts:
                        w = trailing_zeros(parts) * np.uint64(PART)
                        parts &= parts - ONE
                        for p in range(w, w + np.uint64(PART)):
                            masks[m, p] |= masks[other, p]
        else:
            parts = ALL
            for o in range(start, end):
                parts &= live[operands[o]]
            live[m] = parts
            while parts:
                w = trailing_zeros(parts) * np.uint64(PART)
                parts &= parts - ONE
                for p in range(w, w + np.uint64(PART)):
                    found = ALL
                    for o in range(start, end):
                        found &= masks[operands[o], p]
                    masks[m, p] = found
