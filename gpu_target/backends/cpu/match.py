"""The matching loop: classes of a chunk of rows in, counts, decisions and matches out. Integers only."""

# mypy: ignore-errors
# Numba and LLVM type these functions, by the arguments they are called with.

from __future__ import annotations

import numpy as np

from gpu_target.backends.cpu.classify import classify
from gpu_target.backends.cpu.find import find
from gpu_target.backends.cpu.masks import (
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
from gpu_target.backends.cpu.order import sort_rows
from gpu_target.backends.cpu.simd import clock
from gpu_target.columns.compiled import compiled
from gpu_target.columns.machine import address_of
from gpu_target.selection.draws import draw

DECISIONS, MATCHES = 1, 2  # what is found besides counts; bits of ``mode``
ZERO = np.uint64(0)


@compiled(inner=True)
def decide_all(
    base, rows, first, last, seed, declarations, severity, weight, word, threshold, certain, relief, decision, granted,
    score,
):  # fmt: skip
    """What the matches of a block do to their rows: score, relief, and the most severe selection at every level of it.

    Those of rule r are ``rows`` from first[r] to last[r]. The rest are the arrays of ``Policy`` and
    ``selection.lanes.Found``.
    """
    levels = np.uint64(decision.shape[1])
    for rule in range(np.uint64(len(first))):
        begin, end = first[rule], last[rule]
        gain, level_granted = weight[rule], relief[rule]
        value = severity[rule] << np.uint32(24) | np.uint32(np.uint64(0xFFFFFF) - rule)
        selects = severity[rule] > 0 and (certain[rule, ZERO] or threshold[rule, ZERO] > 0)
        draws = not certain[rule, levels - ONE]
        for at in range(begin, end):
            row = base + np.uint64(rows[at])
            score[row] += gain
            if level_granted > granted[row]:
                granted[row] = level_granted
            # chances fall from level to level: what is selected at one is so at those before it, and where the last
            # one is won nothing is left to win
            if selects and decision[row, levels - ONE] < value:
                luck = draw(seed, declarations[row], word[rule]) if draws else ZERO
                for level in range(levels):
                    is_selected = certain[rule, level] or luck < threshold[rule, level]
                    if is_selected and decision[row, level] < value:
                        decision[row, level] = value


@compiled(inner=True)
def list_all(base, n, rows, first, last, row_matches, ends, match_rule, used):
    """The rules of every match of a block, by row and then by rule, into ``match_rule`` from ``used`` on.

    row_matches  int32[n_rows]  added to: matches of every row
    ends         uint64[BLOCK]  scratch
    """
    for rule in range(np.uint64(len(first))):
        for at in range(first[rule], last[rule]):
            row_matches[base + np.uint64(rows[at])] += np.int32(1)
    for row in range(np.uint64(n)):
        ends[row] = used
        used += np.uint64(row_matches[base + row])
    for rule in range(np.uint64(len(first))):
        for at in range(first[rule], last[rule]):
            row = np.uint64(rows[at])
            match_rule[ends[row]] = rule
            ends[row] += ONE


@compiled(inner=True)
def copied(items, n, into):
    """``into`` with the first ``n`` items."""
    for k in range(n):
        into[k] = items[k]
    return into


@compiled(inner=True)
def find_asleep(classes, n, never, zone_column, zones, asleep):
    """Rules that match nothing in a block: those that never do, and those bound to other times than it has."""
    for rule in range(len(never)):
        asleep[rule] = never[rule]
    for z in range(len(zone_column)):
        lowest, highest = np.uint16(0xFFFF), np.uint16(0)
        for row in range(n):  # not NumPy's reductions: they take longer to compile than all of this file
            class_ = classes[zone_column[z], row]
            lowest = class_ if class_ < lowest else lowest
            highest = class_ if class_ > highest else highest
        for k in range(len(zones)):
            if zones[k, 1] == z:
                asleep[zones[k, 0]] |= (zones[k, 2] > highest) | (zones[k, 3] < lowest)


@compiled
def match(
    feeds, keys_at, sign_off, n_rows, classes, masks, live, begins, order, program, mode, counts, seed, declarations,
    severity, weight, word, threshold, certain, relief, decision, granted, score, row_matches,
):  # fmt: skip
    """Match all rules on the rows of a chunk.

    feeds      int64[columns, 9]    the columns, as ``Feeds`` lays them out
    keys_at, sign_off               keys of numbers, as ``find`` has them
    classes    uint16[columns, BLOCK and more]: scratch
    masks      uint64[masks, WORDS], live uint64[masks]: zero on entry, and left for the next call to clear
    begins     uint16[...], order uint16[sort columns, BLOCK]: scratch of ``sort_rows``
    counts     int64[rules]         added to
    row_matches int32[n_rows]       written with MATCHES; else empty
    The rest is described in ``Program``, ``Policy`` and ``selection.lanes.Found``. Returns the share of the time that
    classifying took, the rules of every match, int32, by row and then by rule, and how many of them there are: the
    array has room for more.
    """
    steps, rules = program.steps, program.rules
    valid, words = np.empty(WORDS, np.uint64), np.empty(WORDS, np.uint64)
    rows, listed = np.empty(2 * BLOCK, np.uint16), np.empty(BLOCK, np.uint16)
    first, last = np.empty(len(counts), np.uint64), np.empty(len(counts), np.uint64)
    for rule in range(len(counts)):
        first[rule] = last[rule] = 0
    classes_at = np.empty(len(classes), np.uint64)
    for c in range(len(classes)):
        classes_at[c] = address_of(classes[c])
    asleep, ends = np.empty(len(counts), np.bool_), np.empty(BLOCK, np.uint64)
    match_rule, listed_rules = np.empty(0, np.int32), ZERO
    began, ticks = clock(), ZERO
    for base in range(0, n_rows, BLOCK):
        n = min(BLOCK, n_rows - base)
        started = clock()
        classify(feeds, base, n, classes)
        ticks += clock() - started
        all_parts = ZERO
        for w in range(WORDS):
            left = n - 64 * w
            valid[w] = ALL if left >= 64 else (ONE << np.uint64(left)) - ONE if left > 0 else ZERO
            if left > 0:
                all_parts |= part_of(w)
        find_asleep(classes, n, program.never, program.zone_column, program.zones, asleep)
        clear_masks(masks, live)
        sort_rows(classes_at, valid, program.sort_column, program.sort_first, program.idle, begins, order, listed)
        insert_rows(begins, order, steps.insert, steps.insert_mask, masks, live)
        compare_ranges(classes_at, valid, steps.compare, masks, live)
        join_masks(steps.join, steps.operands, masks, live)
        k, used = ZERO, ZERO
        while True:
            k, used = find(
                k, mode != 0, classes_at, keys_at, sign_off, np.uint64(base), valid, all_parts, masks, live, begins,
                order, asleep, rules, words, counts, rows, used, first, last,
            )  # fmt: skip
            if k == len(rules.rule):
                break
            rows = copied(rows, used, np.empty(2 * len(rows), np.uint16))
        if mode & DECISIONS:
            decide_all(
                np.uint64(base), rows, first, last, seed, declarations, severity, weight, word, threshold, certain,
                relief, decision, granted, score,
            )  # fmt: skip
        if mode & MATCHES:
            while listed_rules + used > np.uint64(len(match_rule)):
                wider = np.empty(2 * len(match_rule) + np.int64(used), np.int32)
                match_rule = copied(match_rule, listed_rules, wider)
            list_all(np.uint64(base), n, rows, first, last, row_matches, ends, match_rule, listed_rules)
            listed_rules += used
    return ticks / max(clock() - began, ONE), match_rule, listed_rules
