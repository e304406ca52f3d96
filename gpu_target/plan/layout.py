"""Formulas over class sets as flat arrays: what every backend matches with.

A term is a leaf (a class column and a set of its classes) or a node (AND or OR of earlier terms). Terms are numbered
leaves first, then nodes, each after its operands. A rule matches where all of its terms hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

from gpu_target.columns.coded import ClassColumn
from gpu_target.plan.atoms import Asked, Classes
from gpu_target.plan.normalise import FALSE, TRUE, Formulas, Mode

Ints = npt.NDArray[np.int64]
OR, AND = 0, 1
UNPACKED = 1 << 20  # bytes of bit sets that are unpacked at once, to eight times as many


@dataclass(frozen=True)
class Layout:
    """The arrays of a plan.

    leaf_column    int64[leaves]      class column of each leaf
    leaf_start     int64[leaves + 1]  where a leaf's classes begin in ``leaf_classes``
    leaf_classes   uint16[...]        ascending within a leaf
    node_kind      int64[nodes]       OR or AND
    node_start     int64[nodes + 1]   where a node's operands begin in ``node_terms``
    rule_start     int64[rules + 1]   where a rule's terms begin in ``rule_terms``; none: it matches every row
    never          bool[rules]        the rule matches no row whatever the data
    """

    columns: tuple[ClassColumn, ...]
    leaf_column: Ints
    leaf_start: Ints
    leaf_classes: npt.NDArray[np.uint16]
    node_kind: Ints
    node_start: Ints
    node_terms: Ints
    rule_start: Ints
    rule_terms: Ints
    never: npt.NDArray[np.bool_]

    @property
    def n_rules(self) -> int:
        return len(self.never)

    @property
    def n_leaves(self) -> int:
        return len(self.leaf_column)

    @property
    def rules_of_leaves(self) -> tuple[Ints, Ints]:
        """Rule and leaf of every term of a rule that is a leaf."""
        rule = np.repeat(np.arange(self.n_rules), np.diff(self.rule_start))
        is_leaf = self.rule_terms < self.n_leaves
        return rule[is_leaf], self.rule_terms[is_leaf]


Node = tuple[Any, ...]  # ("set", column, bits), ("and", nodes), ("or", nodes), ("true",), ("false",)


ClassLists = dict[int, tuple[list[int], Ints, npt.NDArray[np.uint16]]]  # by column: sets, their sizes, their classes
TRUE_NODE: Node = ("true",)
FALSE_NODE: Node = ("false",)


class Simplifier:
    """Replaces the questions of formulas by class sets, joins sets of one column, and drops what is always so."""

    def __init__(self, formulas: Formulas) -> None:
        self.formulas = formulas
        self.done: dict[int, Node] = {FALSE: FALSE_NODE, TRUE: TRUE_NODE}
        self.sets: dict[int, dict[int, Node]] = {}  # by column and bits: equal nodes are one object
        self.joined: dict[Node, Node] = {}
        self.leaves: dict[int, list[int]] = {}  # formulas in ``done`` by the group that they ask
        self.compounds: list[int] = []  # the others
        self.lists: ClassLists = {}

    def meet(self, classes: Classes) -> None:
        """Take these classes from now on; what is known of columns that were cut anew is forgotten."""
        self.classes = classes
        self.full = {number: (1 << (column.null + 1)) - 1 for number, column in classes.columns.items()}
        self.sets = {number: self.sets.get(number, {}) for number in classes.columns}
        self.lists = {number: self.lists[number] for number in classes.columns if number in self.lists}
        if not classes.recut:
            return
        done = self.done
        for group in classes.recut:
            for number in self.leaves.pop(group, ()):
                del done[number]
        compounds = self.compounds
        self.compounds, self.joined = [], {}
        for number in compounds:  # each comes after those inside it
            if all(each in done for each in self.formulas.nodes[number][1]):  # type: ignore[attr-defined]
                self.compounds.append(number)
                self.joined[done[number]] = done[number]
            else:
                del done[number]

    def simplify(self, root: int) -> Node:
        """The simplified formula; children are numbered before their parents, so a stack suffices."""
        known = self.done.get(root)
        if known is not None:
            return known
        if self.formulas.nodes[root][0] == "leaf":
            return self._leaf(root)
        stack = [root]
        while stack:
            number = stack[-1]
            if number in self.done:
                stack.pop()
                continue
            node = self.formulas.nodes[number]
            if node[0] == "leaf":
                self._leaf(number)
                continue
            missing = [child for child in node[1] if child not in self.done]  # type: ignore[attr-defined]
            if missing:
                stack.extend(missing)
            else:
                children = [self.done[child] for child in node[1]]  # type: ignore[attr-defined]
                self.done[number] = self.join(str(node[0]), children)
                self.compounds.append(number)
        return self.done[root]

    def _leaf(self, number: int) -> Node:
        asked: Asked
        _, asked, mode, null_test = self.formulas.nodes[number]  # type: ignore[assignment]
        column, true = self.classes.answers[asked.group][asked.test]
        full, null = self.full[column], 1 << self.classes.columns[column].null
        if null_test:
            true, null = null, 0
        elif asked.negated:
            true ^= full ^ null
        if mode is Mode.TRUE:
            bits = true
        elif mode is Mode.NOT_FALSE:
            bits = true | null
        elif mode is Mode.UNKNOWN:
            bits = null
        else:
            bits = full ^ true if mode is Mode.NOT_TRUE else (full ^ true) & ~null
        self.done[number] = found = self._set(column, bits)
        self.leaves.setdefault(asked.group, []).append(number)
        return found

    def _set(self, column: int, bits: int) -> Node:
        if bits == 0:
            return FALSE_NODE
        if bits == self.full[column]:
            return TRUE_NODE
        known = self.sets[column].get(bits)
        if known is None:
            self.sets[column][bits] = known = ("set", column, bits)
        return known

    def join(self, kind: str, children: Iterable[Node]) -> Node:
        """AND or OR of simplified formulas."""
        absorbing, neutral = (FALSE_NODE, TRUE_NODE) if kind == "and" else (TRUE_NODE, FALSE_NODE)
        sets: dict[int, int] = {}
        others: dict[Node, None] = {}
        for child in children:
            for each in child[1] if child[0] == kind else (child,):
                if each == absorbing:
                    return absorbing
                if each[0] == "set":
                    _, column, bits = each
                    known = sets.get(column)
                    sets[column] = bits if known is None else known & bits if kind == "and" else known | bits
                elif each != neutral:
                    others[each] = None
        parts: list[Node] = []
        for column, bits in sets.items():
            found = self._set(column, bits)
            if found == absorbing:
                return absorbing
            parts.append(found)
        parts += others
        if len(parts) < 2:
            return parts[0] if parts else neutral
        joined = (kind, tuple(parts))
        return self.joined.setdefault(joined, joined)


@dataclass
class Numbering:
    """The terms of all rules, each once: leaves and nodes in order of first appearance."""

    leaves: dict[Node, int] = field(default_factory=dict)
    nodes: dict[Node, int] = field(default_factory=dict)  # numbers count the nodes alone

    def enter(self, terms: Iterable[Node]) -> None:
        """Number terms: of a node its operands, then the node itself."""
        for term in terms:
            if term[0] == "set":
                self.leaves.setdefault(term, len(self.leaves))
            elif term not in self.nodes:
                self._enter_node(term)

    def _enter_node(self, root: Node) -> None:
        stack = [(root, False)]
        while stack:
            node, entered = stack.pop()
            if node[0] == "set":
                self.leaves.setdefault(node, len(self.leaves))
            elif node not in self.nodes:
                if entered:
                    self.nodes[node] = len(self.nodes)
                else:
                    stack.append((node, True))
                    stack.extend((child, False) for child in node[1])

    def of(self, terms: Iterable[Node]) -> list[int]:
        """The numbers of terms, the nodes behind the leaves."""
        leaves, nodes, first = self.leaves, self.nodes, len(self.leaves)
        return [leaves[term] if term[0] == "set" else first + nodes[term] for term in terms]


def lay_out(terms: Sequence[Node], rule_start: Ints, rule_terms: Ints, simplifier: Simplifier) -> Layout:
    """Number the leaves and nodes of all rules, each once, and keep only the columns that a leaf needs.

    ``rule_terms[rule_start[r] : rule_start[r + 1]]`` are those of ``terms`` that rule r joins by AND.
    """
    joined, start, flat, never = _join_terms(terms, rule_start, rule_terms, simplifier)
    order, _ = by_appearance(flat, len(joined))
    numbering = Numbering()
    used = [joined[each] for each in order.tolist()]
    numbering.enter(used)
    numbers = np.zeros(len(joined), np.int64)
    numbers[order] = numbering.of(used)
    columns = simplifier.classes.columns
    place = {number: k for k, number in enumerate(columns)}
    kept = sorted({place[column] for _, column, _ in numbering.leaves})
    ordered = list(columns)
    rank = {ordered[each]: k for k, each in enumerate(kept)}
    column = np.array([column for _, column, _ in numbering.leaves], np.int64)
    leaf_start, leaf_classes = class_lists(column, [bits for _, _, bits in numbering.leaves], simplifier.lists)
    return Layout(
        columns=tuple(columns[ordered[each]] for each in kept),
        leaf_column=np.array([rank[column] for _, column, _ in numbering.leaves], np.int64),
        leaf_start=leaf_start,
        leaf_classes=leaf_classes,
        node_kind=np.array([AND if node[0] == "and" else OR for node in numbering.nodes], np.int64),
        node_start=starts([len(node[1]) for node in numbering.nodes]),
        node_terms=np.array([each for node in numbering.nodes for each in numbering.of(node[1])], np.int64),
        rule_start=start,
        rule_terms=numbers[flat],
        never=never,
    )


def _join_terms(
    terms: Sequence[Node], rule_start: Ints, rule_terms: Ints, simplifier: Simplifier
) -> tuple[list[Node], Ints, Ints, npt.NDArray[np.bool_]]:
    """Distinct terms; where each rule's begin, and their numbers; the rules that match nothing.

    Most rules join one set of each of their columns: these are taken as they are, all at once.
    """
    places: dict[int, int] = {}  # by identity: equal ones are one object
    number_of = np.array([places.setdefault(id(term), len(places)) for term in terms], np.int64)
    distinct = list({id(term): term for term in terms}.values())
    column_of = np.array([term[1] if term[0] == "set" else -1 for term in terms], np.int64)
    sizes = np.diff(rule_start)
    joined = _rules_to_join(np.repeat(np.arange(len(sizes)), sizes), column_of[rule_terms], len(sizes))
    never = np.zeros(len(sizes), np.bool_)
    own: list[list[int]] = []
    for rule in np.flatnonzero(joined).tolist():
        mine = rule_terms[rule_start[rule] : rule_start[rule + 1]].tolist()
        node = simplifier.join("and", [terms[each] for each in mine])
        never[rule] = node == FALSE_NODE
        parts = () if node in (TRUE_NODE, FALSE_NODE) else node[1] if node[0] == "and" else (node,)
        for part in parts:
            if id(part) not in places:
                places[id(part)] = len(distinct)
                distinct.append(part)
        own.append([places[id(part)] for part in parts])
    as_they_are = number_of[rule_terms[~np.repeat(joined, sizes)]]
    sizes[joined] = [len(each) for each in own]
    is_own = np.repeat(joined, sizes)
    found = np.empty(len(is_own), np.int64)
    found[~is_own] = as_they_are
    found[is_own] = np.fromiter(chain.from_iterable(own), np.int64)
    return distinct, starts(sizes), found, never


def _rules_to_join(rule: Ints, column: Ints, n_rules: int) -> npt.NDArray[np.bool_]:
    """bool[n_rules]: rules with two sets of one column, or with a term that is no set (column -1)."""
    joined = np.zeros(n_rules, np.bool_)
    joined[rule[column < 0]] = True
    order = np.lexsort((column, rule))
    again = (rule[order][1:] == rule[order][:-1]) & (column[order][1:] == column[order][:-1])
    joined[rule[order][1:][again]] = True
    return joined


def starts(sizes: npt.ArrayLike) -> Ints:
    """Where consecutive runs of these sizes begin, and where the last ends."""
    return np.concatenate([[0], np.cumsum(np.asarray(sizes, np.int64))]).astype(np.int64)


def class_lists(column: Ints, sets: Sequence[int], known: ClassLists) -> tuple[Ints, npt.NDArray[np.uint16]]:
    """The classes of bit sets, ascending, one set after the other, and where each begins.

    Sets of one column are unpacked together; those of ``known``, by columns, need not be again.
    """
    sizes = np.zeros(len(sets), np.int64)
    members_of = {number: np.flatnonzero(column == number) for number in np.unique(column).tolist()}
    for number, members in members_of.items():
        own = [sets[k] for k in members.tolist()]
        if number not in known or known[number][0] != own:
            known[number] = own, *_unpack(own)
        sizes[members] = known[number][1]
    start = starts(sizes)
    found = np.empty(start[-1], np.uint16)
    for number, members in members_of.items():
        _, own_sizes, classes = known[number]
        moved = np.repeat(start[members] - starts(own_sizes)[:-1], own_sizes)
        found[moved + np.arange(len(classes))] = classes
    return start, found


def _unpack(sets: Sequence[int]) -> tuple[Ints, npt.NDArray[np.uint16]]:
    """How many bits each set has, and which."""
    width = max(1, *((each.bit_length() + 7) // 8 for each in sets))
    step = max(1, UNPACKED // width)
    parts = [np.zeros(0, np.uint16)]
    for k in range(0, len(sets), step):
        raw = np.frombuffer(b"".join([each.to_bytes(width, "little") for each in sets[k : k + step]]), np.uint8)
        holds = np.flatnonzero(np.unpackbits(raw, bitorder="little").view(np.bool_))
        parts.append((holds % (8 * width)).astype(np.uint16))
    return np.array([each.bit_count() for each in sets], np.int64), np.concatenate(parts)


def by_appearance(numbers: Ints, n: int) -> tuple[Ints, Ints]:
    """The distinct numbers, all below ``n``, in order of first appearance; and for each of 0 .. n - 1 its place there.

    The place of a number that does not appear is -1.
    """
    first = np.full(n, -1, np.int64)
    first[numbers[::-1]] = np.arange(len(numbers))[::-1]
    order = np.flatnonzero(first >= 0)
    order = order[np.argsort(first[order])]
    place = np.full(n, -1, np.int64)
    place[order] = np.arange(len(order))
    return order, place
