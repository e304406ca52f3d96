"""Integer draws: alias tables, and probabilities as thresholds on a 32-bit word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from synthetic.compiled import compiled
from synthetic.fixed_point import ONE, exp2, log2

SCALE = 1 << 32


class Alias(NamedTuple):
    """Alias tables of several distributions, one behind the other.

    start int64[n + 1]: distribution i has the slots start[i] to start[i + 1]; threshold int64[slots], 0 to 2^32;
    other int32[slots], counted from the distribution's own first slot.
    """

    start: NDArray[np.int64]
    threshold: NDArray[np.int64]
    other: NDArray[np.int32]


def threshold(probability: float) -> int:
    """The number of 32-bit words below which a draw happens."""
    return min(SCALE, max(0, round(probability * SCALE)))


def to_scale(weights: Sequence[float] | Sequence[int] | NDArray[np.int64]) -> list[int]:
    """Weights as integers that sum to exactly 2^32; the remainder goes to the largest. One of them is above 0."""
    exact = [int(w) if isinstance(w, int | np.integer) else round(w * SCALE) for w in weights]
    total = sum(exact)
    if total <= 0 or min(exact) < 0:
        raise ValueError("weights are 0 or more, and one is above 0")
    scaled = [w * SCALE // total for w in exact]
    scaled[max(range(len(exact)), key=exact.__getitem__)] += SCALE - sum(scaled)
    return scaled


def alias(*distributions: Sequence[float] | Sequence[int] | NDArray[np.int64]) -> Alias:
    """Alias tables of one or more lists of weights."""
    sizes = [len(each) for each in distributions]
    start = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    tables = [_fill(np.array(to_scale(each), np.int64)) for each in distributions]
    return Alias(
        start,
        np.concatenate([limit for limit, _ in tables]),
        np.concatenate([other for _, other in tables]).astype(np.int32),
    )


@compiled
def _fill(scaled: NDArray[np.int64]) -> Any:
    """Walker's tables in integers. scaled int64[n], sum 2^32. Returns threshold int64[n], other int64[n]."""
    n = len(scaled)
    left = scaled * n  # a slot holds 2^32 of these; n below 2^20 keeps the products inside int64
    other = np.arange(n)
    small, large = np.empty(n, np.int64), np.empty(n, np.int64)
    n_small = n_large = 0
    for i in range(n):
        if left[i] < SCALE:
            small[n_small] = i
            n_small += 1
        else:
            large[n_large] = i
            n_large += 1
    while n_small and n_large:
        n_small -= 1
        low, high = small[n_small], large[n_large - 1]
        other[low] = high
        left[high] -= SCALE - left[low]
        if left[high] < SCALE:
            n_large -= 1
            small[n_small] = high
            n_small += 1
    return left, other


def zipf(count: int, exponent: float, shift: float = 0.0) -> NDArray[np.int64]:
    """Weights (rank + shift)^-exponent for rank 1..count, 40 bits behind the point, computed in integers."""
    weights: NDArray[np.int64] = _zipf(count, round(exponent * ONE), round(shift * 1_024))
    return weights


@compiled
def _zipf(count: int, exponent: int, shift: int) -> Any:
    """int64[count] of weights; exponent with 24 bits and shift with 10 bits behind the point."""
    weights = np.empty(count, np.int64)
    first = log2((np.int64(1) << 10) + shift)
    for rank in range(count):
        steps = log2(((np.int64(rank) + 1) << 10) + shift) - first
        weights[rank] = max(exp2((np.int64(40) << 24) - ((steps * (exponent >> 8)) >> 16)), 1)
    return weights


@compiled
def share_out(weights: NDArray[np.int64], targets: NDArray[np.int64], noise: NDArray[np.int64]) -> Any:
    """Give each of a population, most important first, to a group so that the groups' sums keep to their shares.

    weights int64[n], sum at most 2^33; targets int64[k], sum 2^32; noise int64[n], 32-bit words. Each goes to one of
    the three groups that lag most behind, and chance decides which. Returns int32[n].
    """
    total = np.sum(weights)
    held = np.zeros(len(targets), np.int64)
    given = np.empty(len(weights), np.int32)
    reached = np.int64(0)
    for i in range(len(weights)):
        reached += weights[i]
        best = np.full(3, -1, np.int64)
        lag = np.full(3, np.iinfo(np.int64).min, np.int64)
        part = (reached << 20) // total
        for group in range(len(targets)):
            if targets[group] == 0:
                continue
            behind = ((targets[group] * part) >> 20) - held[group]
            for place in range(3):
                if behind > lag[place]:
                    for lower in range(2, place, -1):
                        lag[lower], best[lower] = lag[lower - 1], best[lower - 1]
                    lag[place], best[place] = behind, group
                    break
        choice = (noise[i] * 3) >> 32
        if best[choice] < 0 or lag[choice] <= 0:
            choice = 0
        given[i] = best[choice]
        held[best[choice]] += weights[i]
    return given
