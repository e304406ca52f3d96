"""Lookup tables bound to a schema: keys typed by the columns that they meet, one row per key and day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Never

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gpu_target.columns.expressions import TEXT, family, plain
from gpu_target.columns.lookup import FOREVER, LookupIndex
from gpu_target.language.diagnostics import Diagnostic
from gpu_target.language.model import LookupTable
from gpu_target.language.suggest import did_you_mean
from gpu_target.language.types import parse_type
from gpu_target.plan.literals import DAY_NANOSECONDS, BadLiteral, parse_cell


class Unusable(Exception):
    """A problem was recorded; the table cannot be joined."""


@dataclass(frozen=True)
class BoundTable:
    """A lookup table ready to join: ``table`` has one typed column per name of ``types``."""

    name: str
    table: pa.Table
    types: Mapping[str, pa.DataType]
    keys: tuple[str, ...]  # the record's columns, in the order of the index
    date: str | None  # the record's column that ``valid`` is read against
    index: LookupIndex
    key_arrays: tuple[pa.Array, ...]
    first: np.ndarray  # int64[rows]: days since 1970 that each row is valid from and until, both included
    until: np.ndarray


def bind_table(
    source: LookupTable,
    schema: Mapping[str, pa.DataType],
    roles: Mapping[str, str],
    data_tables: Mapping[str, pa.Table] | None,
    errors: list[Diagnostic],
) -> BoundTable | None:
    """Type the columns of a lookup table and index its keys; None where problems were added to ``errors``."""
    try:
        return _Binding(source, schema, errors).bind(roles, data_tables)
    except Unusable:
        return None


class _Binding:
    def __init__(self, source: LookupTable, schema: Mapping[str, pa.DataType], errors: list[Diagnostic]) -> None:
        self.source, self.schema, self.errors = source, schema, errors
        # rows are counted as a spreadsheet does, where the names of the columns are row 1
        self.first_row = 2 if source.path is not None and source.path.suffix.lower() == ".csv" else 1

    def bind(self, roles: Mapping[str, str], data_tables: Mapping[str, pa.Table] | None) -> BoundTable:
        raw = self.raw_table(data_tables)
        wanted = self.key_types(raw)
        typed = self.type_columns(raw, wanted)
        date = self.date_column(roles)
        keys = [(name, typed.column(self.source.key[name])) for name in self.source.key]
        first, until = self.validity(typed)
        index = LookupIndex(
            [column.combine_chunks() for _, column in keys],
            None if self.source.prefix is None else [name for name, _ in keys].index(self.source.prefix),
            first,
            until,
        )
        self.refuse_duplicates(index, keys)
        types = {name: plain(typed.schema.field(name).type) for name in typed.column_names}
        key_arrays = tuple(column.combine_chunks() for _, column in keys)
        return BoundTable(self.source.name, typed, types, tuple(self.source.key), date, index, key_arrays, first, until)

    def raw_table(self, data_tables: Mapping[str, pa.Table] | None) -> pa.Table:
        if self.source.data is None:
            assert self.source.table is not None
            return self.source.table
        if data_tables is None or self.source.data not in data_tables:
            self.fail(
                "DT253", f"the table `{self.source.name}` needs `{self.source.data}` of a generated folder",
                "give a generated folder as DATA, or a file to the table",
            )  # fmt: skip
        raw = data_tables[self.source.data]
        for column in (*self.source.key.values(), *(self.source.valid or ())):
            if column is not None and column not in raw.column_names:
                self.fail(
                    "DT253", f"`{self.source.data}` has no column `{column}`",
                    did_you_mean(column, raw.column_names),
                )  # fmt: skip
        return raw

    def key_types(self, raw: pa.Table) -> dict[str, pa.DataType]:
        """Type of every key column of the table: that of the record's column, which must be text or whole."""
        wanted: dict[str, pa.DataType] = {}
        for record_column, own in self.source.key.items():
            if record_column not in self.schema:
                self.fail(
                    "RT101", f"the key of the table `{self.source.name}` names no column: `{record_column}`",
                    did_you_mean(record_column, self.schema),
                )  # fmt: skip
            type_ = self.schema[record_column]
            text = family(type_) == "text"
            if not (text or pa.types.is_integer(type_)) or (record_column == self.source.prefix and not text):
                self.fail(
                    "RT106",
                    f"`{record_column}` is {type_}; a key is text or a whole number, a prefix is text",
                    "find rows by another column, or declare its type in a map",
                )
            own_type = raw.schema.field(own).type
            if family(own_type) != "text" and family(own_type) != family(type_):
                self.fail("RT105", f"`{own}` of the table is {own_type}, `{record_column}` is {type_}", "use one type")
            wanted[own] = TEXT if text else pa.int64() if pa.types.is_signed_integer(type_) else pa.uint64()
        return wanted

    def type_columns(self, raw: pa.Table, keys: Mapping[str, pa.DataType]) -> pa.Table:
        """Text of a CSV file as the declared types: keys, days of validity, ``types``; the rest stays text."""
        days = {column: pa.date32() for column in (self.source.valid or ()) if column}
        declared = {name: parse_type(text).to_arrow() for name, text in self.source.types.items()}
        wanted = {**declared, **days, **keys}
        columns = [self.type_column(name, raw.column(name), wanted.get(name)) for name in raw.column_names]
        return pa.table(columns, names=raw.column_names)

    def type_column(self, name: str, column: pa.ChunkedArray, wanted: pa.DataType | None) -> pa.ChunkedArray:
        is_text = family(column.type) == "text"
        if pa.types.is_dictionary(column.type):
            column = column.cast(plain(column.type))
        if wanted is None or column.type == wanted:
            return column
        if family(wanted) == "text" or not is_text:
            return self.cast_column(name, column, wanted)
        return pa.chunked_array([self.parse_column(name, column, wanted)])

    def cast_column(self, name: str, column: pa.ChunkedArray, wanted: pa.DataType) -> pa.ChunkedArray:
        """A typed column as another type; days are those of a timestamp's wall clock. No value may change."""
        try:
            return column.cast(wanted)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            self.errors.append(
                Diagnostic(
                    "DT252", f"the column `{name}` of the table `{self.source.name}` is {column.type}, and some value "
                    f"of it is no {wanted}", self.source.span, remedy="convert the column in its file",
                    place="" if self.source.span else str(self.source.path or self.source.name),
                )
            )  # fmt: skip
            raise Unusable from error

    def parse_column(self, name: str, column: pa.ChunkedArray, wanted: pa.DataType) -> pa.Array:
        values: list[object] = []
        for row, text in enumerate(column.to_pylist()):
            if text is None or text == "":
                values.append(None)
                continue
            try:
                values.append(_arrow_value(text, wanted))
            except (BadLiteral, pa.ArrowInvalid, OverflowError) as error:
                expected = str(error) if isinstance(error, BadLiteral) else f"a value of type {wanted}"
                where = self.source.path or f"table {self.source.name}"
                place = f"{where}, row {row + self.first_row}, column `{name}`"
                remedy = "correct the cell; an empty one is NULL"
                self.errors.append(Diagnostic("DT252", f"`{text}` is not {expected}", place=place, remedy=remedy))
                raise Unusable from error
        return pa.array(values, wanted)

    def date_column(self, roles: Mapping[str, str]) -> str | None:
        if self.source.valid is None:
            return None
        name = roles.get("date")
        if name is None or name not in self.schema or family(self.schema[name]) != "time":
            self.fail(
                "RT114",
                f"`valid` of the table `{self.source.name}` needs the record's date",
                "name its column in the rule set or the map: roles: {date: COLUMN}",
            )
        return name

    def validity(self, typed: pa.Table) -> tuple[np.ndarray, np.ndarray]:
        """First and last day of every row, as days since 1970; open ends reach for ever."""
        if self.source.valid is None:
            return np.full(typed.num_rows, -FOREVER), np.full(typed.num_rows, FOREVER)
        ends = []
        for column, open_end in zip(self.source.valid, (-FOREVER, FOREVER), strict=True):
            if column is None:
                ends.append(np.full(typed.num_rows, open_end))
            else:
                days = pc.fill_null(typed.column(column).cast(pa.int32()).cast(pa.int64()), open_end)
                ends.append(days.to_numpy())
        return ends[0], ends[1]

    def refuse_duplicates(self, index: LookupIndex, keys: list[tuple[str, pa.ChunkedArray]]) -> None:
        if index.duplicate is None:
            return
        first, second = sorted(index.duplicate)
        shown = ", ".join(f"{name} {column[second].as_py()!r}" for name, column in keys)
        when = " on one day" if self.source.valid else ""
        self.fail(
            "DT251", f"rows {first + self.first_row} and {second + self.first_row} of the table `{self.source.name}` "
            f"have one key{when}: {shown}",
            "keep one row per key" + (", or part their days" if self.source.valid else ""),
        )  # fmt: skip

    def fail(self, code: str, message: str, remedy: str) -> Never:
        place = "" if self.source.span else str(self.source.path or self.source.name)
        self.errors.append(Diagnostic(code, message, self.source.span, remedy=remedy, place=place))
        raise Unusable


def _arrow_value(text: str, type_: pa.DataType) -> object:
    value = parse_cell(text, type_)
    if pa.types.is_date(type_):
        day, rest = divmod(int(value), DAY_NANOSECONDS)
        if rest:
            raise BadLiteral("a date such as 2024-01-31, without a time of day")
        return day
    if family(type_) == "time":
        return pa.scalar(int(value) // 1000, pa.timestamp("us"))
    if pa.types.is_integer(type_):
        return pa.scalar(int(value), type_).as_py()  # within the type's range
    if pa.types.is_decimal(type_):
        return pa.scalar(text.strip()).cast(type_).as_py()
    return float(text) if family(type_) == "number" else value
