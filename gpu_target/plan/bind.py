"""Rules bound to a schema: a rule set in, typed predicates out. Every problem of every rule is reported at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import NamedTuple, Never

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from gpu_target.columns import expressions as ex
from gpu_target.columns.expressions import Constant, family
from gpu_target.immutable import immutable
from gpu_target.language import ast
from gpu_target.language.decision import RowSource, Told
from gpu_target.language.diagnostics import DataError, Diagnostic, RuleError
from gpu_target.language.model import Rule, RuleHead, RuleSet, Scalar
from gpu_target.language.record import RECORD_TYPES
from gpu_target.language.suggest import did_you_mean, one_of
from gpu_target.language.wording import counted
from gpu_target.plan import typed
from gpu_target.plan.layout import by_appearance
from gpu_target.plan.lists import Members
from gpu_target.plan.literals import DAY_NANOSECONDS, EPOCH
from gpu_target.plan.lookups import BoundTable
from gpu_target.plan.names import DEEPEST, LARGEST, Use
from gpu_target.plan.refusing import WORDS, Stop
from gpu_target.plan.resolve import Resolver
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


@dataclass(frozen=True, slots=True)
class Bound:
    """A rule set whose names and types are known. ``rules`` are those asked for, in rule-set order.

    terms       the distinct terms and conditions of all rules, in order of first appearance
    numbers     of these among all that the binder knows
    rule_start  int64[rules + 1]: where the terms and conditions of a rule begin in ``rule_terms``
    rule_terms  int64[...]: numbers of ``terms``; a rule matches where all of its own are TRUE
    """

    rules: tuple[BoundRule, ...]
    heads: tuple[RuleHead, ...]
    terms: tuple[Predicate, ...]
    numbers: list[int]
    rule_start: npt.NDArray[np.int64]
    rule_terms: npt.NDArray[np.int64]
    lists: Mapping[str, Members]
    tables: Mapping[str, BoundTable]
    columns: tuple[str, ...]  # that they read, those of lookup keys and dates included
    reads_as_of: bool


@immutable
class BoundTerm:
    """A condition, with what the rule around it must know of its size, and what it reads."""

    predicate: Predicate
    height: int
    size: int
    uses: tuple[Use, ...]


class Numbered(NamedTuple):
    """A bound rule, the numbers of its terms and conditions in ``Binder.terms``, and what results show of it."""

    rule: BoundRule
    parts: tuple[int, ...]
    head: RuleHead


class Binder(Resolver):
    """Binds rules with the conditions that their other keys stand for, each distinct one once.

    ``rule`` knows no places: where ``errors`` tells that something was wrong, ``located_rule`` of a new binder finds
    every problem and its place.
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        self.terms: list[BoundTerm] = []
        self.highest = self.largest = 0  # of all terms
        self.known: dict[int, tuple[ast.Expr, int]] = {}  # by the identity of the tree, which is kept alive
        self.known_conditions: dict[object, tuple[str, int]] = {}  # the column, the number of the term
        self.known_rules: dict[int, Numbered] = {}  # by the identity of their rule

    def rule(self, rule: Rule) -> Numbered:
        """A rule that was not bound before. Raises Stop."""
        tree = rule.when.tree
        if type(tree) is ast.And and not rule.when.located:
            known = self.known
            numbers = [found[1] if (found := known.get(id(each))) else self.term(each) for each in tree.operands]
            terms = [self.terms[number] for number in numbers]
            if self.highest >= DEEPEST or len(terms) * self.largest >= LARGEST:
                self.refuse_too_large(terms)
        else:
            numbers = [self.term(tree)]
            terms = [self.terms[numbers[0]]]
        conditions = self.conditions(rule) if rule.valid or rule.flow or rule.offices else ()
        named = tuple([(column, self.terms[number].predicate) for column, number in conditions])
        bound = BoundRule(rule, tuple([each.predicate for each in terms]), named)
        made = Numbered(bound, (*numbers, *[number for _, number in conditions]), rule.head)
        self.known_rules[id(rule)] = made
        return made

    @staticmethod
    def refuse_too_large(terms: Sequence[BoundTerm]) -> None:
        """Raise Stop where the AND around the terms makes them too deep or too large."""
        if max(each.height for each in terms) >= DEEPEST or sum(each.size for each in terms) >= LARGEST:
            raise Stop

    def term(self, tree: ast.Expr) -> int:
        found = self.known.get(id(tree))
        if found is None:
            self.size = self.peak = 0
            self.uses = {}
            predicate = self.predicate(tree)
            self.known[id(tree)] = found = tree, len(self.terms)
            self.terms.append(BoundTerm(predicate, self.peak, self.size, tuple(self.uses)))
            self.highest, self.largest = max(self.highest, self.peak), max(self.largest, self.size)
        return found[1]

    def located_rule(self, rule: Rule) -> None:
        """Note what is wrong with a rule, at its place."""
        self.source, self.rule_id = rule.when.source, rule.id
        self.size = 0
        with suppress(Stop):
            self.predicate(rule.when.with_places())
        with suppress(Stop):
            self.conditions(rule)

    def conditions(self, rule: Rule) -> tuple[tuple[str, int], ...]:
        """``valid``, ``flow`` and ``offices`` as terms on the columns of their roles."""
        known = self.known_conditions
        found: list[tuple[str, int]] = []
        if rule.valid:
            days = (rule.valid.first, rule.valid.until)
            found.append(known.get(days) or self.once(days, self.days, rule))
        for role, key, scalars in (("flow", "flow", rule.flow), ("office", "offices", rule.offices)):
            if scalars:
                texts = (role, *[each.text for each in scalars])
                found.append(known.get(texts) or self.once(texts, partial(self.one_of, role, key, scalars), rule))
        return tuple(found)

    def once(self, key: object, make: Callable[[Rule], tuple[str, Predicate]], rule: Rule) -> tuple[str, int]:
        """The term of a key of rules, made for the first rule that has it with these values."""
        before = len(self.errors)
        self.uses = {}
        column, predicate = make(rule)
        made = column, len(self.terms)
        self.terms.append(BoundTerm(predicate, 1, 1, tuple(self.uses)))
        if len(self.errors) == before:
            self.known_conditions[key] = made
        return made

    def days(self, rule: Rule) -> tuple[str, Predicate]:
        assert rule.valid
        column = self.role("date", "valid", rule, ("time",))
        ends: list[Predicate] = []
        if rule.valid.first:
            start = (rule.valid.first - EPOCH).days * DAY_NANOSECONDS
            ends.append(typed.Compare(column, ">=", Constant(start, ex.MOMENT)))
        if rule.valid.until:
            end = ((rule.valid.until - EPOCH).days + 1) * DAY_NANOSECONDS
            ends.append(typed.Compare(column, "<", Constant(end, ex.MOMENT)))
        return column.name, ends[0] if len(ends) == 1 else typed.And(tuple(ends))

    def one_of(self, role: str, key: str, scalars: tuple[Scalar, ...], rule: Rule) -> tuple[str, Predicate]:
        column = self.role(role, key, rule, ("text", "number"))
        name = self.lists.inline(self.lists.scalars(scalars, column.type), column.type)
        self.uses["list", name] = None
        return column.name, typed.InList(column, name)

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
    known = binder.known_rules
    try:
        found = [known.get(id(each)) or binder.rule(each) for each in rules]
    except Stop:
        found = []
    if binder.errors or len(found) < len(rules):
        _explain(binder, rules)
    if len(known) > 2 * len(found):  # let those of rules that are no more go
        binder.known_rules = {id(each.rule.rule): each for each in found}
    flat = np.fromiter(chain.from_iterable(each.parts for each in found), np.int64)
    order, place = by_appearance(flat, len(binder.terms))
    numbers = order.tolist()
    terms = [binder.terms[number] for number in numbers]
    sizes = np.array([len(each.parts) for each in found], np.int64)
    start = np.concatenate([[0], np.cumsum(sizes)])
    uses = dict.fromkeys(chain.from_iterable(each.uses for each in terms))
    lists = {name: binder.lists.bound[name] for kind, name in uses if kind == "list"}
    tables = {name: table for kind, name in uses if kind == "table" and (table := binder.tables[name]) is not None}
    columns = dict.fromkeys(name for kind, name in uses if kind == "column")
    for table in tables.values():
        columns.update(dict.fromkeys((*table.keys, *([table.date] if table.date else []))))
    bound, heads = tuple([each.rule for each in found]), tuple([each.head for each in found])
    predicates = tuple([each.predicate for each in terms])
    reads_as_of = ("as_of", "") in uses
    return Bound(bound, heads, predicates, numbers, start, place[flat], lists, tables, tuple(columns), reads_as_of)


def _explain(binder: Binder, rules: Sequence[Rule]) -> Never:
    """Raise every problem of the rules with its place."""
    located = Binder(binder.ruleset, binder.given, binder.roles, binder.data_tables)
    located.against = binder.against
    for each in rules:
        located.located_rule(each)
    assert located.errors
    for place, readers in located.unknown.values():
        others = list(readers)[1:]
        if others:
            note = f"also read by {counted(len(others), 'more rule')}: {one_of(others, 3)}"
            located.errors[place] = replace(located.errors[place], notes=(*located.errors[place].notes, note))
    errors = _once_per_template(located.errors)
    wrong_data = all(each.code.startswith("DT") for each in errors)
    raise (DataError if wrong_data else RuleError)(*errors)


def _once_per_template(errors: Sequence[Diagnostic]) -> list[Diagnostic]:
    """Of what the rows of a decision table have in common, the first, with the number of the others."""
    told = Told({}, {})
    kept: list[Diagnostic] = []
    for each in errors:
        of_a_row = each.span is not None and isinstance(each.span.source, RowSource)
        if not of_a_row or told.is_new(each, len(kept)):
            kept.append(each)
    told.count_in(kept)
    return kept
