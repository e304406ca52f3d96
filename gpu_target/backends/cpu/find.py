"""The rows of a block that rules match: candidates from the rarest term, then the other terms tested on what is left.

Candidates come from the rows sorted by class, where a rule is anchored there, or from a scan of the block, sixty-four
rows at a time, by masks and by ranges of classes.
"""

# mypy: ignore-errors
# Numba and LLVM type these functions, by the arguments they are called with.

from __future__ import annotations

import numpy as np

from gpu_target.backends.cpu.masks import BLOCK, FEW_PARTS, ONE, PART, WORDS
from gpu_target.backends.cpu.simd import popcount, put_row, range64, trailing_zeros
from gpu_target.columns.compiled import compiled
from gpu_target.columns.machine import address_of, class_at, key_at

# kinds of a test: the class lies in a range, or in a set, the row's bit is in a mask, the key lies in some interval, or
# one of several tests of classes holds
RANGE, SET, MASK, KEY, ANY = 0, 1, 2, 3, 4
TWO, SIX, EIGHT, SIXTEEN = np.uint64(2), np.uint64(6), np.uint64(8), np.uint64(16)
FIRST_SIX, SIXTY_FOUR = np.uint64(63), np.uint64(64)


# Each of these keeps the rows that meet a test, out of those of ``source`` from ``used`` to ``found``: it writes them
# to ``rows`` from ``used`` on and returns where they end. The two are addresses of uint16, and may be one. No branch,
# since the data would mispredict it; functions of their own over plain numbers, since inside ``find`` their loops would
# lose their registers to what they do not use.


@compiled(inner=True)
def keep_range(source, rows, used, found, classes, lowest, span):
    """Rows whose class lies in a range."""
    left = used
    for at in range(used, found):
        row = class_at(source, at)
        put_row(rows, left, row)
        left += np.uint64(np.uint16(class_at(classes, np.uint64(row)) - lowest) <= span)
    return left


@compiled(inner=True)
def keep_set(source, rows, used, found, classes, bits):
    """Rows whose class is in a set, given by its bits."""
    left = used
    for at in range(used, found):
        row = class_at(source, at)
        put_row(rows, left, row)
        class_ = np.uint64(class_at(classes, np.uint64(row)))
        left += np.uint64(key_at(bits, class_ >> SIX)) >> (class_ & FIRST_SIX) & ONE
    return left


@compiled(inner=True)
def keep_keys(source, rows, used, found, keys, flips, intervals, n_intervals):
    """Rows whose key lies in one of some intervals, given by their first key and how far above it the last one is."""
    left = used
    for at in range(used, found):
        row = class_at(source, at)
        put_row(rows, left, row)
        key = key_at(keys, np.uint64(row))
        key ^= (key >> 63) & flips
        key += np.int64(key == -1) & flips  # -0.0
        inside = False
        for i in range(np.uint64(0), TWO * n_intervals, TWO):
            inside |= np.uint64(key - key_at(intervals, i)) <= np.uint64(key_at(intervals, i + ONE))
        left += np.uint64(inside)
    return left


@compiled(inner=True)
def keep_any(source, rows, used, found, classes_at, any_of, first, last, bits):
    """Rows for which one of several tests of classes holds."""
    left = used
    for at in range(used, found):
        row = class_at(source, at)
        put_row(rows, left, row)
        holds = np.uint64(0)
        for p in range(first, last):
            class_ = class_at(classes_at[np.uint64(any_of[p, 1])], np.uint64(row))
            if any_of[p, 0] == RANGE:
                holds |= np.uint64(np.uint16(class_ - np.uint16(any_of[p, 2])) <= np.uint16(any_of[p, 3]))
            else:
                word = np.uint64(key_at(bits, np.uint64(any_of[p, 2]) + (np.uint64(class_) >> SIX)))
                holds |= word >> (np.uint64(class_) & FIRST_SIX)
        left += holds & ONE
    return left


@compiled(inner=True)
def keep_masked(source, rows, used, found, mask):
    """Rows whose bit of a mask is set."""
    left = used
    for at in range(used, found):
        row = class_at(source, at)
        put_row(rows, left, row)
        left += np.uint64(key_at(mask, np.uint64(row) >> SIX)) >> (np.uint64(row) & FIRST_SIX) & ONE
    return left


