"""Which masks a block needs, and the steps that make them.

A range of classes is compared, 64 rows at a time. Any other set of classes has its rows inserted one by one, out of the
sorted rows; a class that is common, or in many sets, has a mask of its own, which those sets take in with OR.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gpu_target.backends.cpu.leaves import Leaves
from gpu_target.backends.cpu.masks import BLOCK
from gpu_target.plan.layout import OR, Layout

COMMON = 0.01  # from this share of rows on, comparing a block is cheaper than inserting its rows
RANGE_USES, SET_USES = 24, 6  # a range, or a set, that so many scanned rules ask for has a mask
INSERT_COST, OR_COST = 1.0, 24.0  # of one row inserted, and of one mask taken in, in the same unit

Ints = npt.NDArray[np.int64]


class Steps(NamedTuple):
    """Steps over masks, in this order.

    insert   int64[k, 4]   sort column, where the rows of a class begin, as a position in ``begins``; where its masks
                           begin and end in ``insert_mask``
    compare  int64[k, 4]   mask, column, lowest class, span
    join     int64[k, 4]   mask, OR or AND, where its operands begin and end in ``operands``; an OR keeps what was
                           inserted before
    """

    insert: Ints
    insert_mask: Ints
    compare: Ints
    join: Ints
    operands: Ints


def masked_nodes(layout: Layout, anchor: Ints) -> npt.NDArray[np.bool_]:
    """bool[nodes]: those that need a mask. An OR of leaves does not, where all its rules are anchored: it is tested."""
    of_nodes = layout.node_terms >= layout.n_leaves
    node_of = np.repeat(np.arange(len(layout.node_kind)), np.diff(layout.node_start))
    needed: npt.NDArray[np.bool_] = layout.node_kind != OR
    needed[node_of[of_nodes]] = True
    rule = np.repeat(np.arange(layout.n_rules), np.diff(layout.rule_start))
    is_node = layout.rule_terms >= layout.n_leaves
    scanned = layout.rule_terms[is_node & (anchor[rule] < 0)] - layout.n_leaves
    needed[scanned] = True
    for node in range(len(needed) - 1, -1, -1):  # operands are numbered before
        if needed[node]:
            terms = layout.node_terms[layout.node_start[node] : layout.node_start[node + 1]]
            needed[terms[terms >= layout.n_leaves] - layout.n_leaves] = True
    return needed


class Maker:
    """Masks of nodes and their operands, and of terms that many scanned rules share.

    ``anchor`` int64[rules] is below 0 for rules that are scanned for; ``mask`` int64[terms] is below 0 without a mask.
    """

    def __init__(self, leaves: Leaves, anchor: Ints) -> None:
        self.leaves, self.layout = leaves, leaves.layout
        layout = self.layout
        rule, term = layout.rules_of_leaves
        uses = np.bincount(term[anchor[rule] < 0], minlength=layout.n_leaves)
        needed = (uses >= np.where(leaves.is_range, RANGE_USES, SET_USES)) & ~leaves.inexact
        self.nodes = masked_nodes(layout, anchor)
        for node in np.flatnonzero(self.nodes).tolist():
            terms = layout.node_terms[layout.node_start[node] : layout.node_start[node + 1]]
            needed[terms[terms < layout.n_leaves]] = True
        compared = needed & leaves.is_range & ((leaves.share > COMMON) | leaves.in_time)
        self.n_masks = 0
        self.mask = np.full(layout.n_leaves + len(layout.node_kind), -1, np.int64)
        self._number(np.flatnonzero(needed))
        self.compare = [self._compare_rows(np.flatnonzero(compared))]
        self.joins: list[tuple[int, int, int, int]] = []
        self.operands: list[int] = []
        self._insertion(needed & ~compared)
        self._nodes()

    def _number(self, terms: Ints) -> None:
        self.mask[terms] = self.n_masks + np.arange(len(terms))
        self.n_masks += len(terms)

    def _compare_rows(self, leaves: Ints) -> Ints:
        known = self.leaves
        return np.stack([self.mask[leaves], self.layout.leaf_column[leaves], known.low[leaves], known.span[leaves]], 1)

    def _insertion(self, inserted: npt.NDArray[np.bool_]) -> None:
        """Which class goes into which mask, and the OR steps of leaves that take in the masks of whole classes."""
        known = self.leaves
        leaf, class_ = known.classes_of(inserted)
        share = known.class_share
        leaves_with = np.bincount(class_, minlength=len(share))
        own = INSERT_COST * share * BLOCK * np.maximum(leaves_with - 1, 0) > OR_COST * leaves_with
        own |= (leaves_with > 0) & (share > COMMON)
        shared = np.flatnonzero(own)
        class_mask = np.full(len(share), -1, np.int64)
        class_mask[shared] = self.n_masks + np.arange(len(shared))
        self.n_masks += len(shared)
        column = np.repeat(np.arange(len(known.widths)), known.widths)
        common = shared[share[shared] > COMMON]
        within = common - known.offsets[column[common]]
        self.compare.append(np.stack([class_mask[common], column[common], within, np.zeros_like(within)], axis=1))
        rare = shared[share[shared] <= COMMON]
        direct = ~own[class_]
        self.operands = class_mask[class_[~direct]].tolist()
        joined, first, sizes = np.unique(leaf[~direct], return_index=True, return_counts=True)
        for each, start, size in zip(joined.tolist(), first.tolist(), sizes.tolist(), strict=True):
            self.joins.append((int(self.mask[each]), OR, start, start + size))
        class_ = np.concatenate([class_[direct], rare])
        order = np.argsort(class_, kind="stable")
        self.insert_class = class_[order]
        self.insert_mask = np.concatenate([self.mask[leaf[direct]], class_mask[rare]])[order]
        self.insert_columns = np.unique(column[class_])

    def _nodes(self) -> None:
        layout = self.layout
        nodes = np.flatnonzero(self.nodes)
        self._number(layout.n_leaves + nodes)
        masks = self.mask[layout.node_terms].tolist()
        for k in nodes.tolist():
            start = len(self.operands)
            self.operands += masks[layout.node_start[k] : layout.node_start[k + 1]]
            self.joins.append(
                (int(self.mask[layout.n_leaves + k]), int(layout.node_kind[k]), start, len(self.operands))
            )

    def steps(self, sort_column: Ints, sort_first: Ints) -> Steps:
        """The steps, given where the rows sorted by each column are."""
        known = self.leaves
        class_, begin, sizes = np.unique(self.insert_class, return_index=True, return_counts=True)
        column = np.searchsorted(known.offsets, class_, "right") - 1
        slot = np.searchsorted(sort_column, column)
        at = sort_first[slot] + class_ - known.offsets[column]
        return Steps(
            np.stack([slot, at, begin, begin + sizes], axis=1), self.insert_mask, np.concatenate(self.compare),
            np.array(self.joins, np.int64).reshape(-1, 4), np.array(self.operands, np.int64),
        )  # fmt: skip
