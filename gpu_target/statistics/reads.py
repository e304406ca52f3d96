"""Which columns, lists, tables and names of ``let`` the active rules read, and how many of them each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gpu_target.language import ast
from gpu_target.language.model import RuleSet
from gpu_target.language.reads import Read, reads_of
from gpu_target.plan.plan import Plan

KINDS = ("column", "list", "table", "let")


@dataclass(frozen=True, slots=True)
class Use:
    """What is read, and the positions of the rules that do; of what is defined and never read there are none."""

    read: Read
    rules: tuple[int, ...]


def uses_of(ruleset: RuleSet, plan: Plan) -> list[Use]:
    """By kind, and within it by falling number of rules, then by name.

    Columns are those of conditions, of ``valid``, ``flow`` and ``offices``, and of the keys of tables that are read.
    """
    found: dict[Read, list[int]] = {}
    for kind, names in (("list", ruleset.lists), ("table", ruleset.tables), ("let", ruleset.let)):
        for name in names:
            found[Read(kind, name)] = []
    known: dict[int, frozenset[Read]] = {}  # of terms that rules share
    for position, bound in enumerate(plan.bound):
        reads = {Read("column", column) for column, _ in bound.conditions}
        tree = bound.rule.when.tree
        for term in tree.operands if isinstance(tree, ast.And) else (tree,):
            if id(term) not in known:
                known[id(term)] = frozenset(_with_keys(reads_of(term, ruleset.let), plan))
            reads |= known[id(term)]
        for read in reads:
            found.setdefault(read, []).append(position)
    uses = [Use(read, tuple(rules)) for read, rules in found.items()]
    return sorted(uses, key=lambda each: (KINDS.index(each.read.kind), -len(each.rules), each.read.name))


def _with_keys(reads: set[Read], plan: Plan) -> Iterator[Read]:
    yield from reads
    for read in reads:
        if read.kind == "table":
            table = plan.tables[read.name]
            for column in (*table.keys, *([table.date] if table.date else [])):
                yield Read("column", column)
