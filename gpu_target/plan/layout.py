"""Formulas over class sets as flat arrays: what every backend matches with.

A term is a leaf (a class column and a set of its classes) or a node (AND or OR of earlier terms). Terms are numbered
leaves first, then nodes, each after its operands. A rule matches where all of its terms hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from gpu_target.columns.coded import ClassColumn
from gpu_target.plan.atoms import Answer
from gpu_target.plan.normalise import FALSE, TRUE, Formulas, Mode

Ints = npt.NDArray[np.int64]
OR, AND = 0, 1


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


class Simplifier:
    """Replaces the questions of formulas by class sets, joins sets of one column, and drops what is always so."""

    def __init__(self, formulas: Formulas, columns: Sequence[ClassColumn], answers: Sequence[Sequence[Answer]]) -> None:
        self.formulas, self.answers = formulas, answers
        self.full = [(1 << (column.null + 1)) - 1 for column in columns]
        self.null = [1 << column.null for column in columns]
        self.done: dict[int, Node] = {FALSE: ("false",), TRUE: ("true",)}

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
                self.done[number] = self._join(str(node[0]), children)
        return self.done[root]

    def _leaf(self, node: tuple[Any, ...]) -> Node:
        _, asked, mode, null_test = node
        column, true = self.answers[asked.group][asked.test]
        full, null = self.full[column], self.null[column]
        false = full & ~null & ~true
        if null_test:
            true, false, null = null, full & ~null, 0
        elif asked.negated:
            true, false = false, true
        bits = {
            Mode.TRUE: true,
            Mode.FALSE: false,
            Mode.UNKNOWN: null,
            Mode.NOT_TRUE: false | null,
            Mode.NOT_FALSE: true | null,
        }[mode]
        return self._set(column, bits)

    def _set(self, column: int, bits: int) -> Node:
        if bits == 0:
            return ("false",)
        return ("true",) if bits == self.full[column] else ("set", column, bits)

    def _join(self, kind: str, children: Sequence[Node]) -> Node:
        absorbing, neutral = (("false",), ("true",)) if kind == "and" else (("true",), ("false",))
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


def lay_out(rules: Sequence[Node], columns: Sequence[ClassColumn]) -> Layout:
    """Number the leaves and nodes of all rules, each once, and keep only the columns that a leaf needs."""
    leaves: dict[Node, int] = {}
    nodes: dict[Node, None] = {}

    def visit(root: Node) -> None:
        """Enter a term's operands, then the term itself."""
        stack = [(root, False)]
        while stack:
            node, entered = stack.pop()
            if node[0] == "set":
                leaves.setdefault(node, len(leaves))
            elif node not in nodes:
                if entered:
                    nodes[node] = None
                else:
                    stack.append((node, True))
                    stack.extend((child, False) for child in node[1])

    terms = [() if rule in (("true",), ("false",)) else rule[1] if rule[0] == "and" else (rule,) for rule in rules]
    for each in terms:
        for term in each:
            visit(term)
    numbers = {**leaves, **{node: len(leaves) + k for k, node in enumerate(nodes)}}
    used = sorted({column for _, column, _ in leaves})
    renumbered = {column: k for k, column in enumerate(used)}
    classes = [bit_positions(bits) for _, _, bits in leaves]
    return Layout(
        columns=tuple(columns[column] for column in used),
        leaf_column=np.array([renumbered[column] for _, column, _ in leaves], np.int64),
        leaf_start=starts([len(each) for each in classes]),
        leaf_classes=np.concatenate([*classes, np.zeros(0, np.uint16)]).astype(np.uint16),
        node_kind=np.array([AND if node[0] == "and" else OR for node in nodes], np.int64),
        node_start=starts([len(node[1]) for node in nodes]),
        node_terms=np.array([numbers[child] for node in nodes for child in node[1]], np.int64),
        rule_start=starts([len(each) for each in terms]),
        rule_terms=np.array([numbers[term] for each in terms for term in each], np.int64),
        never=np.array([rule == ("false",) for rule in rules], np.bool_),
    )


def starts(sizes: Sequence[int]) -> Ints:
    """Where consecutive runs of these sizes begin, and where the last ends."""
    return np.concatenate([[0], np.cumsum(np.array(sizes, np.int64))]).astype(np.int64)


def bit_positions(bits: int) -> npt.NDArray[np.uint16]:
    """The classes of a bit set, ascending."""
    raw = np.frombuffer(bits.to_bytes((bits.bit_length() + 7) // 8, "little"), np.uint8)
    return np.flatnonzero(np.unpackbits(raw, bitorder="little")).astype(np.uint16)
