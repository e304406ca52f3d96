"""An Arrow table as a DuckDB table on which no implicit cast of DuckDB can act.

Every column is stored in the one form in which its comparisons are exact:

- integers and decimals as whole numbers (the decimal times ten to its scale), with their nearest float64 beside them;
- floats widened to DOUBLE, which is exact, with NaN turned into NULL;
- dates and timestamps as HUGEINT nanoseconds since 1970 on their own wall clock;
- text as VARCHAR, whatever its Arrow form; lists as lists of the above.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

Kind = Literal["boolean", "number", "text", "time", "list"]
UNIT_NANOSECONDS = {"s": 1_000_000_000, "ms": 1_000_000, "us": 1_000, "ns": 1}
DAY = 86_400 * 1_000_000_000
FLOAT_BITS = {pa.float16(): 16, pa.float32(): 32, pa.float64(): 64}
HUGEINT_DIGITS = 38  # every whole number of 38 digits fits; some of 39 do not


@dataclass(frozen=True, slots=True)
class Exact:
    """A whole number ``sql``; the value is that number divided by ten to ``scale``."""

    sql: str
    storage: Literal["BIGINT", "HUGEINT", "BIGNUM"]
    digits: int
    scale: int = 0

    @property
    def bounds(self) -> tuple[int, int]:
        if self.storage == "BIGINT":
            return -(2**63), 2**63 - 1
        return -(10**self.digits) + 1, 10**self.digits - 1


@dataclass(frozen=True, slots=True)
class Operand:
    """An expression in SQL and what has to be known about it to compare it."""

    kind: Kind
    sql: str  # a DOUBLE, VARCHAR, BOOLEAN, HUGEINT of nanoseconds, or a list of these
    exact: Exact | None = None  # a bare integer or decimal column, or a list of them
    float_bits: int | None = None  # a bare float column, or a list of them
    literal: Fraction | None = None
    tick: int = DAY  # of a time: nanoseconds of its unit
    element: Kind | None = None  # of a list


def is_text(type_: pa.DataType) -> bool:
    return bool(pa.types.is_string(type_) or pa.types.is_large_string(type_) or pa.types.is_string_view(type_))


def is_list(type_: pa.DataType) -> bool:
    return bool(pa.types.is_list(type_) or pa.types.is_large_list(type_) or pa.types.is_fixed_size_list(type_))


class Loader:
    """Stores columns in a DuckDB table and says how each is to be read."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def load(self, table: pa.Table, name: str) -> dict[str, Operand]:
        """CREATE TABLE ``name`` with a row number ``r``; the operands by column name."""
        arrays: dict[str, pa.Array] = {"r": pa.array(np.arange(table.num_rows, dtype=np.int64))}
        expressions = ["r"]
        operands: dict[str, Operand] = {}
        for position, field in enumerate(table.schema):
            stored = f"{name}_c{position}"
            arrays[stored], forms, operands[field.name] = _column(plain(table.column(position)), stored)
            if stored + "_double" in forms:
                arrays |= _python_doubles(arrays[stored], table.column(position), stored)
            expressions += [f"{sql} AS {alias}" for alias, sql in forms.items()]
        source = pa.table(arrays)
        self._connection.register("incoming", source)
        self._connection.execute(f"CREATE TABLE {name} AS SELECT {', '.join(expressions)} FROM incoming ORDER BY r")
        self._connection.unregister("incoming")
        return operands


def plain(column: pa.ChunkedArray) -> pa.Array:
    """One array without dictionaries or views."""
    type_ = column.type
    if pa.types.is_dictionary(type_):
        column = pa.chunked_array([chunk.dictionary_decode() for chunk in column.chunks], type=type_.value_type)
        type_ = column.type
    if is_text(type_):
        column = column.cast(pa.large_string())
    combined = column.combine_chunks()
    return pa.concat_arrays(combined.chunks) if isinstance(combined, pa.ChunkedArray) else combined


def _python_doubles(stored: pa.Array, column: pa.ChunkedArray, name: str) -> dict[str, pa.Array]:
    """The nearest float64 of wide decimals, by Python, whose conversion is correctly rounded."""
    if not pa.types.is_string(stored.type):
        return {}
    values = [None if value is None else float(value) for value in column.to_pylist()]
    return {f"{name}_double": pa.array(values, pa.float64())}


def _column(array: pa.Array, name: str) -> tuple[pa.Array, dict[str, str], Operand]:
    """The array to hand over, the stored columns as {alias: SQL over it}, and the operand."""
    type_ = array.type
    if is_list(type_):
        return _list(array, name)
    if pa.types.is_null(type_):
        return array, {name: f"CAST({name} AS VARCHAR)"}, Operand("text", name)
    if pa.types.is_boolean(type_):
        return array, {name: name}, Operand("boolean", name)
    if is_text(type_):
        return array, {name: name}, Operand("text", name)
    if pa.types.is_integer(type_):
        storage: Literal["BIGINT", "HUGEINT"] = "HUGEINT" if type_ == pa.uint64() else "BIGINT"
        forms = {name: f"CAST({name} AS {storage})", f"{name}_double": f"CAST({name} AS DOUBLE)"}
        return array, forms, Operand("number", f"{name}_double", exact=Exact(name, storage, 20))
    if pa.types.is_floating(type_):
        widened = array.cast(pa.float32()) if type_ == pa.float16() else array
        forms = {name: f"nullif(CAST({name} AS DOUBLE), 'nan'::DOUBLE)"}
        return widened, forms, Operand("number", name, float_bits=FLOAT_BITS[type_])
    if pa.types.is_decimal(type_):
        return _decimal(array, name)
    if pa.types.is_date(type_) or pa.types.is_timestamp(type_):
        ticks, tick = _ticks(array)
        return ticks, {name: f"CAST({name} AS HUGEINT) * {tick}"}, Operand("time", name, tick=tick)
    raise TypeError(f"the oracle does not read {type_}")


