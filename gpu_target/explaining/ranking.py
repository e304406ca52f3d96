"""Which rules that did not match came nearest, without looking for the change of every rule."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import pyarrow as pa

from gpu_target.backends.interpreter import Row
from gpu_target.columns.expressions import family
from gpu_target.explaining.nearest import ORDERED, WHOLE, Miss


class Failed(NamedTuple):
    """A rule that did not match, by its position, and the columns that each of its terms that are not TRUE reads."""

    position: int
    columns: tuple[tuple[str, ...], ...]


def nearest_rules(
    failed: Sequence[Failed],
    top: int,
    row: Row,
    schema: Mapping[str, pa.DataType],
    miss_of: Callable[[int], Miss],
) -> list[tuple[int, Miss]]:
    """The ``top`` nearest rules and how near: fewest terms not TRUE, then the smallest change, then rule-set order.

    A change costs at least what its column's type says, so most rules need not be looked into.
    """
    found: list[tuple[int, Miss]] = []
    groups: dict[int, list[Failed]] = {}
    for each in failed:
        groups.setdefault(len(each.columns), []).append(each)
    for size in sorted(groups):
        if len(found) >= top:
            break
        wanted = top - len(found)
        least = sorted((least_size(each, row, schema), each.position) for each in groups[size])
        best: list[tuple[float, int]] = []  # a heap of the worst of the best, sizes and positions negated
        misses: dict[int, Miss] = {}
        for bound, position in least:
            if len(best) == wanted and (bound, position) > (-best[0][0], -best[0][1]):
                break
            misses[position] = miss = miss_of(position)
            heapq.heappush(best, (-miss.size, -position))
            if len(best) > wanted:
                heapq.heappop(best)
        found += [(-position, misses[-position]) for _, position in sorted(best, reverse=True)]
    return found


def least_size(failed: Failed, row: Row, schema: Mapping[str, pa.DataType]) -> float:
    """No change that makes the rule match is smaller: terms on texts and missing values cost a whole change each."""
    counted: set[str] = set()
    least = 0.0
    for columns in failed.columns:
        whole = all(row[name] is None or family(schema[name]) not in ORDERED for name in columns)
        if whole and columns and not counted.intersection(columns):
            counted.update(columns)
            least += WHOLE
    return least
