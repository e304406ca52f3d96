"""What the tests in rule files decide: which rules they match and miss, and which terms of a condition make it so.

A term is a condition that AND, OR and NOT join: a comparison, IN, LIKE, BETWEEN, a boolean column, a name of ``let``.
A test *matches thanks to* a term where the rule matches, and would not if the term alone were not TRUE; it *misses
because of* a term where the rule does not match, and would if the term alone were TRUE. A term is decided by tests that
do both. That is modified condition/decision coverage in its masking form (Chilenski, "An Investigation of Three Forms
of the Modified Condition Decision Coverage (MCDC) Criterion", DOT/FAA/AR-01/18, 2001; Hayhurst et al., "A Practical
Tutorial on Modified Condition/Decision Coverage", NASA/TM-2001-210876).

NOT is pushed down to the terms first, with SQL's logic. Then a rule matches where enough of its terms are TRUE, and
UNKNOWN counts as FALSE does: either way the term is not TRUE.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

import pyarrow as pa

from gpu_target.backends.interpreter import Evaluator, Test
from gpu_target.language import ast
from gpu_target.language.model import Predicate, Rule, RuleSet
from gpu_target.language.printer import to_text
from gpu_target.plan.bind import bind
from gpu_target.plan.literals import EPOCH
from gpu_target.plan.process import compiling
from gpu_target.rule_tests import TestOutcome

Tree = int | tuple[str, tuple["Tree", ...]]  # a term by its number, or ("and" | "or", operands)


@dataclass(frozen=True, slots=True)
class TermCoverage:
    """What the tests of a rule do with one of its terms. Tests count from 1; 0: none does."""

    text: str
    true: int  # makes it TRUE
    matches: int  # matches thanks to it
    misses: int  # misses because of it alone

    @property
    def decided(self) -> bool:
        return bool(self.matches and self.misses)


@dataclass(frozen=True, slots=True)
class RuleCoverage:
    """What the tests of a rule do with it. Tests count from 1; 0: none does."""

    rule: Rule
    matched: int
    missed: int
    terms: tuple[TermCoverage, ...]

    @property
    def decided(self) -> bool:
        return bool(self.matched and self.missed)


@dataclass(frozen=True, slots=True)
class Share:
    """``decided`` of ``whole``; of nothing all is decided."""

    decided: int
    whole: int

    @property
    def percent(self) -> float:
        return 100 * self.decided / self.whole if self.whole else 100.0


@dataclass(frozen=True, slots=True)
class Coverage:
    """All rules but retired ones, in rule-set order."""

    rules: tuple[RuleCoverage, ...]

    @property
    def of_rules(self) -> Share:
        return Share(sum(each.decided for each in self.rules), len(self.rules))

    @property
    def of_terms(self) -> Share:
        terms = [term for each in self.rules for term in each.terms]
        return Share(sum(term.decided for term in terms), len(terms))


class Condition(NamedTuple):
    """A condition whose NOTs stand at its terms alone."""

    tree: Tree
    terms: list[ast.Expr]


def cover(
    ruleset: RuleSet,
    outcomes: Sequence[TestOutcome],
    schema: Mapping[str, pa.DataType],
    *,
    as_of: date | None = None,
    roles: Mapping[str, str] | None = None,
    tables: Mapping[str, pa.Table] | None = None,
) -> Coverage:
    """What ``outcomes``, the tests of ``ruleset`` as ``run_tests`` ran them with the same options, decide.

    Rules without outcomes are there, with terms that no test decides. Raises as ``run_tests`` does.
    """
    of_rule: dict[str, list[TestOutcome]] = {}
    for outcome in outcomes:
        of_rule.setdefault(outcome.rule_id, []).append(outcome)
    counted = [rule for rule in ruleset.rules if rule.status != "retired"]
    with compiling():
        conditions = [condition_of(rule.when.tree) for rule in counted]
        alone = [
            replace(rule, when=Predicate(term, rule.when.source, located=False), valid=None, flow=(), offices=())
            for rule, condition in zip(counted, conditions, strict=True)
            for term in condition.terms
            if rule.id in of_rule
        ]
        bound = bind(ruleset, schema, rules=alone, roles=roles, data_tables=tables)
        evaluator = Evaluator(bound.lists, bound.tables, None if as_of is None else (as_of - EPOCH).days)
        tests = iter([evaluator.predicate(each.when) for each in bound.rules])
        found = []
        for rule, condition in zip(counted, conditions, strict=True):
            tried = of_rule.get(rule.id, [])
            own = [next(tests) for _ in condition.terms] if tried else []
            found.append(_covered(rule, condition, tried, own))
    return Coverage(tuple(found))


def condition_of(tree: ast.Expr) -> Condition:
    """The terms of a condition, in the order of the text, and how AND and OR join them."""
    terms: list[ast.Expr] = []

    def walk(node: ast.Expr, negated: bool) -> Tree:
        match node:
            case ast.Not(operand):
                return walk(operand, not negated)
            case ast.And(operands) | ast.Or(operands):
                kind = "and" if isinstance(node, ast.And) != negated else "or"  # De Morgan, true of UNKNOWN as well
                return kind, tuple(walk(each, negated) for each in operands)
        terms.append(ast.Not(node) if negated else node)
        return len(terms) - 1

    return Condition(walk(tree, False), terms)


def _covered(rule: Rule, condition: Condition, outcomes: Sequence[TestOutcome], tests: Sequence[Test]) -> RuleCoverage:
    """``tests`` holds for each term what evaluates it on the row of an outcome."""
    n_terms = len(condition.terms)
    true, matches, misses = ([0] * n_terms for _ in range(3))
    matched = missed = 0
    for outcome in outcomes:
        held = [test(outcome.row) is True for test in tests]
        deciding = set(deciding_terms(condition.tree, held)) if outcome.applies else set()
        is_match = outcome.found is True
        matched = matched or outcome.index * is_match
        missed = missed or outcome.index * (not is_match)
        decided = matches if is_match else misses
        for term in range(n_terms):
            true[term] = true[term] or outcome.index * held[term]
            decided[term] = decided[term] or outcome.index * (term in deciding)
    terms = zip(condition.terms, true, matches, misses, strict=True)
    return RuleCoverage(rule, matched, missed, tuple(TermCoverage(to_text(term), *rest) for term, *rest in terms))


def deciding_terms(tree: Tree, held: Sequence[bool]) -> Iterator[int]:
    """The terms of which each alone would change what the tree gives, where ``held`` says which terms are TRUE."""
    if isinstance(tree, int):
        yield tree
        return
    kind, operands = tree
    neutral = kind == "and"  # what an operand must be for the others to count
    values = [_value(each, held) for each in operands]
    against = values.count(not neutral)
    for operand, value in zip(operands, values, strict=True):
        if against == (value is not neutral):
            yield from deciding_terms(operand, held)


def _value(tree: Tree, held: Sequence[bool]) -> bool:
    if isinstance(tree, int):
        return held[tree]
    kind, operands = tree
    return (all if kind == "and" else any)(_value(each, held) for each in operands)
