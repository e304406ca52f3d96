"""Rules bound to a schema: a rule set in, typed predicates out. Every problem of every rule is reported at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import NamedTuple, Never

import pyarrow as pa

from gpu_target.columns import expressions as ex
from gpu_target.columns.expressions import Constant, family
from gpu_target.immutable import immutable
from gpu_target.language import ast
from gpu_target.language.diagnostics import DataError, RuleError
from gpu_target.language.model import Rule, RuleSet, Scalar
from gpu_target.language.record import RECORD_TYPES
from gpu_target.language.suggest import did_you_mean
from gpu_target.plan import typed
from gpu_target.plan.lists import Members
from gpu_target.plan.literals import DAY_NANOSECONDS, EPOCH
from gpu_target.plan.lookups import BoundTable
from gpu_target.plan.resolve import DEEPEST, LARGEST, WORDS, Resolver, Stop, Use
from gpu_target.plan.typed import Predicate


@immutable
class BoundRule:
    """A rule whose names and types are known. Equal terms and conditions of rules bound together are one object."""

    rule: Rule
    terms: tuple[Predicate, ...]  # that the rule's ``when`` joins by AND, at least one
    conditions: tuple[tuple[str, Predicate], ...]  # of valid, flow and offices, each with the column that it reads

    @property
    def when(self) -> Predicate:
        """The predicate alone, as tests see it."""
        return self.terms[0] if len(self.terms) == 1 else typed.And(self.terms)

    @property
    def predicate(self) -> Predicate:
        if not self.conditions:
            return self.when
        return typed.And((self.when, *(predicate for _, predicate in self.conditions)))

    @property
    def parts(self) -> tuple[Predicate, ...]:
        """What must be TRUE for the rule to match."""
        return (*self.terms, *(predicate for _, predicate in self.conditions))


@dataclass(frozen=True, slots=True)
class Bound:
    """A rule set whose names and types are known. ``rules`` are those asked for, in rule-set order."""

    rules: tuple[BoundRule, ...]
    lists: Mapping[str, Members]
    tables: Mapping[str, BoundTable]
    columns: tuple[str, ...]  # that they read, those of lookup keys and dates included
    reads_as_of: bool


class BoundTerm(NamedTuple):
    """A condition, with what the rule around it must know of its size, and what it reads."""

    predicate: Predicate
    height: int
    size: int
    uses: tuple[Use, ...]


Conditions = tuple[tuple[str, BoundTerm], ...]


class Binder(Resolver):
    """Binds rules with the conditions that their other keys stand for, each distinct one once.

    ``rule`` knows no places: where ``errors`` tells that something was wrong, ``located_rule`` of a new binder finds
    every problem and its place.
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        self.known: dict[int, tuple[ast.Expr, BoundTerm]] = {}  # by the identity of the tree, which is kept alive
        self.known_conditions: dict[object, Conditions] = {}
        self.known_rules: dict[int, tuple[BoundRule, tuple[BoundTerm, ...]]] = {}  # by the identity of their rule

    def rule(self, rule: Rule) -> tuple[BoundRule, tuple[BoundTerm, ...]]:
        """The rule, and its terms and conditions with what they read. Raises Stop."""
        found = self.known_rules.get(id(rule))
        if found is not None:
            return found
        tree = rule.when.tree
        shared = type(tree) is ast.And and not rule.when.located
        terms = [self.term(each) for each in (tree.operands if shared else (tree,))]  # type: ignore[union-attr]
        if sum(each.size for each in terms) + shared > LARGEST or max(each.height for each in terms) + shared > DEEPEST:
            raise Stop
        conditions = self.conditions(rule)
        bound = BoundRule(
            rule,
            tuple(each.predicate for each in terms),
            tuple((column, each.predicate) for column, each in conditions),
        )
        self.known_rules[id(rule)] = found = bound, (*terms, *(each for _, each in conditions))
        return found

    def term(self, tree: ast.Expr) -> BoundTerm:
        found = self.known.get(id(tree))
        if found is None:
            self.size = self.peak = 0
            self.uses = {}
            predicate = self.predicate(tree)
            found = tree, BoundTerm(predicate, self.peak, self.size, tuple(self.uses))
            self.known[id(tree)] = found
        return found[1]

    def located_rule(self, rule: Rule) -> None:
        """Note what is wrong with a rule, at its place."""
        self.source = rule.when.source
        self.size = 0
        with suppress(Stop):
            self.predicate(rule.when.with_places())
        with suppress(Stop):
            self.conditions(rule)

    def conditions(self, rule: Rule) -> Conditions:
        """``valid``, ``flow`` and ``offices`` as ordinary conditions on the columns of their roles."""
        found: Conditions = ()
        if rule.valid:
            found += self.once((rule.valid.first, rule.valid.until), self.days, rule)
        for role, key, scalars in (("flow", "flow", rule.flow), ("office", "offices", rule.offices)):
            if scalars:
                texts = (role, *(each.text for each in scalars))
                found += self.once(texts, partial(self.one_of, role, key, scalars), rule)
        return found

    def once(self, key: object, make: Callable[[Rule], list[tuple[str, Predicate]]], rule: Rule) -> Conditions:
        """The conditions of a key of rules, made where no rule before had it with these values."""
        known = self.known_conditions.get(key)
        if known is None:
            before = len(self.errors)
            self.uses = {}
            made = make(rule)
            uses = tuple(self.uses)
            known = tuple((column, BoundTerm(predicate, 1, 1, uses)) for column, predicate in made)
            if len(self.errors) == before:
                self.known_conditions[key] = known
        return known

    def days(self, rule: Rule) -> list[tuple[str, Predicate]]:
        assert rule.valid
        column = self.role("date", "valid", rule, ("time",))
        ends: list[Predicate] = []
        if rule.valid.first:
            start = (rule.valid.first - EPOCH).days * DAY_NANOSECONDS
            ends.append(typed.Compare(column, ">=", Constant(start, ex.MOMENT)))
        if rule.valid.until:
            end = ((rule.valid.until - EPOCH).days + 1) * DAY_NANOSECONDS
            ends.append(typed.Compare(column, "<", Constant(end, ex.MOMENT)))
        return [(column.name, ends[0] if len(ends) == 1 else typed.And(tuple(ends)))]

    def one_of(self, role: str, key: str, scalars: tuple[Scalar, ...], rule: Rule) -> list[tuple[str, Predicate]]:
        column = self.role(role, key, rule, ("text", "number"))
        name = self.lists.inline(self.lists.scalars(scalars, column.type), column.type)
        self.uses["list", name] = None
        return [(column.name, typed.InList(column, name))]

    def role(self, role: str, key: str, rule: Rule, families: tuple[str, ...]) -> ex.Column:
        name = self.roles.get(role)
        if name is None:
            self.fail(
                "RT114", f"`{key}` needs to know which column holds the {role}", rule.span,
                remedy=f"name it in the rule set or the map: roles: {{{role}: COLUMN}}, or set `record`",
            )  # fmt: skip
        if name not in self.schema:
            self.fail(
                "RT114", f"`{key}` reads the column `{name}`, which the data does not have", rule.span,
                remedy=did_you_mean(name, self.schema),
            )  # fmt: skip
        if family(self.schema[name]) not in families:
            self.fail(
                "RT114", f"`{key}` reads the column `{name}`, which is {self.words(self.schema[name])}", rule.span,
                remedy=f"give the {role} a column that is {' or '.join(WORDS[each] for each in families)}",
            )  # fmt: skip
        return self.column(name)


