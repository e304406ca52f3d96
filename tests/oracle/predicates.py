"""Random predicates over a schema: every operator and function, with literals taken from the values themselves."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa

from gpu_target.language import ast
from tests.oracle.choices import Choices
from tests.oracle.columns import DAY, UNIT_NANOSECONDS, is_list, is_text
from tests.oracle.values import DATA_ONLY_TEXT

COMPARISONS = ("=", "<", "<=", ">", ">=", "<>")
CONSTANTS = ("0", "1", "2", "0.5", "0.1", "3", "10", "1e3", "1e-5", "1e300", "1e308", "1e-320", "9007199254740993")
LARGEST_DAY, SMALLEST_DAY = 2932896, -719162  # 9999-12-31 and 0001-01-01: what a date literal can say


def number(value: Fraction) -> ast.Expr:
    """A finite decimal as a literal; a minus stands before the number."""
    literal = ast.Number(_decimal_text(abs(value)))
    return ast.Negate(literal) if value < 0 else literal


def _decimal_text(value: Fraction) -> str:
    twos = fives = 0
    rest = value.denominator
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    assert rest == 1, "no finite decimal"
    places = max(twos, fives)
    digits = str(value.numerator * 10**places // value.denominator)
    if places == 0:
        return digits
    if len(digits) > places:
        return f"{digits[:-places]}.{digits[-places:]}"
    return f"{digits}e-{places}" if places > 30 else f"0.{digits.rjust(places, '0')}"


@dataclass
class Field:
    """A column, or a column of a lookup table, and the pool that its values come from."""

    node: ast.Expr
    type: pa.DataType
    values: list[Any] = field(default_factory=list)  # as numbers, texts, or nanoseconds; never NULL

    @classmethod
    def of(cls, node: ast.Expr, pool: pa.Array) -> Field:
        type_ = pool.type.value_type if is_list(pool.type) else pool.type
        flat = pool.flatten() if is_list(pool.type) else pool
        if pa.types.is_date32(type_):
            values = [day * DAY for day in flat.cast(pa.int32()).to_pylist() if day is not None]
        elif pa.types.is_timestamp(type_):
            ticks = flat.cast(pa.int64()).to_pylist()
            values = [tick * UNIT_NANOSECONDS[type_.unit] for tick in ticks if tick is not None]
        else:
            values = [each for each in flat.to_pylist() if each is not None]
        if pa.types.is_floating(type_):
            values = [each for each in values if math.isfinite(each)]
        values = [each for each in values if each not in DATA_ONLY_TEXT]
        return cls(node, pool.type, list(dict.fromkeys(values)))


def family(type_: pa.DataType) -> str:
    if is_list(type_):
        return "list"
    if is_text(type_) or pa.types.is_dictionary(type_):
        return "text"
    if pa.types.is_boolean(type_):
        return "boolean"
    return "time" if pa.types.is_date(type_) or pa.types.is_timestamp(type_) else "number"


class PredicateGenerator:
    """Draws predicates. ``lists`` maps a family to the names of the lists that fit it."""

    def __init__(
        self,
        fields: Sequence[Field],
        choices: Choices,
        *,
        lists: Mapping[str, Sequence[str]] | None = None,
        as_of: bool = False,
    ) -> None:
        self.choices = choices
        self.lists = lists or {}
        self.as_of = as_of
        self.fields: dict[str, list[Field]] = {}
        for each in fields:
            self.fields.setdefault(family(each.type), []).append(each)

    def predicate(self, depth: int = 2) -> ast.Expr:
        if depth <= 0 or self.choices.chance(35):
            return self._leaf()
        kind = self.choices.integer(0, 11)
        if kind <= 4:
            return ast.And(self._operands(depth))
        if kind <= 8:
            return ast.Or(self._operands(depth))
        if kind <= 9:
            return ast.Not(self.predicate(depth - 1))
        if kind == 10:
            return ast.IsNull(self.predicate(depth - 1), self.choices.chance(50))
        if self.choices.chance(50):
            return ast.Compare(self.choices.pick(("=", "<>")), self.predicate(depth - 1), self.predicate(depth - 1))
        return ast.Call("COALESCE", (self.predicate(depth - 1), self.predicate(depth - 1)))

    def _operands(self, depth: int) -> tuple[ast.Expr, ...]:
        return tuple(self.predicate(depth - 1) for _ in range(self.choices.integer(2, 3)))

    # -- leaves -----------------------------------------------------------------------------------------------------

    def _leaf(self) -> ast.Expr:
        kind = self.choices.pick([name for name in self.fields for _ in range(4 if name == "number" else 2)])
        if kind == "boolean":
            return self._boolean()
        if kind == "list":
            return self._contains()
        shape = self.choices.integer(0, 13)
        if kind == "text" and shape >= 9:
            return ast.Like(self._text(1), *self._pattern(), self.choices.chance(30))
        if shape <= 4:
            return self._field_against_literal(kind)
        if shape <= 6:
            return ast.Compare(self.choices.pick(COMPARISONS), self._value(kind, 2), self._value(kind, 2, bare=30))
        if shape <= 8:
            column = self.choices.pick(self.fields[kind])
            items = tuple(self._literal_near(column) for _ in range(self.choices.integer(1, 4)))
            return ast.In(column.node, items, self.choices.chance(30))
        if shape == 9 and self.lists.get(kind):
            return ast.In(self._value(kind, 1, bare=80), ast.ListName(self.choices.pick(self.lists[kind])),
                          self.choices.chance(30))  # fmt: skip
        if shape <= 11:
            column = self.choices.pick(self.fields[kind])
            operand = column.node if self.choices.chance(70) else self._value(kind, 1)
            low, high = (self._literal_near(column) if self.choices.chance(80) else self._value(kind, 1) for _ in "12")
            return ast.Between(operand, low, high, self.choices.chance(30))
        if shape == 12:
            others = tuple(self._value(kind, 1) for _ in range(self.choices.integer(1, 2)))
            return ast.In(self._value(kind, 1, bare=80), others, self.choices.chance(30))
        return ast.IsNull(self._value(kind, 1, bare=70), self.choices.chance(50))

    def _field_against_literal(self, kind: str) -> ast.Expr:
        column = self.choices.pick(self.fields[kind])
        left, right = column.node, self._literal_near(column)
        if self.choices.chance(20):
            left, right = right, left
        return ast.Compare(self.choices.pick(COMPARISONS), left, right)

    def _boolean(self) -> ast.Expr:
        column = self.choices.pick(self.fields["boolean"]).node
        shape = self.choices.integer(0, 5)
        if shape <= 1:
            return column
        if shape == 2:
            return ast.Compare(self.choices.pick(("=", "<>")), column, ast.Boolean(self.choices.chance(50)))
        if shape == 3:
            return ast.Compare("=", column, self.choices.pick(self.fields["boolean"]).node)
        if shape == 4:
            return ast.IsNull(column, self.choices.chance(50))
        return ast.In(column, (ast.Boolean(self.choices.chance(50)), self.choices.pick(self.fields["boolean"]).node))

    def _contains(self) -> ast.Expr:
        column = self.choices.pick(self.fields["list"])
        kind = family(column.type.value_type)
        if self.choices.chance(15):
            return ast.IsNull(column.node, self.choices.chance(50))
        if self.lists.get(kind) and self.choices.chance(35):
            return ast.Call("CONTAINS_ANY", (column.node, ast.ListName(self.choices.pick(self.lists[kind]))))
        fitting = [each.node for each in self.fields.get(kind, ()) if _fits_element(each.type, column.type.value_type)]
        item = self.choices.pick(fitting) if fitting and self.choices.chance(30) else self._literal_near(column)
        return ast.Call("CONTAINS", (column.node, item))

    def _pattern(self) -> tuple[str, str | None]:
        value = self._text_value()[:20]
        shape = self.choices.integer(0, 7)
        if shape == 7:  # some signs escaped, so that they stand for themselves
            escaped = "".join("!" + each if each in "%_!" else each for each in value)
            return escaped + self.choices.pick(("%", "", "_")), "!"
        start = self.choices.integer(0, len(value))
        stop = self.choices.integer(start, len(value))
        part = value[start:stop]
        if part and self.choices.chance(30):
            at = self.choices.integer(0, len(part) - 1)
            part = part[:at] + self.choices.pick(("_", "%")) + part[at + 1 :]
        return ((value[:stop] + "%"), ("%" + part + "%"), ("%" + value[start:]), part, ("_" + part), (part + "_"),
                (value[:start] + "%" + value[stop:]))[shape], None  # fmt: skip

    # -- values -----------------------------------------------------------------------------------------------------

    def _value(self, kind: str, depth: int, bare: int = 40) -> ast.Expr:
        """A value that is no plain literal."""
        if self.choices.chance(bare) or depth <= 0:
            return self.choices.pick(self.fields[kind]).node
        return {"number": self._number, "text": self._text, "time": self._time}[kind](depth)

    def _operand(self, kind: str, depth: int) -> ast.Expr:
        """Anything of a kind, a literal too."""
        if self.choices.chance(30):
            return self._literal_near(self.choices.pick(self.fields[kind]))
        return self._value(kind, depth)

    def _number(self, depth: int) -> ast.Expr:
        shape = self.choices.integer(0, 11)
        if shape <= 5:
            left, right = self._value("number", depth - 1), self._operand("number", depth - 1)
            if self.choices.chance(30):
                left, right = right, left
            return ast.Arithmetic(self.choices.pick("+-*/"), left, right)
        if shape == 6:
            return ast.Call("MOD", (self._value("number", depth - 1), self._operand("number", depth - 1)))
        if shape == 7:
            return ast.Call("ABS", (self._value("number", depth - 1),))
        if shape == 8:
            return ast.Negate(self._value("number", depth - 1))
        if shape == 9 and "text" in self.fields:
            return ast.Call("LENGTH", (self._value("text", depth - 1),))
        if shape == 10 and "time" in self.fields:
            if self.choices.chance(40):
                return ast.Arithmetic("-", self._value("time", depth - 1), self._operand("time", depth - 1))
            part = self.choices.pick(("YEAR", "MONTH", "DAY", "HOUR", "WEEKDAY"))
            return ast.Call(part, (self._value("time", depth - 1),))
        return self._variadic("number", depth)

    def _text(self, depth: int) -> ast.Expr:
        shape = self.choices.integer(0, 5)
        if shape <= 2 or depth <= 0:
            return self.choices.pick(self.fields["text"]).node
        if shape == 3:
            return ast.Call("UPPER", (self._text(depth - 1),))
        if shape == 4:
            return ast.Call("LEFT", (self._text(depth - 1), ast.Number(str(self.choices.integer(0, 5)))))
        return self._variadic("text", depth)

    def _time(self, depth: int) -> ast.Expr:
        if self.as_of and self.choices.chance(25):
            return ast.AsOf()
        if self.choices.chance(40):
            return self.choices.pick(self.fields["time"]).node
        return self._variadic("time", depth)

    def _variadic(self, kind: str, depth: int) -> ast.Expr:
        arguments = [self._value(kind, depth - 1)]
        arguments += [self._operand(kind, depth - 1) for _ in range(self.choices.integer(1, 2))]
        return ast.Call(self.choices.pick(("COALESCE", "LEAST", "GREATEST")), tuple(arguments))

    # -- literals ---------------------------------------------------------------------------------------------------

    def _literal_near(self, column: Field) -> ast.Expr:
        """A literal equal to, beside, or between values of a column."""
        type_ = column.type.value_type if is_list(column.type) else column.type
        kind = family(type_)
        if kind == "text":
            return ast.String(self.choices.pick(column.values) if self.choices.chance(80) else self._text_value())
        if kind == "boolean":
            return ast.Boolean(self.choices.chance(50))
        if kind == "time":
            return self._time_literal(self.choices.pick(column.values), type_)
        if not column.values or self.choices.chance(10):
            literal = ast.Number(self.choices.pick(CONSTANTS))
            return ast.Negate(literal) if self.choices.chance(30) else literal
        if pa.types.is_floating(type_):
            return self._float_literal(self.choices.pick(column.values), type_)
        value = Fraction(self.choices.pick(column.values))
        step = Fraction(1, 10 ** (type_.scale if pa.types.is_decimal(type_) else 0))
        return number(value + step * Fraction(self.choices.pick((0, 0, 0, 2, -2, 1, -1)), 2))

    def _float_literal(self, value: float, type_: pa.DataType) -> ast.Expr:
        """The value as Python writes it, in full, its neighbours, or the middle between it and the next."""
        dtype: Any = {16: np.float16, 32: np.float32, 64: np.float64}[type_.bit_width]
        shape = self.choices.integer(0, 6)
        with np.errstate(over="ignore", under="ignore"):
            above = float(np.nextafter(dtype(value), dtype(np.inf)))
            below = float(np.nextafter(dtype(value), dtype(-np.inf)))
        if shape <= 1 or not math.isfinite(above) or not math.isfinite(below):
            return number(Fraction(str(dtype(value))))  # the shortest text that means this value
        if shape <= 3:
            return number(Fraction(repr(value)))
        if abs(value) < 1e-30 or shape == 4:  # written in full these would be hundreds of digits
            return number(Fraction(repr(above if shape == 4 else below)))
        if shape == 5:
            return number((Fraction(value) + Fraction(above)) / 2)  # a tie
        return number((Fraction(value) + Fraction(above)) / 2 + Fraction(1, 10**40))

    def _time_literal(self, value: int, type_: pa.DataType) -> ast.Expr:
        tick = DAY if pa.types.is_date32(type_) else UNIT_NANOSECONDS[type_.unit]
        value += self.choices.pick((0, 0, 0, tick, -tick, 1, -1))
        days, rest = divmod(value, DAY)
        days = min(max(days, SMALLEST_DAY), LARGEST_DAY)
        if rest == 0 or self.choices.chance(25):
            return ast.Date(days)
        return ast.Timestamp(days * DAY + rest)

    def _text_value(self) -> str:
        return self.choices.pick(self.choices.pick(self.fields["text"]).values) if "text" in self.fields else "a"


def _fits_element(type_: pa.DataType, element: pa.DataType) -> bool:
    """Columns whose comparison with a list's elements needs no common scale."""
    if family(element) != "number":
        return True
    return not pa.types.is_decimal(type_)
