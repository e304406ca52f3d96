"""What the conditions of a rule saw in a test that failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import pyarrow as pa

from gpu_target.backends.interpreter import Evaluator
from gpu_target.explaining.conditions import Condition, Teller, own_keys
from gpu_target.explaining.seen import Eyes
from gpu_target.explaining.trees import trees_of
from gpu_target.language.model import Rule, RuleSet
from gpu_target.plan.bind import Binder, BoundRule, bind_rules, roles_of
from gpu_target.plan.literals import EPOCH
from gpu_target.plan.process import compiling
from gpu_target.rule_tests import TestOutcome


def rules_of(ruleset: RuleSet, outcomes: Sequence[TestOutcome]) -> list[Rule]:
    """The rule of each test."""
    rules = {rule.id: rule for rule in ruleset.rules}
    return [rules[each.rule_id] for each in outcomes]


def conditions_of(
    ruleset: RuleSet,
    outcomes: Sequence[TestOutcome],
    schema: Mapping[str, pa.DataType],
    *,
    as_of: date | None = None,
    roles: Mapping[str, str] | None = None,
    tables: Mapping[str, pa.Table] | None = None,
) -> list[tuple[Condition, ...]]:
    """What decided each test: what ``when`` joins by AND, then those of ``valid``, ``flow``, ``offices`` that count.

    ``outcomes`` are tests of ``ruleset`` as ``run_tests`` ran them with the same options.
    """
    with compiling():
        binder = Binder(ruleset, schema, roles_of(ruleset, roles), tables)
        rules = rules_of(ruleset, outcomes)
        bound = {
            each.rule.id: each for each in bind_rules(binder, tuple({rule.id: rule for rule in rules}.values())).rules
        }
        found = {name: table for name, table in binder.tables.items() if table is not None}
        evaluator = Evaluator(binder.lists.bound, found, None if as_of is None else (as_of - EPOCH).days)
        return [
            _conditions(Eyes(binder, evaluator, ruleset.let, each.row), bound[each.rule_id], each.index)
            for each in outcomes
        ]


def _conditions(eyes: Eyes, bound: BoundRule, index: int) -> tuple[Condition, ...]:
    teller, rule = Teller(eyes), bound.rule
    test = rule.tests[index - 1]
    own = zip(own_keys(rule), bound.conditions, strict=True)
    return (
        *(teller.tell(tree) for tree in trees_of(bound)),
        *(teller.condition(rule, key, *each) for key, each in own if each[0] in test.values),
    )
