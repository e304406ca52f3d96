"""Rules bound to a schema: a rule set in, typed predicates out. Every problem of every rule is reported at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pyarrow as pa

from gpu_target.columns import expressions as ex
from gpu_target.columns.expressions import Constant, family
from gpu_target.language.diagnostics import DataError, RuleError
from gpu_target.language.model import Rule, RuleSet
from gpu_target.language.record import RECORD_TYPES
from gpu_target.language.suggest import did_you_mean
from gpu_target.plan import typed
from gpu_target.plan.lists import Members
from gpu_target.plan.literals import DAY_NANOSECONDS, EPOCH
from gpu_target.plan.lookups import BoundTable
from gpu_target.plan.resolve import WORDS, Resolver, Stop
from gpu_target.plan.typed import Predicate


@dataclass(frozen=True, slots=True)
class BoundRule:
    """A rule whose names and types are known."""

    rule: Rule
    when: Predicate  # the predicate alone, as tests see it
    conditions: tuple[tuple[str, Predicate], ...]  # of valid, flow and offices, each with the column that it reads

    @property
    def predicate(self) -> Predicate:
        if not self.conditions:
            return self.when
        return typed.And((self.when, *(predicate for _, predicate in self.conditions)))


@dataclass(frozen=True, slots=True)
class Bound:
    """A rule set whose names and types are known. ``rules`` are those asked for, in rule-set order."""

    rules: tuple[BoundRule, ...]
    lists: Mapping[str, Members]
    tables: Mapping[str, BoundTable]
    columns: tuple[str, ...]  # that they read, those of lookup keys and dates included


class Binder(Resolver):
    """Binds rules with the conditions that their other keys stand for."""

    def rule(self, rule: Rule) -> BoundRule | None:
        self.source = rule.when.source
        self.size = 0
        try:
            when = self.predicate(rule.when.tree)
        except Stop:
            when = None
        conditions = self.conditions(rule)
        return None if when is None or conditions is None else BoundRule(rule, when, conditions)

    def conditions(self, rule: Rule) -> tuple[tuple[str, Predicate], ...] | None:
        """``valid``, ``flow`` and ``offices`` as ordinary conditions on the columns of their roles."""
        found: list[tuple[str, Predicate]] = []
        try:
            if rule.valid:
                column = self.role("date", "valid", rule, ("time",))
                if rule.valid.first:
                    start = (rule.valid.first - EPOCH).days * DAY_NANOSECONDS
                    found.append((column.name, typed.Compare(column, ">=", Constant(start, ex.MOMENT))))
                if rule.valid.until:
                    end = ((rule.valid.until - EPOCH).days + 1) * DAY_NANOSECONDS
                    found.append((column.name, typed.Compare(column, "<", Constant(end, ex.MOMENT))))
            for role, key, scalars in (("flow", "flow", rule.flow), ("office", "offices", rule.offices)):
                if scalars:
                    column = self.role(role, key, rule, ("text", "number"))
                    values = self.lists.scalars(scalars, column.type)
                    found.append((column.name, typed.InList(column, self.lists.inline(values, column.type))))
        except Stop:
            return None
        return tuple(found)

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
        self.columns[name] = None
        return ex.Column(name, self.schema[name])


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
    record = RECORD_TYPES.get(ruleset.record) if ruleset.record else None
    default_roles = record.roles if record else {}
    binder = Binder(ruleset, schema, {**default_roles, **ruleset.roles, **(roles or {})}, data_tables)
    chosen = ruleset.active if rules is None else tuple(rules)
    bound = tuple(each for each in map(binder.rule, chosen) if each is not None)
    if binder.errors:
        wrong_data = all(each.code.startswith("DT") for each in binder.errors)
        raise (DataError if wrong_data else RuleError)(*binder.errors)
    tables = {name: table for name, table in binder.tables.items() if table is not None}
    for table in tables.values():
        binder.columns.update(dict.fromkeys((*table.keys, *([table.date] if table.date else []))))
    return Bound(bound, binder.lists.bound, tables, tuple(binder.columns))
