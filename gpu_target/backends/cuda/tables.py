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
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from gpu_target.plan.layout import AND, OR, Layout, starts

LANES, WORD, NODES_PER_COLUMN = 2, 128, 4  # as in kernels.cu
TILE = LANES * WORD
NONE = 0xFFFF_FFFF
SHARED_BYTES = 48 * 1024  # that every card gives a block without being asked; on an H100 four blocks then share an SM
SHARED_SHAPE = 4  # OR clauses of one shape from which on they are steps instead of nodes
MAP_FROM = 64  # classes; below, a table by the column's own classes is small enough

Words = npt.NDArray[np.uint32]
Shape = tuple[int, ...]  # the columns of a clause, ascending
Clause = dict[int, npt.NDArray[np.uint16]]  # the classes that satisfy it, by column


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
    """What matching reads; see ``Tiles`` in kernels.cu.

    tile     uint32[tiles, 4]    where its data begin, steps, length; in units of 16 bytes
    data     uint32[..., 4]
    maps     uint16[...]
    rules    uint32[tiles * TILE]  the rule of each slot, NONE where there is none
    staged   uint32[...]         tiles whose data fit ``shared_bytes`` of shared memory
    direct   uint32[...]         the other tiles
    """

    nodes: Nodes
    tile: Words
    data: Words
    maps: npt.NDArray[np.uint16]
    rules: Words
    staged: Words
    direct: Words
    shared_bytes: int


def make_tables(layout: Layout, shared_bytes: int = SHARED_BYTES) -> Tables:
    """The tables of a plan. ``shared_bytes`` is what a block may have; tiles that need more are matched directly."""
    terms = _Terms(layout)
    live = np.flatnonzero(~layout.never)
    clauses = [terms.clauses(rule) for rule in live.tolist()]
    order = by_likeness([[*map(_shape, each)] for each in clauses])
    builder = _Builder(terms.widths)
    for first in range(0, len(order), TILE):
        builder.add([clauses[k] for k in order[first : first + TILE]])
    n_tiles = len(builder.tiles)
    rules = np.full(n_tiles * TILE, NONE, np.uint32)
    rules[: len(order)] = live[order]
    tile = np.array(builder.tiles, np.uint32).reshape(-1, 4)
    fits = tile[:, 2].astype(np.int64) * 16 <= shared_bytes
    return Tables(
        nodes=terms.nodes,
        tile=tile,
        data=np.concatenate([*builder.data, np.zeros((0, 4), np.uint32)]),
        maps=np.concatenate([*builder.maps, np.zeros(0, np.uint16)]),
        rules=rules,
        staged=np.flatnonzero(fits).astype(np.uint32),
        direct=np.flatnonzero(~fits).astype(np.uint32),
        shared_bytes=int(tile[fits, 2].max(initial=0)) * 16,
    )


def _shape(clause: Clause) -> Shape:
    return tuple(sorted(clause))


def by_likeness(shapes: Sequence[Sequence[Shape]]) -> list[int]:
    """An order of rules in which those with the same shapes of clauses are neighbours, common shapes first.

    A tile takes a step for every column of every shape that occurs in it.
    """
    uses = Counter(shape for each in shapes for shape in set(each))
    rank = {shape: k for k, (shape, _) in enumerate(sorted(uses.items(), key=lambda item: (-item[1], item[0])))}
    return sorted(range(len(shapes)), key=lambda rule: sorted(rank[shape] for shape in shapes[rule]))


# -- terms ----------------------------------------------------------------------------------------------------------


