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
from gpu_target.plan.atoms import Classes
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


Node = tuple[Any, ...]  # ("set", column, bits), ("and", nodes), ("or", nodes), ("true",), ("false",)


TRUE_NODE: Node = ("true",)
FALSE_NODE: Node = ("false",)


class Simplifier:
    """Replaces the questions of formulas by class sets, joins sets of one column, and drops what is always so."""

    def __init__(self, formulas: Formulas) -> None:
        self.formulas = formulas
        self.done: dict[int, Node] = {FALSE: FALSE_NODE, TRUE: TRUE_NODE}

    def meet(self, classes: Classes) -> None:
        """Take these classes from now on; formulas over columns that were cut anew are forgotten."""
        self.classes = classes
        self.full = {number: (1 << (column.null + 1)) - 1 for number, column in classes.columns.items()}
        if not classes.recut:
            return
        kept: dict[int, Node] = {}
        for number, node in self.done.items():  # a formula comes after those inside it
            inside: Any = self.formulas.nodes[number][1:]
            is_leaf = self.formulas.nodes[number][0] == "leaf"
            if inside[0].group not in classes.recut if is_leaf else all(each in kept for each in chain(*inside)):
                kept[number] = node
        self.done = kept

    def simplify(self, root: int) -> Node:
        """The simplified formula; children are numbered before their parents, so a stack suffices."""
        stack = [root]
        while stack:
            number = stack[-1]
            if number in self.done:
                stack.pop()
                continue
            node = self.formulas.nodes[number]
            if node[0] == "leaf":
                self.done[number] = self._leaf(node)
                continue
            missing = [child for child in node[1] if child not in self.done]  # type: ignore[attr-defined]
            if missing:
                stack.extend(missing)
            else:
                children = [self.done[child] for child in node[1]]  # type: ignore[attr-defined]
                self.done[number] = self.join(str(node[0]), children)
        return self.done[root]

    def _leaf(self, node: tuple[Any, ...]) -> Node:
        _, asked, mode, null_test = node
        column, true = self.classes.answers[asked.group][asked.test]
        null = 1 << self.classes.columns[column].null
        if null_test:
            true, null = null, 0
        elif asked.negated:
            true ^= self.full[column] ^ null
        if mode is Mode.TRUE:
            return self._set(column, true)
        if mode is Mode.NOT_FALSE:
            return self._set(column, true | null)
        if mode is Mode.UNKNOWN:
            return self._set(column, null)
        not_true = self.full[column] ^ true
        return self._set(column, not_true if mode is Mode.NOT_TRUE else not_true & ~null)

    def _set(self, column: int, bits: int) -> Node:
        if bits == 0:
            return FALSE_NODE
        return TRUE_NODE if bits == self.full[column] else ("set", column, bits)

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
        return (kind, tuple(parts))


@dataclass
class Numbering:
    """The terms of all rules, each once: leaves and nodes in order of first appearance, and what each rule joins."""

    leaves: dict[Node, int] = field(default_factory=dict)
    nodes: dict[Node, int] = field(default_factory=dict)  # numbers count the nodes alone

    def enter(self, root: Node) -> None:
        """Number a term's operands, then the term itself."""
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

    def __getitem__(self, node: Node) -> int:
        return self.leaves[node] if node[0] == "set" else len(self.leaves) + self.nodes[node]


def lay_out(
    terms: Sequence[Node],
    rule_start: Ints,
    rule_terms: Ints,
    simplifier: Simplifier,
) -> Layout:
    """Number the leaves and nodes of all rules, each once, and keep only the columns that a leaf needs.

    ``rule_terms[rule_start[r] : rule_start[r + 1]]`` are those of ``terms`` that rule r joins by AND.
    """
    nodes, start, flat, never = _join_terms(terms, rule_start, rule_terms, simplifier)
    numbering = Numbering()
    used, first = np.unique(flat, return_index=True)
    for each in used[np.argsort(first)].tolist():
        numbering.enter(nodes[each])
    numbers = np.zeros(len(nodes), np.int64)
    numbers[used] = [numbering[nodes[each]] for each in used.tolist()]
    columns = simplifier.classes.columns
    place = {number: k for k, number in enumerate(columns)}
    leaf_column = np.array([place[column] for _, column, _ in numbering.leaves], np.int64)
    kept, renumbered = np.unique(leaf_column, return_inverse=True)
    leaf_start, leaf_classes = class_lists(leaf_column, [bits for _, _, bits in numbering.leaves])
    ordered = list(columns.values())
    return Layout(
        columns=tuple(ordered[column] for column in kept.tolist()),
        leaf_column=renumbered.astype(np.int64),
        leaf_start=leaf_start,
        leaf_classes=leaf_classes,
        node_kind=np.array([AND if node[0] == "and" else OR for node in numbering.nodes], np.int64),
        node_start=starts([len(node[1]) for node in numbering.nodes]),
        node_terms=np.array([numbering[child] for node in numbering.nodes for child in node[1]], np.int64),
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
    numbers: dict[Node, int] = {}
    number_of = np.array([numbers.setdefault(term, len(numbers)) for term in terms], np.int64)
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
        own.append([numbers.setdefault(part, len(numbers)) for part in parts])
    as_they_are = number_of[rule_terms[~np.repeat(joined, sizes)]]
    sizes[joined] = [len(each) for each in own]
    is_own = np.repeat(joined, sizes)
    found = np.empty(len(is_own), np.int64)
    found[~is_own] = as_they_are
    found[is_own] = np.fromiter(chain.from_iterable(own), np.int64)
    return list(numbers), starts(sizes), found, never


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


def class_lists(column: Ints, sets: Sequence[int]) -> tuple[Ints, npt.NDArray[np.uint16]]:
    """The classes of bit sets, ascending, one set after the other, and where each begins.

    Sets of one column, which are about as wide as each other, are unpacked together.
    """
    sizes = np.array([each.bit_count() for each in sets], np.int64)
    start = starts(sizes)
    found = np.empty(start[-1], np.uint16)
    for each in np.unique(column).tolist():
        members = np.flatnonzero(column == each)
        width = max(1, *((sets[k].bit_length() + 7) // 8 for k in members.tolist()))
        for some in np.array_split(members, -(-len(members) * width // UNPACKED)):
            raw = np.frombuffer(b"".join(sets[k].to_bytes(width, "little") for k in some.tolist()), np.uint8)
            holds = np.flatnonzero(np.unpackbits(raw, bitorder="little").view(np.bool_))
            row = np.repeat(np.arange(len(some)), sizes[some])
            moved = start[some] - starts(sizes[some])[:-1]
            found[moved[row] + np.arange(len(row))] = holds - row * (8 * width)
    return start, found
