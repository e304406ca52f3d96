"""From a rule set and a schema to a plan, and again after an edit.

A rule set that was edited has most of its conditions, and so most of their classes, from before. What was bound,
normalised and cut is remembered, by identity: a reader that reads only what has changed gives the same rules again.
The plan is the one that a fresh compilation makes: everything in it is numbered in the order of the rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from pathlib import Path
from typing import Never

import pyarrow as pa

from gpu_target.columns import expressions as ex
from gpu_target.language.diagnostics import DataError, Diagnostic, RuleError, UsageError
from gpu_target.language.model import RuleSet
from gpu_target.language.record import RECORD_TYPES
from gpu_target.language.reread import Rereader
from gpu_target.language.suggest import did_you_mean
from gpu_target.plan.atoms import Asked, Atoms
from gpu_target.plan.bind import Binder, Bound, bind_rules, roles_of
from gpu_target.plan.layout import Simplifier, lay_out
from gpu_target.plan.normalise import Formula, Formulas, Mode
from gpu_target.plan.plan import Plan, Typed
from gpu_target.plan.process import compiling
from gpu_target.selection.policy import make_policy

MOST_TERMS = 4  # remembered, for each one that a plan has; then all are forgotten


class Compilation:
    """What is known of the conditions of rule sets that differ in their rules alone."""

    def __init__(
        self,
        ruleset: RuleSet,
        schema: pa.Schema,
        roles: Mapping[str, str] | None = None,
        tables: Mapping[str, pa.Table] | None = None,
    ) -> None:
        self.types = types_of(ruleset, schema)
        self.ruleset = ruleset
        self.binder = Binder(ruleset, self.types, roles_of(ruleset, roles), tables)
        self.formulas = Formulas(Atoms(self.binder.lists.bound))
        self.simplifier = Simplifier(self.formulas)
        self.n_terms = 0  # of the last plan
        self.roots: dict[int, Formula] = {}  # by the number of a term in the binder
        self.asked: dict[int, tuple[Asked, ...]] = {}

    def fits(self, ruleset: RuleSet) -> bool:
        """Whether the rule set has the lists, tables and names that are remembered: the same, not equal ones."""
        own = self.ruleset
        same = ruleset.lists is own.lists and ruleset.tables is own.tables and ruleset.let is own.let
        return same and (ruleset.record, ruleset.roles) == (own.record, own.roles)

    def is_full(self) -> bool:
        """Whether most of what is remembered is of rules that are no more."""
        return len(self.binder.terms) > MOST_TERMS * self.n_terms

    def ask(self, bound: Bound) -> None:
        """Put the terms that were not met before, each with the questions at its leaves."""
        for number, term in zip(bound.numbers, bound.terms, strict=True):
            if number not in self.roots:
                self.roots[number] = root = self.formulas.ask(term, Mode.TRUE)
                self.asked[number] = self.formulas.asked(root)

    def plan(self, ruleset: RuleSet, key: tuple[str, ...] | None) -> Plan:
        """The plan of a rule set that ``fits``; raises as ``compile`` does."""
        check_record(ruleset, self.types)
        with compiling():
            bound = bind_rules(self.binder, ruleset.active)
            self.n_terms = len(bound.terms)
            self.ask(bound)
            roots = [self.roots[number] for number in bound.numbers]
            asked = chain.from_iterable([self.asked[number] for number in bound.numbers])
            self.simplifier.meet(self.formulas.atoms.cut(asked))
            terms = [self.simplifier.simplify(root) for root in roots]
            layout = lay_out(terms, bound.rule_start, bound.rule_terms, self.simplifier)
        chosen_key = resolve_key(ruleset, key, self.types)
        names = (*chosen_key, *sorted(set(bound.columns) - set(chosen_key)))
        policy = make_policy([each.rule for each in bound.rules])
        return Plan(
            ruleset.name, bound.heads, bound.tables,
            {name: self.types[name] for name in names}, chosen_key, layout, policy, bound.reads_as_of,
            Typed(bound.rules, bound.lists),
        )  # fmt: skip


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
    DT2xx) where the data lacks a column that the record type has, or a list or table is wrong, UsageError (US019)
    where something else than a rule set or a schema is given.
    """
    if not isinstance(ruleset, RuleSet):
        _misuse(f"compile takes a rule set, and {_kind(ruleset)} was given", "read it first: load_rules(path)")
    if not isinstance(schema, pa.Schema):
        has_one = isinstance(getattr(schema, "schema", None), pa.Schema)
        remedy = "give its schema: table.schema" if has_one else "give an Arrow schema: pyarrow.table(frame).schema"
        _misuse(f"compile takes a schema, and {_kind(schema)} was given", remedy)
    return Compilation(ruleset, schema, roles, tables).plan(ruleset, key)


def _kind(given: object) -> str:
    name = type(given).__name__
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"


def _misuse(message: str, remedy: str) -> Never:
    raise UsageError(Diagnostic("US019", message, place="gpu_target.compile", remedy=remedy))


class Recompiler:
    """A rule file or folder and a schema, compiled again and again: for an editor, or a command that watches files.

    ``schema``, ``key``, ``roles`` and ``tables`` are as for ``compile``.
    """

    def __init__(
        self,
        path: str | Path,
        schema: pa.Schema,
        *,
        key: tuple[str, ...] | None = None,
        roles: Mapping[str, str] | None = None,
        tables: Mapping[str, pa.Table] | None = None,
    ) -> None:
        self.reader = Rereader(path)
        self.schema, self.key, self.roles, self.tables = schema, key, roles, tables
        self.known: Compilation | None = None
        self.last: tuple[RuleSet, Plan] | None = None

    def compile(self) -> Plan:
        """The plan of the files as they are now, the same object where nothing has changed.

        Raises as ``load_rules`` and ``compile`` do, and can be called again once the files are mended.
        """
        ruleset = self.reader.read()
        if self.last is not None and self.last[0] is ruleset:
            return self.last[1]
        known = self.known
        self.known = self.last = None  # what an error leaves behind is not used again
        if known is None or not known.fits(ruleset) or known.is_full():
            known = Compilation(ruleset, self.schema, self.roles, self.tables)
        plan = known.plan(ruleset, self.key)
        self.known, self.last = known, (ruleset, plan)
        return plan


def types_of(ruleset: RuleSet, schema: pa.Schema) -> dict[str, pa.DataType]:
    """The types of the columns; one without any value, which Arrow calls null, has the record type's."""
    record = RECORD_TYPES[ruleset.record].fields if ruleset.record else {}
    return {
        each.name: record[each.name].to_arrow() if pa.types.is_null(each.type) and each.name in record else each.type
        for each in schema
    }


def check_record(ruleset: RuleSet, types: Mapping[str, pa.DataType]) -> None:
    """A rule set with ``record`` meets data whose columns have the record's families of types."""
    if ruleset.record is None:
        return
    record = RECORD_TYPES[ruleset.record]
    problems = []
    for name, field in record.fields.items():
        wanted = field.to_arrow()
        if name in types and ex.family(types[name]) != ex.family(wanted) and not pa.types.is_null(types[name]):
            problems.append(
                Diagnostic(
                    "DT150",
                    f"the column `{name}` is {types[name]} in the data, and {field} in the record type {record.name}",
                    ruleset.record_span,
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
