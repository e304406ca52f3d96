"""What is known of the leaves of a layout, given how often each class occurs.

Numbers need not be classified to be told apart: their keys are cut into buckets by a shift, which costs a fraction, and
a leaf takes in the buckets that its keys may be in. Where buckets are not exact, the few rows that are left in the end
are tested by their keys.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt

from gpu_target.columns.coded import ClassColumn, OrderedColumn
from gpu_target.columns.expressions import family
from gpu_target.columns.kernels import SIGN_OFF
from gpu_target.plan.layout import Layout, starts

KEY_COST, CLASSIFY_COST = 2.5, 3.0  # nanoseconds, of the test of a key and of the class of a number
MOST_PAIRS = 4_000_000  # of a leaf and a cut of its column, which are looked at one by one
MOST_INTERVALS = 4  # of keys that a leaf may take in; a column that is asked for more is classified

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Shares = Sequence[npt.NDArray[np.float64]]


class Keyed:
    """The leaves whose columns are cut into buckets: all that can be, but those ``without``.

    columns    bool[columns]; widths int64[columns]: buckets, or classes, of each
    position   int64[columns]       of a keyed column among them; sign_off int64[keyed columns]: SIGN_OFF where keys are
                                    the bits of float64, else 0
    first      int64[leaves + 1]    where a leaf's begin in ``intervals`` int64[..., 2]: first key, and how far above it
                                    the last one is, as uint64
    low, high  int64[intervals]     buckets of both
    """

    def __init__(self, layout: Layout, without: Collection[int] = ()) -> None:
        self.columns = np.zeros(len(layout.columns), np.bool_)
        self.widths = np.array([column.null + 1 for column in layout.columns], np.int64)
        in_nodes = np.zeros(layout.n_leaves, np.bool_)
        in_nodes[layout.node_terms[layout.node_terms < layout.n_leaves]] = True
        leaf_of = np.repeat(np.arange(layout.n_leaves), np.diff(layout.leaf_start))
        column_of = layout.leaf_column[leaf_of]
        parts = [np.zeros((0, 5), np.int64)]
        for number, column in enumerate(layout.columns):
            leaves = np.flatnonzero(layout.leaf_column == number)
            if number in without or not isinstance(column, OrderedColumn) or column.buckets is None:
                continue
            if in_nodes[leaves].any() or len(leaves) * column.classes.n_cuts > MOST_PAIRS:
                continue
            pick = column_of == number
            holds = np.zeros((len(leaves), column.null + 1), np.bool_)
            holds[np.searchsorted(leaves, leaf_of[pick]), layout.leaf_classes[pick]] = True
            if holds[:, column.null].any():
                continue
            owner, first, last = column.intervals(holds)
            of_leaf = np.bincount(owner, minlength=len(leaves))
            if of_leaf.max() > MOST_INTERVALS or of_leaf.min() == 0:  # none: float32 above a number beyond its range
                continue
            self.columns[number] = True
            self.widths[number] = column.buckets.count
            low, high = column.buckets.of(first), column.buckets.of(last)
            parts.append(np.stack([leaves[owner], first, last - first, low, high], axis=1))
        self.position = np.cumsum(self.columns) - 1
        known = [each for each, is_keyed in zip(layout.columns, self.columns, strict=True) if is_keyed]
        self.sign_off = np.array([SIGN_OFF if is_float(each) else 0 for each in known], np.int64)
        table = np.concatenate(parts)
        table = table[np.argsort(table[:, 0], kind="stable")]
        self.leaf = table[:, 0]
        self.first = np.searchsorted(self.leaf, np.arange(layout.n_leaves + 1))
        self.intervals = np.ascontiguousarray(table[:, 1:3])
        self.low, self.high = table[:, 3], table[:, 4]


class Leaves:
    """Arrays over leaves, and over runs of adjacent classes, or buckets, of one leaf.

    share      float64[leaves]   of rows where the leaf may hold, in a sample
    low, span  int64[leaves]     its lowest class, and how far above it the highest one is
    is_range   bool[leaves]      it takes in all classes between them
    inexact    bool[leaves]      it takes in buckets that others hold, too
    in_time    bool[leaves]      its column is one of times
    run_leaf   int64[runs]       ascending; run_low, run_high int64[runs]: first and last class
    run_first  int64[leaves + 1] where the runs of a leaf begin
    widths     int64[columns]    classes of each column; offsets int64[columns + 1] where they begin, over all columns
    """

    def __init__(self, layout: Layout, keyed: Keyed, shares: Shares) -> None:
        self.layout, self.keyed = layout, keyed
        self.widths = np.array([len(each) for each in shares], np.int64)
        self.offsets = starts([len(each) for each in shares])
        self.class_share = np.concatenate([*shares, np.zeros(0)])
        self._find_runs()
        reached = np.concatenate([[0.0], np.cumsum(self.class_share)])
        at = self.offsets[layout.leaf_column[self.run_leaf]]
        of_run = reached[at + self.run_high + 1] - reached[at + self.run_low]
        self.share = np.bincount(self.run_leaf, of_run, layout.n_leaves)
        self.low = self.run_low[self.run_first[:-1]]
        self.span = self.run_high[self.run_first[1:] - 1] - self.low
        self.is_range = np.diff(self.run_first) == 1
        exact = [isinstance(each, OrderedColumn) and each.buckets is not None and each.buckets.exact
                 for each in layout.columns]  # fmt: skip
        self.inexact = (keyed.columns & ~np.array(exact, np.bool_))[layout.leaf_column]
        of_time = np.array([is_time(each) for each in layout.columns], np.bool_) & ~keyed.columns
        self.in_time = of_time[layout.leaf_column]
        self.time_columns = np.unique(layout.leaf_column[self.in_time])

    def _find_runs(self) -> None:
        """Runs of the classes of leaves, and of the buckets of keyed ones, of which intervals may share one."""
        layout, keyed = self.layout, self.keyed
        leaf = np.repeat(np.arange(layout.n_leaves), np.diff(layout.leaf_start))
        by_class = ~keyed.columns[layout.leaf_column[leaf]]
        leaf, class_ = leaf[by_class], layout.leaf_classes[by_class].astype(np.int64)
        run_leaf = np.concatenate([leaf, keyed.leaf])
        low, high = np.concatenate([class_, keyed.low]), np.concatenate([class_, keyed.high])
        order = np.argsort(run_leaf, kind="stable")
        run_leaf, low, high = run_leaf[order], low[order], high[order]
        fresh = np.ones(len(run_leaf), np.bool_)
        fresh[1:] = (np.diff(run_leaf) != 0) | (low[1:] > high[:-1] + 1)
        begin = np.flatnonzero(fresh)
        self.run_leaf, self.run_low = run_leaf[begin], low[begin]
        self.run_high = high[np.append(begin, len(run_leaf))[1:] - 1]
        self.run_first = np.searchsorted(self.run_leaf, np.arange(layout.n_leaves + 1))

    def classes_of(self, some: Flags) -> tuple[Ints, Ints]:
        """Leaf and class, over all columns, of every class of the leaves in ``some`` bool[leaves]."""
        pick = some[self.run_leaf]
        leaf, low, high = self.run_leaf[pick], self.run_low[pick], self.run_high[pick]
        sizes = high - low + 1
        begin = starts(sizes.tolist())
        class_ = np.repeat(low - begin[:-1], sizes) + np.arange(begin[-1])
        leaf = np.repeat(leaf, sizes)
        return leaf, self.offsets[self.layout.leaf_column[leaf]] + class_


def is_float(column: ClassColumn) -> bool:
    """Whether a column's keys are the bits of float64."""
    return isinstance(column, OrderedColumn) and column.is_float


def is_time(column: ClassColumn) -> bool:
    """Whether a column's classes are those of dates or timestamps."""
    return all(family(each.type) == "time" for each in column.values)


def worth_classifying(leaves: Leaves) -> list[int]:
    """Keyed columns whose keys would be tested so often that their classes cost less.

    Keys are tested last, so the rows that a rule is expected to match are those that they are tested on.
    """
    layout = leaves.layout
    rule, leaf = layout.rules_of_leaves
    rows = np.ones(layout.n_rules)
    np.multiply.at(rows, rule, leaves.share[leaf])
    asked = leaves.inexact[leaf]
    of_column = layout.leaf_column[leaf[asked]]
    tests = np.bincount(of_column, rows[rule[asked]], len(layout.columns))  # for each row of a block
    return np.flatnonzero(tests * KEY_COST > CLASSIFY_COST).tolist()
