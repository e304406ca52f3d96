"""A rule's conditions as a small tree: what each was, TRUE, FALSE or UNKNOWN, and why, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gpu_target.columns.expressions import family
from gpu_target.explaining.seen import LITERALS, Eyes, Seen, causes, list_seen
from gpu_target.explaining.written import quoted
from gpu_target.language import ast
from gpu_target.language.literals import write_date
from gpu_target.language.model import Rule
from gpu_target.language.printer import to_text
from gpu_target.plan.atoms import split_pattern
from gpu_target.plan.compare import is_value
from gpu_target.plan.literals import EPOCH
from gpu_target.plan.typed import Predicate

Truth = bool | None
NUMBER_SIGNS = {
    "=": "equal to", "<>": "different from", "<": "below", "<=": "at most", ">": "above", ">=": "at least",
}  # fmt: skip
OTHER_SIGNS = {
    "=": "equal to", "<>": "different from", "<": "before", "<=": "at or before", ">": "after", ">=": "at or after",
}  # fmt: skip


@dataclass(frozen=True)
class Condition:
    """One condition. ``parts`` are those that an AND, OR or NOT joins, or that a name of ``let`` stands for."""

    text: str  # as the rule writes it
    truth: Truth
    why: str
    seen: tuple[Seen, ...] = ()
    joined: str = ""  # AND, OR, NOT, IS NULL, the name of a ``let``; empty where there are no parts
    parts: tuple[Condition, ...] = ()


class Teller:
    """Tells what conditions were on one record."""

    def __init__(self, eyes: Eyes) -> None:
        self.eyes = eyes

    def tell(self, node: ast.Expr) -> Condition:
        """What a condition of a rule's ``when`` was."""
        match node:
            case ast.And(operands):
                return self.joined(node, "AND", operands)
            case ast.Or(operands):
                return self.joined(node, "OR", operands)
            case ast.Not(operand):
                return self.joined(node, "NOT", (operand,))
            case ast.IsNull(operand) if self.is_condition(operand):
                return self.joined(node, "IS NULL", (operand,))
            case ast.Name(name) if name in self.eyes.let and self.is_condition(node):
                return self.joined(node, name, (self.eyes.let[name].tree,))
        return self.leaf(node)

    def is_condition(self, node: ast.Expr) -> bool:
        """Whether an expression is TRUE, FALSE or UNKNOWN and not a value; a bare column is a value."""
        return not is_value(self.eyes.bound(node))

    def truth(self, node: ast.Expr) -> Truth:
        """What a node is on the record, a boolean value as the condition that it is TRUE."""
        binder = self.eyes.binder
        return self.eyes.evaluator.predicate(binder.as_predicate(self.eyes.bound(node), node))(self.eyes.row)

    def joined(self, node: ast.Expr, how: str, operands: Sequence[ast.Expr]) -> Condition:
        parts = tuple(self.tell(each) for each in operands)
        truth = self.truth(node)
        return Condition(to_text(node), truth, joined_why(how, truth, parts), (), how, parts)

    def leaf(self, node: ast.Expr) -> Condition:
        """A comparison, or a test of a value."""
        seen = self.eyes.all(*sides(node))
        lists, truth = self.lists(node), self.truth(node)
        if truth is None:
            reasons = causes(seen)
            why = f"{' and '.join(reasons)}, so this is UNKNOWN" if reasons else "a value is missing: UNKNOWN"
        else:
            why = self.why(node, truth)
        return Condition(to_text(node), truth, why, (*seen, *lists))

    def lists(self, node: ast.Expr) -> tuple[Seen, ...]:
        """The named lists that a condition looks into."""
        if isinstance(node, ast.In) and isinstance(node.items, ast.ListName):
            listed = node.items
        elif isinstance(node, ast.Call) and node.function == "CONTAINS_ANY":
            assert isinstance(node.arguments[1], ast.ListName)
            listed = node.arguments[1]
        else:
            return ()
        return (list_seen(to_text(listed), len(self.eyes.binder.ruleset.lists[listed.name].values)),)

    def why(self, node: ast.Expr, truth: bool) -> str:
        """Why a condition is TRUE or FALSE."""
        text = self.eyes.short
        match node:
            case ast.Compare(operator, left, right) if not self.is_condition(left) and not self.is_condition(right):
                signs = NUMBER_SIGNS if family(self.eyes.value(left)[1]) == "number" else OTHER_SIGNS
                if truth and operator == "=" and isinstance(right, LITERALS):
                    return f"it is {text(left)}"
                return f"{text(left)} is {is_not(truth)}{signs[operator]} {text(right)}"
            case ast.Between(operand, low, high, negated):
                return f"{text(operand)} is {is_not(truth is not negated)}between {text(low)} and {text(high)}"
            case ast.In(operand, items, negated):
                where = to_text(items) if isinstance(items, ast.ListName) else self.listed(items)
                return (
                    f"{text(operand)} is {is_not(truth is not negated)}{'in' if where[0] == '@' else 'one of'} {where}"
                )
            case ast.Like(operand, pattern, escape, negated):
                return f"{text(operand)} {like_words(pattern, escape, truth is not negated)}"
            case ast.IsNull(operand, negated):
                missing = truth is not negated
                return f"{to_text(operand)} is missing" if missing else f"{to_text(operand)} is {text(operand)}"
            case ast.Call("CONTAINS", (held, item)):
                return f"{text(held)} {'contains' if truth else 'does not contain'} {text(item)}"
            case ast.Call("CONTAINS_ANY", (held, listed)):
                return f"{text(held)} has {'a' if truth else 'no'} value in {to_text(listed)}"
            case ast.Boolean():
                return "written so"
            case ast.Name() | ast.TableColumn():
                return f"it is {text(node)}"
        return "TRUE" if truth else "FALSE"

    def listed(self, items: tuple[ast.Expr, ...]) -> str:
        if len(items) <= 4:
            return ", ".join(self.eyes.text(each) for each in items)
        return f"the {len(items):,} values"

    # -- valid, flow, offices -----------------------------------------------------------------------------------------

    def condition(self, rule: Rule, key: str, column: str, predicate: Predicate) -> Condition:
        """What one of the rule's own conditions was: ``valid``, ``flow`` or ``offices``."""
        type_ = self.eyes.binder.column(column).type
        seen = Seen(column, "column", self.eyes.row[column], type_)
        truth = self.eyes.evaluator.predicate(predicate)(self.eyes.row)
        if truth is None:
            why = f"{column} is missing, so this is UNKNOWN"
        elif key == "valid":
            why = f"{seen.text} is {is_not(truth)}in that time"
        else:
            why = f"{seen.text} is {is_not(truth)}one of them" if count(rule, key) > 1 else f"it is {seen.text}"
        return Condition(own_text(rule, key), truth, why, (seen,))


