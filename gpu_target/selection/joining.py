"""Compiled loops over what rows found; the types of the arrays are those of ``Found``."""

# mypy: ignore-errors
# Numba types these functions, by the arguments they are called with.

from __future__ import annotations

import numpy as np

from gpu_target.columns.compiled import compiled
from gpu_target.selection.policy import LAST_POSITION, SEVERITY_SHIFT

SHIFT, LAST = np.uint32(SEVERITY_SHIFT), np.uint32(LAST_POSITION)


@compiled
def join_rows(first, decision, relief, score, joined_decision, joined_relief, joined_score):
    """Rows first[i] to first[i + 1] as one, for every i: the most severe decisions, the relief, the sum of scores.

    first     int64[n + 1]
    joined_*  arrays of [n] that are written
    """
    levels = decision.shape[1]
    for i in range(len(joined_relief)):
        start = first[i]
        granted, total = relief[start], score[start]
        for level in range(levels):
            joined_decision[i, level] = decision[start, level]
        for row in range(start + 1, first[i + 1]):
            granted = max(granted, relief[row])
            total += score[row]
            for level in range(levels):
                joined_decision[i, level] = max(joined_decision[i, level], decision[row, level])
        joined_relief[i], joined_score[i] = granted, total


@compiled
def read_decisions(decision, relief, severity, position):
    """What was decided at the level of relief: the severity int8[n] and the rule's position int32[n], 0 where none."""
    for i in range(len(relief)):
        found = decision[i, relief[i]]
        severity[i] = found >> SHIFT
        position[i] = LAST - (found & LAST) if found >> SHIFT else np.uint32(0)
