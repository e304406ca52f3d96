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
from gpu_target.columns.machine import address_of, class_at, code_at, key_at

# kinds of a test: the class lies in a range, or in a set, the row's bit is in a mask, the key lies in some interval, or
# one of several tests of classes holds
RANGE, SET, MASK, KEY, ANY = 0, 1, 2, 3, 4
TWO, SIX, EIGHT, SIXTEEN = np.uint64(2), np.uint64(6), np.uint64(8), np.uint64(16)
FIRST_SIX, SIXTY_FOUR = np.uint64(63), np.uint64(64)


# Each of these keeps the rows that meet a test, out of those of ``source`` from ``used`` to ``found``: it writes them
# to ``rows`` from ``used`` on and returns where they end. The two are addresses of uint16, and may be one; those of
# classes and keys are of the block's. No branch, since the data would mispredict it; functions of their own over plain
# numbers, since inside ``find`` their loops would lose their registers to what they do not use.


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
def keep_any(source, rows, used, found, classes_at, parts, n_parts, bits):
    """Rows for which one of several tests of classes holds."""
    left = used
    for at in range(used, found):
        row = class_at(source, at)
        put_row(rows, left, row)
        holds = np.uint64(0)
        for p in range(n_parts):
            part = parts + SIXTEEN * p
            class_ = class_at(np.uint64(key_at(classes_at, np.uint64(code_at(part, ONE)))), np.uint64(row))
            low, span = code_at(part, TWO), code_at(part, np.uint64(3))
            if code_at(part, np.uint64(0)) == RANGE:
                holds |= np.uint64(np.uint16(class_ - np.uint16(low)) <= np.uint16(span))
            else:
                word = np.uint64(key_at(bits, np.uint64(low) + (np.uint64(class_) >> SIX)))
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
def keep_tested(
    test, last_test, source, rows, used, found, classes_at, keys_at, sign_off, base, masks, tests, parts, bits,
    intervals,
):  # fmt: skip
    """Rows that meet all tests from ``test`` to ``last_test``; all arrays are given by their addresses.

    Reference counts of arrays would cost more here than most tests do.
    """
    while test < last_test and found != used:
        of_test = tests + SIXTEEN * test
        kind, column = code_at(of_test, np.uint64(0)), np.uint64(code_at(of_test, ONE))
        low, span = np.uint64(code_at(of_test, TWO)), np.uint64(code_at(of_test, np.uint64(3)))
        if kind == RANGE:
            classes = np.uint64(key_at(classes_at, column))
            found = keep_range(source, rows, used, found, classes, np.uint16(low), np.uint16(span))
        elif kind == SET:
            found = keep_set(source, rows, used, found, np.uint64(key_at(classes_at, column)), bits + EIGHT * low)
        elif kind == KEY:
            keys, flips = np.uint64(key_at(keys_at, column)) + EIGHT * base, key_at(sign_off, column)
            found = keep_keys(source, rows, used, found, keys, flips, intervals + SIXTEEN * low, span)
        elif kind == ANY:
            found = keep_any(source, rows, used, found, classes_at, parts + SIXTEEN * low, span, bits)
        else:
            found = keep_masked(source, rows, used, found, masks + EIGHT * np.uint64(WORDS) * low)
        source = rows
        test += ONE
    return found


@compiled(inline=True)
def scan(start, end, first_range, last_range, mask_of, ranges, classes_at, valid, all_parts, masks, live, words):
    """Rows of the block that lie in the masks of a rule, and in the first of its ranges, as bits of ``words``.

    Returns the parts of ``words`` that may not be zero, and the first of the ranges that are still to be looked at.
    """
    alive = all_parts
    for m in range(start, end):
        alive &= live[np.uint64(mask_of[m])]
    if start == end and last_range > first_range:
        one = classes_at[np.uint64(ranges[first_range, 0])]
        low_one, span_one = np.uint16(ranges[first_range, 1]), np.uint16(ranges[first_range, 2])
        first_range += ONE
        if last_range == first_range:
            for w in range(WORDS):
                words[w] = valid[w] & range64(one + np.uint64(128 * w), low_one, span_one)
        else:
            two = classes_at[np.uint64(ranges[first_range, 0])]
            low_two, span_two = np.uint16(ranges[first_range, 1]), np.uint16(ranges[first_range, 2])
            first_range += ONE
            for w in range(WORDS):
                at = np.uint64(128 * w)
                words[w] = valid[w] & range64(one + at, low_one, span_one) & range64(two + at, low_two, span_two)
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
    return alive, first_range


@compiled(inline=True)
def list_scanned(alive, words, ranges, first_range, last_range, classes_at, listing, rows, found):
    """Rows of ``words`` that lie in the ranges that are left: how many, and where they end in ``rows``, if listed."""
    hits = np.uint64(0)
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
    return hits, found


@compiled(inner=True)
def find(
    k, keep, classes_at, keys_at, sign_off, base, valid, all_parts, masks, live, begins, order, asleep, rules, words,
    counts, rows, used, first, last,
):  # fmt: skip
    """Rows that rules match, from the ``k``-th rule on, one rule's behind the other's in ``rows``.

    keep         bool            whether they are wanted; if not, each rule's take the place of the last one's
    classes_at   uint64[columns] addresses of uint16[BLOCK] classes of the block's rows
    keys_at      uint64[...]     addresses of int64 keys of the chunk's rows, of which the block begins with ``base``
    sign_off     int64[...]      SIGN_OFF where they are the bits of float64, else 0
    valid        uint64[WORDS]   rows that there are; all_parts uint64: the parts of a mask that have some
    masks        uint64[masks, WORDS], live uint64[masks]
    begins       uint16[...]     and order uint16[sort columns, BLOCK], as ``sort_rows`` leaves them
    asleep       bool[rules]     rules that match nothing here
    rules        ``Rules``
    words        uint64[WORDS]   scratch
    counts       int64[rules]    added to
    rows         uint16[...]     rows of the block; rule r's lie from first[r] to last[r]
    first, last  uint64[rules]   written

    Stops where ``rows`` might not hold the next rule's: returns which that is, and how much of ``rows`` is used.
    """
    room = np.uint64(len(rows)) - np.uint64(BLOCK)
    n = np.uint64(len(rules.rule))
    order_at, rows_at = address_of(order), address_of(rows)
    tests_at, parts_at = address_of(rules.tests), address_of(rules.parts)
    bits_at, intervals_at = address_of(rules.bits), address_of(rules.intervals)
    # taken out once: each look into a tuple counts references
    rule_of, run_start, runs, test_start = rules.rule, rules.run_start, rules.runs, rules.test_start
    mask_start, mask_of, range_start, ranges = rules.mask_start, rules.mask, rules.range_start, rules.ranges
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
            last_range = np.uint64(range_start[k])
            alive, next_range = scan(
                np.uint64(mask_start[k - ONE]), np.uint64(mask_start[k]), np.uint64(range_start[k - ONE]), last_range,
                mask_of, ranges, classes_at, valid, all_parts, masks, live, words,
            )  # fmt: skip
            listing = keep or test < last_test
            hits, found = list_scanned(alive, words, ranges, next_range, last_range, classes_at, listing, rows, used)
            if not listing:
                counts[rule] += np.int64(hits)
                continue
        found = keep_tested(
            test, last_test, source, rows_at, used, found, address_of(classes_at), address_of(keys_at),
            address_of(sign_off), base, address_of(masks), tests_at, parts_at, bits_at, intervals_at,
        )  # fmt: skip
        counts[rule] += np.int64(found - used)
        last[rule] = found
        if keep:
            used = found
    return k, used
