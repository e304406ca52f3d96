"""The tests inside rule files: each names a few columns, all others are NULL, and says whether the rule matches."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import Any

import pyarrow as pa

from gpu_target.backends.interpreter import Evaluator
from gpu_target.columns.expressions import family, is_exact_number, plain
from gpu_target.language import ast
from gpu_target.language.diagnostics import Diagnostic, RuleError, Span, UsageError
from gpu_target.language.limits import children
from gpu_target.language.model import Rule, RuleSet, RuleTest, Scalar
from gpu_target.language.suggest import did_you_mean
from gpu_target.plan.bind import Bound, bind
from gpu_target.plan.literals import EPOCH, BadLiteral, nearest_float, parse_cell
from gpu_target.plan.plan import reads_as_of
from gpu_target.plan.process import compiling


@dataclass(frozen=True, slots=True)
class TestOutcome:
    """One test of one rule. ``index`` counts from 1; ``found`` is True, False or None for UNKNOWN.

    ``row`` holds every column as the interpreter computes with it. ``applies`` says whether ``valid``, ``flow`` and
    ``offices`` are TRUE, as far as the test names their columns.
    """

    __test__ = False  # the name is the domain's; pytest need not look inside

    rule_id: str
    index: int
    expected: bool
    found: bool | None
    span: Span | None
    row: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)
    applies: bool = True

    @property
    def passed(self) -> bool:
        return (self.found is True) is self.expected


def run_tests(
    ruleset: RuleSet,
    schema: Mapping[str, pa.DataType],
    *,
    as_of: date | None = None,
    roles: Mapping[str, str] | None = None,
    tables: Mapping[str, pa.Table] | None = None,
    without: Collection[str] = (),
) -> list[TestOutcome]:
    """Evaluate every test of every rule, drafts and retired ones included, by the interpreter.

    ``schema`` gives the columns' types. A test decides ``when``; ``valid``, ``flow`` and ``offices`` count where it
    names their column. ``without`` names lookup tables that are not at hand: rules that read one are left out.

    Raises RuleError for rules that do not bind and tests that name no column (RT115) or hold a value of the wrong type
    (RT112); UsageError (US015) where a rule reads AS_OF and none is given.
    """
    tested = [rule for rule in ruleset.rules if rule.tests]
    if without:
        tested = [rule for rule in tested if not any(name in without for name in tables_read(rule, ruleset))]
    with compiling():
        bound = bind(ruleset, schema, rules=tested, roles=roles, data_tables=tables)
        if as_of is None and any(reads_as_of(each.when) for each in bound.rules):
            raise UsageError(Diagnostic("US015", "a rule reads AS_OF and no day was given", remedy="give --as-of DATE"))
        evaluator = Evaluator(bound.lists, bound.tables, None if as_of is None else (as_of - EPOCH).days)
        return _run(bound, {name: plain(type_) for name, type_ in schema.items()}, evaluator)


def tables_read(rule: Rule, ruleset: RuleSet) -> Iterator[str]:
    """The lookup tables that the condition of a rule names, itself or through ``let``."""
    waiting: list[ast.Expr] = [rule.when.tree]
    written_out: set[str] = set()
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.TableColumn):
            yield node.table
        elif isinstance(node, ast.Name) and node.name in ruleset.let and node.name not in written_out:
            written_out.add(node.name)
            waiting.append(ruleset.let[node.name].tree)
        waiting.extend(children(node))


def _run(bound: Bound, schema: Mapping[str, pa.DataType], evaluator: Evaluator) -> list[TestOutcome]:
    errors: list[Diagnostic] = []
    outcomes: list[TestOutcome] = []
    empty = dict.fromkeys(schema)
    for each in bound.rules:
        when = evaluator.predicate(each.when)
        conditions = [(column, evaluator.predicate(predicate)) for column, predicate in each.conditions]
        for index, test in enumerate(each.rule.tests, 1):
            before = len(errors)
            row = {**empty, **_values(each.rule, test, schema, errors)}
            for place in range(before, len(errors)):  # one template is the tests of many rules
                errors[place] = replace(errors[place], notes=(f"in test {index} of `{each.rule.id}`",))
            found = when(row)
            others = [condition(row) for column, condition in conditions if column in test.values]
            for other in others:
                found = other if found is True else found
            applies = all(other is True for other in others)
            outcomes.append(TestOutcome(each.rule.id, index, test.matches, found, test.span, row, applies))
    if errors:
        raise RuleError(*errors)
    return outcomes


def _values(rule: Rule, test: RuleTest, schema: Mapping[str, pa.DataType], errors: list[Diagnostic]) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name, value in test.values.items():
        span = test.name_spans.get(name, test.span)
        if name not in schema:
            errors.append(
                Diagnostic(
                    "RT115", f"a test of `{rule.id}` names no column: `{name}`", span, remedy=did_you_mean(name, schema)
                )
            )
            continue
        type_ = schema[name]
        if isinstance(value, tuple) is not (family(type_) == "list"):
            wanted = "a list such as [A, B]" if family(type_) == "list" else "one value"
            errors.append(Diagnostic("RT112", f"`{name}` takes {wanted}", span))
        elif isinstance(value, tuple):
            row[name] = [_value(name, each, plain(type_.value_type), errors) for each in value]
        else:
            row[name] = _value(name, value, type_, errors)
    return row


def _value(name: str, scalar: Scalar, type_: pa.DataType, errors: list[Diagnostic]) -> Any:
    """A test's value as the interpreter computes with it."""
    if scalar.is_null:
        return None
    try:
        value = parse_cell(scalar.text, type_)
    except BadLiteral as error:
        errors.append(
            Diagnostic("RT112", f"`{scalar.text}` is no value of `{name}`", scalar.span, label=f"expected {error}")
        )
        return None
    if family(type_) == "number" and not is_exact_number(type_):
        assert not isinstance(value, str)
        return nearest_float(Fraction(value), type_)
    return value
