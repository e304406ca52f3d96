"""The plan's terms as steps over the bit masks of a block of rows.

How often classes occur in the data decides how a term is computed, never what it is:

- a leaf whose classes are a common range is compared, 64 rows at a time: eagerly into a mask where nodes or many rules
  need it, else lazily, on the words of a rule that are still alive;
- any other leaf has a mask into which its rows are inserted one by one; a class that is common and in many leaves has
  a mask of its own, which those leaves take in with OR.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gpu_target.columns.expressions import family
from gpu_target.plan.layout import OR, Layout, starts

BLOCK = 4096  # rows; 64 words, so that the live words of a mask fit one word themselves
COMMON = 0.01  # from this share of rows on, comparing a block is cheaper than inserting its rows
EAGER_USES = 24  # a range used by this many rules is cheaper compared once
INSERT_COST, OR_COST = 1.0, 12.0  # of one row inserted, and of one mask taken in, in the same unit

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Program:
    """Steps over ``n_masks`` masks, in this order: insert, compare, join, then the rules.

    insert         int64[k, 5]     column with classes to insert; where its classes begin in insert_start; a run of
                                   classes without masks, lowest and span, and whether there is one
    insert_mask    int64[...]      masks that a class's rows are inserted into
    compare        int64[k, 4]     mask, column, lowest class, span
    join           int64[k, 4]     mask, OR or AND, where its operands begin and end in ``operands``;
                                   an OR keeps what was inserted before
    rule_start     int64[rules + 1]  into rule_mask: masks, rarest first
    lazy_start     int64[rules + 1]  into lazy int64[..., 3]: column, lowest class, span
    """

    n_masks: int
    insert: Ints
    insert_start: Ints
    insert_mask: Ints
    compare: Ints
    join: Ints
    operands: Ints
    rule_start: Ints
    rule_mask: Ints
    lazy_start: Ints
    lazy: Ints
    never: npt.NDArray[np.bool_]


def make_program(layout: Layout, shares: list[npt.NDArray[np.float64]]) -> Program:
    """``shares`` float64[classes] per class column: how often each class occurs, from a sample.

    Records come in the order of time, so a sample of the first ones knows nothing of later days: ranges of a column of
    times are compared in any case. Inserted as rare, those of a year's validity dates would cost most of the run.
    """
    return _Maker(layout, shares).make()


class _Maker:
    def __init__(self, layout: Layout, shares: list[npt.NDArray[np.float64]]) -> None:
        self.layout = layout
        self.widths = np.array([len(each) for each in shares], np.int64)
        self.offsets = starts([len(each) for each in shares])
        self.share = np.concatenate([*shares, np.zeros(0)])
        sizes = np.diff(layout.leaf_start)
        self.leaf_of = np.repeat(np.arange(layout.n_leaves), sizes)
        self.class_of = self.offsets[layout.leaf_column[self.leaf_of]] + layout.leaf_classes  # over all columns
        self.leaf_share = np.bincount(self.leaf_of, self.share[self.class_of], layout.n_leaves)
        self.low = layout.leaf_classes[layout.leaf_start[:-1]].astype(np.int64)
        self.span = layout.leaf_classes[layout.leaf_start[1:] - 1].astype(np.int64) - self.low
        self.is_range = self.span + 1 == sizes
        of_time = [all(family(each.type) == "time" for each in column.values) for column in layout.columns]
        self.in_time = np.array(of_time, np.bool_)[layout.leaf_column]
        self.n_masks = 0

    def make(self) -> Program:
        layout = self.layout
        compared = self.is_range & ((self.leaf_share > COMMON) | self.in_time)
        in_nodes = np.zeros(layout.n_leaves, np.bool_)
        in_nodes[layout.node_terms[layout.node_terms < layout.n_leaves]] = True
        uses = np.bincount(layout.rule_terms[layout.rule_terms < layout.n_leaves], minlength=layout.n_leaves)
        lazy = compared & ~in_nodes & (uses < EAGER_USES)
        eager = compared & ~lazy
        self.mask = np.full(layout.n_leaves + len(layout.node_kind), -1, np.int64)
        self._number(np.flatnonzero(~lazy))
        compare = [self._compare_rows(np.flatnonzero(eager))]
        inserted = ~compared
        insert_class, insert_mask, joins, operands = self._insertion(inserted, compare)
        self._nodes(joins, operands)
        insert, insert_start, masks = self._insert_table(insert_class, insert_mask)
        rule_start, rule_mask, lazy_start, lazy_rows = self._rules(lazy)
        return Program(
            self.n_masks, insert, insert_start, masks, np.concatenate(compare),
            np.array(joins, np.int64).reshape(-1, 4), np.array(operands, np.int64),
            rule_start, rule_mask, lazy_start, lazy_rows, layout.never,
        )  # fmt: skip

    def _number(self, terms: Ints) -> None:
        self.mask[terms] = self.n_masks + np.arange(len(terms))
        self.n_masks += len(terms)

    def _compare_rows(self, leaves: Ints) -> Ints:
        rows = (self.mask[leaves], self.layout.leaf_column[leaves], self.low[leaves], self.span[leaves])
        return np.stack(rows, axis=1)

    def _insertion(
        self, inserted: npt.NDArray[np.bool_], compare: list[Ints]
    ) -> tuple[Ints, Ints, list[tuple[int, int, int, int]], list[int]]:
        """Which class goes into which mask, and the OR steps of leaves that take in the masks of whole classes."""
        pick = inserted[self.leaf_of]
        leaf, class_ = self.leaf_of[pick], self.class_of[pick]
        leaves_with = np.bincount(class_, minlength=len(self.share))
        rows = self.share * BLOCK
        own = INSERT_COST * rows * np.maximum(leaves_with - 1, 0) > OR_COST * leaves_with
        own |= (leaves_with > 0) & (self.share > COMMON)
        shared = np.flatnonzero(own)
        class_mask = np.full(len(self.share), -1, np.int64)
        class_mask[shared] = self.n_masks + np.arange(len(shared))
        self.n_masks += len(shared)
        column = np.repeat(np.arange(len(self.widths)), self.widths)
        common = shared[self.share[shared] > COMMON]
        within = common - self.offsets[column[common]]
        compare.append(np.stack([class_mask[common], column[common], within, np.zeros_like(within)], axis=1))
        rare = shared[self.share[shared] <= COMMON]
        direct = ~own[class_]
        insert_class = np.concatenate([class_[direct], rare])
        insert_mask = np.concatenate([self.mask[leaf[direct]], class_mask[rare]])
        joins: list[tuple[int, int, int, int]] = []
        operands: list[int] = class_mask[class_[~direct]].tolist()
        joined, first, sizes = np.unique(leaf[~direct], return_index=True, return_counts=True)
        for each, start, size in zip(joined.tolist(), first.tolist(), sizes.tolist(), strict=True):
            joins.append((int(self.mask[each]), OR, start, start + size))
        return insert_class, insert_mask, joins, operands

    def _nodes(self, joins: list[tuple[int, int, int, int]], operands: list[int]) -> None:
        layout = self.layout
        self._number(layout.n_leaves + np.arange(len(layout.node_kind)))
        masks = self.mask[layout.node_terms].tolist()
        for k, kind in enumerate(layout.node_kind.tolist()):
            start = len(operands)
            operands += masks[layout.node_start[k] : layout.node_start[k + 1]]
            joins.append((int(self.mask[layout.n_leaves + k]), kind, start, len(operands)))

    def _insert_table(self, insert_class: Ints, insert_mask: Ints) -> tuple[Ints, Ints, Ints]:
        order = np.argsort(insert_class, kind="stable")
        counts = np.bincount(insert_class, minlength=len(self.share))
        rows = []
        for column in range(len(self.widths)):
            within = slice(self.offsets[column], self.offsets[column + 1])
            if counts[within].any():
                run = self._passed_over(counts[within] == 0, self.share[within])
                rows.append((column, self.offsets[column], *run))
        return np.array(rows, np.int64).reshape(-1, 5), starts(counts.tolist()), insert_mask[order]

    @staticmethod
    def _passed_over(idle: npt.NDArray[np.bool_], share: npt.NDArray[np.float64]) -> tuple[int, int, int]:
        """The run of idle classes that most rows are of: its lowest, its span, and 1; or zeros where none is idle."""
        if not idle.any():
            return 0, 0, 0
        edges = np.flatnonzero(np.diff(np.concatenate([[False], idle, [False]]).astype(np.int8)))
        begins, ends = edges[::2], edges[1::2]
        reached = np.concatenate([[0.0], np.cumsum(share)])
        best = int(np.argmax(reached[ends] - reached[begins]))
        return int(begins[best]), int(ends[best] - begins[best] - 1), 1

    def _rules(self, lazy: npt.NDArray[np.bool_]) -> tuple[Ints, Ints, Ints, Ints]:
        """Terms of every rule: masks, then ranges to compare lazily, each by rising share of rows."""
        layout = self.layout
        n_terms = layout.n_leaves + len(layout.node_kind)
        share = np.full(n_terms, 0.5)
        share[: layout.n_leaves] = self.leaf_share
        rule_of = np.repeat(np.arange(layout.n_rules), np.diff(layout.rule_start))
        order = np.lexsort((share[layout.rule_terms], rule_of))
        terms, rule_of = layout.rule_terms[order], rule_of[order]
        is_lazy = np.zeros(len(terms), np.bool_)
        is_lazy[terms < layout.n_leaves] = lazy[terms[terms < layout.n_leaves]]
        late = terms[is_lazy]
        lazy_rows = np.stack([layout.leaf_column[late], self.low[late], self.span[late]], axis=1)
        n = layout.n_rules
        return (
            starts(np.bincount(rule_of[~is_lazy], minlength=n).tolist()), self.mask[terms[~is_lazy]],
            starts(np.bincount(rule_of[is_lazy], minlength=n).tolist()), lazy_rows,
        )  # fmt: skip
