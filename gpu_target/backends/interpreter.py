"""The ``interpreter`` backend: typed predicates over one row at a time in plain Python. Slow, and obviously right.

It reads the typed rules, not the value classes, and shares no arithmetic with the compiled backends; they are judged
by it. That ends with what each row found: joining the rows of a declaration is the engine's, by the same compiled
loops for every backend, and has tests of its own.

Truth is True, False or None for UNKNOWN. Numbers are exact (int, Fraction) where stored in integers and decimals, else
float; times are nanoseconds since 1970 as integers; NULL and NaN are None.
"""

from __future__ import annotations

import math
import operator
import sys
import time
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gpu_target.backends.base import Outcome, Wanted
from gpu_target.columns import expressions as ex
from gpu_target.columns.expressions import family
from gpu_target.columns.values import Batch
from gpu_target.plan import typed
from gpu_target.plan.literals import DAY_NANOSECONDS, nearest_float, unit_nanoseconds
from gpu_target.plan.lookups import BoundTable
from gpu_target.plan.plan import Plan
from gpu_target.selection.draws import draw_slowly
from gpu_target.selection.lanes import Found

Row = Mapping[str, Any]
Truth = bool | None
Compute = Callable[[Row], Any]
Test = Callable[[Row], Truth]
OPERATORS = {
    "=": operator.eq, "<>": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


class InterpreterBackend:
    """Plain Python, to judge the others by."""

    name = "interpreter"
    device = "Python"

    def prepare(self, plan: Plan, wanted: Wanted) -> InterpreterRunner:
        return InterpreterRunner(plan, wanted)


class InterpreterRunner:
    """Evaluates the typed rules on one row after the other."""

    chunk_rows = 8_192  # all of them are Python objects at once, some kilobytes for each row

    def __init__(self, plan: Plan, wanted: Wanted) -> None:
        self.plan, self.wanted = plan, wanted

    def run(self, batch: Batch, declarations: npt.NDArray[np.uint64] | None) -> Outcome:
        started = time.perf_counter()
        evaluator = Evaluator(self.plan.lists, self.plan.tables, batch.as_of)
        tests = [evaluator.predicate(each.predicate) for each in self.plan.bound]
        rows = rows_of(batch.columns, batch.n_rows)
        read = time.perf_counter()
        matches = [[position for position, test in enumerate(tests) if test(row) is True] for row in rows]
        counts = np.zeros(len(tests), np.int64)
        for each in matches:
            for position in each:
                counts[position] += 1
        found = self._decide(matches, declarations) if self.wanted.lanes and declarations is not None else None
        row_matches = match_rule = None
        if self.wanted.matches:
            row_matches = np.array([len(each) for each in matches], np.int32)
            match_rule = np.array([rule for each in matches for rule in each], np.int32)
        return Outcome(counts, found, row_matches, match_rule, read - started, time.perf_counter() - read)

    def _decide(self, matches: Sequence[Sequence[int]], declarations: npt.NDArray[np.uint64]) -> Found:
        policy = self.plan.policy
        n, n_levels = len(matches), len(policy.levels)
        decision, relief, score = np.zeros((n, n_levels), np.uint32), np.zeros(n, np.uint16), np.zeros(n, np.int64)
        for row, each in enumerate(matches):
            for position in each:
                rule = self.plan.bound[position].rule
                if rule.relief is not None:
                    relief[row] = max(relief[row], policy.levels.index(rule.relief))
                    continue
                score[row] += rule.weight
                drawn = Fraction(
                    draw_slowly(self.wanted.seed, int(declarations[row]), int(policy.word[position])), 2**64
                )
                severity = int(policy.severity[position])
                for level, kept in enumerate(policy.levels):
                    chance = rule.rate / 100 * (1 if rule.mandatory else kept / 100)
                    if severity and drawn < chance:
                        value = severity << 24 | (2**24 - 1 - position)
                        decision[row, level] = max(int(decision[row, level]), value)
        return Found(decision, relief, score)


# -- rows -------------------------------------------------------------------------------------------------------------


def rows_of(columns: Mapping[str, pa.Array], n_rows: int) -> list[dict[str, Any]]:
    """The rows of a batch as Python values."""
    values = {name: python_values(array) for name, array in columns.items()}
    return [{name: each[row] for name, each in values.items()} for row in range(n_rows)]


def python_values(array: pa.Array) -> list[Any]:
    """Values as this backend computes with them; see the module's text."""
    if pa.types.is_dictionary(array.type):
        entries = python_values(array.dictionary)
        return [None if code is None else entries[code] for code in array.indices.to_pylist()]
    kind = family(array.type)
    if kind == "list":
        elements = python_values(array.flatten())
        sizes = [None if each is None else len(each) for each in array.to_pylist()]
        found, position = [], 0
        for size in sizes:
            found.append(None if size is None else elements[position : position + size])
            position += size or 0
        return found
    if kind == "time":
        if pa.types.is_timestamp(array.type) and array.type.tz is not None:
            array = pc.local_timestamp(array)
        if pa.types.is_date(array.type):
            if pa.types.is_date64(array.type):  # milliseconds, meant to be those of midnight
                days = [None if each is None else each // 86_400_000 for each in array.cast("int64").to_pylist()]
            else:
                days = array.cast("int32").to_pylist()
            return [None if day is None else day * DAY_NANOSECONDS for day in days]
        unit = unit_nanoseconds(array.type)
        return [None if tick is None else tick * unit for tick in array.cast("int64").to_pylist()]
    if pa.types.is_decimal(array.type):
        return [None if each is None else Fraction(each) for each in array.to_pylist()]
    if pa.types.is_floating(array.type):
        return [None if each is None or each != each else float(each) for each in array.to_pylist()]
    return list(array.to_pylist())


# -- predicates -------------------------------------------------------------------------------------------------------


def both(a: Truth, b: Truth) -> Truth:
    """Three-valued AND."""
    if a is False or b is False:
        return False
    return None if a is None or b is None else True


def either(a: Truth, b: Truth) -> Truth:
    """Three-valued OR."""
    if a is True or b is True:
        return True
    return None if a is None or b is None else False


class Evaluator:
    """Turns typed nodes into functions of a row."""

    def __init__(self, lists: Mapping[str, Any], tables: Mapping[str, BoundTable], as_of: int | None) -> None:
        self.lists, self.as_of = lists, as_of
        self.texts: dict[str, Sequence[Any]] = {}  # the values of lists that were asked for
        self.sets: dict[tuple[str, pa.DataType, bool], set[Any]] = {}  # the values of lists as columns compare them
        self.tables = {name: SlowTable(table) for name, table in tables.items()}

    def predicate(self, node: typed.Predicate) -> Test:
        match node:
            case typed.Truth(truth):
                return lambda row: truth
            case typed.Not(operand):
                inner = self.predicate(operand)
                return lambda row: None if (found := inner(row)) is None else not found
            case typed.And(operands):
                return self._fold([self.predicate(each) for each in operands], both, True)
            case typed.Or(operands):
                return self._fold([self.predicate(each) for each in operands], either, False)
            case typed.IsUnknown(operand):
                inner = self.predicate(operand)
                return lambda row: inner(row) is None
            case typed.CompareTruth(left, sign, right):
                return compared(OPERATORS[sign], self.predicate(left), self.predicate(right))
            case typed.CoalesceTruth(operands):
                tests = [self.predicate(each) for each in operands]
                return lambda row: next((found for test in tests if (found := test(row)) is not None), None)
            case typed.IsNull(value):
                compute = self.value(value)
                return lambda row: compute(row) is None
            case typed.Compare(value, sign, constant):
                literal = self.literal(constant.value, value)
                return compared(OPERATORS[sign], self.value(value), lambda row: literal)
            case typed.ComparePair(left, sign, right):
                return compared(OPERATORS[sign], *self.pair(left, right))
            case typed.InList(value, key):
                return self._in_list(value, key)
            case typed.Like(value, pattern, escape):
                compute = self.value(value)
                return lambda row: None if (text := compute(row)) is None else like(text, pattern, escape)
            case typed.Contains(value, item):
                return self._contains(value, item)
            case typed.ContainsAny(value, key):
                return self._contains_any(value, key)
        raise TypeError(f"no predicate: {node!r}")

    @staticmethod
    def _fold(tests: Sequence[Test], join: Callable[[Truth, Truth], Truth], start: bool) -> Test:
        def test(row: Row) -> Truth:
            found: Truth = start
            for each in tests:
                found = join(found, each(row))
                if found is not start and found is not None:
                    return found
            return found

        return test

    def _in_list(self, value: ex.Value, key: str) -> Test:
        compute = self.value(value)
        known = key, value.type, ex.is_stored(value)
        if known not in self.sets:  # many rules ask for one list, which can have a million values
            self.sets[known] = {self.literal(each, value) for each in self.members(key)}
        members = self.sets[known]
        return lambda row: None if (found := compute(row)) is None else found in members

    def _contains(self, value: ex.Value, item: ex.Value) -> Test:
        compute, sought = self.value(value), self.value(item)
        element = ex.plain(value.type.value_type)
        exact = ex.is_exact_number(element) and (isinstance(item, ex.Constant) or ex.is_exact_number(item.type))
        if isinstance(item, ex.Constant):
            literal = self.literal(item.value, ex.Column("", element))
            sought = lambda row: literal  # noqa: E731
        widen = (lambda each: each) if exact or family(element) != "number" else as_float

        def test(row: Row) -> Truth:
            elements, wanted = compute(row), sought(row)
            if elements is None or wanted is None:
                return None
            return any(each is not None and widen(each) == widen(wanted) for each in elements)

        return test

    def _contains_any(self, value: ex.Value, key: str) -> Test:
        compute = self.value(value)
        element = ex.Column("", ex.plain(value.type.value_type))
        members = {self.literal(each, element) for each in self.members(key)}
        return lambda row: (
            None if (found := compute(row)) is None else any(e is not None and e in members for e in found)
        )

    def members(self, key: str) -> Sequence[Any]:
        if key not in self.texts:
            values = self.lists[key].values
            self.texts[key] = values if isinstance(values, tuple) else values.to_pylist()
        return self.texts[key]

    # -- values -------------------------------------------------------------------------------------------------------

    def literal(self, constant: Any, value: ex.Value) -> Any:
        """A literal as it compares with ``value``: exact, or rounded once to the column's float type."""
        if family(value.type) == "number" and not (ex.is_stored(value) and ex.is_exact_number(value.type)):
            return nearest_float(Fraction(constant), value.type)
        return constant

    def pair(self, left: ex.Value, right: ex.Value) -> tuple[Compute, Compute]:
        """Two values as they compare with each other: exactly where both are stored exactly, else as floats."""
        sides = (self.value(left), self.value(right))
        if family(left.type) != "number":
            return sides
        if all(ex.is_stored(each) and ex.is_exact_number(each.type) for each in (left, right)):
            return sides
        return floated(sides[0]), floated(sides[1])

    def value(self, value: ex.Value) -> Compute:
        match value:
            case ex.Column(name):
                return operator.itemgetter(name)
            case ex.Lookup(table, column):
                return self.tables[table].column(column)
            case ex.AsOf():
                assert self.as_of is not None
                moment = self.as_of * DAY_NANOSECONDS
                return lambda row: moment
            case ex.Constant(constant, type_):
                fixed: Any = constant
                if family(type_) == "number":
                    fixed = nearest_float(Fraction(constant), ex.NUMBER)
                elif pa.types.is_date(type_):
                    fixed = int(constant) * DAY_NANOSECONDS
                return lambda row: fixed
            case ex.Function(name, arguments):
                return self.function(name, arguments)
        raise TypeError(f"no value: {value!r}")

    def function(self, name: str, arguments: Sequence[ex.Value]) -> Compute:
        computes = [self.value(each) for each in arguments]
        kind = family(arguments[0].type)
        if name in ("COALESCE", "LEAST", "GREATEST"):
            if kind == "number":
                computes = [floated(each) for each in computes]
            choices: dict[str, Callable[[list[Any]], Any]] = {"COALESCE": lambda v: v[0], "LEAST": min, "GREATEST": max}
            choose = choices[name]
            return lambda row: choose(v) if (v := [x for c in computes if (x := c(row)) is not None]) else None
        if name == "LEFT":
            length = int(arguments[1].value)  # type: ignore[union-attr]
            return strict(lambda text: text[:length], computes[:1])
        if name == "-" and kind == "time":
            return strict(days_between, computes)
        if kind == "number":
            return strict(ARITHMETIC[name, len(arguments)], [floated(each) for each in computes])
        return strict(PARTS[name], computes)


def compared(sign: Callable[[Any, Any], bool], left: Compute, right: Compute) -> Test:
    """A comparison, UNKNOWN where a side is NULL."""
    return lambda row: None if (a := left(row)) is None or (b := right(row)) is None else sign(a, b)


def as_float(value: Any) -> float | None:
    """The nearest float64; Python rounds integers and ratios once, half to even."""
    return (
        None if value is None else value.numerator / value.denominator if isinstance(value, Fraction) else float(value)
    )


def floated(compute: Compute) -> Compute:
    """A value as the float64 that arithmetic uses."""
    return lambda row: as_float(compute(row))


def strict(function: Callable[..., Any], computes: Sequence[Compute]) -> Compute:
    """NULL where an argument is; a NaN that comes out is NULL."""

    def compute(row: Row) -> Any:
        arguments = [each(row) for each in computes]
        if any(each is None for each in arguments):
            return None
        found = function(*arguments)
        return None if found != found else found

    return compute


def divide(a: float, b: float) -> float | None:
    """Division; NULL by zero."""
    return None if b == 0 else a / b


def modulo(a: float, b: float) -> float | None:
    """C's fmod; NULL by zero and of an infinity."""
    return None if b == 0 or math.isinf(a) else math.fmod(a, b)


ARITHMETIC: Mapping[tuple[str, int], Callable[..., float | None]] = {
    ("+", 2): operator.add, ("-", 2): operator.sub, ("*", 2): operator.mul, ("/", 2): divide, ("-", 1): operator.neg,
    ("MOD", 2): modulo, ("ABS", 1): abs,
}  # fmt: skip


def days_between(left: int, right: int) -> float:
    """Days from the second to the first, by the same three roundings as the language says."""
    (a, b), (c, d) = divmod(left, DAY_NANOSECONDS), divmod(right, DAY_NANOSECONDS)
    return float(a - c) + float(b - d) / DAY_NANOSECONDS


def civil(moment: int) -> tuple[int, int, int]:
    """Year, month and day; the days of 400 years repeat (Hinnant, "chrono-compatible low-level date algorithms")."""
    days = moment // DAY_NANOSECONDS + 719_468  # since 1 March of the year 0
    era, day_of_era = divmod(days, 146_097)
    year = (day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year + year // 4 - year // 100)
    shifted = (5 * day_of_year + 2) // 153
    month = shifted + 3 if shifted < 10 else shifted - 9
    return year + era * 400 + (month <= 2), month, day_of_year - (153 * shifted + 2) // 5 + 1


PARTS: Mapping[str, Callable[[Any], Any]] = {
    "YEAR": lambda moment: float(civil(moment)[0]),
    "MONTH": lambda moment: float(civil(moment)[1]),
    "DAY": lambda moment: float(civil(moment)[2]),
    "HOUR": lambda moment: float(moment % DAY_NANOSECONDS // 3_600_000_000_000),
    "WEEKDAY": lambda moment: float((moment // DAY_NANOSECONDS + 3) % 7 + 1),
    "LENGTH": lambda text: float(len(text)),
    "UPPER": lambda text: upper(text),
}


def upper(text: str) -> str:
    """One code point to one."""
    return text.translate(capitals())


@cache
def capitals() -> Mapping[int, str]:
    """Every code point that has a capital, and that capital, by Arrow's table of Unicode.

    Python's own table is that of its version and gives some letters several capitals, ß for one.
    """
    characters = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]  # no half pairs
    found = pc.utf8_upper(pa.array(characters)).to_pylist()
    return {ord(small): capital for small, capital in zip(characters, found, strict=True) if small != capital}


def like(text: str, pattern: str, escape: str | None) -> bool:
    """SQL's LIKE by the usual two-pointer walk: back to the last ``%`` where a character does not fit."""
    tokens: list[tuple[str, bool]] = []
    characters = iter(pattern)
    for character in characters:
        tokens.append((next(characters), False) if character == escape else (character, character in "%_"))
    t = p = 0
    star, mark = -1, 0
    while t < len(text):
        if p < len(tokens) and tokens[p] == ("%", True):
            star, mark = p, t
            p += 1
        elif p < len(tokens) and (tokens[p] == ("_", True) or tokens[p] == (text[t], False)):
            t, p = t + 1, p + 1
        elif star >= 0:
            p, mark = star + 1, mark + 1
            t = mark
        else:
            return False
    return all(token == ("%", True) for token in tokens[p:])


class SlowTable:
    """A lookup table as dictionaries: key values to its rows by first day."""

    def __init__(self, table: BoundTable) -> None:
        self.table, self.keys, self.date, self.index = table.table, table.keys, table.date, table.index
        self.rows: dict[tuple[Any, ...], list[tuple[int, int, int]]] = {}
        self.values: dict[str, list[Any]] = {}  # of columns that were asked for
        key_values = [python_values(each) for each in table.key_arrays]
        for row, key in enumerate(zip(*key_values, strict=True)):
            if None not in key:
                self.rows.setdefault(key, []).append((int(table.first[row]), int(table.until[row]), row))
        for each in self.rows.values():
            each.sort()

    def column(self, name: str) -> Compute:
        if name not in self.values:
            self.values[name] = [x for chunk in self.table.column(name).chunks for x in python_values(chunk)]
        values = self.values[name]

        def compute(row: Row) -> Any:
            found = self.find(row)
            return None if found is None else values[found]

        return compute

    def find(self, row: Row) -> int | None:
        key = [row[name] for name in self.keys]
        moment = row[self.date] if self.date else 0
        if None in key or moment is None:
            return None
        day = moment // DAY_NANOSECONDS
        prefix = self.index.prefix
        if prefix is None:
            return self._on_day(tuple(key), day)
        whole = key[prefix]
        for length in range(len(whole), -1, -1):
            key[prefix] = whole[:length]
            found = self._on_day(tuple(key), day)
            if found is not None:
                return found
        return None

    def _on_day(self, key: tuple[Any, ...], day: int) -> int | None:
        periods = self.rows.get(key, [])
        position = bisect_right(periods, (day, math.inf, 0)) - 1
        return periods[position][2] if position >= 0 and periods[position][1] >= day else None