def own_text(rule: Rule, key: str) -> str:
    """``valid: from 2024-03-01 until 2024-12-31`` and the like, as the rule has it."""
    if key == "valid":
        assert rule.valid
        ends = (("from", rule.valid.first), ("until", rule.valid.until))
        return "valid: " + " ".join(f"{word} {write_date((day - EPOCH).days)}" for word, day in ends if day)
    return f"{key}: " + ", ".join(each.text for each in (rule.flow if key == "flow" else rule.offices))


def own_keys(rule: Rule) -> tuple[str, ...]:
    """The conditions that a rule has beside ``when``, in the order of its bound conditions."""
    present = (("valid", rule.valid), ("flow", rule.flow), ("offices", rule.offices))
    return tuple(key for key, value in present if value)


def count(rule: Rule, key: str) -> int:
    """How many values `flow` or `offices` has."""
    return len(rule.flow if key == "flow" else rule.offices)


def sides(node: ast.Expr) -> tuple[ast.Expr, ...]:
    """The values that a leaf compares."""
    match node:
        case ast.Compare(_, left, right):
            return (left, right)
        case ast.Between(operand, low, high):
            return (operand, low, high)
        case ast.In(operand, items):
            return (operand, *(items if isinstance(items, tuple) else ()))
        case ast.Like(operand) | ast.IsNull(operand):
            return (operand,)
        case ast.Call("CONTAINS_ANY", (held, _)):
            return (held,)
        case ast.Call("CONTAINS" | "COALESCE", arguments):
            return arguments
    return () if isinstance(node, LITERALS) else (node,)


def joined_why(how: str, truth: Truth, parts: Sequence[Condition]) -> str:
    """Why a tree of conditions is what it is, by its parts."""
    word = {True: "TRUE", False: "FALSE", None: "UNKNOWN"}
    if how not in ("AND", "OR"):
        return f"the condition in it is {word[parts[0].truth]}"
    deciding = how == "OR"
    if truth is deciding:
        same = sum(part.truth is truth for part in parts)
        return f"{same} of its {len(parts)} conditions {'is' if same == 1 else 'are'} {word[truth]}"
    if truth is None:
        unknown = sum(part.truth is None for part in parts)
        return (
            f"{unknown} of its {len(parts)} conditions {'is' if unknown == 1 else 'are'} UNKNOWN, none {word[deciding]}"
        )
    return f"all of its {len(parts)} conditions are {word[truth]}"


def is_not(truth: bool) -> str:
    """The word between `is` and what something is not."""
    return "" if truth else "not "


def like_words(pattern: str, escape: str | None, holds: bool) -> str:
    """``begins with '8703'``, ``does not fit '%x%'``."""
    literal, rest = split_pattern(pattern, escape)
    if rest == "%":
        return f"{'begins' if holds else 'does not begin'} with {quoted(literal)}"
    return f"{'fits' if holds else 'does not fit'} {quoted(pattern)}"
