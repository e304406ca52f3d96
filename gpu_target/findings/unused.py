"""Lists, tables and names of ``let`` that no rule reads, retired rules included."""

from __future__ import annotations

from gpu_target.findings.finding import Finding, Mend
from gpu_target.language import ast
from gpu_target.language.diagnostics import Diagnostic, Span
from gpu_target.language.model import RuleSet
from gpu_target.language.reads import Read, reads_of

KINDS = {"lists": "list", "tables": "table", "let": "let"}  # by the key of the rule file


def unused(ruleset: RuleSet) -> list[Finding]:
    """RT209, in the order lists, tables, let."""
    terms: dict[int, ast.Expr] = {}  # by identity, for rules share them
    for rule in ruleset.rules:
        tree = rule.when.tree
        terms.update((id(each), each) for each in (tree.operands if isinstance(tree, ast.And) else (tree,)))
    used: set[Read] = set().union(*(reads_of(each, ruleset.let) for each in terms.values()))
    found: list[Finding] = []
    for section, kind in KINDS.items():
        for name in getattr(ruleset, section):
            if Read(kind, name) not in used:
                found.append(_unused(ruleset, section, name))
    return found


def _unused(ruleset: RuleSet, section: str, name: str) -> Finding:
    what = {"lists": f"the list `@{name}`", "tables": f"the table `{name}`", "let": f"`{name}` of `let`"}[section]
    span = _place(ruleset, section, name)
    mend = Mend(f"deleted {what}", span, entry=(section, name)) if span else None
    remedy = "use it, or delete it" + (" (--fix does)" if mend else "")
    return Finding(Diagnostic("RT209", f"{what} is never used", span, "no rule reads it", remedy), mend=mend)


def _place(ruleset: RuleSet, section: str, name: str) -> Span | None:
    if section == "let":
        source = ruleset.let[name].source
        return Span(source, 0, len(source.text.rstrip()))
    return ruleset.lists[name].span if section == "lists" else ruleset.tables[name].span
