"""What is asked of single rows: tests of classes, of keys that are not worth classifying, and of masks."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gpu_target.backends.find import KEY, MASK, RANGE, SET
from gpu_target.backends.leaves import Leaves
from gpu_target.plan.layout import starts

Ints = npt.NDArray[np.int64]


class Tests:
    """Tests for these terms: ``table`` int32[terms, 4] and ``bits`` as ``Rules`` has them.

    ``key_column`` int64[...] are the columns whose keys are looked at. ``mask`` int64[terms of the layout].
    ``classified`` bool[columns] says whose classes are needed in any case, and is told whose are needed here.
    """

    def __init__(self, leaves: Leaves, term: Ints, mask: Ints, classified: npt.NDArray[np.bool_]) -> None:
        self.leaves, self.layout = leaves, leaves.layout
        n_leaves, n_nodes = self.layout.n_leaves, len(mask) - self.layout.n_leaves
        tested = np.unique(term[term < n_leaves])
        column = self.layout.leaf_column
        by_key = leaves.keyed & ~classified[column]
        self.key_column = np.unique(column[tested[by_key[tested]]])
        classified[column[tested[~by_key[tested]]]] = True
        first_word, self.bits = self._class_sets(tested[~leaves.is_range[tested] & ~by_key[tested]])
        slot = np.searchsorted(self.key_column, column)
        kind = np.where(by_key, KEY, np.where(leaves.is_range, RANGE, SET))
        low = np.where(by_key, leaves.key_first[:-1], np.where(leaves.is_range, leaves.low, first_word))
        span = np.where(by_key, np.diff(leaves.key_first), leaves.span)
        of_leaves = np.stack([kind, np.where(by_key, slot, column), low, span], axis=1)
        of_nodes = np.zeros((n_nodes, 4), np.int64)
        of_nodes[:, 0], of_nodes[:, 2] = MASK, mask[n_leaves:]
        self.table = np.concatenate([of_leaves, of_nodes])[term].astype(np.int32)

    def _class_sets(self, needed: Ints) -> tuple[Ints, npt.NDArray[np.uint64]]:
        """Where in ``bits`` the set of each needed leaf begins, int64[leaves], and the bits."""
        layout, leaves = self.layout, self.leaves
        words = -(-leaves.widths[layout.leaf_column[needed]] // 64)
        first_word = np.zeros(layout.n_leaves, np.int64)
        first_word[needed] = starts(words.tolist())[:-1]
        bits = np.zeros(int(words.sum()), np.uint64)
        is_needed = np.zeros(layout.n_leaves, np.bool_)
        is_needed[needed] = True
        pick = is_needed[leaves.leaf_of]
        class_ = layout.leaf_classes[pick].astype(np.int64)
        at = first_word[leaves.leaf_of[pick]] + (class_ >> 6)
        np.bitwise_or.at(bits, at, np.uint64(1) << (class_ & 63).astype(np.uint64))
        return first_word, bits
