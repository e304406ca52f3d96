"""Three-valued predicates as two-valued formulas over class sets.

A predicate is TRUE, FALSE or UNKNOWN on a row. Each of the five questions of ``Mode`` is answered by AND and OR alone
over the leaves' class sets, so that no NOT is left and a rule can be matched with plain bit operations. Formulas are
shared: equal ones are one node.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from gpu_target.plan import typed
from gpu_target.plan.atoms import Asked, Atoms
from gpu_target.plan.compare import OPERATORS
from gpu_target.plan.typed import Predicate

Formula = int  # number of a node of ``Formulas``
FALSE, TRUE = 0, 1


class Mode(Enum):
    """What is asked of a predicate."""

    TRUE = "is TRUE"
    FALSE = "is FALSE"
    UNKNOWN = "is UNKNOWN"
    NOT_TRUE = "is FALSE or UNKNOWN"
    NOT_FALSE = "is TRUE or UNKNOWN"

    __hash__ = object.__hash__  # each is itself; that of enumerations is written in Python, and is asked for often


SWAPPED = {
    Mode.TRUE: Mode.FALSE, Mode.FALSE: Mode.TRUE, Mode.UNKNOWN: Mode.UNKNOWN,
    Mode.NOT_TRUE: Mode.NOT_FALSE, Mode.NOT_FALSE: Mode.NOT_TRUE,
}  # fmt: skip


@dataclass
class Formulas:
    """Nodes: ``("leaf", Asked, Mode)``, ``("and", children)``, ``("or", children)``; 0 is FALSE, 1 is TRUE."""

    atoms: Atoms
    nodes: list[tuple[object, ...]] = field(default_factory=lambda: [("false",), ("true",)])
    numbers: dict[tuple[object, ...], Formula] = field(default_factory=dict)
    memo: dict[tuple[int, Mode], tuple[Predicate, Formula]] = field(default_factory=dict)  # by identity, kept alive
    questions: dict[Formula, tuple[Asked, ...]] = field(default_factory=dict)

    def node(self, key: tuple[object, ...]) -> Formula:
        number = self.numbers.get(key)
        if number is None:
            self.numbers[key] = number = len(self.nodes)
            self.nodes.append(key)
        return number

    def all(self, children: list[Formula]) -> Formula:
        return self._join("and", children, TRUE, FALSE)

    def any(self, children: list[Formula]) -> Formula:
        return self._join("or", children, FALSE, TRUE)

    def _join(self, kind: str, children: list[Formula], neutral: Formula, absorbing: Formula) -> Formula:
        flat: dict[Formula, None] = {}
        for child in children:
            node = self.nodes[child]
            for each in node[1] if node[0] == kind else (child,):  # type: ignore[attr-defined]
                flat[each] = None
        flat.pop(neutral, None)
        if absorbing in flat:
            return absorbing
        if len(flat) < 2:
            return next(iter(flat), neutral)
        return self.node((kind, tuple(flat)))

    def ask(self, predicate: Predicate, mode: Mode) -> Formula:
        """The formula that holds on the rows where ``predicate`` is what ``mode`` asks."""
        key = (id(predicate), mode)
        found = self.memo.get(key)
        if found is None:
            self.memo[key] = found = predicate, self._ask(predicate, mode)
        return found[1]

    def asked(self, root: Formula) -> tuple[Asked, ...]:
        """What the leaves of a formula ask, from left to right."""
        known = self.questions.get(root)
        if known is None:
            found: list[Asked] = []
            stack = [root]
            while stack:
                node = self.nodes[stack.pop()]
                if node[0] == "leaf":
                    found.append(node[1])  # type: ignore[arg-type]
                elif len(node) == 2:
                    stack += reversed(node[1])  # type: ignore[call-overload]
            self.questions[root] = known = tuple(dict.fromkeys(found))
        return known

    def _ask(self, predicate: Predicate, mode: Mode) -> Formula:
        ask = ASKERS.get(type(predicate))
        if ask is not None:
            return ask(self, predicate, mode)
        return self.leaf(self.atoms.ask(predicate), mode, type(predicate) is typed.IsNull)  # type: ignore[arg-type]

    def _truth(self, predicate: typed.Truth, mode: Mode) -> Formula:
        return (
            TRUE if mode in ((Mode.TRUE, Mode.NOT_FALSE) if predicate.value else (Mode.FALSE, Mode.NOT_TRUE)) else FALSE
        )

    def _not(self, predicate: typed.Not, mode: Mode) -> Formula:
        return self.ask(predicate.operand, SWAPPED[mode])

    def _and(self, predicate: typed.And, mode: Mode) -> Formula:
        return self._connective(predicate.operands, mode, self.all, self.any)

    def _or(self, predicate: typed.Or, mode: Mode) -> Formula:
        return self._connective(predicate.operands, SWAPPED[mode], self.all, self.any, negated=True)

    def leaf(self, asked: Asked, mode: Mode, null_test: bool) -> Formula:
        if null_test and mode is Mode.UNKNOWN:
            return FALSE
        return self.node(("leaf", asked, mode, null_test))

    def _connective(
        self,
        operands: tuple[Predicate, ...],
        mode: Mode,
        all_: Callable[[list[Formula]], Formula],
        any_: Callable[[list[Formula]], Formula],
        negated: bool = False,
    ) -> Formula:
        """An AND of the operands; an OR is the NOT of the AND of their NOTs."""

        def each(wanted: Mode) -> list[Formula]:
            return [self.ask(operand, SWAPPED[wanted] if negated else wanted) for operand in operands]

        if mode in (Mode.TRUE, Mode.NOT_FALSE):
            return all_(each(mode))
        if mode in (Mode.FALSE, Mode.NOT_TRUE):
            return any_(each(mode))
        return all_([*each(Mode.NOT_FALSE), any_(each(Mode.UNKNOWN))])

    def _unknown_test(self, predicate: typed.IsUnknown, mode: Mode) -> Formula:
        operand = predicate.operand
        if mode is Mode.UNKNOWN:
            return FALSE
        if mode in (Mode.TRUE, Mode.NOT_FALSE):
            return self.ask(operand, Mode.UNKNOWN)
        return self.any([self.ask(operand, Mode.TRUE), self.ask(operand, Mode.FALSE)])

    def _compare_truth(self, predicate: typed.CompareTruth, mode: Mode) -> Formula:
        left, right = predicate.left, predicate.right
        unknown = self.any([self.ask(left, Mode.UNKNOWN), self.ask(right, Mode.UNKNOWN)])
        if mode is Mode.UNKNOWN:
            return unknown
        holds = mode in (Mode.TRUE, Mode.NOT_FALSE)
        cases = []
        for a in (False, True):
            for b in (False, True):
                if OPERATORS[predicate.operator](a, b) is holds:
                    sides = ((left, a), (right, b))
                    cases.append(
                        self.all([self.ask(side, Mode.TRUE if value else Mode.FALSE) for side, value in sides])
                    )
        return self.any([*cases, unknown] if mode in (Mode.NOT_TRUE, Mode.NOT_FALSE) else cases)

    def _coalesce_truth(self, predicate: typed.CoalesceTruth, mode: Mode) -> Formula:
        operands = predicate.operands
        if len(operands) == 1:
            return self.ask(operands[0], mode)
        first, rest = operands[0], typed.CoalesceTruth(operands[1:])
        if mode is Mode.UNKNOWN:
            return self.all([self.ask(first, Mode.UNKNOWN), self.ask(rest, Mode.UNKNOWN)])
        decided = Mode.TRUE if mode in (Mode.TRUE, Mode.NOT_FALSE) else Mode.FALSE
        later = self.all([self.ask(first, Mode.UNKNOWN), self.ask(rest, mode)])
        return self.any([self.ask(first, decided), later])


ASKERS: Mapping[type, Callable[[Formulas, Any, Mode], Formula]] = {
    typed.Truth: Formulas._truth, typed.Not: Formulas._not, typed.And: Formulas._and, typed.Or: Formulas._or,
    typed.IsUnknown: Formulas._unknown_test, typed.CompareTruth: Formulas._compare_truth,
    typed.CoalesceTruth: Formulas._coalesce_truth,
}  # fmt: skip