@compiled(inner=True)
def find(
    k, keep, classes_at, keys_at, sign_off, base, valid, all_parts, masks, live, begins, order, asleep,
    rule_of, run_start, runs, mask_start, mask_of, range_start, ranges, test_start, tests, any_of, bits, intervals,
    words, counts, rows, used, first, last,
):  # fmt: skip
    """Rows that rules match, from the ``k``-th rule on, one rule's behind the other's in ``rows``.

    rows         uint16[...]    rows of the block; rule r's lie from first[r] to last[r]
    first, last  uint64[rules]  written
    counts       int64[rules]   added to
    words        uint64[WORDS]  scratch

    keys_at      uint64[...]    addresses of int64 keys of the chunk's rows, of which the block begins with ``base``
    sign_off     int64[...]     SIGN_OFF where they are the bits of float64, else 0

    Stops where ``rows`` might not hold the next rule's: returns which that is, and how much of ``rows`` is used. Where
    rows are not to be kept, each rule's take the place of the last one's.
    """
    room = np.uint64(len(rows)) - np.uint64(BLOCK)
    n = np.uint64(len(rule_of))
    order_at, rows_at = address_of(order), address_of(rows)
    bits_at, masks_at = address_of(bits), address_of(masks)
    intervals_at = address_of(intervals)
    while k < n and used <= room:
        rule = np.uint64(rule_of[k])
        run, last_run = np.uint64(run_start[k]), np.uint64(run_start[k + ONE])
        test, last_test = np.uint64(test_start[k]), np.uint64(test_start[k + ONE])
        first[rule] = last[rule] = used
        k += ONE
        if asleep[rule]:
            continue
        found = used
        source = rows_at  # where the rows are that are left
        if last_run - run == ONE and test < last_test:  # tested where they lie
            begin, end = np.uint64(begins[np.uint64(runs[run, 1])]), np.uint64(begins[np.uint64(runs[run, 2])])
            source = order_at + TWO * (np.uint64(BLOCK) * np.uint64(runs[run, 0]) + begin - used)
            found += end - begin
        elif run < last_run:
            while run < last_run:
                s = np.uint64(runs[run, 0])
                for at in range(np.uint64(begins[np.uint64(runs[run, 1])]), np.uint64(begins[np.uint64(runs[run, 2])])):
                    rows[found] = order[s, at]
                    found += ONE
                run += ONE
        else:
            start, end = np.uint64(mask_start[k - ONE]), np.uint64(mask_start[k])
            first_range, last_range = np.uint64(range_start[k - ONE]), np.uint64(range_start[k])
            alive = all_parts
            for m in range(start, end):
                alive &= live[np.uint64(mask_of[m])]
            if start == end and last_range > first_range:
                one = classes_at[np.uint64(ranges[first_range, 0])]
                low_one, span_one = np.uint16(ranges[first_range, 1]), np.uint16(ranges[first_range, 2])
                if last_range - first_range > ONE:
                    two = classes_at[np.uint64(ranges[first_range + ONE, 0])]
                    low_two, span_two = np.uint16(ranges[first_range + ONE, 1]), np.uint16(ranges[first_range + ONE, 2])
                    for w in range(WORDS):
                        at = np.uint64(128 * w)
                        words[w] = (
                            valid[w] & range64(one + at, low_one, span_one) & range64(two + at, low_two, span_two)
                        )
                    first_range += TWO
                else:
                    for w in range(WORDS):
                        words[w] = valid[w] & range64(one + np.uint64(128 * w), low_one, span_one)
                    first_range += ONE
            elif end - start > ONE and popcount(alive) > FEW_PARTS:
                one, two = np.uint64(mask_of[start]), np.uint64(mask_of[start + ONE])
                for w in range(WORDS):
                    words[w] = masks[one, w] & masks[two, w]
                for m in range(start + TWO, end):
                    other = np.uint64(mask_of[m])
                    for w in range(WORDS):
                        words[w] &= masks[other, w]
            else:
                parts = alive
                while parts:
                    w = trailing_zeros(parts) * np.uint64(PART)
                    parts &= parts - ONE
                    for p in range(w, w + np.uint64(PART)):
                        word = valid[p]
                        for m in range(start, end):
                            word &= masks[np.uint64(mask_of[m]), p]
                        words[p] = word
            hits = np.uint64(0)
            listing = keep or test < last_test
            while alive:
                w = trailing_zeros(alive) * np.uint64(PART)
                alive &= alive - ONE
                for p in range(w, w + np.uint64(PART)):
                    word = words[p]
                    if word == 0:
                        continue
                    at = np.uint64(128) * p
                    for z in range(first_range, last_range):
                        address = classes_at[np.uint64(ranges[z, 0])] + at
                        word &= range64(address, np.uint16(ranges[z, 1]), np.uint16(ranges[z, 2]))
                        if word == 0:
                            break
                    hits += popcount(word)
                    if listing:
                        while word:
                            rows[found] = p * SIXTY_FOUR + trailing_zeros(word)
                            word &= word - ONE
                            found += ONE
            if not listing:
                counts[rule] += np.int64(hits)
                continue
        while test < last_test and found != used:
            kind, low, span = tests[test, 0], np.uint64(tests[test, 2]), np.uint64(tests[test, 3])
            address = classes_at[np.uint64(tests[test, 1])] if kind <= SET else np.uint64(0)
            if kind == RANGE:
                found = keep_range(source, rows_at, used, found, address, np.uint16(low), np.uint16(span))
            elif kind == SET:
                found = keep_set(source, rows_at, used, found, address, bits_at + EIGHT * low)
            elif kind == KEY:
                column = np.uint64(tests[test, 1])
                address = keys_at[column] + EIGHT * base
                found = keep_keys(
                    source, rows_at, used, found, address, sign_off[column], intervals_at + SIXTEEN * low, span
                )  # fmt: skip
            elif kind == ANY:
                found = keep_any(source, rows_at, used, found, classes_at, any_of, low, low + span, bits_at)
            else:
                found = keep_masked(source, rows_at, used, found, masks_at + EIGHT * np.uint64(WORDS) * low)
            source = rows_at
            test += ONE
        counts[rule] += np.int64(found - used)
        last[rule] = found
        if keep:
            used = found
    return k, used