def bind(
    ruleset: RuleSet,
    schema: Mapping[str, pa.DataType],
    *,
    rules: Iterable[Rule] | None = None,
    roles: Mapping[str, str] | None = None,
    data_tables: Mapping[str, pa.Table] | None = None,
) -> Bound:
    """Type-check ``rules`` (by default the active ones) against ``schema``: column name to Arrow type.

    ``roles`` wins over the rule set's own. ``data_tables`` are the tables that ``{data: NAME}`` refers to.
    Raises RuleError with every problem found, or DataError where only lists and tables are at fault.
    """
    binder = Binder(ruleset, schema, roles_of(ruleset, roles), data_tables)
    return bind_rules(binder, ruleset.active if rules is None else tuple(rules))


def roles_of(ruleset: RuleSet, roles: Mapping[str, str] | None) -> dict[str, str]:
    """The columns that play a role: of the record type, over them the rule set's own, over these the ones given."""
    record = RECORD_TYPES.get(ruleset.record) if ruleset.record else None
    return {**(record.roles if record else {}), **ruleset.roles, **(roles or {})}


def bind_rules(binder: Binder, rules: Sequence[Rule]) -> Bound:
    """Bind ``rules`` with what ``binder`` knows from before; raises as ``bind`` does."""
    try:
        found = [binder.rule(each) for each in rules]
    except Stop:
        found = []
    if binder.errors or len(found) < len(rules):
        _explain(binder, rules)
    uses = dict.fromkeys(chain.from_iterable(each.uses for each in _distinct(parts for _, parts in found)))
    lists = {name: binder.lists.bound[name] for kind, name in uses if kind == "list"}
    columns = {name: None for kind, name in uses if kind == "column"}
    tables: dict[str, BoundTable] = {}
    for kind, name in uses:
        table = binder.tables[name] if kind == "table" else None
        if table is not None:
            tables[name] = table
            columns.update(dict.fromkeys((*table.keys, *([table.date] if table.date else []))))
    return Bound(tuple(rule for rule, _ in found), lists, tables, tuple(columns), ("as_of", "") in uses)


def _distinct(parts: Iterable[tuple[BoundTerm, ...]]) -> Iterable[BoundTerm]:
    """Each object once, in order of its first appearance; equal ones need not be told apart by their content."""
    return {id(each): each for each in chain.from_iterable(parts)}.values()


def _explain(binder: Binder, rules: Sequence[Rule]) -> Never:
    """Raise every problem of the rules with its place."""
    located = Binder(binder.ruleset, binder.schema, binder.roles, binder.data_tables)
    for each in rules:
        located.located_rule(each)
    assert located.errors
    wrong_data = all(each.code.startswith("DT") for each in located.errors)
    raise (DataError if wrong_data else RuleError)(*located.errors)
