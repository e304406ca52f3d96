"""What a condition saw: every value that it read or computed on one record, and where it came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from gpu_target.backends.interpreter import Evaluator, Row
from gpu_target.columns import expressions as ex
from gpu_target.columns.expressions import Value
from gpu_target.explaining.written import MISSING, rounded, text_of
from gpu_target.language import ast
from gpu_target.language.model import Predicate as Written
from gpu_target.language.printer import to_text
from gpu_target.language.trees import children
from gpu_target.plan.bind import Binder
from gpu_target.plan.compare import is_value

COLUMN, NAME, COMPUTED, LOOKUP, LIST, DAY = "column", "let", "computed", "lookup", "list", "as_of"
LITERALS = (ast.Number, ast.String, ast.Boolean, ast.Date, ast.Timestamp)


@dataclass(frozen=True)
class Seen:
    """One value. ``how`` says in words where it came from: its operands, the row of a table, why it is missing."""

    name: str  # as the condition writes it
    kind: str  # column, let, computed, lookup, list, as_of
    value: Any  # as the interpreter holds it; of a list the number of its values
    type: pa.DataType
    how: str = ""
    parts: tuple[Seen, ...] = ()  # what it was computed from

    @property
    def text(self) -> str:
        return text_of(self.value, self.type)

    @property
    def is_missing(self) -> bool:
        return self.value is None


class Eyes:
    """Sees what expressions of a rule set give on one record."""

    def __init__(self, binder: Binder, evaluator: Evaluator, let: Mapping[str, Written], row: Row) -> None:
        self.binder, self.evaluator, self.let, self.row = binder, evaluator, let, row

    def bound(self, node: ast.Expr) -> Any:
        """The typed value or predicate of a node that was bound before."""
        self.binder.size = self.binder.peak = self.binder.depth = 0
        return self.binder.expression(node)

    def names(self, trees: Iterable[ast.Expr]) -> dict[Value, str]:
        """How a rule writes the values in it; a name of ``let`` before what it stands for."""
        found: dict[Value, str] = {}
        waiting = list(reversed(list(trees)))
        while waiting:
            node = waiting.pop()
            bound = self.bound(node)
            if is_value(bound):
                found.setdefault(bound, to_text(node))
            waiting += reversed(values_in(node))
            if isinstance(node, ast.Name) and node.name in self.let:
                waiting.append(self.let[node.name].tree)
        return found

    def value(self, node: ast.Expr) -> tuple[Any, pa.DataType]:
        """What a node's value is, and its type."""
        found = self.bound(node)
        return self.evaluator.value(found)(self.row), found.type

    def text(self, node: ast.Expr) -> str:
        """What a node's value is, as text."""
        return text_of(*self.value(node))

    def short(self, node: ast.Expr) -> str:
        """The same for people, who read no more than twelve digits of a number."""
        return rounded(self.text(node))

    def all(self, *nodes: ast.Expr) -> tuple[Seen, ...]:
        """What every node saw; nothing for literals."""
        return tuple(each for node in nodes for each in self.see(node))

    def see(self, node: ast.Expr) -> Iterator[Seen]:
        """The values that a value expression reads."""
        if isinstance(node, LITERALS):
            return
        found = self.bound(node)
        if not is_value(found):  # a condition inside a value, as in COALESCE
            for each in values_in(node):
                yield from self.see(each)
            return
        value = self.evaluator.value(found)(self.row)
        name = to_text(node)
        if isinstance(node, ast.Name) and node.name in self.let:
            tree = self.let[node.name].tree
            yield Seen(name, NAME, value, found.type, self.computed(tree, value), self.operands(tree))
        elif isinstance(node, ast.Name):
            yield Seen(name, COLUMN, value, found.type)
        elif isinstance(node, ast.TableColumn):
            how = self.looked_up(node.table, value)
            yield Seen(name, LOOKUP, value, found.type, how)
        elif isinstance(node, ast.AsOf):
            yield Seen(name, DAY, value, found.type, "the day of the run")
        else:
            yield Seen(name, COMPUTED, value, found.type, self.computed(node, value), self.operands(node))

    def operands(self, tree: ast.Expr) -> tuple[Seen, ...]:
        """What the parts of an expression saw, itself left out where it is computed."""
        if isinstance(tree, (ast.Name, ast.TableColumn, ast.AsOf)):
            return tuple(self.see(tree))
        found: dict[str, Seen] = {}
        for part in values_in(tree):
            for each in self.operands(part):
                found.setdefault(each.name, each)
        return tuple(found.values())

    def computed(self, tree: ast.Expr, value: Any) -> str:
        """``customs_value / net_mass_kg = 900 / 1500``, and why nothing came out of it."""
        if isinstance(tree, LITERALS):
            return to_text(tree)
        filled = to_text(self.filled(tree))
        written = to_text(tree)
        how = written if isinstance(tree, (ast.Name, ast.TableColumn, ast.AsOf)) else f"{written} = {filled}"
        if value is None and not any(each.is_missing for each in self.operands(tree)):
            how += ", which is no number: a division by zero has no result"
        return how

    def filled(self, tree: ast.Expr) -> ast.Expr:
        """The expression with the values of what it reads in place of the names."""
        match tree:
            case ast.Name() | ast.TableColumn() | ast.AsOf():
                return ast.Number(self.short(tree))  # stands for any text: a number is written as it is
            case ast.Arithmetic(operator, left, right):
                return ast.Arithmetic(operator, self.filled(left), self.filled(right))
            case ast.Negate(operand):
                return ast.Negate(self.filled(operand))
            case ast.Call(function, arguments):
                return ast.Call(function, tuple(self.filled(each) for each in arguments))
        return tree

    def looked_up(self, name: str, value: Any) -> str:
        """Which key was looked up in a table, and which row was found."""
        bound = self.binder.tables[name]
        assert bound is not None
        missing = [each for each in (*bound.keys, *([bound.date] if bound.date else [])) if self.row[each] is None]
        if missing:
            return f"no row: {missing[0]} is missing"
        asked = " and ".join(f"{each} {self.column_text(each)}" for each in bound.keys)
        if bound.date:
            asked += f" on {text_of(self.row[bound.date], ex.DATE)}"
        found = self.evaluator.tables[name].find(self.row)
        if found is None:
            return f"no row for {asked}"
        how = f"row {found + 1:,}, found by {asked}"
        prefix = bound.index.prefix
        if prefix is not None:
            how += f", which begins with {text_of(bound.key_arrays[prefix][found].as_py(), ex.TEXT)}"
        return f"empty in {how}" if value is None else how

    def column_text(self, name: str) -> str:
        """A column of the record as text."""
        return text_of(self.row[name], self.binder.column(name).type)


def values_in(node: ast.Expr) -> list[ast.Expr]:
    """The expressions directly inside a node, lists left out."""
    return [each for each in children(node) if not isinstance(each, ast.ListName)]


def causes(seen: tuple[Seen, ...]) -> list[str]:
    """Why something is missing, in words: the innermost values that are."""
    found: dict[str, None] = {}
    for each in seen:
        if not each.is_missing:
            continue
        inner = causes(each.parts)
        if inner:
            found.update(dict.fromkeys(inner))
        elif each.kind == COLUMN:
            found[f"{each.name} is {MISSING}"] = None
        elif each.kind == LOOKUP:
            found[f"{each.name} {'is' if each.how.startswith('empty') else 'has'} {each.how}"] = None
        else:
            found[f"{each.name} has no value"] = None
    return list(found)


def list_seen(name: str, count: int) -> Seen:
    """A list that a condition looked into."""
    return Seen(name, LIST, count, pa.int64(), f"{count:,} value" + ("" if count == 1 else "s"))
