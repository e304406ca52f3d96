"""Lookup tables as left joins: at most one row of the table per row of the data.

Of the rows whose keys are equal, whose prefix starts the record's value and whose days include the record's day, the
one with the longest prefix is taken.
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import pyarrow as pa

from gpu_target.language.model import LookupTable
from tests.oracle.columns import DAY, Loader, Operand, is_text
from tests.oracle.comparison import compare

ARROW_TYPES = {
    "text": pa.large_string(),
    "number": pa.float64(),
    "integer": pa.int64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
}


def join_lookups(
    connection: duckdb.DuckDBPyConnection,
    loader: Loader,
    columns: Mapping[str, Operand],
    tables: Mapping[str, LookupTable],
    roles: Mapping[str, str],
) -> tuple[dict[str, dict[str, Operand]], str]:
    """The operands of every table's columns, and the relation to select them from."""
    operands: dict[str, dict[str, Operand]] = {}
    relation = "data"
    for position, (name, lookup) in enumerate(tables.items()):
        assert lookup.table is not None
        stored, best = f"lookup{position}", f"best{position}"
        operands[name] = loader.load(_typed(lookup, columns), stored)
        connection.execute(f"CREATE TABLE {best} AS {_best_row(lookup, columns, operands[name], stored, roles)}")
        relation += f" LEFT JOIN {best} ON {best}.data_row = data.r LEFT JOIN {stored} ON {stored}.r = {best}.table_row"
    return operands, relation


def _typed(lookup: LookupTable, columns: Mapping[str, Operand]) -> pa.Table:
    """Text from a file as what its column is declared to be."""
    assert lookup.table is not None
    days = {column for column in lookup.valid or () if column}
    keys = {own: columns[record].kind for record, own in lookup.key.items()}
    arrays = {}
    for name in lookup.table.column_names:
        column = lookup.table.column(name)
        if is_text(column.type):
            declared = "date" if name in days else lookup.types.get(name, "text")
            if name in keys:
                declared = "text" if keys[name] == "text" else "integer"
            empty_is_null = pa.array([None if text == "" else text for text in column.to_pylist()], pa.large_string())
            column = empty_is_null if declared != "text" else column
            column = column.cast(ARROW_TYPES[declared])
        arrays[name] = column
    return pa.table(arrays)


def _best_row(
    lookup: LookupTable,
    columns: Mapping[str, Operand],
    own: Mapping[str, Operand],
    stored: str,
    roles: Mapping[str, str],
) -> str:
    conditions = []
    length = "0"
    for record, key in lookup.key.items():
        if record == lookup.prefix:
            conditions.append(f"starts_with({columns[record].sql}, {own[key].sql})")
            length = f"length({own[key].sql})"
        else:
            conditions.append(compare("=", columns[record], own[key]))
    first, until = lookup.valid or (None, None)
    if first:
        conditions.append(f"({own[first].sql} IS NULL OR {own[first].sql} <= {columns[roles['date']].sql})")
    if until:
        conditions.append(f"({own[until].sql} IS NULL OR {columns[roles['date']].sql} < {own[until].sql} + {DAY})")
    if first or until:
        conditions.append(f"{columns[roles['date']].sql} IS NOT NULL")
    return (
        f"SELECT data.r AS data_row, arg_max({stored}.r, {length}) AS table_row "
        f"FROM data JOIN {stored} ON {' AND '.join(conditions)} GROUP BY data.r"
    )
