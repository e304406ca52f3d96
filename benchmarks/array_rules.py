"""Predicates as elementwise operations on whole columns: what a user of CuPy would write, one operation at a time.

The array library is a parameter: CuPy on a card, NumPy in the tests. As the card has no text, a text column is codes
into its dictionary, and what a rule asks of the texts is asked of the entries, on the host, before the clock starts.
Each predicate becomes the condition under which it is TRUE, with NOT pushed down: missing values need no third value.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.translate import COMPARE, CannotTranslate, literal, regular
from gpu_target.language import ast

TEXTS = {
    "=": pc.equal, "<>": pc.not_equal, "<": pc.less, "<=": pc.less_equal, ">": pc.greater, ">=": pc.greater_equal,
}  # fmt: skip
OPPOSITE = {"=": "<>", "<>": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
UNITS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}  # in a second
DAY, HOUR = 86_400, 3_600  # seconds


@dataclass(frozen=True)
class Column:
    """``values`` on the device; ``valid`` is None where no row is NULL.

    Of text and of lists of text: codes into ``entries``, whose number is one less than the codes': NULL has the last.
    Of lists: the codes of all elements, those of row r from ``starts[r]`` to ``starts[r + 1]``. ``units`` are a
    timestamp's in a second.
    """

    values: Any
    valid: Any = None
    entries: pa.Array | None = None
    ranks: Any = None
    starts: Any = None
    units: int = 0


class ArrayRules:
    """The rows of ``table`` on the device of ``xp``, and rules over them. ``let`` names are computed once in a run."""

    def __init__(
        self, xp: ModuleType, table: pa.Table, lists: Mapping[str, Sequence[str]], let: Mapping[str, ast.Expr]
    ) -> None:
        self.xp, self.lists, self.let = xp, lists, let
        texts = {name: _encoded(column) for name, column in _arrays(table).items() if _is_text(column.type)}
        every = pa.concat_arrays([each.dictionary.cast(pa.large_string()) for each in texts.values()])
        order = every.unique().sort()
        self.columns = {name: self._column(column, texts.get(name), order) for name, column in _arrays(table).items()}
        self.flags: dict[ast.Expr, Any] = {}

    def prepare(self, rules: Sequence[ast.Expr]) -> list[int]:
        """Ask the dictionaries everything that rules ask of texts; positions of the rules that can be run."""
        kept = []
        first_rows = ArrayRules.__new__(ArrayRules)
        first_rows.__dict__ = {**self.__dict__, "columns": {k: _first(v) for k, v in self.columns.items()}}
        computed = first_rows.computed()
        for position, rule in enumerate(rules):
            try:
                first_rows.true(rule, computed)  # fills ``flags``, which is shared
            except CannotTranslate:
                continue
            kept.append(position)
        return kept

    def counts(self, rules: Sequence[ast.Expr]) -> np.ndarray:
        """int64[rules]: in how many rows each is TRUE."""
        computed = self.computed()
        found = [self.true(rule, computed).sum() for rule in rules]
        return np.asarray(self._host(self.xp.stack(found)), np.int64) if found else np.zeros(0, np.int64)

    def computed(self) -> dict[str, Column]:
        """The columns and what ``let`` makes of them."""
        columns = dict(self.columns)
        for name, tree in self.let.items():
            with suppress(CannotTranslate):  # of columns that no rule reads; a rule that reads it is left out
                columns[name] = self._value(tree, columns)
        return columns

    def true(self, node: ast.Expr, columns: Mapping[str, Column], negated: bool = False) -> Any:
        """bool[rows]: where ``node`` is TRUE, or with ``negated`` where it is FALSE."""
        match node:
            case ast.Not():
                return self.true(node.operand, columns, not negated)
            case ast.And() | ast.Or():
                join = operator.and_ if isinstance(node, ast.And) is not negated else operator.or_
                found = self.true(node.operands[0], columns, negated)
                for each in node.operands[1:]:
                    found = join(found, self.true(each, columns, negated))
                return found
            case ast.Between():
                low, high = ast.Compare(">=", node.operand, node.low), ast.Compare("<=", node.operand, node.high)
                return self.true(ast.And((low, high)), columns, node.negated is not negated)
            case ast.IsNull():
                return self._is_null(self._value(node.operand, columns), node.negated is not negated)
            case ast.Compare() if isinstance(node.right, ast.Name):
                return self._compare_columns(node, columns, negated)
            case ast.Compare() | ast.In() | ast.Like() if (text := self._text(node, columns)) is not None:
                return self._flags(node, text, negated)[text.values]
            case ast.Compare():
                return self._compare(node, columns, negated)
            case ast.In() if not isinstance(node.items, ast.ListName):
                equal = tuple(ast.Compare("=", node.operand, item) for item in node.items)
                either = ast.Or(equal) if len(equal) > 1 else equal[0]
                return self.true(either, columns, node.negated is not negated)
            case ast.Call(function="CONTAINS" | "CONTAINS_ANY"):
                return self._contains(node, columns, negated)
        raise CannotTranslate(f"no elementwise operations for {node}")

    # -- columns -----------------------------------------------------------------------------------------------------

    def _column(self, column: pa.Array, text: pa.DictionaryArray | None, order: pa.Array) -> Column:
        type_ = column.type
        if pa.types.is_list(type_):
            inner = _encoded(column.flatten())
            starts = np.concatenate([[0], np.cumsum(pc.fill_null(pc.list_value_length(column), 0).to_numpy())])
            valid = self._valid(column)
            return Column(self._codes(inner), valid, inner.dictionary, starts=self.xp.asarray(starts))
        if text is not None:
            positions = pc.index_in(text.dictionary.cast(pa.large_string()), order)
            ranks = np.append(positions.to_numpy(zero_copy_only=False).astype(np.int32), -1)
            return Column(self._codes(text), self._valid(column), text.dictionary, self.xp.asarray(ranks))
        units = UNITS[type_.unit] if pa.types.is_timestamp(type_) else 0
        plain = column.cast(pa.int64()) if units else column
        values = plain.fill_null(0).to_numpy(zero_copy_only=False)
        return Column(self.xp.asarray(values), self._valid(column), units=units)

    def _codes(self, column: pa.DictionaryArray) -> Any:
        return self.xp.asarray(column.indices.fill_null(len(column.dictionary)).to_numpy().astype(np.int32))

    def _valid(self, column: pa.Array) -> Any:
        missing = pc.is_null(column, nan_is_null=pa.types.is_floating(column.type)).to_numpy(zero_copy_only=False)
        return self.xp.asarray(~missing) if missing.any() else None

    def _host(self, values: Any) -> Any:
        return values.get() if hasattr(values, "get") else values

    # -- values ------------------------------------------------------------------------------------------------------

    def _value(self, node: ast.Expr, columns: Mapping[str, Column]) -> Column:
        match node:
            case ast.Name():
                if node.name not in columns:
                    raise CannotTranslate(f"no column {node.name}")
                return columns[node.name]
            case ast.Arithmetic(operator="/"):
                return self._divided(self._value(node.left, columns), self._value(node.right, columns))
            case ast.Call(function="WEEKDAY" | "HOUR"):
                of = self._value(node.arguments[0], columns)
                seconds = of.values // of.units
                parts = {"WEEKDAY": lambda: (seconds // DAY + 3) % 7 + 1, "HOUR": lambda: seconds // HOUR % 24}
                return Column(parts[node.function](), of.valid)
        raise CannotTranslate(f"no elementwise operations for {node}")

    def _divided(self, left: Column, right: Column) -> Column:
        zero = right.values == 0
        values = left.values / self.xp.where(zero, 1, right.values)
        return Column(values, self._both(self._both(left.valid, right.valid), ~zero))

    @staticmethod
    def _both(left: Any, right: Any) -> Any:
        return right if left is None else left if right is None else left & right

    def _guarded(self, found: Any, *columns: Column) -> Any:
        for each in columns:
            found = found if each.valid is None else found & each.valid
        return found

    # -- predicates --------------------------------------------------------------------------------------------------

    def _is_null(self, column: Column, negated: bool) -> Any:
        valid = self.xp.ones(_length(column), bool) if column.valid is None else column.valid
        return valid if negated else ~valid

    def _compare(self, node: ast.Compare, columns: Mapping[str, Column], negated: bool) -> Any:
        column = self._value(node.left, columns)
        if isinstance(node.right, ast.Date | ast.Timestamp):
            seconds = node.right.days * DAY if isinstance(node.right, ast.Date) else node.right.nanoseconds // 10**9
            other: Any = seconds * column.units
        else:
            other = literal(node.right)
            if column.values.dtype.kind == "f":
                other = column.values.dtype.type(other)  # once to the column's type, as the language says
        sign = OPPOSITE[node.operator] if negated else node.operator
        return self._guarded(COMPARE[sign](column.values, other), column)

    def _compare_columns(self, node: ast.Compare, columns: Mapping[str, Column], negated: bool) -> Any:
        left, right = self._value(node.left, columns), self._value(node.right, columns)
        sign = COMPARE[OPPOSITE[node.operator] if negated else node.operator]
        if left.ranks is not None and right.ranks is not None:
            return self._guarded(sign(left.ranks[left.values], right.ranks[right.values]), left, right)
        return self._guarded(sign(left.values, right.values), left, right)

    def _text(self, node: ast.Compare | ast.In | ast.Like, columns: Mapping[str, Column]) -> Column | None:
        """The text column that ``node`` asks something of."""
        operand = node.left if isinstance(node, ast.Compare) else node.operand
        column = columns.get(operand.name) if isinstance(operand, ast.Name) else None
        return column if column is not None and column.entries is not None else None

    def _flags(self, node: ast.Compare | ast.In | ast.Like, column: Column, negated: bool) -> Any:
        """bool[entries + 1]: which entries answer ``node`` with TRUE, or with FALSE where negated; NULL never."""
        key = ast.Not(node) if negated else node
        if key not in self.flags:
            assert column.entries is not None
            asked = self._asked(node, column.entries).to_numpy(zero_copy_only=False)
            negative = getattr(node, "negated", False) is not negated
            self.flags[key] = self.xp.asarray(np.append(~asked if negative else asked, False))
        return self.flags[key]

    def _asked(self, node: ast.Compare | ast.In | ast.Like, entries: pa.Array) -> pa.Array:
        match node:
            case ast.Compare():
                return TEXTS[node.operator](entries, pa.scalar(str(literal(node.right)), entries.type))
            case ast.Like():
                return pc.match_substring_regex(entries, regular(node))
        listed = self.lists[node.items.name] if isinstance(node.items, ast.ListName) else map(literal, node.items)
        return pc.is_in(entries, pa.array(list(listed), entries.type))

    def _contains(self, node: ast.Call, columns: Mapping[str, Column], negated: bool) -> Any:
        """Elements that are wanted, summed up to each row's first and last: a row has one where the sums differ."""
        column = self._value(node.arguments[0], columns)
        wanted = node.arguments[1]
        items = wanted if isinstance(wanted, ast.ListName) else (wanted,)
        flags = self._flags(ast.In(node.arguments[0], items), column, False)
        sums = self.xp.concatenate([self.xp.zeros(1, np.int64), self.xp.cumsum(flags[column.values], dtype=np.int64)])
        found = sums[column.starts[1:]] > sums[column.starts[:-1]]
        return self._guarded(~found if negated else found, column)


def _arrays(table: pa.Table) -> dict[str, pa.Array]:
    return {name: pa.concat_arrays(table.column(name).chunks) for name in table.column_names}


def _is_text(type_: pa.DataType) -> bool:
    inner = type_.value_type if pa.types.is_dictionary(type_) else type_
    return bool(pa.types.is_string(inner) or pa.types.is_large_string(inner))


def _encoded(column: pa.Array) -> pa.DictionaryArray:
    return column if pa.types.is_dictionary(column.type) else column.dictionary_encode()


def _length(column: Column) -> int:
    return len(column.values) if column.starts is None else len(column.starts) - 1


def _first(column: Column) -> Column:
    """The first row, enough to find out what a rule asks."""
    if column.starts is not None:
        return Column(column.values, None, column.entries, starts=column.starts[:2])
    return Column(column.values[:1], None, column.entries, column.ranks, units=column.units)
