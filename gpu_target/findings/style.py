"""How rules are written: LIKE without a wildcard, values that stand twice, IN with one value, keys that are missing."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Sequence

from gpu_target.findings.finding import Finding, Mend, about_rule, place_of, text_of
from gpu_target.language import ast
from gpu_target.language.decision import RowSource
from gpu_target.language.diagnostics import Diagnostic, Span
from gpu_target.language.model import Rule, RuleSet, Scalar
from gpu_target.language.printer import to_text
from gpu_target.language.trees import walk

Located = Callable[[Rule], ast.Expr]
SUSPECT = (ast.Like, ast.In)


def style(ruleset: RuleSet, located: Located, day: datetime.date | None, wanted: set[str]) -> list[Finding]:
    """RT210, RT301 and RT401 to RT406, of what is ``wanted``, list files apart; retired rules are not looked at."""
    found: list[Finding] = []
    known: dict[int, bool] = {}  # by the identity of trees that rules share
    for rule in ruleset.rules:
        if rule.status == "retired":
            continue
        found += _of_keys(rule, day)
        found += _missing(rule, wanted)
        tree = rule.when.tree
        parts = tree.operands if isinstance(tree, ast.And) else (tree,)
        if any([_is_suspect(each, known) for each in parts]):
            for each in walk(located(rule)):
                found += _of_tree(rule, each, wanted)
    for values in ruleset.lists.values():
        if values.spans is not None:
            found += _twice_in_list(values.name, values.values.to_pylist(), values.spans)
    return found


def _is_suspect(tree: ast.Expr, known: dict[int, bool]) -> bool:
    """Whether a tree has a LIKE or IN that may be told of, whatever its places."""
    found = known.get(id(tree))
    if found is None:
        found = known[id(tree)] = any(
            (type(each) is ast.Like and _is_bare(each)) or (type(each) is ast.In and _is_odd(each.items))
            for each in walk(tree)
        )
    return found


def _is_odd(items: tuple[ast.Expr, ...] | ast.ListName) -> bool:
    return not isinstance(items, ast.ListName) and (len(items) == 1 or len(set(items)) < len(items))


def _is_bare(tree: ast.Like) -> bool:
    characters = iter(tree.pattern)
    for character in characters:
        if character == tree.escape:
            next(characters)
        elif character in "%_":
            return False
    return True


def _of_tree(rule: Rule, tree: ast.Expr, wanted: set[str]) -> Iterator[Finding]:
    if type(tree) is ast.Like and _is_bare(tree):
        yield about_rule(
            "RT404", f"`{text_of(rule, tree)}` has no wildcard", rule, place_of(rule, tree),
            "asks for the whole text, as = does", "add a %, or write =",
        )  # fmt: skip
    elif type(tree) is ast.In and not isinstance(tree.items, ast.ListName):
        if len(tree.items) == 1 and "RT406" in wanted:
            sign = "<>" if tree.negated else "="
            yield about_rule(
                "RT406", f"`{text_of(rule, tree)}` has one value", rule, place_of(rule, tree), f"{sign} says the same",
                f"write {to_text(ast.Compare(sign, tree.operand, tree.items[0]))}",
            )  # fmt: skip
        yield from _twice_in_tree(rule, tree.items)


def _twice_in_tree(rule: Rule, items: Sequence[ast.Expr]) -> Iterator[Finding]:
    first: dict[ast.Expr, ast.Expr] = {}
    for before, item in zip((None, *items), items, strict=False):
        if first.setdefault(item, item) is item or before is None:
            continue
        text = text_of(rule, item)
        mend = None
        if not isinstance(rule.when.source, RowSource):  # a row's condition is written in its template
            span = Span(rule.when.source, before.span[1], item.span[1])
            mend = Mend(f"deleted the second {text} from `{rule.id}`", span)
        yield about_rule(
            "RT405", f"`{text}` stands twice in IN", rule, place_of(rule, item), "it is there already",
            f"delete it{' (--fix does)' if mend else ''}, or write the value that was meant", mend=mend,
        )  # fmt: skip


def _twice_in_list(name: str, values: Sequence[str], spans: Sequence[Span]) -> Iterator[Finding]:
    seen: set[str] = set()
    for position, (value, span) in enumerate(zip(values, spans, strict=True)):
        if value in seen:
            mend = _without(value, spans[position - 1], span, f"the list `@{name}`")
            yield Finding(_twice(value, f"the list `@{name}`", span, mend), mend=mend)
        seen.add(value)


def _without(value: str, before: Span, span: Span, what: str) -> Mend | None:
    """Deletes an item of a list in brackets, with the comma before it."""
    source, end = span.source, span.end
    between = source.text[before.end : span.start]
    if before.source is not source or between.strip() != ",":
        return None
    return Mend(f"deleted the second {value} from {what}", Span(source, before.end, end))


def _twice(value: str, what: str, span: Span, mend: Mend | None) -> Diagnostic:
    remedy = f"delete it{' (--fix does)' if mend else ''}, or write the value that was meant"
    return Diagnostic("RT405", f"`{value}` stands twice in {what}", span, "it is there already", remedy)


def _of_keys(rule: Rule, day: datetime.date | None) -> Iterator[Finding]:
    if rule.relief == 100:
        yield about_rule(
            "RT210", f"`{rule.id}` relieves nothing", rule, rule.span, "keeps 100 % of every rate",
            "write a smaller percentage, or delete the rule",
        )  # fmt: skip
    last = rule.valid.until if rule.valid else None
    if day is not None and last is not None and last < day and rule.status == "active":
        yield about_rule(
            "RT301", f"`{rule.id}` ended on {last}", rule, rule.valid.span if rule.valid else rule.span,
            f"before {day}, the day of --as-of", "add `status: retired`, or set a later day",
        )  # fmt: skip
    for key, scalars in (("flow", rule.flow), ("offices", rule.offices)):
        yield from _twice_in_key(rule, key, scalars)


def _twice_in_key(rule: Rule, key: str, scalars: Sequence[Scalar]) -> Iterator[Finding]:
    seen: set[str] = set()
    for before, scalar in zip((None, *scalars), scalars, strict=False):
        if scalar.text in seen and before and before.span and scalar.span:
            mend = _without(scalar.text, before.span, scalar.span, f"`{key}` of `{rule.id}`")
            yield Finding(_twice(scalar.text, f"`{key}` of `{rule.id}`", scalar.span, mend), rule.id, mend=mend)
        seen.add(scalar.text)


def _missing(rule: Rule, wanted: set[str]) -> Iterator[Finding]:
    if "RT401" in wanted and not rule.tests:
        yield about_rule(
            "RT401", f"`{rule.id}` has no tests", rule, rule.span, "nothing says what it must match",
            "add `tests:` with a record that it matches and one that it does not",
        )  # fmt: skip
    if "RT402" in wanted and not rule.title:
        yield about_rule("RT402", f"`{rule.id}` has no title", rule, rule.span, "", "add `title:`")
    if "RT403" in wanted and not (rule.why or rule.origin):
        yield about_rule(
            "RT403", f"`{rule.id}` has no reason", rule, rule.span, "neither `why` nor `source`",
            "add `why:`, or `source:` with the notice or study it comes from",
        )  # fmt: skip
