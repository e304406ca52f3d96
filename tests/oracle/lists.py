"""``IN @list`` and ``CONTAINS_ANY`` in SQL: the items of a list as values of the column that they meet."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import duckdb
import pyarrow as pa

from tests.oracle.columns import DAY, UNIT_NANOSECONDS, Operand, double_sql, is_text, rounded, text_sql
from tests.oracle.comparison import known, whole_literal

INLINE_ITEMS = 20  # longer lists become a table, so that DuckDB hashes them
EPOCH = datetime.datetime(1970, 1, 1)


class ListValues:
    """The lists of a rule set; each is typed by whatever it is compared with."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, lists: Mapping[str, pa.Array]) -> None:
        self._connection = connection
        self._lists = lists
        self._tables: dict[tuple[str, ...], str] = {}

    def contains(self, name: str, value: Operand) -> str:
        """Whether ``value`` is in the list; UNKNOWN where it is NULL, even of an empty list."""
        items = self._items(name, value)
        if not items:
            return known(value.sql, False)
        sql, type_ = _stored(value)
        if len(items) <= INLINE_ITEMS:
            return f"({sql} IN ({', '.join(items)}))"
        members = f"{sql} IN (SELECT v FROM {self._table(items, type_)})"
        return f"(CASE WHEN {sql} IS NULL THEN NULL ELSE {members} END)"

    def intersects(self, name: str, list_: Operand) -> str:
        items = self._items(name, list_)
        if not items:
            return known(list_.sql, False)
        sql, _ = _stored(list_)
        return f"list_has_any({sql}, [{', '.join(items)}])"

    def cell(self, text: str, column: Operand) -> Operand:
        """A scalar of a rule file as a value of a column."""
        if column.kind == "number":
            value = Fraction(text)
            return Operand("number", double_sql(rounded(value, 64)), literal=value)
        return Operand(column.kind, self._sql(text, column.kind))

    def _items(self, name: str, target: Operand) -> list[str]:
        values = self._lists[name]
        kind = target.element if target.kind == "list" else target.kind
        found = dict.fromkeys(self._item(each, values.type, kind, target) for each in values.to_pylist())
        return [each for each in found if each is not None]

    def _item(self, value: Any, type_: pa.DataType, kind: str | None, target: Operand) -> str | None:
        """The item in SQL; None where no value of the column can equal it."""
        if kind != "number":
            return self._sql(value, kind) if is_text(type_) else _typed_time(value, type_)
        number = Fraction(value)
        if target.exact:
            whole = whole_literal(target.exact, number)
            storage = "HUGEINT" if target.kind == "list" else target.exact.storage
            return None if whole is None else f"'{whole}'::{storage}"
        return double_sql(rounded(number, target.float_bits or 64))

    def _sql(self, text: str, kind: str | None) -> str:
        if kind == "text":
            return text_sql(text)
        if kind == "boolean":
            return text.upper()
        since = datetime.datetime.fromisoformat(text) - EPOCH
        ticks = (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
        return f"'{ticks * 1_000}'::HUGEINT"

    def _table(self, items: list[str], type_: str) -> str:
        key = (type_, *items)
        if key not in self._tables:
            name = f"list_{len(self._tables)}"
            self._connection.execute(f"CREATE TABLE {name} (v {type_})")
            for start in range(0, len(items), 10_000):
                values = ", ".join(f"({each})" for each in items[start : start + 10_000])
                self._connection.execute(f"INSERT INTO {name} VALUES {values}")
            self._tables[key] = name
        return self._tables[key]


def _stored(value: Operand) -> tuple[str, str]:
    """What is compared with the items, and its type in DuckDB."""
    if value.exact:
        return value.exact.sql, value.exact.storage
    return value.sql, {"number": "DOUBLE", "text": "VARCHAR", "time": "HUGEINT"}.get(value.kind, "")


def _typed_time(value: Any, type_: pa.DataType) -> str:
    ticks = pa.scalar(value, type_).cast(pa.int32() if pa.types.is_date32(type_) else pa.int64()).as_py()
    return f"'{ticks * (DAY if pa.types.is_date32(type_) else UNIT_NANOSECONDS[type_.unit])}'::HUGEINT"
