"""Lists, tables and names of ``let`` that no rule reads, retired rules included."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gpu_target.findings.finding import Finding, Mend
from gpu_target.findings.trees import Seen, children
from gpu_target.language import ast
from gpu_target.language.diagnostics import Diagnostic, Span
from gpu_target.language.model import RuleSet

Name = tuple[str, str]  # the key of the rule file, and the name under it


def unused(ruleset: RuleSet) -> list[Finding]:
    """RT209, in the order lists, tables, let."""
    used = _reached(ruleset, (rule.when.tree for rule in ruleset.rules))
    found: list[Finding] = []
    for section, names in (("lists", ruleset.lists), ("tables", ruleset.tables), ("let", ruleset.let)):
        for name in names:
            if (section, name) not in used:
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


def _reached(ruleset: RuleSet, trees: Iterable[ast.Expr]) -> set[Name]:
    """What some tree reads, also through names of ``let``."""
    found: set[Name] = set()
    seen = Seen()
    stack = list(trees)
    while stack:
        tree = stack.pop()
        if not seen.add(tree):
            continue
        for name in _names(tree):
            if name not in found:
                found.add(name)
                if name[0] == "let" and name[1] in ruleset.let:
                    stack.append(ruleset.let[name[1]].tree)
        stack += children(tree)
    return found


def _names(tree: ast.Expr) -> Iterator[Name]:
    if type(tree) is ast.Name:
        yield "let", tree.name
    elif type(tree) is ast.TableColumn:
        yield "tables", tree.table
    elif type(tree) is ast.ListName:
        yield "lists", tree.name
