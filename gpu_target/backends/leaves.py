"""What is known of the leaves of a layout, given how often each class occurs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gpu_target.columns.expressions import family
from gpu_target.plan.layout import Layout, starts


class Leaves:
    """Arrays over leaves, over their classes, and over runs of adjacent classes of one leaf.

    share      float64[leaves]   of rows where the leaf holds, in a sample
    low, span  int64[leaves]     its lowest class, and how far above it the highest one is
    is_range   bool[leaves]      it takes in all classes between them
    in_time    bool[leaves]      its column is one of times
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
        fresh = np.ones(len(self.leaf_of), np.bool_)
        fresh[1:] = (np.diff(self.leaf_of) != 0) | (np.diff(layout.leaf_classes.astype(np.int64)) != 1)
        self.run_begin = np.flatnonzero(fresh)
        self.run_last = np.append(self.run_begin[1:], len(self.leaf_of)) - 1
