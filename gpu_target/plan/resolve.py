"""Names and types of expressions: a syntax tree and a schema in, typed values and predicates out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pyarrow as pa

from gpu_target.columns import expressions as ex
from gpu_target.columns.expressions import Constant, Function, Value, family
from gpu_target.language import ast
from gpu_target.plan import typed
from gpu_target.plan.compare import as_moment, compare_values, is_boolean, is_value
from gpu_target.plan.literals import BadLiteral, parse_number
from gpu_target.plan.names import DEEPEST, LARGEST, Names
from gpu_target.plan.refusing import WORDS, Stop, fitting
from gpu_target.plan.typed import Predicate


class Resolver(Names):
    """Types of expressions over resolved names; collects diagnostics instead of stopping at the first."""

    # -- predicates ---------------------------------------------------------------------------------------------------

    def predicate(self, node: ast.Expr) -> Predicate:
        """The node as a predicate; a boolean column stands for itself being TRUE."""
        return self.as_predicate(self.expression(node), node)

    def as_predicate(self, found: Value | Predicate, node: ast.Expr) -> Predicate:
        if not is_value(found):
            return found
        if isinstance(found, Constant) and isinstance(found.value, bool):
            return typed.Truth(found.value)
        if family(found.type) == "boolean":
            return typed.Compare(found, "=", Constant(True, ex.BOOLEAN))
        self.fail(
            "RT110", "a condition is expected here", node,
            label=f"this is {self.words(found.type)}", remedy="compare it with something, for example `... > 0`",
        )  # fmt: skip

    def expression(self, node: ast.Expr) -> Value | Predicate:
        if type(node) is ast.Name and self.depth < DEEPEST and self.size < LARGEST:
            known = self.names.get(node.name)
            if known is not None:  # most of what rules say is a column against a literal
                self.size += 1
                self.peak = max(self.peak, self.depth + 1)
                self.uses["column", known.name] = None
                return known
        self.size += 1
        self.depth += 1
        if self.depth > self.peak:
            self.peak = self.depth
        try:
            if self.depth > DEEPEST or self.size > LARGEST:
                self.too_large(node)
            return HANDLERS[type(node)](self, node)  # type: ignore[no-any-return, operator]
        finally:
            self.depth -= 1

    def connective(self, node: ast.And | ast.Or) -> Predicate:
        parts: list[Predicate] = []
        stopped = False
        for operand in node.operands:
            try:
                parts.append(self.predicate(operand))
            except Stop:
                stopped = True  # the other operands may have problems of their own
        if stopped:
            raise Stop
        return typed.And(tuple(parts)) if isinstance(node, ast.And) else typed.Or(tuple(parts))

    def negation(self, node: ast.Not) -> Predicate:
        return typed.Not(self.predicate(node.operand))

    def comparison(self, node: ast.Compare) -> Predicate:
        return self.compare(node.left, node.operator, node.right)

    def compare(self, left_node: ast.Expr, operator: str, right_node: ast.Expr) -> Predicate:
        left = self.expression(left_node)
        right = self.beside(right_node, left)
        if is_value(left) and is_value(right):
            kind = family(left.type)
            if kind == family(right.type) and kind not in ("boolean", "list"):
                return compare_values(left, operator, right)
        if is_boolean(left) or is_boolean(right):
            if not (is_boolean(left) and is_boolean(right)):
                self.clash(left_node, left, right_node, right)
            return typed.CompareTruth(
                self.as_predicate(left, left_node), operator, self.as_predicate(right, right_node)
            )
        self.clash(left_node, left, right_node, right)

    def beside(self, node: ast.Expr, other: Value | Predicate) -> Value | Predicate:
        """What stands beside another value: an unknown name beside text is a text whose quotes were forgotten."""
        if type(node) in (ast.Name, ast.Arithmetic) and is_value(other) and family(other.type) == "text":
            self.check_quotes(node)
        return self.expression(node)

    def all_beside(self, nodes: Iterable[ast.Expr], other: Value | Predicate) -> list[Value | Predicate]:
        found: list[Value | Predicate] = []
        stopped = False
        for each in nodes:
            try:
                found.append(self.beside(each, other))
            except Stop:
                stopped = True  # each of the others may have lost its quotes too
        if stopped:
            raise Stop
        return found

    def between(self, node: ast.Between) -> Predicate:
        found = typed.And((self.compare(node.operand, ">=", node.low), self.compare(node.operand, "<=", node.high)))
        return typed.Not(found) if node.negated else found

    def membership(self, node: ast.In) -> Predicate:
        if isinstance(node.items, ast.ListName):
            value = self.value(node.operand, ("number", "text", "time"))
            key = self.lists.named(node.items, value.type, self.place(node.items))
            found = self.in_members(value, key)
        else:
            found = self.in_items(node.operand, node.items)
        return typed.Not(found) if node.negated else found

    def in_members(self, value: Value, key: str | None) -> Predicate:
        if key is None:
            raise Stop
        self.uses["list", key] = None
        members = self.lists.bound[key]
        if family(value.type) == "time" and not ex.is_stored(value):  # computed times have no ticks to look up
            equal = tuple(compare_values(value, "=", Constant(each, ex.MOMENT)) for each in members.values)
            return typed.Or(equal) if len(equal) > 1 else (equal[0] if equal else self.never(value))
        return typed.InList(value, key)

    @staticmethod
    def never(value: Value) -> Predicate:
        """FALSE, and UNKNOWN where the value is NULL: an empty list."""
        return typed.And((typed.Not(typed.ComparePair(value, "=", value)), typed.ComparePair(value, "=", value)))

    def in_items(self, operand: ast.Expr, items: tuple[ast.Expr, ...]) -> Predicate:
        value = self.expression(operand)
        texts = tuple([item.value for item in items if type(item) is ast.String])
        if (
            len(texts) == len(items)
            and is_value(value)
            and family(value.type) == "text"
            and type(value) is not Constant
        ):
            self.size += len(items)
            return self.in_members(value, self.lists.inline(texts, value.type))  # as below, each text without a detour
        bound = self.all_beside(items, value)
        plain = is_value(value) and not isinstance(value, Constant) and family(value.type) in ("number", "text", "time")
        if plain and all(isinstance(each, Constant) for each in bound):
            assert is_value(value)
            for item, each in zip(items, bound, strict=True):
                assert is_value(each)
                if family(each.type) != family(value.type):
                    self.clash(operand, value, item, each)
            constants = [as_moment(each) for each in bound if isinstance(each, Constant)]
            return self.in_members(value, self.lists.inline(tuple(each.value for each in constants), value.type))
        equal = tuple(self.compare(operand, "=", item) for item in items)
        return equal[0] if len(equal) == 1 else typed.Or(equal)

    def like(self, node: ast.Like) -> Predicate:
        found = typed.Like(self.value(node.operand, ("text",)), node.pattern, node.escape)
        return typed.Not(found) if node.negated else found

    def null_test(self, node: ast.IsNull) -> Predicate:
        operand = self.expression(node.operand)
        found: Predicate
        if not is_value(operand):
            found = typed.IsUnknown(operand)
        elif isinstance(operand, (Constant, ex.AsOf)):
            found = typed.Truth(False)
        else:
            found = typed.IsNull(operand)
        return typed.Not(found) if node.negated else found

    # -- values -------------------------------------------------------------------------------------------------------

    def value(self, node: ast.Expr, families: tuple[str, ...]) -> Value:
        found = self.expression(node)
        if not is_value(found) or family(found.type) not in families:
            wanted = " or ".join(WORDS[each] for each in families)
            what = self.words(found.type) if is_value(found) else "a condition"
            remedy = fitting(families[0], family(found.type)) if is_value(found) else ""
            self.fail("RT106", f"{wanted} is expected here", node, f"this is {what}", remedy or f"write {wanted} here")
        return found

    def number(self, node: ast.Number) -> Value:
        return self.constant_number(node.text, node)

    def constant_number(self, text: str, node: ast.Expr) -> Value:
        try:
            return Constant(parse_number(text), ex.NUMBER)
        except BadLiteral as error:
            self.fail("RT107", "this number is out of range", node, label=f"expected {error}")

    def string(self, node: ast.String) -> Value:
        return Constant(node.value, ex.TEXT)

    def boolean(self, node: ast.Boolean) -> Value:
        return Constant(node.value, ex.BOOLEAN)

    def date(self, node: ast.Date) -> Value:
        return Constant(node.days, ex.DATE)

    def timestamp(self, node: ast.Timestamp) -> Value:
        return Constant(node.nanoseconds, ex.MOMENT)

    def as_of(self, node: ast.AsOf) -> Value:
        self.uses["as_of", ""] = None
        return ex.AsOf()

    def list_name(self, node: ast.ListName) -> Value:
        self.fail(
            "RT110", f"the list `@{node.name}` stands only behind IN and in CONTAINS_ANY", node,
            remedy=f"write column IN @{node.name}",
        )  # fmt: skip

    def negate(self, node: ast.Negate) -> Value:
        if isinstance(node.operand, ast.Number):  # a signed literal stays exact
            return self.constant_number("-" + node.operand.text, node)
        return Function("-", (self.value(node.operand, ("number",)),), ex.NUMBER)

    def arithmetic(self, node: ast.Arithmetic) -> Value:
        left = self.value(node.left, ("number", "time") if node.operator == "-" else ("number",))
        right = self.value(node.right, (family(left.type),))
        return Function(node.operator, (left, right), ex.NUMBER)

    def call(self, node: ast.Call) -> Value | Predicate:
        name, arguments = node.function, node.arguments
        if name in ("CONTAINS", "CONTAINS_ANY"):
            return self.contains(node)
        if name in ("COALESCE", "LEAST", "GREATEST"):
            return self.variadic(node)
        wanted = "text" if name in ("LENGTH", "LEFT", "UPPER") else "number" if name in ("MOD", "ABS") else "time"
        values = [self.value(arguments[0], (wanted,))]
        values += [self.value(each, ("number",)) for each in arguments[1:]]
        return Function(name, tuple(values), ex.TEXT if name in ("LEFT", "UPPER") else ex.NUMBER)

    def variadic(self, node: ast.Call) -> Value | Predicate:
        bound = [self.expression(each) for each in node.arguments]
        if node.function == "COALESCE" and any(is_boolean(each) for each in bound):
            parts = zip(bound, node.arguments, strict=True)
            return typed.CoalesceTruth(tuple(self.as_predicate(each, argument) for each, argument in parts))
        values: list[Value] = []
        for each, argument in zip(bound, node.arguments, strict=True):
            if not is_value(each) or family(each.type) not in ("number", "text", "time"):
                what = self.words(each.type) if is_value(each) else "a condition"
                self.fail(
                    "RT106", f"{node.function} takes numbers, text or dates", argument, label=f"this is {what}",
                    remedy="give it columns and values of one type",
                )  # fmt: skip
            values.append(each)
            if family(each.type) != family(values[0].type):
                self.clash(node.arguments[0], values[0], argument, each)
        kind = family(values[0].type)
        if kind == "time":
            type_ = ex.DATE if all(pa.types.is_date(each.type) for each in values) else ex.MOMENT
        else:
            type_ = ex.NUMBER if kind == "number" else ex.TEXT
        return Function(node.function, tuple(values), type_)

    def contains(self, node: ast.Call) -> Predicate:
        value = self.value(node.arguments[0], ("list",))
        element = ex.plain(value.type.value_type)
        if node.function == "CONTAINS_ANY":
            assert isinstance(node.arguments[1], ast.ListName)
            key = self.lists.named(node.arguments[1], element, self.place(node.arguments[1]))
            if key is None:
                raise Stop
            self.uses["list", key] = None
            return typed.ContainsAny(value, key)
        if family(element) == "text" and type(node.arguments[1]) in (ast.Name, ast.Arithmetic):
            self.check_quotes(node.arguments[1])
        item = self.value(node.arguments[1], tuple(WORDS))
        if family(item.type) != family(element):
            number = self.spelled(node.arguments[1]) if family(element) == "text" else ""
            remedy = f"write '{number}' in quotes" if number else f"write {self.words(element)}"
            self.fail(
                "RT105", f"the list holds {self.words(element)}", node.arguments[1],
                label=f"this is {self.words(item.type)}", remedy=remedy,
            )  # fmt: skip
        return typed.Contains(value, as_moment(item) if isinstance(item, Constant) else item)


HANDLERS: Mapping[type, object] = {
    ast.Number: Resolver.number, ast.String: Resolver.string, ast.Boolean: Resolver.boolean, ast.Date: Resolver.date,
    ast.Timestamp: Resolver.timestamp, ast.AsOf: Resolver.as_of, ast.Name: Resolver.name,
    ast.TableColumn: Resolver.table_column, ast.ListName: Resolver.list_name, ast.Negate: Resolver.negate,
    ast.Arithmetic: Resolver.arithmetic, ast.Call: Resolver.call, ast.Compare: Resolver.comparison,
    ast.Between: Resolver.between, ast.In: Resolver.membership, ast.Like: Resolver.like, ast.IsNull: Resolver.null_test,
    ast.Not: Resolver.negation, ast.And: Resolver.connective, ast.Or: Resolver.connective,
}  # fmt: skip
