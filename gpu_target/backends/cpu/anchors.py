"""By which term each rule is found. Costs, in nanoseconds, decide between ways of one and the same result."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gpu_target.backends.cpu.leaves import Leaves
from gpu_target.backends.cpu.masks import BLOCK

# measured on blocks of 8,192 rows
RULE_COST, RUN_COST, ROW_COST = 15.0, 4.0, 2.8  # of a rule, of each range of its anchor, of each row there
SCAN_COST = 2_500.0  # of a rule that is scanned for, and ROW_COST of each row that is left then
SORT_COST, CLASS_COST, SORTED_COST = 2_500.0, 0.6, 2.5  # of sorting by a column, of each class and row there

Ints = npt.NDArray[np.int64]


def choose_anchors(leaves: Leaves) -> Ints:
    """int64[rules]: the leaf that a rule is found by, -1 where the block is scanned for it.

    Columns are taken one after the other, the one that saves most first, until sorting by a further one costs more
    than it saves.
    """
    layout = leaves.layout
    rule, term = layout.rules_of_leaves
    able = ~leaves.in_time[term]
    rule, term = rule[able], term[able]
    n_runs = np.diff(leaves.run_first)
    cost = RULE_COST + RUN_COST * n_runs[term] + ROW_COST * BLOCK * leaves.share[term]
    column = layout.leaf_column[term]
    best = np.full((layout.n_rules, len(layout.columns)), np.inf)
    np.minimum.at(best, (rule, column), cost)
    without = scan_costs(leaves)
    current = without.copy()
    price = column_prices(leaves)
    chosen = np.zeros(len(layout.columns), np.bool_)
    while not chosen.all():
        gain = np.maximum(current[:, None] - best, 0).sum(axis=0) - price
        gain[chosen] = -np.inf
        if gain.max() <= 0:
            break
        chosen[np.argmax(gain)] = True
        current = np.minimum(current, best[:, np.argmax(gain)])
    anchor = np.full(layout.n_rules, -1, np.int64)
    taken = chosen[column] & (cost < without[rule])
    order = np.flatnonzero(taken)[np.argsort(-cost[taken], kind="stable")]  # the cheapest is written last
    anchor[rule[order]] = term[order]
    return anchor


def scan_costs(leaves: Leaves) -> npt.NDArray[np.float64]:
    """float64[rules]: what it costs to scan the block for a rule by its ranges."""
    rule, term = leaves.layout.rules_of_leaves
    rule, term = rule[leaves.is_range[term]], term[leaves.is_range[term]]
    left = np.ones(leaves.layout.n_rules)
    np.multiply.at(left, rule, leaves.share[term])
    return SCAN_COST + ROW_COST * BLOCK * left


def column_prices(leaves: Leaves) -> npt.NDArray[np.float64]:
    """float64[columns]: what it costs to sort a block by a column, if all classes that some leaf has are looked up."""
    change = np.zeros(len(leaves.class_share) + 1, np.int64)
    at = leaves.offsets[leaves.layout.leaf_column[leaves.run_leaf]]
    np.add.at(change, at + leaves.run_low, 1)
    np.add.at(change, at + leaves.run_high + 1, -1)
    share = np.append(np.where(np.cumsum(change)[:-1] > 0, leaves.class_share, 0.0), 0.0)
    n_columns = len(leaves.widths)
    rows = BLOCK * np.add.reduceat(share, leaves.offsets[:-1]) if n_columns else np.zeros(0)
    return SORT_COST + CLASS_COST * leaves.widths + SORTED_COST * rows
