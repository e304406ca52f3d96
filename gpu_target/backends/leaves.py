"""What is known of the leaves of a layout, given how often each class occurs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gpu_target.columns.coded import OrderedColumn
from gpu_target.columns.expressions import family
from gpu_target.plan.layout import Layout, starts

MOST_INTERVALS = 4  # of keys that a test looks into; a column that is asked for more is classified


class Leaves:
    """Arrays over leaves, over their classes, and over runs of adjacent classes of one leaf.

    share      float64[leaves]   of rows where the leaf holds, in a sample
    low, span  int64[leaves]     its lowest class, and how far above it the highest one is
    is_range   bool[leaves]      it takes in all classes between them
    in_time    bool[leaves]      its column is one of times
    keyed      bool[leaves]      rows can be tested by the keys of its column, which need not be classified for that
    key_first  int64[leaves + 1] where a keyed leaf's begin in ``intervals`` int64[..., 2]: first key, and how far above
                                 it the last one is, as uint64
    leaf_of    int64[...]        leaf of each entry of ``layout.leaf_classes``; class_of its class, over all columns
    run_begin  int64[runs]       where in ``leaf_classes`` runs begin; run_last the last entry of each
    """

    def __init__(self, layout: Layout, shares: list[npt.NDArray[np.float64]]) -> None:
        self.layout = layout
        self.widths = np.array([len(each) for each in shares], np.int64)
        self.offsets = starts([len(each) for each in shares])
        self.class_share = np.concatenate([*shares, np.zeros(0)])
        sizes = np.diff(layout.leaf_start)
        self.leaf_of = np.repeat(np.arange(layout.n_leaves), sizes)
        self.class_of = self.offsets[layout.leaf_column[self.leaf_of]] + layout.leaf_classes
        self.share = np.bincount(self.leaf_of, self.class_share[self.class_of], layout.n_leaves)
        self.low = layout.leaf_classes[layout.leaf_start[:-1]].astype(np.int64)
        self.span = layout.leaf_classes[layout.leaf_start[1:] - 1].astype(np.int64) - self.low
        self.is_range = self.span + 1 == sizes
        of_time = np.array([all(family(e.type) == "time" for e in each.values) for each in layout.columns], np.bool_)
        self.in_time = of_time[layout.leaf_column]
        self.time_columns = np.flatnonzero(of_time & (np.bincount(layout.leaf_column, minlength=len(of_time)) > 0))
        self._find_keys(of_time)
        fresh = np.ones(len(self.leaf_of), np.bool_)
        fresh[1:] = (np.diff(self.leaf_of) != 0) | (np.diff(layout.leaf_classes.astype(np.int64)) != 1)
        self.run_begin = np.flatnonzero(fresh)
        self.run_last = np.append(self.run_begin[1:], len(self.leaf_of)) - 1

    def _find_keys(self, of_time: npt.NDArray[np.bool_]) -> None:
        """A column of numbers whose leaves are all few intervals of keys, without NULL, can be tested by its keys."""
        layout = self.layout
        self.keyed = np.zeros(layout.n_leaves, np.bool_)
        parts = [np.zeros((0, 3), np.int64)]
        for number, column in enumerate(layout.columns):
            if of_time[number] or not isinstance(column, OrderedColumn) or not column.has_keys:
                continue
            leaves = np.flatnonzero(layout.leaf_column == number)
            holds = np.zeros((len(leaves), column.null + 1), np.bool_)
            pick = layout.leaf_column[self.leaf_of] == number
            holds[np.searchsorted(leaves, self.leaf_of[pick]), layout.leaf_classes[pick]] = True
            if holds[:, column.null].any():
                continue
            owner, first, last = column.intervals(holds)
            if np.bincount(owner, minlength=len(leaves)).max(initial=0) > MOST_INTERVALS:
                continue
            self.keyed[leaves] = True
            parts.append(np.stack([leaves[owner], first, last - first], axis=1))
        table = np.concatenate(parts)
        table = table[np.argsort(table[:, 0], kind="stable")]
        self.key_first = np.searchsorted(table[:, 0], np.arange(layout.n_leaves + 1))
        self.intervals = np.ascontiguousarray(table[:, 1:])
