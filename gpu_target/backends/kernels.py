"""The matching loop: classes of a chunk of rows in, counts, decisions and matches out. Integers only.

A mask is 64 words, one bit per row of a block. ``live`` holds for every mask which of its words are not zero, so that
most rules are dismissed by one AND of two words, and masks are cleared where they were written and nowhere else.
"""

# mypy: ignore-errors
# Numba and LLVM type these functions, by the arguments they are called with.

from __future__ import annotations

import numpy as np

from gpu_target.backends.simd import not_zero64, popcount, range64, trailing_zeros
from gpu_target.columns.compiled import compiled
from gpu_target.selection.draws import draw

BLOCK = 4096
WORDS = 64
ONE = np.uint64(1)
ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
SIX, FIRST_SIX = np.uint64(6), np.uint64(63)
FEW_WORDS = 8  # up to which single words of masks are joined; above, whole masks, which the processor does abreast
COUNTS, DECISIONS, ROW_COUNTS, FILL = 0, 1, 2, 4  # what a pass finds besides counts; bits of ``mode``


@compiled
def clear_masks(masks, live):
    """Zero every mask, touching only its live words."""
    for m in range(len(live)):
        words = live[m]
        while words:
            masks[m, trailing_zeros(words)] = 0
            words &= words - ONE
        live[m] = 0


@compiled
def insert_rows(classes, addresses, base, valid, insert, starts, targets, masks, live):
    """Set the bit of every row in the masks of its class.

    Rows of the classes that are passed over are found sixty-four at a time: most columns have one that nearly all
    rows are of.
    """
    for k in range(len(insert)):
        column, first = insert[k, 0], insert[k, 1]
        low, span = np.uint16(insert[k, 2]), np.uint16(insert[k, 3])
        passing = insert[k, 4] != 0
        address = addresses[column] + np.uint64(2 * base)
        for w in range(WORDS):
            rows = valid[w]
            if passing:
                rows &= ~range64(address + np.uint64(2 * WORDS * w), low, span)
            while rows:
                r = trailing_zeros(rows)
                bit = rows & (~rows + ONE)
                rows ^= bit
                at = first + np.int64(classes[column, np.uint64(base + WORDS * w) + r])
                for t in range(starts[at], starts[at + 1]):
                    masks[targets[t], w] |= bit
                    live[targets[t]] |= ONE << np.uint64(w)


@compiled
def compare_ranges(addresses, base, valid, compare, masks, live):
    """Masks of the rows whose class lies in a range."""
    for k in range(len(compare)):
        m = compare[k, 0]
        address = addresses[compare[k, 1]] + np.uint64(2 * base)
        low, span = np.uint16(compare[k, 2]), np.uint16(compare[k, 3])
        words = np.uint64(0)
        for w in range(WORDS):
            found = range64(address + np.uint64(2 * WORDS * w), low, span) & valid[w]
            masks[m, w] = found
            words |= np.uint64(found != 0) << np.uint64(w)
        live[m] = words


@compiled
def join_masks(join, operands, masks, live):
    """OR and AND of earlier masks; an OR keeps what its mask holds already."""
    for k in range(len(join)):
        m, start, end = join[k, 0], join[k, 2], join[k, 3]
        if join[k, 1] == 0:
            for o in range(start, end):
                other = operands[o]
                words = live[other]
                live[m] |= words
                if popcount(words) > FEW_WORDS:
                    for w in range(WORDS):
                        masks[m, w] |= masks[other, w]
                else:
                    while words:
                        w = trailing_zeros(words)
                        words &= words - ONE
                        masks[m, w] |= masks[other, w]
        else:
            words = ALL
            for o in range(start, end):
                words &= live[operands[o]]
            kept = np.uint64(0)
            while words:
                w = trailing_zeros(words)
                words &= words - ONE
                found = ALL
                for o in range(start, end):
                    found &= masks[operands[o], w]
                masks[m, w] = found
                kept |= np.uint64(found != 0) << w
            live[m] = kept


@compiled(inline=True)
def decide(rule, row, seed, declarations, severity, weight, word, threshold, certain, relief, decision, granted, score):
    """What a match does to its row: score, relief, and the most severe selection at every level of relief."""
    score[row] += weight[rule]
    if relief[rule] > granted[row]:
        granted[row] = relief[rule]
    if severity[rule] == 0:
        return
    value = severity[rule] << np.uint32(24) | np.uint32(0xFFFFFF - rule)
    drawn = np.uint64(0)
    is_drawn = False
    for level in range(decision.shape[1]):
        if decision[row, level] >= value:
            continue
        if not certain[rule, level]:
            if not is_drawn:
                drawn = draw(seed, declarations[row], word[rule])
                is_drawn = True
            if drawn >= threshold[rule, level]:
                continue
        decision[row, level] = value


