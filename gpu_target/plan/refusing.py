"""What is wrong with an expression, told at its place: names that mean nothing, and sides that cannot be compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Never

import pyarrow as pa

from gpu_target.columns.expressions import Column, Constant, Lookup, Value, family
from gpu_target.language import ast
from gpu_target.language.decision import RowSource
from gpu_target.language.diagnostics import Diagnostic, Source, Span
from gpu_target.language.model import RuleSet
from gpu_target.language.record import RECORD_TYPES
from gpu_target.language.suggest import did_you_mean, nearest, one_of
from gpu_target.plan.compare import is_value, remedy_for
from gpu_target.plan.typed import Predicate

WORDS = {"number": "a number", "text": "text", "boolean": "a boolean", "time": "a date or time", "list": "a list"}


class Stop(Exception):
    """A problem was recorded; the expression around it has no meaning."""


class Unknown(NamedTuple):
    """Where in ``errors`` a column is told that is not there, and the rules that read it, by their id."""

    place: int
    readers: dict[str, None]


class Refusing:
    """Notes problems in ``errors``, at places of ``source``, and leaves the expression."""

    errors: list[Diagnostic]
    source: Source
    ruleset: RuleSet
    schema: Mapping[str, pa.DataType]
    unknown: dict[str, Unknown]
    rule_id: str  # of the rule that is looked at
    against: str  # where the columns come from, for a message

    def place(self, node: ast.Expr) -> Span:
        return Span(self.source, *node.span)

    def fail(self, code: str, message: str, where: ast.Expr | Span | None, label: str = "", remedy: str = "") -> Never:
        span = where if isinstance(where, Span) or where is None else self.place(where)
        notes = (self.source.note,) if isinstance(self.source, RowSource) and not isinstance(where, Span) else ()
        found = Diagnostic(code, message, span, label, remedy, notes=notes)
        if found not in self.errors:
            self.errors.append(found)
        raise Stop

    def spelled(self, node: ast.Expr) -> str:
        """A number as it is written, or the placeholder that it came from; "" of anything else.

        A code without quotes is a number to the parser, and its value has lost the zeros that it begins with.
        """
        while isinstance(node, ast.Name) and node.name in self.ruleset.let:  # it is bound: no name defines itself
            node = self.ruleset.let[node.name].tree
        number = node.operand if isinstance(node, ast.Negate) else node
        if not isinstance(number, ast.Number):
            return ""
        if isinstance(self.source, RowSource):
            source, start, end = self.source.resolve(*node.span)
            if source.text[start : start + 1] == "{":
                return source.text[start:end]
        return number.text if node is number else f"-{number.text}"

    def check_quotes(self, node: ast.Expr) -> None:
        """Refuse a name that means nothing, and an id such as IMP-0003 whose parts mean nothing."""
        record = RECORD_TYPES.get(self.ruleset.record or "")
        fields = record.fields if record else ()
        if isinstance(node, ast.Name):
            if not (node.name in self.ruleset.let or node.name in self.schema or node.name in fields):
                self.refuse_name(node.name, node, node.quoted)
        elif (name := hyphenated(node)) and name.split("-")[0] not in (*self.ruleset.let, *self.schema, *fields):
            self.refuse_name(name, node, quoted=False)

    def refuse_name(self, name: str, node: ast.Expr, quoted: bool) -> Never:
        """Tell of a name that is no column and stands where a text is compared: its quotes were forgotten."""
        if name not in self.unknown:
            written = name.replace("'", "''")
            remedy = f"write '{written}': a text stands in single quotes"
            if quoted:
                remedy += ", double quotes are for the names of columns"
            guess = nearest(name, (*self.schema, *self.ruleset.let))
            if guess:
                remedy = f"did you mean `{guess}`? If a text is meant, {remedy}"
            self.tell_unknown(name, node, remedy)
        self.unknown[name].readers[self.rule_id] = None
        raise Stop

    def tell_unknown(self, name: str, node: ast.Expr, remedy: str) -> Never:
        self.unknown[name] = Unknown(len(self.errors), {self.rule_id: None})
        self.fail("RT101", f"there is no column `{name}`", node, f"neither {self.against} nor under `let`", remedy)

    def refuse_unknown(self, node: ast.Name) -> Never:
        """Tell once of a column that is not there: it is the data's fault where the record type has it."""
        name = node.name
        if name in self.unknown:
            self.unknown[name].readers[self.rule_id] = None
            raise Stop
        record = RECORD_TYPES.get(self.ruleset.record or "")
        if record is not None and name in record.fields:
            self.unknown[name] = Unknown(len(self.errors), {self.rule_id: None})
            guess = nearest(name, [each for each in self.schema if each not in record.fields])
            self.fail(
                "DT151", f"the data has no column `{name}`", node, label=f"a field of {record.name}, read here",
                remedy=f"name it in a map: columns: {{{name}: {{from: {guess or 'COLUMN'}}}}}"
                + ("" if guess else ", or leave out the rules that read it"),
            )  # fmt: skip
        known = (*self.schema, *self.ruleset.let)
        self.tell_unknown(name, node, did_you_mean(name, known, f"the columns are {one_of(known, 8)}"))

    def clash(
        self, left_node: ast.Expr, left: Value | Predicate, right_node: ast.Expr, right: Value | Predicate
    ) -> Never:
        """Two sides that cannot be compared; the literal is blamed where there is one."""
        if isinstance(left, Constant) and not isinstance(right, Constant):
            left_node, left, right_node, right = right_node, right, left_node, left
        what = [self.words(each.type) if is_value(each) else "a condition" for each in (left, right)]
        if is_value(left) and family(left.type) == "list":
            self.fail("RT105", "a list cannot be compared", left_node, remedy="write CONTAINS(column, value)")
        name = f"`{left_node.name}` is {what[0]}" if isinstance(left_node, ast.Name) else f"{what[0]} stands here"
        self.fail(
            "RT105", f"{name} and cannot be compared with {what[1]}", right_node,
            label=f"found {what[1]}, expected {what[0]}", remedy=self.remedy(left, right, self.spelled(right_node)),
        )  # fmt: skip

    def remedy(self, left: Value | Predicate, right: Value | Predicate, spelled: str) -> str:
        """What to write instead; a column of text may be text for want of a declaration alone."""
        for each, other in ((left, right), (right, left)):
            if not (is_value(each) and is_value(other) and family(each.type) == "text"):
                continue
            wanted = {"number": "number", "boolean": "boolean", "time": "date"}.get(family(other.type))
            if wanted is not None and isinstance(each, Lookup):
                return f"declare its type in the table {each.table}: types: {{{each.column}: {wanted}}}"
            if wanted is not None and isinstance(each, Column) and self.ruleset.record is None:
                declared = f"if `{each.name}` holds a {wanted}, say so in a map: {each.name}: {{type: {wanted}}}"
                return f"{remedy_for(left, right, spelled)}; {declared}"
        return remedy_for(left, right, spelled)

    def words(self, type_: pa.DataType) -> str:
        kind = family(type_)
        if kind == "time":
            return "a date" if pa.types.is_date(type_) else "a timestamp"
        return WORDS.get(kind, str(type_))


