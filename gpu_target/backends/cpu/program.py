"""How the rules of a plan are found in a block of rows.

How often classes occur in the data decides how a rule is found, never what it finds:

- a rule with a rare term is anchored there: the few rows of its classes are looked up among the sorted rows;
- for any other rule the block is scanned, 64 rows at a time, by the ranges of classes it asks for and by bit masks;
- its other terms are tested on the rows that are left, one by one.

Masks are made for nodes, and for terms that many scanned rules share.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gpu_target.backends.cpu.anchors import choose_anchors
from gpu_target.backends.cpu.checks import Checks
from gpu_target.backends.cpu.leaves import Flags, Keyed, Leaves, Shares
from gpu_target.backends.cpu.steps import Maker, Steps
from gpu_target.plan.layout import Layout, starts

NO_CLASS = 0xFFFF  # class ids are below it

Ints = npt.NDArray[np.int64]
Ints32 = npt.NDArray[np.int32]
Words = npt.NDArray[np.uint64]


class Rules(NamedTuple):
    """Where each rule's candidates come from, and what they are tested for; anchored rules first, by their anchors.

    rule         int64[n]        rules that may match something
    run_start    int64[n + 1]    into runs int32[..., 3]: sort column, where the rows of a range of classes begin and
                                 end, as positions in ``begins``; a rule without any is scanned for
    mask_start   int64[n + 1]    into mask int64[...]: masks that hold, the rarest first
    range_start  int64[n + 1]    into ranges int64[..., 3]: column, lowest class, span; the rarest first
    test_start   int64[n + 1]    into tests int32[..., 4]: RANGE, column, lowest class, span; SET, column, first word
                                 in ``bits``; MASK, unused, mask; KEY, key column, first of ``intervals``, how many of
                                 them; ANY, unused, first of ``parts``, how many of them; the rarest first
    parts        int32[..., 4]   tests as above, RANGE or SET
    bits         uint64[...]     sets of classes
    intervals    int64[..., 2]   first key, and how far above it the last one is, as uint64
    """

    rule: Ints
    run_start: Ints
    runs: Ints32
    mask_start: Ints
    mask: Ints
    range_start: Ints
    ranges: Ints
    test_start: Ints
    tests: Ints32
    parts: Ints32
    bits: Words
    intervals: Ints


class Program(NamedTuple):
    """What is done with every block.

    sort_column  int64[s]      columns that a block's rows are sorted by
    sort_first   int64[s + 1]  where each one's entries in ``begins`` begin: its classes and two more
    idle         int64[s, 2]   lowest class and span of a run of classes that no rule looks up
    zone_column  int64[z]      columns of times, of which a block holds few classes
    zones        int64[k, 4]   rule, position in zone_column, lowest and highest class: the rule matches nothing in a
                               block that has no class of that range
    never        bool[rules]
    """

    n_masks: int
    sort_column: Ints
    sort_first: Ints
    idle: Ints
    steps: Steps
    rules: Rules
    zone_column: Ints
    zones: Ints
    never: Flags


def make_program(layout: Layout, keyed: Keyed, shares: Shares) -> Program:
    """``shares`` float64[classes or buckets] per class column: how often each occurs, from a sample.

    Records come in the order of time, so a sample of the first ones knows nothing of later days: terms of times are no
    anchors, and blocks tell by their own first and last day which rules are asleep.
    """
    leaves = Leaves(layout, keyed, shares)
    anchor = choose_anchors(leaves)
    maker = Maker(leaves, anchor)
    column = np.union1d(layout.leaf_column[anchor[anchor >= 0]], maker.insert_columns)
    first = starts((leaves.widths[column] + 2).tolist())
    idle = idle_classes(leaves, column, anchor, maker.insert_class)
    return Program(
        maker.n_masks, column, first, idle, maker.steps(column, first),
        rules_of(leaves, anchor, maker.mask, column, first), leaves.time_columns, zones_of(leaves),
        layout.never,
    )  # fmt: skip


def idle_classes(leaves: Leaves, columns: Ints, anchor: Ints, inserted: Ints) -> Ints:
    """The run of classes not looked up that most rows are of, for each column; where there is none, no class at all."""
    is_anchor = np.zeros(leaves.layout.n_leaves, np.bool_)
    is_anchor[anchor[anchor >= 0]] = True
    looked_up = np.zeros(len(leaves.class_share), np.bool_)
    looked_up[inserted] = True
    looked_up[leaves.classes_of(is_anchor)[1]] = True
    found = []
    for column in columns.tolist():
        within = slice(leaves.offsets[column], leaves.offsets[column + 1])
        edges = np.flatnonzero(np.diff(np.concatenate([[False], ~looked_up[within], [False]]).astype(np.int8)))
        begins, ends = edges[::2], edges[1::2]
        reached = np.concatenate([[0.0], np.cumsum(leaves.class_share[within])])
        best = int(np.argmax(reached[ends] - reached[begins])) if len(begins) else -1
        found.append((int(begins[best]), int(ends[best] - begins[best] - 1)) if len(begins) else (NO_CLASS, 0))
    return np.array(found, np.int64).reshape(-1, 2)


def zones_of(leaves: Leaves) -> Ints:
    """The ranges of times that rules are bound to."""
    layout = leaves.layout
    rule, term = layout.rules_of_leaves
    able = leaves.in_time[term]
    rule, term = rule[able], term[able]
    slot = np.searchsorted(leaves.time_columns, layout.leaf_column[term])
    return np.stack([rule, slot, leaves.low[term], leaves.low[term] + leaves.span[term]], axis=1)


def rules_of(leaves: Leaves, anchor: Ints, mask: Ints, sort_column: Ints, sort_first: Ints) -> Rules:
    """``anchor`` int64[rules]: a leaf, or -1; ``mask`` int64[terms]: the mask of a term, or -1."""
    layout = leaves.layout
    anchored, scanned = np.flatnonzero((anchor >= 0) & ~layout.never), np.flatnonzero((anchor < 0) & ~layout.never)
    order = np.lexsort((leaves.low[anchor[anchored]], layout.leaf_column[anchor[anchored]]))
    rules = np.concatenate([anchored[order], scanned])
    position = np.full(layout.n_rules, -1, np.int64)
    position[rules] = np.arange(len(rules))
    rule = np.repeat(np.arange(layout.n_rules), np.diff(layout.rule_start))
    wanted = position[rule] >= 0
    at, term, rule = position[rule[wanted]], layout.rule_terms[wanted], rule[wanted]
    none = np.zeros(len(layout.node_kind), np.bool_)
    share = np.append(leaves.share, np.full(len(none), 0.5))
    order = np.lexsort((share[term], at))
    at, term, rule = at[order], term[order], rule[order]
    is_scanned = anchor[rule] < 0
    by_mask = is_scanned & (mask[term] >= 0)
    by_range = is_scanned & ~by_mask & np.append(leaves.is_range, none)[term]
    by_class = ~(by_mask | by_range | (term == anchor[rule]))
    by_key = np.append(leaves.inexact, none)[term]

    def runs_of(some: Flags) -> Ints:
        return starts(np.bincount(at[some], minlength=len(rules)).tolist())

    late = term[by_range]
    ranges = np.stack([layout.leaf_column[late], leaves.low[late], leaves.span[late]], axis=1)
    checks = Checks(leaves, np.unique(term[by_class]), mask)
    of_test = np.concatenate([at[by_class], at[by_key]])  # keys come last, when few rows are left
    order = np.argsort(of_test, kind="stable")
    return Rules(
        rules, *_runs(leaves, anchor[rules], sort_column, sort_first), runs_of(by_mask), mask[term[by_mask]],
        runs_of(by_range), ranges, starts(np.bincount(of_test, minlength=len(rules)).tolist()),
        np.concatenate([checks.of_term[term[by_class]], checks.of_key[term[by_key]]])[order], checks.parts,
        checks.bits, leaves.keyed.intervals,
    )  # fmt: skip


def _runs(leaves: Leaves, anchors: Ints, sort_column: Ints, sort_first: Ints) -> tuple[Ints, Ints32]:
    first = np.append(leaves.run_first, 0)
    sizes = np.where(anchors >= 0, first[anchors + 1] - first[anchors], 0)
    run_start = starts(sizes.tolist())
    runs = np.repeat(first[anchors] - run_start[:-1], sizes) + np.arange(run_start[-1])
    slot = np.searchsorted(sort_column, leaves.layout.leaf_column[leaves.run_leaf[runs]])
    low, high = sort_first[slot] + leaves.run_low[runs], sort_first[slot] + leaves.run_high[runs] + 1
    return run_start, np.stack([slot, low, high], axis=1).astype(np.int32)
