"""What one rule's condition says of itself: that it never or always holds, and which of its parts add nothing.

Parts are found without places, as rules share them. Only where something was found is the text of the rule parsed again
for the places of its parts: a path of positions leads from the whole to a part, in the tree with places too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from gpu_target.findings.comparisons import decided, reason_for_never
from gpu_target.findings.conditions import Condition, Conditions
from gpu_target.findings.finding import Finding, Place, about_rule, listed, place_of, text_of
from gpu_target.language import ast
from gpu_target.plan import typed
from gpu_target.plan.layout import FALSE_NODE, TRUE_NODE, Node
from gpu_target.plan.typed import Predicate

Path = tuple[int, ...]
KEYS = ("valid", "flow", "offices")
MOST_SHOWN = 4  # values of a key in a message
MOST_NAMED = 5  # parts that exclude each other
MOST_PARTS = 100  # of an AND or an OR that are held against each other


class Part(NamedTuple):
    """A part of a condition: of ``when`` by its path and tree, or the condition of another key."""

    node: Node
    path: Path = ()
    tree: ast.Expr | None = None
    predicate: Predicate | None = None
    key: str = ""


def findings_within(conditions: Conditions, condition: Condition) -> list[Finding]:
    """Findings of RT201, RT202, RT205, RT206 and RT207 about one rule."""
    return _Examined(conditions, condition).findings()


class _Examined:
    def __init__(self, conditions: Conditions, condition: Condition) -> None:
        self.conditions, self.condition, self.rule = conditions, condition, condition.rule
        terms = condition.bound.terms
        tree = self.rule.when.tree
        whole = terms[0] if len(terms) == 1 else typed.And(terms)
        self.parts = list(self._flat(tree, whole, ()))
        keys = [key for key in KEYS if getattr(self.rule, key)]
        self.others = [Part(node, key=key) for key, node in zip(keys, condition.parts[len(terms) :], strict=True)]
        self.found: list[Finding] = []

    def findings(self) -> list[Finding]:
        if self.condition.never:
            return [self._never()]
        if self.conditions.always(self.condition):
            return [self._always()]
        told = set(self._decided())
        kept = self._without_idle([each for each in self.parts if each.path not in told], self.others)
        for part in kept:
            others = [each for each in kept if each is not part] + self.others
            self._look_inside(part, others, told)
        return self.found

    def _flat(self, tree: ast.Expr, predicate: Predicate, path: Path) -> Iterator[Part]:
        """The operands of an AND, also of one inside another."""
        if type(tree) is ast.And and type(predicate) is typed.And:
            for k, (each, part) in enumerate(zip(tree.operands, predicate.operands, strict=True)):
                yield from self._flat(each, part, (*path, k))
        else:
            yield Part(self.conditions.node(predicate), path, tree, predicate)

    # -- the whole ----------------------------------------------------------------------------------------------------

    def _never(self) -> Finding:
        core = self._core([*self.parts, *self.others])
        written = [each for each in core if not each.key]
        blamed = written[-1] if written else None
        message = f"`{self.rule.id}` can never match"
        if len(core) > MOST_NAMED:
            span, label = place_of(self.rule, self._located(())), "its conditions exclude each other"
            return about_rule("RT201", message, self.rule, span, label, "mend one of them, or delete the rule")
        if blamed is None:
            label = f"{listed([self._key(each.key) for each in core])} exclude each other"
            return about_rule("RT201", message, self.rule, self.rule.span, label, "mend one of them")
        others = [each for each in core if each is not blamed]
        tree = self._located(blamed.path)
        if others:
            label = f"excluded by {self._words(others)}"
            remedy = "mend one of them, or delete the rule"
        else:
            label = reason_for_never(self.conditions, tree, blamed.predicate)
            remedy = "mend it, or delete the rule"
        return about_rule(
            "RT201", message, self.rule, place_of(self.rule, tree), label, remedy, related=self._places(others, tree)
        )

    def _always(self) -> Finding:
        return about_rule(
            "RT202", f"`{self.rule.id}` matches every record", self.rule, place_of(self.rule, self._located(())),
            "holds whatever the values are, missing ones included", "say what it is meant to find",
        )  # fmt: skip

    def _core(self, parts: list[Part]) -> list[Part]:
        """Parts of a contradiction of which none can be left out, if they are not too many to be tried."""
        for part in tuple(parts) if len(parts) <= MOST_PARTS else ():
            rest = [each for each in parts if each is not part]
            if self.conditions.never([each.node for each in rest]):
                parts = rest
        return parts

    def _reasons(self, parts: list[Part], goal: Sequence[Node]) -> list[Part]:
        """Parts that imply one of ``goal`` and of which none can be left out."""
        for part in tuple(parts):
            rest = [each for each in parts if each is not part]
            if self._imply(rest, goal):
                parts = rest
        return parts

    def _imply(self, parts: Sequence[Part], goal: Sequence[Node]) -> bool:
        """Whether whatever meets all of ``parts`` meets one of ``goal``."""
        union = self.conditions.narrowed.join("or", goal)
        return self.conditions.implies([each.node for each in parts], [union])

    # -- parts --------------------------------------------------------------------------------------------------------

    def _decided(self) -> Iterator[Path]:
        """Comparisons that the type decides; told here, and nothing more is said of them."""
        for part in self.parts:
            assert part.tree is not None
            assert part.predicate is not None
            for path, label, remedy in decided(self.conditions, part.tree, part.predicate):
                whole = (*part.path, *path)
                tree = self._located(whole)
                message = f"the type decides `{text_of(self.rule, tree)}` in `{self.rule.id}`"
                self.found.append(about_rule("RT207", message, self.rule, place_of(self.rule, tree), label, remedy))
                yield whole

    def _without_idle(self, parts: list[Part], context: Sequence[Part]) -> list[Part]:
        """The parts of an AND without those that the others imply; each of these is told, later ones first."""
        kept = list(parts)
        for part in reversed(parts) if len(parts) <= MOST_PARTS else ():
            others = [each for each in kept if each is not part]
            if part.node == TRUE_NODE or (
                self._touches(part, [*others, *context]) and self._imply([*others, *context], [part.node])
            ):
                kept = others
                self._tell_idle(part, self._reasons([*others, *context], [part.node]))
        return kept

    def _tell_idle(self, part: Part, reasons: list[Part]) -> None:
        tree = self._located(part.path)
        message = f"`{text_of(self.rule, tree)}` adds nothing to `{self.rule.id}`"
        label = f"implied by {self._words(reasons)}" if reasons else "it always holds"
        self.found.append(
            about_rule(
                "RT205", message, self.rule, place_of(self.rule, tree), label, "delete it, or write what was meant",
                related=self._places(reasons, tree),
            )
        )  # fmt: skip

    def _look_inside(self, part: Part, context: Sequence[Part], told: set[Path]) -> None:
        """Alternatives of an OR, and what is inside them."""
        if type(part.tree) is not ast.Or or type(part.predicate) is not typed.Or:
            return
        alternatives = [
            Part(self.conditions.node(predicate), (*part.path, k), tree, predicate)
            for k, (tree, predicate) in enumerate(zip(part.tree.operands, part.predicate.operands, strict=True))
        ]
        kept = [each for each in alternatives if each.path not in told]
        for each in reversed(alternatives):
            if each.path in told or len(alternatives) > MOST_PARTS:
                continue
            rest = [other for other in kept if other is not each]
            if each.node == FALSE_NODE or (
                self._touches(each, context) and self.conditions.never([each.node, *(c.node for c in context)])
            ):
                kept = rest
                self._tell_impossible(each, context)
            elif rest and self._touches(each, rest) and self._imply([each, *context], [c.node for c in rest]):
                kept = rest
                self._tell_repeated(each, rest, context)
        for each in kept:
            if type(each.tree) is ast.And and each.predicate is not None:
                inner = [one for one in self._flat(each.tree, each.predicate, each.path) if one.path not in told]
                for one in self._without_idle(inner, context):
                    around = [other for other in inner if other is not one]
                    self._look_inside(one, [*around, *context], told)

    def _tell_impossible(self, part: Part, context: Sequence[Part]) -> None:
        tree = self._located(part.path)
        inner = list(self._flat(part.tree, part.predicate, part.path)) if part.tree and part.predicate else [part]
        core = self._core([*inner, *context])
        reasons = [each for each in core if each not in inner]
        own = [each for each in inner if each in core]
        label = f"excluded by {self._words(reasons)}" if reasons else f"{self._words(own)} exclude each other"
        if not reasons and len(own) == 1:
            label = reason_for_never(self.conditions, tree, part.predicate)
        message = f"`{text_of(self.rule, tree)}` can never be what makes `{self.rule.id}` match"
        self._tell_alternative(message, tree, label, reasons)

    def _tell_repeated(self, part: Part, rest: Sequence[Part], context: Sequence[Part]) -> None:
        tree = self._located(part.path)
        one = [each for each in rest if self._imply([part, *context], [each.node])][:1]
        message = f"the alternative `{text_of(self.rule, tree)}` adds nothing to `{self.rule.id}`"
        covering = one or list(rest)
        self._tell_alternative(message, tree, f"{self._words(covering)} takes it in" if one else
                               "the other alternatives take it in", one)  # fmt: skip

    def _tell_alternative(self, message: str, tree: ast.Expr, label: str, others: Sequence[Part]) -> None:
        self.found.append(
            about_rule(
                "RT206", message, self.rule, place_of(self.rule, tree), label, "delete it, or write what was meant",
                related=self._places(others, tree),
            )
        )  # fmt: skip

    def _touches(self, part: Part, others: Sequence[Part]) -> bool:
        """Whether a part may say something about others."""
        own = self._reach(part)
        return any(not own.isdisjoint(self._reach(other)) for other in others)

    def _reach(self, part: Part) -> frozenset[int]:
        reach = self.conditions.facts.reach
        return frozenset().union(*[reach[column] for column in columns_of(part.node)])

    # -- places -------------------------------------------------------------------------------------------------------

    def _located(self, path: Path) -> ast.Expr:
        """The part at a path, in the tree that knows its places."""
        tree = self.conditions.located(self.rule)
        for k in path:
            assert isinstance(tree, (ast.And, ast.Or, ast.Not))
            tree = tree.operand if isinstance(tree, ast.Not) else tree.operands[k]
        return tree

    def _words(self, parts: Sequence[Part]) -> str:
        return listed([self._word(each) for each in parts])

    def _word(self, part: Part) -> str:
        return self._key(part.key) if part.key else text_of(self.rule, self._located(part.path))

    def _key(self, key: str) -> str:
        """The condition of another key as it is written, or nearly so."""
        rule = self.rule
        if key == "valid":
            days = rule.valid
            assert days is not None
            return "valid: " + " ".join(
                f"{word} {day}" for word, day in (("from", days.first), ("until", days.until)) if day
            )
        texts = [each.text for each in (rule.flow if key == "flow" else rule.offices)]
        more = ", …" if len(texts) > MOST_SHOWN else ""
        return f"{key}: {', '.join(texts[:MOST_SHOWN])}{more}"

    def _places(self, parts: Sequence[Part], beside: ast.Expr) -> list[Place]:
        """Where parts stand; those on the line that is shown anyway are left out."""
        line = place_of(self.rule, beside).location()[:2]
        trees = [self._located(each.path) for each in parts if not each.key]
        spans = [(f"`{text_of(self.rule, tree)}`", place_of(self.rule, tree)) for tree in trees]
        return [Place(what, span) for what, span in spans if span.location()[:2] != line]


def columns_of(node: Node) -> set[int]:
    """The class columns that a formula asks."""
    if node[0] == "set":
        return {node[1]}
    return set().union(*map(columns_of, node[1])) if node[0] in ("and", "or") else set()


def is_plain(conditions: Conditions, condition: Condition) -> bool:
    """Whether no part of a rule, and no alternative, can say anything about another, and none is decided by itself.

    So it is where each asks a column and a value of its own for some, not all, of what is not NULL: of two columns the
    facts then know no more than that both are there.
    """
    facts = conditions.facts
    tree = condition.rule.when.tree
    terms = condition.bound.terms
    trees = tree.operands if len(terms) > 1 and isinstance(tree, ast.And) else (tree,)
    sets: list[Node] = list(condition.parts[len(terms) :])
    for each, term, node in zip(trees, terms, condition.parts, strict=False):
        if _is_comparison(each):
            sets.append(node)
        elif type(each) is ast.Or and type(term) is typed.Or and all(map(_is_comparison, each.operands)):
            sets += map(conditions.node, term.operands)
        else:
            return False
    seen: set[object] = set()
    for node in sets:
        if node[0] != "set":
            return False
        _, column, bits = node
        own = facts.made_of[column]
        if column in facts.linked and facts.close({column: bits}) is None:
            return False  # what a table of the rule set holds leaves nothing
        if column in seen or own in seen or bits & facts.null[column] or bits == facts.there(column):
            return False
        seen |= {column, own}
    return True


def _is_comparison(tree: ast.Expr) -> bool:
    """Whether a tree has no parts that would be looked at: no AND, OR or NOT of several."""
    return not isinstance(tree.operand if isinstance(tree, ast.Not) else tree, (ast.And, ast.Or, ast.Not))