def hyphenated(node: ast.Expr) -> str:
    """An id such as IMP-0003 that was read as a subtraction, for want of quotes and of spaces; "" of anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Arithmetic) and node.operator == "-":
        if node.left.span[1] + 1 != node.right.span[0]:
            return ""
        parts.append(_word(node.right))
        node = node.left
    parts.append(_word(node))
    return "-".join(reversed(parts)) if len(parts) > 1 and all(parts) else ""


def _word(node: ast.Expr) -> str:
    if isinstance(node, ast.Name) and not node.quoted:
        return node.name
    return node.text if isinstance(node, ast.Number) else ""


def unreadable_remedy(name: str, type_: pa.DataType) -> str:
    """What to do about a column whose type rules cannot read."""
    if pa.types.is_null(type_):  # nothing in the data says what its values would be
        return (
            f"none of its values is there: declare a type in a map, columns: {{{name}: {{from: {name}, type: number}}}}"
        )
    return "write it as text, numbers, dates, booleans or lists of text, or leave it out of the rules"


def fitting(wanted: str, found: str) -> str:
    """What to write where a value of the family ``wanted`` is, and one of ``found`` stands."""
    return _FITTING.get((wanted, found), "")


_FITTING = {  # by the family that is wanted and the one that is found
    ("text", "number"): "compare numbers with < or BETWEEN; LIKE, LENGTH, LEFT and UPPER are for text",
    ("text", "time"): "compare dates with < or BETWEEN, or take YEAR, MONTH or DAY of them",
    ("text", "list"): "write CONTAINS(column, 'value')",
    ("number", "text"): "text cannot be computed with: declare the column a number in a map if it holds numbers",
    ("number", "time"): "take YEAR, MONTH, DAY or HOUR of it, or subtract two dates for the days between them",
    ("number", "boolean"): "let the condition stand alone, joined by AND or OR",
    ("number", "list"): "write CONTAINS(column, value)",
    ("time", "text"): "write DATE '2024-01-31', or declare the column a date in a map",
    ("time", "number"): "declare the column a date in a map if it holds days",
    ("list", "text"): "CONTAINS is for columns of lists: write = or LIKE",
    ("list", "number"): "CONTAINS is for columns of lists: write = or IN",
}
