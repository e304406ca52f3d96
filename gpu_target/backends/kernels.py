"""The matching loop: classes of a chunk of rows in, counts, decisions and matches out. Integers only."""

# mypy: ignore-errors
# Numba and LLVM type these functions, by the arguments they are called with.

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gpu_target.backends.find import find
from gpu_target.backends.masks import (
    ALL,
    BLOCK,
    ONE,
    WORDS,
    clear_masks,
    compare_ranges,
    insert_rows,
    join_masks,
    part_of,
)  # fmt: skip
from gpu_target.backends.order import sort_rows
from gpu_target.columns.compiled import compiled
from gpu_target.selection.draws import draw

COUNTS, DECISIONS, ROW_COUNTS, FILL = 0, 1, 2, 4  # what a pass finds besides counts; bits of ``mode``
ZERO = np.uint64(0)


class Effects(NamedTuple):
    """What rules do to a declaration: the arrays of ``Policy``."""

    severity: npt.NDArray[np.uint32]
    weight: npt.NDArray[np.int64]
    word: npt.NDArray[np.uint64]
    threshold: npt.NDArray[np.uint64]
    certain: npt.NDArray[np.bool_]
    relief: npt.NDArray[np.uint16]


class Found(NamedTuple):
    """What rows found: the arrays of ``selection.lanes.Found``, written to."""

    decision: npt.NDArray[np.uint32]
    relief: npt.NDArray[np.uint16]
    score: npt.NDArray[np.int64]


@compiled(inline=True)
def decide(rule, row, seed, declarations, effects, decision, granted, score):
    """What a match does to its row: score, relief, and the most severe selection at every level of relief."""
    score[row] += effects.weight[rule]
    if effects.relief[rule] > granted[row]:
        granted[row] = effects.relief[rule]
    if effects.severity[rule] == 0:
        return
    value = effects.severity[rule] << np.uint32(24) | np.uint32(0xFFFFFF - rule)
    drawn = np.uint64(0)
    is_drawn = False
    for level in range(decision.shape[1]):
        if decision[row, level] >= value:
            continue
        if not effects.certain[rule, level]:
            if not is_drawn:
                drawn = draw(seed, declarations[row], effects.word[rule])
                is_drawn = True
            if drawn >= effects.threshold[rule, level]:
                continue
        decision[row, level] = value


@compiled
def settle(mode, base, rows, first, last, seed, declarations, effects, found, row_end, match_rule):
    """What the matches of a block do besides being counted; those of rule r are ``rows`` from first[r] to last[r]."""
    for rule in range(len(first)):
        for at in range(first[rule], last[rule]):
            row = base + np.int64(rows[at])
            if mode & DECISIONS:
                decide(rule, row, seed, declarations, effects, found.decision, found.relief, found.score)
            if mode & ROW_COUNTS:
                row_end[row] += 1
            if mode & FILL:
                match_rule[row_end[row]] = rule
                row_end[row] += 1


@compiled
def find_asleep(classes, base, n, never, zone_column, zones, asleep):
    """Rules that match nothing in a block: those that never do, and those bound to other times than it has."""
    asleep[:] = never
    for z in range(len(zone_column)):
        column = classes[zone_column[z], base : base + n]
        lowest, highest = column.min(), column.max()
        for k in range(len(zones)):
            if zones[k, 1] == z:
                asleep[zones[k, 0]] |= (zones[k, 2] > highest) | (zones[k, 3] < lowest)


@compiled
def match(
    classes, classes_at, keys_at, sign_off, n_rows, masks, live, begins, order, program, mode, counts, seed, declarations, effects, found,
    row_end, match_rule,
):  # fmt: skip
    """Match all rules on the rows of a chunk.

    classes    uint16[columns, n]   n a multiple of BLOCK; classes_at uint64[columns], the addresses of its rows
    keys_at, sign_off               as ``find`` has them
    masks      uint64[masks, WORDS], live uint64[masks]: zero on entry, and left for the next call to clear
    begins     uint16[...], order uint16[sort columns, BLOCK]: scratch of ``sort_rows``
    counts     int64[rules]         added to
    row_end    int64[n_rows]        ROW_COUNTS: matches per row; FILL: where each row's next match goes, advanced
    match_rule int32[matches]       FILL: written
    The rest is described in Program, Effects and Found.
    """
    steps, rules = program.steps, program.rules
    valid, words = np.empty(WORDS, np.uint64), np.empty(WORDS, np.uint64)
    rows, listed = np.empty(2 * BLOCK, np.uint16), np.empty(BLOCK, np.uint16)
    first, last = np.zeros(len(counts), np.uint64), np.zeros(len(counts), np.uint64)
    asleep = np.zeros(len(counts), np.bool_)
    for base in range(0, n_rows, BLOCK):
        n = min(BLOCK, n_rows - base)
        place = np.uint64(2 * base)
        all_parts = ZERO
        for w in range(WORDS):
            left = n - 64 * w
            valid[w] = ALL if left >= 64 else (ONE << np.uint64(left)) - ONE if left > 0 else ZERO
            if left > 0:
                all_parts |= part_of(w)
        find_asleep(classes, base, n, program.never, program.zone_column, program.zones, asleep)
        clear_masks(masks, live)
        sort_rows(
            classes_at, place, valid, program.sort_column, program.sort_first, program.idle, begins, order, listed
        )
        insert_rows(begins, order, steps.insert, steps.insert_mask, masks, live)
        compare_ranges(classes_at, base, valid, steps.compare, masks, live)
        join_masks(steps.join, steps.operands, masks, live)
        k, used = ZERO, ZERO
        while True:
            k, used = find(
                k, mode != 0, classes_at, keys_at, sign_off, place, valid, all_parts, masks, live, begins, order, asleep, rules.rule,
                rules.run_start, rules.runs, rules.mask_start, rules.mask, rules.range_start, rules.ranges,
                rules.test_start, rules.tests, rules.bits, rules.intervals, words, counts, rows, used, first, last,
            )  # fmt: skip
            if k == len(rules.rule):
                break
            more = np.empty(2 * len(rows), np.uint16)
            more[:used] = rows[:used]
            rows = more
        if mode:
            settle(mode, base, rows, first, last, seed, declarations, effects, found, row_end, match_rule)
