"""Conditions as boxes: products of class sets, one per column, whose union is what a condition is TRUE of.

Containment of one box in another is exact within what ``facts`` knows; in a union, what is inside one of its boxes is
cut off after the other, within a budget.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from gpu_target.findings.facts import Box, Facts
from gpu_target.plan.atoms import Classes
from gpu_target.plan.layout import FALSE_NODE, TRUE_NODE, Node, Simplifier
from gpu_target.plan.normalise import Formulas

MOST_BOXES = 256  # of one condition
MOST_STEPS = 20_000  # boxes that are made on the way to them
BUDGET = 2_000  # boxes that are looked at for one question


class TooMany(Exception):
    """A condition has more boxes, or a question needs more steps, than are looked at."""


class Narrowed(Simplifier):
    """Formulas over the classes that are possible: a set of all of these is TRUE, one of none FALSE."""

    def __init__(self, formulas: Formulas, facts: Facts, classes: Classes) -> None:
        super().__init__(formulas)
        self.facts = facts
        self.meet(classes)

    def _set(self, column: int, bits: int) -> Node:
        column, bits = self.facts.turn(column, bits)
        possible = self.facts.possible[column]
        bits &= possible
        if not bits:
            return FALSE_NODE
        if bits == possible:
            return TRUE_NODE
        known = self.sets[column].get(bits)
        if known is None:
            self.sets[column][bits] = known = ("set", column, bits)
        return known


class Boxes:
    """Turns formulas into boxes and answers what contains what."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.steps = 0

    def of(self, nodes: Iterable[Node]) -> list[Box]:
        """The boxes of an AND of formulas, each closed, none of them empty. Raises TooMany."""
        self.steps = 0
        found: list[Box] = [{}]
        sets: list[Node] = []
        others: list[Node] = []
        for node in nodes:
            for part in node[1] if node[0] == "and" else (node,):
                (sets if part[0] == "set" else others).append(part)
        for _, column, bits in sets:
            if not self._restrict(found[0], column, bits):
                return []
        for part in sorted(others, key=_width):
            if part == FALSE_NODE:
                return []
            if part != TRUE_NODE:
                found = self._product(found, self._alternatives(part))
        closed = [each for box in found if (each := self.facts.close(box)) is not None]
        return self._without_inner(closed) if len(closed) > 1 else closed

    def _alternatives(self, node: Node) -> list[Box]:
        if node[0] == "set":
            return [{node[1]: node[2]}]
        if node[0] == "or":
            found = [box for each in node[1] for box in self._alternatives(each)]
            if len(found) > MOST_BOXES:
                raise TooMany
            return found
        found = [{}]
        for each in node[1]:
            found = self._product(found, self._alternatives(each))
        return found

    def _product(self, left: list[Box], right: list[Box]) -> list[Box]:
        found: list[Box] = []
        self.steps += len(left) * len(right)
        if self.steps > MOST_STEPS:
            raise TooMany
        for one in left:
            for other in right:
                box = dict(one)
                if all(self._restrict(box, column, bits) for column, bits in other.items()):
                    found.append(box)
                    if len(found) > MOST_BOXES:
                        raise TooMany
        return found

    @staticmethod
    def _restrict(box: Box, column: int, bits: int) -> bool:
        own = box.get(column)
        box[column] = bits = bits if own is None else own & bits
        return bool(bits)

    def _without_inner(self, boxes: list[Box]) -> list[Box]:
        """The boxes that do not lie in another one; of equal ones the first."""
        found: list[Box] = []
        for box in boxes:
            if not any(self.holds(other, box) for other in found):
                found = [other for other in found if not self.holds(box, other)]
                found.append(box)
        return found

    def holds(self, outer: Box, inner: Box) -> bool:
        """Whether one box lies in another."""
        possible = self.facts.possible
        return not any(inner.get(column, possible[column]) & ~bits for column, bits in outer.items())

    def inside(self, boxes: Iterable[Box], others: Sequence[Box]) -> bool:
        """Whether all of ``boxes``, which are closed, lie in the union of ``others``; False where it cannot tell."""
        budget = [BUDGET]
        try:
            return all(self._inside(box, others, budget) for box in boxes)
        except TooMany:
            return False

    def _inside(self, box: Box, others: Sequence[Box], budget: list[int]) -> bool:
        budget[0] -= 1 + len(others)
        if budget[0] < 0:
            raise TooMany
        if any(self.holds(other, box) for other in others):
            return True
        meeting = [other for other in others if self._meet(other, box)]
        if len(meeting) < 2 and not (meeting and self.facts.linked):
            return False
        first, rest = meeting[0], meeting[1:]
        left = dict(box)
        for column, bits in first.items():
            own = left.get(column, self.facts.possible[column])
            outside = own & ~bits
            if not outside:
                continue
            piece = self.facts.close(left | {column: outside})
            if piece is not None and not self._inside(piece, rest, budget):
                return False
            left[column] = own & bits
        return True

    def _meet(self, one: Box, other: Box) -> bool:
        possible = self.facts.possible
        return all(bits & other.get(column, possible[column]) for column, bits in one.items())


def _width(node: Node) -> int:
    return len(node[1]) if node[0] in ("or", "and") else 0


def key_of(node: Node) -> Any:
    """What equal formulas have in common, whatever the order of their parts."""
    return (node[0], frozenset(map(key_of, node[1]))) if node[0] in ("and", "or") else node
