"""Does a result agree with itself? Lanes and matches, which other engines do not compute, against the counts."""

from __future__ import annotations

import numpy as np
import pyarrow.compute as pc

import gpu_target as gt


def contradiction(result: gt.Result) -> str | None:
    """What the lanes or the matches say that the counts do not; None where they agree, or were not asked for.

    Read are ``count_array`` int64[rules], the ``score`` of each declaration, and ``row`` and ``rule`` of each match.
    """
    if result.lane_table is not None:
        weights = np.array([0 if rule.lane is None else rule.weight for rule in result.plan.rules], np.int64)
        expected, found = int(result.count_array @ weights), pc.sum(result.lanes()["score"]).as_py() or 0
        if found != expected:
            return f"scores sum to {found:,}, the counts with the weights of their rules to {expected:,}"
    return None if result.pieces is None else _of_matches(result)


def _of_matches(result: gt.Result) -> str | None:
    """Every rule as often as it was counted, sorted by row then rule, none twice."""
    rules = max(1, len(result.count_array))
    counted, last = np.zeros(rules, np.int64), -1
    for batch in result.matches().to_batches():
        row, rule = batch["row"].to_numpy(), batch["rule"].to_numpy()
        if not len(row):
            continue
        place = row * rules + rule
        if place[0] <= last or (np.diff(place) <= 0).any():
            return "matches are not sorted by row and rule"
        last = int(place[-1])
        counted += np.bincount(rule, minlength=rules)
    if last >= result.rows * rules:
        return f"a match is in row {last // rules:,} of {result.rows:,}"
    if (counted[: len(result.count_array)] != result.count_array).any():
        return f"there are {counted.sum():,} matches, {result.count_array.sum():,} were counted, or of other rules"
    return None
