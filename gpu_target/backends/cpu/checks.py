"""What is asked of single rows: tests of classes, of bits of masks, and of keys where buckets were not exact."""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt

from gpu_target.backends.cpu.find import ANY, KEY, MASK, RANGE, SET
from gpu_target.backends.cpu.leaves import Leaves
from gpu_target.plan.layout import starts

Ints = npt.NDArray[np.int64]


class Checks:
    """Rows of ``Rules.tests`` for terms of the layout, and the sets of classes that they look into.

    of_term  int32[terms, 4]   a test of the class, of the mask, or of ``parts``, for an OR of leaves without a mask
    parts    int32[..., 4]     tests of classes
    of_key   int32[leaves, 4]  the test of the key, for leaves that are inexact
    """

    def __init__(self, leaves: Leaves, tested: Ints, mask: Ints) -> None:
        """``tested`` are the terms that tests are for; ``mask`` int64[terms]."""
        layout = leaves.layout
        n_leaves = layout.n_leaves
        without = tested[(tested >= n_leaves) & (mask[tested] < 0)] - n_leaves
        operands = [layout.node_terms[layout.node_start[k] : layout.node_start[k + 1]] for k in without.tolist()]
        part_of = np.concatenate([*operands, np.zeros(0, np.int64)])
        first_part = starts([len(each) for each in operands])
        asked = np.union1d(tested[tested < n_leaves], part_of)
        first_word, self.bits = class_sets(leaves, asked[~leaves.is_range[asked]])
        kind = np.where(leaves.is_range, RANGE, SET)
        low = np.where(leaves.is_range, leaves.low, first_word)
        of_leaves = np.stack([kind, layout.leaf_column, low, leaves.span], axis=1).astype(np.int32)
        of_nodes = np.zeros((len(mask) - n_leaves, 4), np.int32)
        of_nodes[:, 0], of_nodes[:, 2] = MASK, mask[n_leaves:]
        of_nodes[without] = np.array(
            [(ANY, 0, a, b - a) for a, b in itertools.pairwise(first_part.tolist())], np.int32
        ).reshape(-1, 4)
        self.of_term = np.concatenate([of_leaves, of_nodes])
        self.parts = of_leaves[part_of]
        slot, first = leaves.keyed.position[layout.leaf_column], leaves.keyed.first
        self.of_key = np.stack([np.full(n_leaves, KEY), slot, first[:-1], np.diff(first)], axis=1).astype(np.int32)


def class_sets(leaves: Leaves, needed: Ints) -> tuple[Ints, npt.NDArray[np.uint64]]:
    """Where in ``bits`` the set of each needed leaf begins, int64[leaves], and the bits."""
    layout = leaves.layout
    words = -(-leaves.widths[layout.leaf_column[needed]] // 64)
    first_word = np.zeros(layout.n_leaves, np.int64)
    first_word[needed] = starts(words.tolist())[:-1]
    bits = np.zeros(int(words.sum()), np.uint64)
    is_needed = np.zeros(layout.n_leaves, np.bool_)
    is_needed[needed] = True
    leaf, class_ = leaves.classes_of(is_needed)
    class_ = class_ - leaves.offsets[layout.leaf_column[leaf]]
    np.bitwise_or.at(bits, first_word[leaf] + (class_ >> 6), np.uint64(1) << (class_ & 63).astype(np.uint64))
    return first_word, bits
