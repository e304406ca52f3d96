"""All findings about a rule set, in the order of its files."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

import pyarrow as pa

from gpu_target.findings.conditions import Conditions
from gpu_target.findings.cut import cut_texts
from gpu_target.findings.finding import Finding
from gpu_target.findings.list_files import of_list_files
from gpu_target.findings.quoting import unquoted, unquoted_in_lists
from gpu_target.findings.repeats import repeats
from gpu_target.findings.style import style
from gpu_target.findings.unused import unused
from gpu_target.findings.vocabulary import outside
from gpu_target.findings.within import findings_within, is_plain
from gpu_target.language import ast
from gpu_target.language.decision import RowSource
from gpu_target.language.model import Rule, RuleSet
from gpu_target.plan.bind import Binder
from gpu_target.plan.process import compiling
from gpu_target.plan.refusing import Stop

LOGIC = ("RT201", "RT202", "RT203", "RT204", "RT205", "RT206", "RT207")
OF_PAIRS = frozenset(["RT203", "RT204"])  # each is about other rules, though rows of one template say them


def find(
    ruleset: RuleSet, binder: Binder | None, *, wanted: set[str], as_of: datetime.date | None = None
) -> list[Finding]:
    """Findings of the codes ``wanted`` about a rule set that can be run.

    ``binder`` knows its names and types, and has bound its rules or does so now; without one, what needs types is left
    out: RT201 to RT207 and RT407. Rules that it cannot bind are left out too, and of retired rules nothing is told.
    """
    rules = [rule for rule in ruleset.rules if rule.status != "retired"]
    trees: dict[int, ast.Expr] = {}

    def located(rule: Rule) -> ast.Expr:
        if id(rule) not in trees:
            trees[id(rule)] = rule.when.with_places()
        return trees[id(rule)]

    with compiling():
        found = [*unused(ruleset), *style(ruleset, located, as_of, wanted), *outside(ruleset, located)]
        found += cut_texts(ruleset)
        found += of_list_files(ruleset, wanted)
        if binder is not None:
            for rule in ruleset.rules:
                with suppress(Stop):
                    _ = binder.known_rules.get(id(rule)) or binder.rule(rule)
            found += _quotes(ruleset, binder)
            if not wanted.isdisjoint(LOGIC):
                found += _logic(ruleset, Conditions(ruleset, binder, rules, trees))
    return _in_order(ruleset, _once_per_template(ruleset, [each for each in found if each.code in wanted]))


def _logic(ruleset: RuleSet, conditions: Conditions) -> list[Finding]:
    found: list[Finding] = []
    telling = set()  # rules that match nothing or everything say nothing about others
    for each in conditions.all:
        if not is_plain(conditions, each):
            inside = findings_within(conditions, each)
            found += inside
            if any(one.code in ("RT201", "RT202") for one in inside):
                telling.add(each.position)
    rest = [each for each in conditions.all if each.position not in telling]
    relief = any(rule.relief is not None for rule in ruleset.active)
    return found + repeats(conditions, rest, relief)


def _quotes(ruleset: RuleSet, binder: Binder) -> list[Finding]:
    met = {key.split(":")[0][1:] for key in binder.lists.bound if key.startswith("@") and key.endswith(":text")}
    types: Mapping[str, pa.DataType] = binder.schema
    found = unquoted(ruleset, types, binder.roles)
    return found + unquoted_in_lists(ruleset, lambda name: name in met)


def _once_per_template(ruleset: RuleSet, findings: Sequence[Finding]) -> list[Finding]:
    """Of what the rows of a decision table have in common, the first, with the number of the others."""
    rows = {rule.id for rule in ruleset.rules if isinstance(rule.when.source, RowSource)}
    first: dict[object, int] = {}
    more: dict[int, int] = {}
    kept: list[Finding] = []
    for each in findings:
        shown = each.diagnostic
        if each.rule in rows and each.code not in OF_PAIRS and shown.span is not None:
            key = (each.code, shown.span.location(), shown.label)
            if key in first:
                more[first[key]] = more.get(first[key], 0) + 1
                continue
            first[key] = len(kept)
        kept.append(each)
    for position, count in more.items():
        shown = kept[position].diagnostic
        note = f"and so in {count:,} more {'row' if count == 1 else 'rows'} of the decision table"
        kept[position] = replace(kept[position], diagnostic=replace(shown, notes=(*shown.notes, note)))
    return kept


def _in_order(ruleset: RuleSet, findings: Iterable[Finding]) -> list[Finding]:
    """By file, in rule-set order, then by place."""
    order = {str(each.path): position for position, each in enumerate(ruleset.contents)}

    def place(each: Finding) -> tuple[int, str, int, int, str]:
        file, line, column = each.diagnostic.location() or ("", 0, 0)
        return order.get(file, len(order)), file, line, column, each.code

    return sorted(findings, key=place)
