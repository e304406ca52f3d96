"""The conditions of rules over value classes, and what holds of them whatever the data.

A rule's condition is its ``when`` with ``valid``, ``flow`` and ``offices``. Every answer is sound: True is certain,
False says that the method cannot tell. Two columns count as independent but for what ``facts`` knows, and a computed
value as independent of what it is computed from.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from gpu_target.findings.boxes import Boxes, Narrowed, TooMany
from gpu_target.findings.facts import Box, Facts
from gpu_target.language import ast
from gpu_target.language.model import Rule, RuleSet
from gpu_target.plan.atoms import NULL_TEST, Asked, Atoms
from gpu_target.plan.bind import Binder, BoundRule
from gpu_target.plan.layout import Node
from gpu_target.plan.normalise import Formulas, Mode
from gpu_target.plan.refusing import Stop
from gpu_target.plan.typed import Predicate


@dataclass(eq=False)
class Condition:
    """A rule and what it asks. ``boxes`` is None where there are too many of them; none at all: it never matches."""

    position: int  # among the rules that were looked at
    rule: Rule
    bound: BoundRule
    parts: tuple[Node, ...]  # that are joined by AND: the terms of ``when``, then the conditions
    boxes: list[Box] | None = field(default=None)

    @property
    def never(self) -> bool:
        return self.boxes == []


class Conditions:
    """The conditions of a rule set's rules, all put to the same classes."""

    def __init__(
        self, ruleset: RuleSet, binder: Binder, rules: Sequence[Rule], trees: dict[int, ast.Expr] | None = None
    ) -> None:
        """``binder`` has bound the rules before, or does so now; those that it cannot bind are left out."""
        self.binder = binder
        self.trees = {} if trees is None else trees  # with places, by the identity of rules
        found: list[tuple[Rule, BoundRule, tuple[int, ...]]] = []
        for rule in rules:
            try:
                numbered = binder.known_rules.get(id(rule)) or binder.rule(rule)
            except Stop:
                continue
            found.append((rule, numbered.rule, numbered.parts))
        self.formulas = Formulas(Atoms(binder.lists.bound))
        numbers = dict.fromkeys(number for _, _, parts in found for number in parts)
        roots = {number: self.formulas.ask(binder.terms[number].predicate, Mode.TRUE) for number in numbers}
        classes = self.formulas.atoms.cut(self._everything())
        tables = {name: table for name, table in binder.tables.items() if table is not None}
        listed = {name for name in tables if ruleset.tables[name].data is None}
        self.facts = Facts(classes.columns, tables, listed)
        self.narrowed = Narrowed(self.formulas, self.facts, classes)
        self.boxes = Boxes(self.facts)
        nodes = {number: self.narrowed.simplify(root) for number, root in roots.items()}
        self.all = [
            Condition(position, rule, bound, tuple([nodes[number] for number in parts]))
            for position, (rule, bound, parts) in enumerate(found)
        ]
        for each in self.all:
            each.boxes = self.boxes_of(each.parts)

    def _everything(self) -> Iterable[Asked]:
        """Every test that was put: also those of formulas that folded away, for parts of a rule are asked later."""
        for number, group in enumerate(self.formulas.atoms.groups):
            yield Asked(number, NULL_TEST)
            yield from (Asked(number, test) for test in range(len(group.tests)))

    def node(self, predicate: Predicate, mode: Mode = Mode.TRUE) -> Node:
        """What a part of some rule's condition asks."""
        return self.narrowed.simplify(self.formulas.ask(predicate, mode))

    def located(self, rule: Rule) -> ast.Expr:
        """The tree of a rule's ``when`` that knows its places; parsed once."""
        if id(rule) not in self.trees:
            self.trees[id(rule)] = rule.when.with_places()
        return self.trees[id(rule)]

    def boxes_of(self, nodes: Iterable[Node]) -> list[Box] | None:
        """The boxes of an AND; None where there are too many."""
        try:
            return self.boxes.of(nodes)
        except TooMany:
            return None

    def never(self, nodes: Iterable[Node]) -> bool:
        """Whether nothing meets all of these formulas."""
        return self.boxes_of(nodes) == []

    def always(self, condition: Condition) -> bool:
        """Whether every row matches, whatever it holds."""
        return condition.boxes is not None and self.boxes.inside([{}], condition.boxes)

    def implies(self, nodes: Iterable[Node], others: Iterable[Node]) -> bool:
        """Whether whatever meets all of ``nodes`` meets all of ``others``."""
        inner, outer = self.boxes_of(nodes), self.boxes_of(others)
        return inner is not None and outer is not None and self.boxes.inside(inner, outer)

    def covers(self, outer: Condition, inner: Condition) -> bool:
        """Whether whatever ``inner`` matches, ``outer`` matches too."""
        if outer.boxes is None or inner.boxes is None:
            return False
        return self.boxes.inside(inner.boxes, outer.boxes)