@compiled
def emit(
    mode, rule, base, kept, live_words, seed, declarations, severity, weight, word, threshold, certain, relief,
    decision, granted, score, row_end, match_rule,
):  # fmt: skip
    """What the matches of one rule in a block do besides being counted; ``kept`` holds the words of ``live_words``.

    Not inlined, and called once per rule and block: the counting loop would lose its registers to what it does not
    use, and a call costs as much as several matches.
    """
    while live_words:
        w = trailing_zeros(live_words)
        live_words &= live_words - ONE
        found = kept[w]
        first = base + np.int64(WORDS) * np.int64(w)
        while found:
            row = first + np.int64(trailing_zeros(found))
            found &= found - ONE
            if mode & DECISIONS:
                decide(
                    rule, row, seed, declarations, severity, weight, word, threshold, certain, relief, decision,
                    granted, score,
                )  # fmt: skip
            if mode & ROW_COUNTS:
                row_end[row] += 1
            if mode & FILL:
                match_rule[row_end[row]] = rule
                row_end[row] += 1


@compiled
def match(
    classes, addresses, n_rows, masks, live,
    insert, insert_start, insert_mask, compare, join, operands,
    rule_start, rule_mask, lazy_start, lazy, never,
    mode, counts,
    seed, declarations, severity, weight, rule_word, threshold, certain, relief, decision, granted, score,
    row_end, match_rule,
):  # fmt: skip
    """Match all rules on the rows of a chunk.

    classes    uint16[columns, n]   n a multiple of BLOCK; addresses uint64[columns] of its rows
    masks      uint64[masks, 64], live uint64[masks]: zero on entry, and left for the next call to clear
    counts     int64[rules]         added to
    row_end    int64[n_rows]        ROW_COUNTS: matches per row; FILL: where each row's next match goes, advanced
    match_rule int32[matches]       FILL: written
    The rest is described in Program and Policy.
    """
    valid, kept = np.empty(WORDS, np.uint64), np.empty(WORDS, np.uint64)
    for base in range(0, n_rows, BLOCK):
        n = min(BLOCK, n_rows - base)
        all_words = np.uint64(0)
        for w in range(WORDS):
            left = n - WORDS * w
            valid[w] = ALL if left >= WORDS else (ONE << np.uint64(left)) - ONE if left > 0 else np.uint64(0)
            all_words |= np.uint64(valid[w] != 0) << np.uint64(w)
        clear_masks(masks, live)
        insert_rows(classes, addresses, base, valid, insert, insert_start, insert_mask, masks, live)
        compare_ranges(addresses, base, valid, compare, masks, live)
        join_masks(join, operands, masks, live)
        for rule in range(len(never)):
            if never[rule]:
                continue
            start, end = rule_start[rule], rule_start[rule + 1]
            words = all_words
            for k in range(start, end):
                words &= live[rule_mask[k]]
            if words == 0:
                continue
            late, last = lazy_start[rule], lazy_start[rule + 1]
            hits = live_words = np.uint64(0)
            if end - start > 1 and popcount(words) > FEW_WORDS:
                first, second = rule_mask[start], rule_mask[start + 1]
                for w in range(WORDS):
                    kept[w] = masks[first, w] & masks[second, w]
                for k in range(start + 2, end):
                    other = rule_mask[k]
                    for w in range(WORDS):
                        kept[w] &= masks[other, w]
                words = not_zero64(kept)
            else:
                alive = words
                while alive:
                    w = trailing_zeros(alive)
                    alive &= alive - ONE
                    found = valid[w]
                    for k in range(start, end):
                        found &= masks[rule_mask[k], w]
                    kept[w] = found
            while words:
                w = trailing_zeros(words)
                words &= words - ONE
                found = kept[w]
                if found == 0:
                    continue
                place = np.uint64(2) * (np.uint64(base) + np.uint64(WORDS) * w)
                for k in range(late, last):
                    found &= range64(addresses[lazy[k, 0]] + place, np.uint16(lazy[k, 1]), np.uint16(lazy[k, 2]))
                    if found == 0:
                        break
                hits += popcount(found)
                kept[w] = found  # read again only where live_words says so
                live_words |= np.uint64(found != 0) << w
            counts[rule] += np.int64(hits)
            if mode and live_words:
                emit(
                    mode, rule, np.int64(base), kept, live_words, seed, declarations, severity, weight, rule_word,
                    threshold, certain, relief, decision, granted, score, row_end, match_rule,
                )  # fmt: skip
