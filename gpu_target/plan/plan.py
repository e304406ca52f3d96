"""A plan: a rule set bound to a schema, cut into value classes and laid out. Independent of the data."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from gpu_target.columns import expressions as ex
from gpu_target.columns.expressions import Value
from gpu_target.language.diagnostics import DataError, Diagnostic, RuleError
from gpu_target.language.model import Rule, RuleSet
from gpu_target.language.record import RECORD_TYPES
from gpu_target.language.suggest import did_you_mean
from gpu_target.plan import typed
from gpu_target.plan.atoms import Atoms
from gpu_target.plan.bind import BoundRule, bind
from gpu_target.plan.flat import Node, flatten, rebuild
from gpu_target.plan.layout import Layout, Simplifier, lay_out
from gpu_target.plan.lists import Members
from gpu_target.plan.lookups import BoundTable
from gpu_target.plan.normalise import Formulas, Mode
from gpu_target.plan.process import compiling, deep_recursion
from gpu_target.selection.policy import Policy, make_policy

if TYPE_CHECKING:
    from gpu_target.engine import Result


@dataclass(frozen=True, eq=False)
class Plan:
    """Active rules in rule-set order, ready to evaluate on any data of the schema. Picklable.

    ``schema`` holds the columns that evaluation reads, with the key; two plans are equal where their rules, lists,
    tables and types are.
    """

    name: str
    bound: tuple[BoundRule, ...]
    lists: Mapping[str, Members]
    tables: Mapping[str, BoundTable]
    schema: Mapping[str, pa.DataType]
    key: tuple[str, ...]
    layout: Layout
    policy: Policy
    reads_as_of: bool

    @property
    def rules(self) -> tuple[Rule, ...]:
        return tuple(each.rule for each in self.bound)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns that evaluation reads, the key's included."""
        return tuple(self.schema)

    @cached_property
    def sha256(self) -> str:
        """Hash of what the plan does: typed rules with their effects, lists, tables and types; not of their text."""
        with compiling():
            return self._hash()

    def _hash(self) -> str:
        digest = hashlib.sha256()
        for each in self.bound:
            rule = each.rule
            effect = (rule.id, rule.lane, rule.relief, rule.rate, rule.mandatory, rule.weight)
            digest.update(repr((effect, each.predicate)).encode())
        for name in sorted(self.lists):
            members = self.lists[name]
            values = members.values
            digest.update(repr((name, values if isinstance(values, tuple) else values.to_pylist())).encode())
        for name in sorted(self.tables):
            table = self.tables[name]
            join = (table.keys, table.index.prefix, table.date, [each.to_pylist() for each in table.key_arrays])
            days = (table.first.tolist(), table.until.tolist())
            digest.update(repr((name, join, days, table.table.to_pydict())).encode())
        digest.update(repr((dict(self.schema), self.key)).encode())
        return digest.hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Plan) and self.sha256 == other.sha256

    def __hash__(self) -> int:
        return hash(self.sha256)

    def __reduce__(self) -> tuple[Any, ...]:
        with compiling():  # pickle itself would recurse into predicates, up to the limit of the interpreter
            return _unflattened, (flatten(tuple(getattr(self, each.name) for each in fields(self))),)

    def evaluate(self, data: Any, **options: Any) -> Result:
        """Evaluate the rules on a table, frame, reader or dataset: see ``gpu_target.engine.evaluate``."""
        from gpu_target.engine import evaluate

        with deep_recursion():  # not ``compiling``: a reader's own objects are collected meanwhile
            return evaluate(self, data, **options)


def _unflattened(nodes: Sequence[Node]) -> Plan:
    return Plan(*rebuild(nodes))


def compile(
    ruleset: RuleSet,
    schema: pa.Schema,
    *,
    key: tuple[str, ...] | None = None,
    roles: Mapping[str, str] | None = None,
    tables: Mapping[str, pa.Table] | None = None,
) -> Plan:
    """Bind the active rules of ``ruleset`` to an Arrow schema and cut its columns into value classes.

    ``key`` and ``roles`` win over the rule set's own (a map gives them for foreign data); ``tables`` are those that
    ``{data: NAME}`` refers to. Raises RuleError (RT1xx) with every wrong name and type at once, DataError (DT1xx,
    DT2xx) where the data lacks a column that the record type has, or a list or table is wrong.
    """
    types = {field.name: field.type for field in schema}
    check_record(ruleset, types)
    with compiling():
        bound = bind(ruleset, types, roles=roles, data_tables=tables)
        atoms = Atoms(bound.lists)
        formulas = Formulas(atoms)
        roots = [formulas.ask(term, Mode.TRUE) for term in bound.terms]
        columns, answers = atoms.cut(chain.from_iterable(map(formulas.asked, roots)))
        simplifier = Simplifier(formulas, columns, answers)
        terms = [simplifier.simplify(root) for root in roots]
        layout = lay_out(terms, bound.rule_start, bound.rule_terms, simplifier, columns)
    chosen_key = resolve_key(ruleset, key, types)
    ordered = {name: types[name] for name in (*chosen_key, *sorted(set(bound.columns) - set(chosen_key)))}
    policy = make_policy([each.rule for each in bound.rules])
    return Plan(
        ruleset.name, bound.rules, bound.lists, bound.tables, ordered, chosen_key, layout, policy, bound.reads_as_of
    )


def check_record(ruleset: RuleSet, types: Mapping[str, pa.DataType]) -> None:
    """A rule set with ``record`` meets data whose columns have the record's families of types."""
    if ruleset.record is None:
        return
    record = RECORD_TYPES[ruleset.record]
    problems = []
    for name, field in record.fields.items():
        wanted = field.to_arrow()
        if name in types and ex.family(types[name]) != ex.family(wanted):
            problems.append(
                Diagnostic(
                    "DT150",
                    f"the column `{name}` is {types[name]}, the record type {record.name} has {field}",
                    remedy=f"convert it with a map: columns: {{{name}: {{from: {name}, type: {field}}}}}",
                )
            )
    if problems:
        raise DataError(*problems)


def resolve_key(ruleset: RuleSet, key: tuple[str, ...] | None, types: Mapping[str, pa.DataType]) -> tuple[str, ...]:
    """Key columns: those given, the rule set's, the record type's; the data must have what was asked for.

    A rule set that names none, on data without its record type's declaration, has none: counts need no key.
    """
    asked = key or ruleset.key
    default = RECORD_TYPES[ruleset.record].key if ruleset.record else ()
    missing = [name for name in asked or () if name not in types]
    if missing:
        remedy = did_you_mean(missing[0], types) or "name columns of the data"
        raise RuleError(
            Diagnostic("RT113", f"the key names no column of the data: `{missing[0]}`", ruleset.key_span, remedy=remedy)
        )
    if asked:
        return tuple(asked)
    return tuple(name for name in default if name in types) if default and default[0] in types else ()


def reads_as_of(predicate: typed.Predicate) -> bool:
    """Whether a predicate reads AS_OF, which only a run can give."""
    return any(isinstance(each, ex.AsOf) for each in values_of(predicate))


def values_of(node: Any) -> Iterator[Value]:
    """Every value expression in a typed predicate, those inside others included."""
    if isinstance(node, (ex.Column, ex.Lookup, ex.Constant, ex.AsOf, ex.Function)):
        yield node
        for argument in getattr(node, "arguments", ()):
            yield from values_of(argument)
    elif isinstance(node, tuple):
        for each in node:
            yield from values_of(each)
    elif hasattr(node, "__slots__") and not isinstance(node, (str, bool)):
        for name in type(node).__slots__:
            yield from values_of(getattr(node, name))