class _Terms:
    """Every term of a layout as a clause over columns, those of the nodes included."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.widths = [column.null + 1 for column in layout.columns]
        self.direct = self._clauses_of_leaves()
        self.position = self._numbered()
        self.nodes = self._make_nodes()
        self.widths += [1 << NODES_PER_COLUMN] * self.nodes.n_columns

    def leaf(self, leaf: int) -> Clause:
        start, end = self.layout.leaf_start[leaf : leaf + 2]
        return {int(self.layout.leaf_column[leaf]): self.layout.leaf_classes[start:end]}

    def operands(self, term: int) -> list[int]:
        node = term - self.layout.n_leaves
        start, end = self.layout.node_start[node : node + 2]
        return self.layout.node_terms[start:end].tolist()

    def clauses(self, rule: int) -> list[Clause]:
        """The clauses of a rule; those of one column are one, which holds where all of them do."""
        layout = self.layout
        single: Clause = {}
        others: list[Clause] = []
        for term in layout.rule_terms[layout.rule_start[rule] : layout.rule_start[rule + 1]].tolist():
            clause = self._clause(term)
            if len(clause) > 1:
                others.append(clause)
                continue
            for column, classes in clause.items():
                known = single.get(column)
                single[column] = classes if known is None else np.intersect1d(known, classes)
        return [{column: classes} for column, classes in single.items()] + others

    def _clause(self, term: int) -> Clause:
        if term < self.layout.n_leaves:
            return self.leaf(term)
        if term in self.direct:
            return self.direct[term]
        column, bit = divmod(self.position[term], NODES_PER_COLUMN)
        classes = np.arange(1 << NODES_PER_COLUMN, dtype=np.uint16)
        return {len(self.layout.columns) + column: classes[classes >> np.uint16(bit) & np.uint16(1) == 1]}

    def _clauses_of_leaves(self) -> dict[int, Clause]:
        """The OR nodes that are steps of their tiles."""
        layout = self.layout
        found: dict[int, Clause] = {}
        for term in np.unique(layout.rule_terms[layout.rule_terms >= layout.n_leaves]).tolist():
            operands = self.operands(term)
            if layout.node_kind[term - layout.n_leaves] == OR and max(operands) < layout.n_leaves:
                found[term] = {column: classes for each in operands for column, classes in self.leaf(each).items()}
        shapes = Counter(map(_shape, found.values()))
        return {term: clause for term, clause in found.items() if shapes[_shape(clause)] >= SHARED_SHAPE}

    def _numbered(self) -> dict[int, int]:
        """The place of every term that has to be evaluated as a node, operands before what they are operands of."""
        layout = self.layout
        needed = np.zeros(layout.n_leaves + len(layout.node_kind), np.bool_)
        needed[layout.rule_terms] = True
        needed[list(self.direct)] = False
        for term in range(len(needed) - 1, layout.n_leaves - 1, -1):
            if needed[term]:
                needed[self.operands(term)] = True
        needed[: layout.n_leaves] = False
        return {term: k for k, term in enumerate(np.flatnonzero(needed).tolist())}

    def _make_nodes(self) -> Nodes:
        layout = self.layout
        leaves: dict[int, int] = {}
        sizes: list[int] = []
        operands: list[int] = []
        nodes = list(self.position)
        for term in nodes:
            own = self.operands(term)
            sizes.append(len(own))
            operands += (leaves.setdefault(each, len(leaves)) if each < layout.n_leaves else each for each in own)
        numbers = [len(leaves) + self.position[each] if each >= layout.n_leaves else each for each in operands]
        sets = [bit_set(*next(iter(self.leaf(leaf).items())), self.widths) for leaf in leaves]
        return Nodes(
            is_and=(layout.node_kind[np.array(nodes, np.int64) - layout.n_leaves] == AND).astype(np.uint32),
            start=starts(sizes).astype(np.uint32),
            operands=np.array(numbers, np.uint32),
            leaf_column=layout.leaf_column[list(leaves)].astype(np.uint32),
            leaf_bits=starts([len(each) for each in sets])[:-1].astype(np.uint32),
            bits=np.concatenate([*sets, np.zeros(0, np.uint32)]),
        )


def bit_set(column: int, classes: npt.NDArray[np.uint16], widths: Sequence[int]) -> Words:
    """uint32[...]: a set of a column's classes, a bit for each."""
    holds = np.zeros(-(-widths[column] // 32) * 32, np.bool_)
    holds[classes] = True
    return np.packbits(holds, bitorder="little").view(np.uint32)


# -- tiles ----------------------------------------------------------------------------------------------------------


class _Step(NamedTuple):
    """A column's words in a tile: ``map_`` uint16[classes] gives a row of ``table`` uint32[rows, TILE / 32]."""

    column: int
    map_: npt.NDArray[np.uint16] | None
    table: Words
    closes: bool


class _Builder:
    """Collects the data of tiles."""

    def __init__(self, widths: Sequence[int]) -> None:
        self.widths = widths
        self.tiles: list[tuple[int, int, int, int]] = []
        self.data: list[Words] = []
        self.length = 0
        self.maps: list[npt.NDArray[np.uint16]] = []
        self.map_at: dict[bytes, int] = {}
        self.map_length = 0

    def add(self, rules: Sequence[Sequence[Clause]]) -> None:
        """One more tile, of at most TILE rules."""
        groups = self._groups(rules)
        steps = [step for group in sorted(groups, key=self._share) for step in self._steps(group)]
        in_use = np.arange(TILE) < len(rules)
        parts = [np.packbits(in_use, bitorder="little").view(np.uint32).reshape(-1, 4)]
        head = LANES + len(steps)
        rows = np.zeros((len(steps), 4), np.uint32)
        for k, step in enumerate(steps):
            rows[k] = step.column, self._map(step.map_), head, step.closes
            parts.append(step.table.reshape(-1, 4))
            head += len(parts[-1])
        parts.insert(1, rows)
        self.tiles.append((self.length, len(steps), head, 0))
        self.data += parts
        self.length += head

    @staticmethod
    def _groups(rules: Sequence[Sequence[Clause]]) -> list[list[tuple[int, Clause]]]:
        """Clauses, with the slots of their rules, that the same steps can answer: of one shape, one for each rule."""
        groups: dict[tuple[Shape, int], list[tuple[int, Clause]]] = {}
        for slot, clauses in enumerate(rules):
            seen: Counter[Shape] = Counter()
            for clause in clauses:
                shape = _shape(clause)
                groups.setdefault((shape, seen[shape]), []).append((slot, clause))
                seen[shape] += 1
        return list(groups.values())

    def _share(self, group: Sequence[tuple[int, Clause]]) -> float:
        """How many of a tile's rules the group leaves alive, were all classes as common: those that kill go first."""
        passing = [min(1.0, sum(len(c) / self.widths[k] for k, c in clause.items())) for _, clause in group]
        return sum(passing) - len(group)

    def _steps(self, group: Sequence[tuple[int, Clause]]) -> list[_Step]:
        slots = np.array([slot for slot, _ in group])
        columns = _shape(group[0][1])
        steps = []
        for position, column in enumerate(columns):
            classes = [clause[column] for _, clause in group]
            holds = np.zeros((self.widths[column], TILE), np.bool_)
            if position == 0:  # a rule without this clause is satisfied by any class
                holds[:] = True
                holds[:, slots] = False
            holds[np.concatenate(classes), np.repeat(slots, [len(each) for each in classes])] = True
            table = np.packbits(holds, axis=1, bitorder="little").view(np.uint32)
            steps.append(_Step(column, *narrowed(table), closes=position + 1 == len(columns)))
        return steps

    def _map(self, map_: npt.NDArray[np.uint16] | None) -> int:
        """Where the map begins; the same one is kept once."""
        if map_ is None:
            return NONE
        key = map_.tobytes()
        if key not in self.map_at:
            self.map_at[key] = self.map_length
            self.maps.append(map_)
            self.map_length += len(map_)
        return self.map_at[key]


def narrowed(table: Words) -> tuple[npt.NDArray[np.uint16] | None, Words]:
    """A table by classes without its repeated rows, and the map from classes to rows; None where it saves little."""
    if len(table) < MAP_FROM:
        return None, table
    wide: npt.NDArray[Any] = table.view(np.uint64)
    rows, inverse = np.unique(wide, axis=0, return_inverse=True)
    if 2 * len(rows) > len(table):
        return None, table
    return inverse.reshape(-1).astype(np.uint16), np.ascontiguousarray(rows).view(np.uint32)
