"""A plan's rules as the tables that the matching kernels read.

A rule is an AND of clauses, a clause an OR of leaves in different columns. Rules stand in tiles of 256; within a tile,
each class of a column has a word of 256 bits that says which rules it satisfies. A row's words are joined step by step.

Conditions of other shapes become nodes, evaluated for every row before the matching, whose truth is then a column of
class ids like others. So do OR clauses of a shape that few share: a step costs every row of its tile, a node is
evaluated once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gpu_target.plan.layout import AND, OR, Layout, starts

PER_ROW, WORD, NODES_PER_COLUMN = 2, 128, 4  # threads that share a row, and more, as in kernels.cu
TILE = PER_ROW * WORD
NONE = 0xFFFF_FFFF
CLOSES, STAGED, NARROWS = 1, 2, 4  # flags of a step
SHARED_BYTES = 32 * 1024  # a block stages: four blocks share an SM, and leave half of its memory to the cache
SHARED_SHAPE = 4  # OR clauses of one shape from which on they are steps instead of nodes
MAP_FROM = 64  # classes; below, a table by the column's own classes is small enough
FEW = 16  # rules of a tile that are expected to be alive when a row first looks which steps they need
LOOK_AGAIN = 4  # clauses later
CHOSEN = 16  # steps whose order is chosen one by one; few rows come so far

Words = npt.NDArray[np.uint32]
Classes = npt.NDArray[np.uint16]
Shape = tuple[int, ...]  # the columns of a clause, ascending


class Clause(NamedTuple):
    """Columns, ascending; for each the classes that satisfy it; the share of rows, were classes equally common."""

    shape: Shape
    sets: tuple[Classes, ...]
    share: float


@dataclass(frozen=True)
class Nodes:
    """Inner nodes after their operands; see ``evaluate_nodes`` in kernels.cu.

    is_and uint32[nodes]; start uint32[nodes + 1] into operands; leaf_column, leaf_bits uint32[leaves], where a leaf's
    bit set begins in ``bits`` uint32[...]
    """

    is_and: Words
    start: Words
    operands: Words
    leaf_column: Words
    leaf_bits: Words
    bits: Words

    @property
    def n_columns(self) -> int:
        """Columns of class ids that the nodes fill."""
        return -(-len(self.is_and) // NODES_PER_COLUMN)


@dataclass(frozen=True)
class Tables:
    """What matching reads; see ``match`` in kernels.cu.

    tile          uint32[tiles, 4]    where its data begin, steps, how much is staged; in units of 16 bytes
    data          uint32[..., 4]
    rules         uint32[tiles * TILE]  the rule of each slot, NONE where there is none
    shared_bytes  that the largest tile stages
    """

    nodes: Nodes
    tile: Words
    data: Words
    rules: Words
    shared_bytes: int


def make_tables(layout: Layout, shared_bytes: int = SHARED_BYTES) -> Tables:
    """The tables of a plan. ``shared_bytes`` is what a block may stage: it decides how fast rows are matched."""
    terms = _Terms(layout)
    live = np.flatnonzero(~layout.never)
    rules_of_clauses = [terms.clauses(rule) for rule in live.tolist()]
    order = by_likeness(rules_of_clauses)
    builder = _Builder(terms.widths, shared_bytes // 16)
    for first in range(0, len(order), TILE):
        builder.add([rules_of_clauses[k] for k in order[first : first + TILE]])
    rules = np.full(len(builder.tiles) * TILE, NONE, np.uint32)
    rules[: len(order)] = live[order]
    tile = np.array(builder.tiles, np.uint32).reshape(-1, 4)
    data = np.concatenate([*builder.data, np.zeros((0, 4), np.uint32)])
    return Tables(terms.nodes, tile, data, rules, int(tile[:, 2].max(initial=0)) * 16)


def by_likeness(rules: Sequence[Sequence[Clause]]) -> list[int]:
    """An order of rules in which neighbours are dismissed by the same columns.

    A rule's clauses are compared from that which fewest rows pass. A tile then has few steps that dismiss nearly all
    of its rules, and takes a step for every column that any of its rules asks for.
    """
    shapes = [[clause.shape for clause in sorted(each, key=lambda clause: clause.share)] for each in rules]
    uses = Counter(shape for each in shapes for shape in each)
    rank = {shape: k for k, (shape, _) in enumerate(sorted(uses.items(), key=lambda item: (-item[1], item[0])))}
    return sorted(range(len(rules)), key=lambda rule: [rank[shape] for shape in shapes[rule]])


# -- terms ----------------------------------------------------------------------------------------------------------


class _Terms:
    """Every term of a layout as a clause over columns, those of the nodes included."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.widths = [column.null + 1 for column in layout.columns]
        self.leaves = self._leaf_clauses()
        self.direct = self._clauses_of_leaves()
        self.position = self._numbered()
        self.nodes = self._make_nodes()
        self.widths += [1 << NODES_PER_COLUMN] * self.nodes.n_columns

    def clauses(self, rule: int) -> list[Clause]:
        """The clauses of a rule; those of one column are one, which holds where all of them do."""
        layout = self.layout
        found: dict[int, Clause] = {}  # by column; those of several columns below zero
        for term in layout.rule_terms[layout.rule_start[rule] : layout.rule_start[rule + 1]].tolist():
            if term in self.direct:
                found[-1 - len(found)] = self.direct[term]
                continue
            clause = self.leaves[term] if term < layout.n_leaves else self._bit(term)
            (column,), (classes,), _ = clause
            if column in found:
                (known,) = found[column].sets
                clause = self._clause([(column, np.intersect1d(known, classes))])
            found[column] = clause
        return list(found.values())

    def _clause(self, sets: Sequence[tuple[int, Classes]]) -> Clause:
        columns, classes = zip(*sets, strict=True)
        share = sum(len(each) / self.widths[column] for column, each in sets)
        return Clause(columns, classes, min(share, 1.0))

    def _leaf_clauses(self) -> list[Clause]:
        layout = self.layout
        ends = layout.leaf_start.tolist()
        runs = zip(layout.leaf_column.tolist(), ends[:-1], ends[1:], strict=True)
        return [self._clause([(column, layout.leaf_classes[start:end])]) for column, start, end in runs]

    def _bit(self, term: int) -> Clause:
        """A node as the column of class ids that its bit is in, and the classes that have the bit."""
        column, bit = divmod(self.position[term], NODES_PER_COLUMN)
        classes = np.arange(1 << NODES_PER_COLUMN, dtype=np.uint16)
        return self._clause([(len(self.layout.columns) + column, classes[(classes >> np.uint16(bit) & 1) == 1])])

    def _operands(self, term: int) -> list[int]:
        node = term - self.layout.n_leaves
        start, end = self.layout.node_start[node : node + 2]
        operands: list[int] = self.layout.node_terms[start:end].tolist()
        return operands

    def _clauses_of_leaves(self) -> dict[int, Clause]:
        """The OR nodes that are steps of their tiles."""
        layout = self.layout
        found: dict[int, Clause] = {}
        for term in np.unique(layout.rule_terms[layout.rule_terms >= layout.n_leaves]).tolist():
            operands = self._operands(term)
            if layout.node_kind[term - layout.n_leaves] == OR and max(operands) < layout.n_leaves:
                leaves = sorted((self.leaves[each] for each in operands), key=lambda clause: clause.shape)
                found[term] = self._clause([(clause.shape[0], clause.sets[0]) for clause in leaves])
        uses = Counter(clause.shape for clause in found.values())
        return {term: clause for term, clause in found.items() if uses[clause.shape] >= SHARED_SHAPE}

    def _numbered(self) -> dict[int, int]:
        """The place of every term that has to be evaluated as a node, operands before what they are operands of."""
        layout = self.layout
        needed = np.zeros(layout.n_leaves + len(layout.node_kind), np.bool_)
        needed[layout.rule_terms] = True
        needed[list(self.direct)] = False
        for term in range(len(needed) - 1, layout.n_leaves - 1, -1):
            if needed[term]:
                needed[self._operands(term)] = True
        needed[: layout.n_leaves] = False
        return {term: k for k, term in enumerate(np.flatnonzero(needed).tolist())}

    def _make_nodes(self) -> Nodes:
        layout, nodes = self.layout, list(self.position)
        operands = [self._operands(term) for term in nodes]
        leaves = {leaf: k for k, leaf in enumerate(sorted({t for own in operands for t in own if t < layout.n_leaves}))}
        clauses = [self.leaves[leaf] for leaf in leaves]
        sets = [bit_set(clause.sets[0], self.widths[clause.shape[0]]) for clause in clauses]
        numbers = [
            leaves[each] if each < layout.n_leaves else len(leaves) + self.position[each]
            for own in operands
            for each in own
        ]
        return Nodes(
            is_and=(layout.node_kind[np.array(nodes, np.int64) - layout.n_leaves] == AND).astype(np.uint32),
            start=starts([len(own) for own in operands]).astype(np.uint32),
            operands=np.array(numbers, np.uint32),
            leaf_column=layout.leaf_column[list(leaves)].astype(np.uint32),
            leaf_bits=starts([len(each) for each in sets])[:-1].astype(np.uint32),
            bits=np.concatenate([*sets, np.zeros(0, np.uint32)]),
        )


