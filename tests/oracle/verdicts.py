"""What the findings say of generated rules, judged by the interpreter on rows aimed at their thresholds.

Rules are put together from a few parts over a few columns, so that they often exclude, repeat or cover each other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from gpu_target.backends.interpreter import Evaluator, rows_of
from gpu_target.findings.conditions import Condition, Conditions
from gpu_target.findings.covering import candidates
from gpu_target.language import ast
from gpu_target.language.model import RuleSet
from gpu_target.language.printer import to_text
from gpu_target.plan.bind import Binder, roles_of
from gpu_target.plan.literals import EPOCH
from gpu_target.plan.process import compiling
from tests.oracle.bulk import AS_OF
from tests.oracle.cases import Case, case, rule_of
from tests.oracle.choices import Choices, Seeded

Test = Callable[[Any], bool | None]


@dataclass(frozen=True)
class Verdicts:
    """Positions of the rules that never match or always do, and the pairs (outer, inner) of which one covers."""

    conditions: Conditions
    never: list[int]
    always: list[int]
    covered: list[tuple[int, int]]

    @property
    def count(self) -> int:
        return len(self.never) + len(self.always) + len(self.covered)


def judged(ruleset: RuleSet, schema: pa.Schema) -> Verdicts:
    """What the findings say of a rule set."""
    types = {field.name: field.type for field in schema}
    with compiling():
        found = Conditions(ruleset, Binder(ruleset, types, roles_of(ruleset, None), None), ruleset.rules)
        rules = found.all
        assert len(rules) == len(ruleset.rules)
        never = [each.position for each in rules if each.never]
        always = [each.position for each in rules if found.always(each)]
        pairs = zip(*(each.tolist() for each in candidates(found, rules)), strict=True)
        covered = [(a, b) for a, b in pairs if found.covers(rules[a], rules[b])]
    return Verdicts(found, never, always, covered)


def contradiction(verdicts: Verdicts, table: pa.Table) -> str:
    """A row that shows a verdict to be wrong, as text; empty where there is none."""
    found = verdicts.conditions
    as_of = (AS_OF - EPOCH).days
    tables = {name: each for name, each in found.binder.tables.items() if each is not None}
    evaluator = Evaluator(found.binder.lists.bound, tables, as_of)
    columns = {name: table.column(name).combine_chunks() for name in table.column_names}
    rows = rows_of(columns, table.num_rows)
    matches: dict[int, list[bool]] = {}

    def of(position: int) -> list[bool]:
        if position not in matches:
            with compiling():
                test = evaluator.predicate(found.all[position].bound.predicate)
            matches[position] = [test(row) is True for row in rows]
        return matches[position]

    for position in verdicts.never:
        for row, holds in zip(rows, of(position), strict=True):
            if holds:
                return f"never, but on {row}: {shown(found.all[position])}"
    for position in verdicts.always:
        for row, holds in zip(rows, of(position), strict=True):
            if not holds:
                return f"always, but not on {row}: {shown(found.all[position])}"
    for outer, inner in verdicts.covered:
        for row, wide, narrow in zip(rows, of(outer), of(inner), strict=True):
            if narrow and not wide:
                return f"covered, but not on {row}: {shown(found.all[inner])} by {shown(found.all[outer])}"
    return ""


def shown(condition: Condition) -> str:
    return to_text(condition.rule.when.tree)


def related_case(seed: int | str, n_parts: int, n_rules: int, n_columns: int) -> Case:
    """A case whose rules are put together from a few parts."""
    drawn = case(seed, n_parts, n_columns=n_columns, depth=1, n_random=3)
    choices = Seeded(f"{seed} together")
    parts = [rule.when.tree for rule in drawn.ruleset.rules]
    trees = [*parts, *(_together(parts, choices) for _ in range(n_rules - n_parts))]
    rules = tuple(rule_of(tree, f"R{position:05d}") for position, tree in enumerate(trees))
    return replace(drawn, ruleset=replace(drawn.ruleset, rules=rules))


def _together(parts: Sequence[ast.Expr], choices: Choices) -> ast.Expr:
    some = tuple(_part(parts, choices) for _ in range(choices.integer(2, 3)))
    shape = choices.integer(0, 4)
    if shape <= 1:
        return ast.And(some)
    if shape == 2:
        return ast.Or(some)
    if shape == 3:
        return ast.Or((ast.And(some[:2]), some[-1]))
    return ast.And((ast.Or(some[:2]), some[-1]))


def _part(parts: Sequence[ast.Expr], choices: Choices) -> ast.Expr:
    tree = choices.pick(parts)
    shape = choices.integer(0, 5)
    if shape == 0:
        return ast.IsNull(tree, negated=choices.chance(50))
    return ast.Not(tree) if shape == 1 else tree