def _decimal(array: pa.Array, name: str) -> tuple[pa.Array, dict[str, str], Operand]:
    type_ = array.type
    if type_.precision > HUGEINT_DIGITS:
        unscaled = [
            None if value is None else str(int(Fraction(value) * Fraction(10) ** type_.scale))
            for value in array.to_pylist()
        ]
        forms = {name: f"CAST({name} AS BIGNUM)", f"{name}_double": f"{name}_double"}
        operand = Operand("number", f"{name}_double", exact=Exact(name, "BIGNUM", type_.precision, type_.scale))
        return pa.array(unscaled, pa.string()), forms, operand
    array = array.cast(pa.decimal128(HUGEINT_DIGITS, type_.scale))
    # the text of a decimal is read as the nearest DOUBLE; DuckDB's own cast rounds more than once past 2**53
    forms = {
        name: f"CAST(replace(CAST({name} AS VARCHAR), '.', '') AS HUGEINT)",
        f"{name}_double": f"CAST(CAST({name} AS VARCHAR) AS DOUBLE)",
    }
    exact = Exact(name, "HUGEINT", HUGEINT_DIGITS, type_.scale)
    return array, forms, Operand("number", f"{name}_double", exact=exact)


def _ticks(array: pa.Array) -> tuple[pa.Array, int]:
    """Whole numbers since 1970 on the wall clock of the column's zone, and the nanoseconds of one."""
    type_ = array.type
    if pa.types.is_date32(type_):
        return array.cast(pa.int32()).cast(pa.int64()), DAY
    if pa.types.is_date64(type_):
        return array.cast(pa.int64()), 1_000_000
    if type_.tz is not None and type_.tz.upper() not in ("UTC", "ETC/UTC", "Z"):
        array = pc.local_timestamp(array)
    return array.cast(pa.int64()), UNIT_NANOSECONDS[type_.unit]


def _list(array: pa.Array, name: str) -> tuple[pa.Array, dict[str, str], Operand]:
    type_ = array.type.value_type
    if is_text(type_) or pa.types.is_dictionary(type_):
        array = array.cast(pa.large_list(pa.large_string()))
        return array, {name: name}, Operand("list", name, element="text")
    if pa.types.is_boolean(type_):
        return array, {name: name}, Operand("list", name, element="boolean")
    if pa.types.is_integer(type_):
        forms = {name: f"CAST({name} AS HUGEINT[])", f"{name}_double": f"CAST({name} AS DOUBLE[])"}
        operand = Operand("list", f"{name}_double", exact=Exact(name, "HUGEINT", 20), element="number")
        return array, forms, operand
    if type_ in (pa.float32(), pa.float64()):
        sql = f"list_transform(CAST({name} AS DOUBLE[]), lambda e: nullif(e, 'nan'::DOUBLE))"
        return array, {name: sql}, Operand("list", name, float_bits=FLOAT_BITS[type_], element="number")
    if pa.types.is_date32(type_) or pa.types.is_timestamp(type_):
        tick = DAY if pa.types.is_date32(type_) else UNIT_NANOSECONDS[type_.unit]
        whole = pa.int32() if pa.types.is_date32(type_) else pa.int64()
        sql = f"list_transform(CAST({name} AS HUGEINT[]), lambda e: e * {tick})"
        return array.cast(pa.large_list(whole)), {name: sql}, Operand("list", name, tick=tick, element="time")
    raise TypeError(f"the oracle does not read lists of {type_}")


def rounded(value: Fraction, bits: int) -> float:
    """The float of ``bits`` bits nearest to ``value``, ties to even, as a float64; past the largest it is infinite."""
    precision, lowest, highest = {16: (11, -24, 15), 32: (24, -149, 127), 64: (53, -1074, 1023)}[bits]
    if value == 0:
        return 0.0
    magnitude = abs(value)
    exponent = magnitude.numerator.bit_length() - magnitude.denominator.bit_length()
    if Fraction(2) ** exponent > magnitude:
        exponent -= 1  # now 2**exponent <= magnitude < 2**(exponent + 1)
    step = Fraction(2) ** max(exponent - precision + 1, lowest)
    nearest = round(magnitude / step) * step  # Python rounds a Fraction half to even
    if nearest >= Fraction(2) ** (highest + 1):
        return float("inf") if value > 0 else float("-inf")
    return float(nearest) if value > 0 else -float(nearest)


def double_sql(value: float) -> str:
    return f"'{value!r}'::DOUBLE"


def text_sql(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