def bit_set(members: npt.NDArray[np.integer], n: int) -> Words:
    """uint32[...]: a bit for each of ``n``, set for the members."""
    holds = np.zeros(-(-n // 32) * 32, np.bool_)
    holds[members] = True
    return np.packbits(holds, bitorder="little").view(np.uint32)


# -- tiles ----------------------------------------------------------------------------------------------------------


class _Group(NamedTuple):
    """Clauses that the same steps answer: of one shape, at most one for each rule of the tile."""

    shape: Shape
    slots: list[int]
    clauses: list[Clause]


class _Builder:
    """Collects the data of tiles, of which ``room`` units of 16 bytes can be staged."""

    def __init__(self, widths: Sequence[int], room: int) -> None:
        self.widths, self.room = widths, room
        self.tiles: list[tuple[int, int, int, int]] = []
        self.data: list[Words] = []
        self.length = 0

    def add(self, rules: Sequence[Sequence[Clause]]) -> None:
        """One more tile, of at most TILE rules."""
        groups, narrowing = ordered(groups_of(rules), len(rules))
        tables = [table for group in groups for table in self._tables(group)]
        steps = np.zeros((len(tables), 4), np.uint32)
        parts = [bit_set(np.arange(len(rules)), TILE).reshape(-1, 4), steps, units(steps_of(groups))]
        used = sum(map(len, parts))
        sizes = np.array([len(map_) + len(words) for _, map_, words in tables], np.int64)
        staged = chosen(sizes, self.room - used)
        n_staged = min(used, self.room) + int(sizes[staged].sum())
        for k in (*np.flatnonzero(staged), *np.flatnonzero(~staged)):
            column, map_, words = tables[k]
            map_at = used * 8 if len(map_) else NONE  # counted in its own two bytes
            steps[k] = column, map_at, used + len(map_), STAGED * bool(staged[k])
            parts += (map_, words)
            used += int(sizes[k])
        last = np.cumsum([len(group.shape) for group in groups]).astype(np.int64) - 1
        steps[last, 3] |= CLOSES
        steps[last[narrowing], 3] |= NARROWS
        self.tiles.append((self.length, len(tables), n_staged, 0))
        self.data += parts
        self.length += used

    def _tables(self, group: _Group) -> list[tuple[int, Words, Words]]:
        """Column, map and table in units of 16 bytes, for each step of a group."""
        found = []
        for position, column in enumerate(group.shape):
            classes = [clause.sets[position] for clause in group.clauses]
            slots = np.repeat(group.slots, [len(each) for each in classes])
            words = np.zeros((self.widths[column], TILE // 64), np.uint64)
            if position == 0:  # a rule without this clause is satisfied by any class
                words[:] = ~bit_set(np.array(group.slots), TILE).view(np.uint64)
            at = np.concatenate(classes).astype(np.int64) * (TILE // 64) + slots // 64
            np.add.at(words.reshape(-1), at, np.uint64(1) << (slots % 64).astype(np.uint64))  # every bit once: an OR
            map_, rows = narrowed(words)
            found.append((column, units(map_), units(rows)))
        return found


def groups_of(rules: Sequence[Sequence[Clause]]) -> list[_Group]:
    """The clauses of a tile's rules by their shapes; of several of one shape in a rule, each in a group of its own."""
    groups: dict[tuple[Shape, int], _Group] = {}
    for slot, clauses in enumerate(rules):
        seen: Counter[Shape] = Counter()
        for clause in clauses:
            shape = clause.shape
            key = (shape, seen[shape])
            if key not in groups:
                groups[key] = _Group(shape, [], [])
            groups[key].slots.append(slot)
            groups[key].clauses.append(clause)
            seen[shape] += 1
    return list(groups.values())


def ordered(groups: Sequence[_Group], n_rules: int) -> tuple[list[_Group], npt.NDArray[np.bool_]]:
    """The groups in the order in which they leave fewest of a tile's rules alive, as if columns were independent.

    Also bool[groups]: after which of them so few are left that it pays to look which steps these need.
    """
    passing = np.ones((len(groups), TILE))
    for row, group in zip(passing, groups, strict=True):
        row[group.slots] = [clause.share for clause in group.clauses]
    alive = np.where(np.arange(TILE) < n_rules, 1.0, 0.0)
    order: list[int] = []
    left = list(range(len(groups)))
    few = CHOSEN
    while left and len(order) < CHOSEN:
        best = left[int(np.argmin(passing[left] @ alive))]
        alive *= passing[best]
        left.remove(best)
        order.append(best)
        if few == CHOSEN and alive.sum() < FEW:
            few = len(order) - 1
    order += sorted(left, key=lambda k: float(passing[k, :n_rules].sum()))
    position = np.arange(len(groups))
    return [groups[k] for k in order], (position >= few) & ((position - few) % LOOK_AGAIN == 0)


def steps_of(groups: Sequence[_Group]) -> Words:
    """uint32[steps / 32, TILE]: for each slot the steps of its rule's clauses, 32 in a word.

    A clause that goes on in the next word counts for every slot: whoever takes its last steps needs the first ones too.
    """
    n_steps = sum(len(group.shape) for group in groups)
    steps = np.zeros((-(-n_steps // 32), TILE), np.uint32)
    first = 0
    for group in groups:
        last = first + len(group.shape)
        slots = group.slots if first // 32 == (last - 1) // 32 else slice(None)
        for step in range(first, last):
            steps[step // 32, slots] |= np.uint32(1 << step % 32)
        first = last
    return steps


def chosen(sizes: npt.NDArray[np.int64], room: int) -> npt.NDArray[np.bool_]:
    """Which tables are staged: one after the other, those that still fit."""
    staged = np.zeros(len(sizes), np.bool_)
    for k, size in enumerate(sizes.tolist()):
        staged[k] = size <= room
        room -= size if staged[k] else 0
    return staged


def narrowed(words: npt.NDArray[np.uint64]) -> tuple[Classes, npt.NDArray[np.uint64]]:
    """A table by classes without its repeated rows, and the map from classes to rows; empty where it saves little."""
    if len(words) < MAP_FROM:
        return np.zeros(0, np.uint16), words
    _, first, inverse = np.unique(mixed(words), return_index=True, return_inverse=True)
    rows = words[first]
    if 2 * len(rows) > len(words) or not np.array_equal(rows[inverse], words):  # two rows may be mixed into one number
        return np.zeros(0, np.uint16), words
    return inverse.astype(np.uint16), rows


def mixed(words: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """uint64[n]: a number for each row, equal for equal rows; multipliers from the digits of the golden ratio."""
    found = np.zeros(len(words), np.uint64)
    for k in range(words.shape[1]):
        found = (found ^ words[:, k]) * np.uint64(0x9E3779B97F4A7C15)
        found ^= found >> np.uint64(29)
    return found


def units(values: npt.NDArray[np.unsignedinteger]) -> Words:
    """uint32[..., 4]: any array in units of 16 bytes, the last one filled up with zeros."""
    raw = values.reshape(-1).view(np.uint8)
    return np.pad(raw, (0, -len(raw) % 16)).view(np.uint32).reshape(-1, 4)
