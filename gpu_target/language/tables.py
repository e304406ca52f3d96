"""``tables:``: lookup tables from CSV or Parquet, or by the name of a table of the generated folder.

Columns of CSV stay text until they are bound; an empty cell is NULL. Whether a key stands twice is found when its
columns have their types.
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from gpu_target.language import parquet
from gpu_target.language.attached import Attached, attach
from gpu_target.language.csv_text import CsvFile, unknown_column
from gpu_target.language.diagnostics import DataError
from gpu_target.language.model import LookupTable
from gpu_target.language.reading import Reading, check_keys, mapping, missing, scalar, shown, wrong_kind
from gpu_target.language.schema import Table, TableValid
from gpu_target.language.suggest import nearest, one_of
from gpu_target.language.types import parse_type
from gpu_target.language.yaml_nodes import YamlList, YamlMap, YamlNode, YamlScalar

KINDS = (".csv", ".parquet")
_EXAMPLE = "write {file: tables/name.csv, key: [commodity_code]}"


def read_table(reading: Reading, name: str, key: YamlScalar, node: YamlNode) -> LookupTable | None:
    """One entry of ``tables:``; None after problems (DT201 to DT213, RT031 to RT034)."""
    before = len(reading.errors)
    entry = mapping(reading, node, f"tables: {name}", _EXAMPLE)
    if entry is None or not check_keys(reading, entry, Table, f"the table `{name}`"):
        return None
    found = {word: value for word, (_, value) in entry.entries.items()}
    if ("file" in found) == ("data" in found):
        if "file" in found:
            reading.note("DT212", f"the table `{name}` has both `file` and `data`", entry.entries["data"][0],
                         "one of the two", "delete one")  # fmt: skip
        else:
            missing(reading, entry, "`file` (or `data`)", f"the table `{name}`")
        return None
    keys = _keys(reading, found["key"])
    prefix = _prefix(reading, found["prefix"], keys) if "prefix" in found else None
    valid = _valid(reading, found["valid"]) if "valid" in found else None
    types = _types(reading, found["types"]) if "types" in found else {}
    if len(reading.errors) > before or keys is None:
        return None
    table: pa.Table | None = None
    file: Attached | None = None
    data: str | None = None
    if "file" in found:
        file = attach(reading, found["file"], f"tables: {name}", KINDS)
        if file is None:
            return None
        own = {column: place for column, place in keys.values()}
        named = own | ({each.value: each for each in valid if each} if valid else {})
        table = _content(reading, file, found["file"], own, named, types)
        if table is None:
            return None
    else:
        value = scalar(reading, found["data"], "data")
        data = value.value if value else None
    if len(reading.errors) > before:
        return None
    days = (valid[0].value if valid[0] else None, valid[1].value if valid[1] else None) if valid else None
    return LookupTable(
        name=name,
        table=table,
        key={column: own for column, (own, _) in keys.items()},
        prefix=prefix,
        valid=days,
        types={column: kind for column, (kind, _) in types.items()},
        data=data,
        path=file.path if file else None,
        span=reading.span(key),
    )


Keys = dict[str, tuple[str, YamlScalar]]  # the record's column: the table's own, and where it is written


def _keys(reading: Reading, node: YamlNode) -> Keys | None:
    found: Keys = {}
    if type(node) is YamlMap:
        for column, (key, value) in node.entries.items():
            own = scalar(reading, value, "key")
            if own is not None:
                found[key.value if key.value else column] = (own.value, own)
    elif type(node) is YamlList:
        for item in node.items:
            each = scalar(reading, item, "key")
            if each is not None and each.value in found:
                reading.note("DT212", f"`{shown(each.value)}` stands twice in `key`", each, "again here", "delete one")
            elif each is not None:
                found[each.value] = (each.value, each)
    else:
        each = scalar(reading, node, "key")
        if each is None:
            return None
        found[each.value] = (each.value, each)
    if not found:
        wrong_kind(reading, node, "key", "at least one column", "write the columns by which a row is found")
        return None
    return found


def _prefix(reading: Reading, node: YamlNode, keys: Keys | None) -> str | None:
    written = scalar(reading, node, "prefix")
    if written is None or keys is None:
        return None
    if written.value in keys:
        return written.value
    guess = nearest(written.value, keys)
    remedy = f"did you mean `{guess}`?" if guess else f"write one of {one_of(keys)}"
    message = f"`prefix` must be one of the columns under `key`, and `{shown(written.value)}` is none"
    reading.note("DT212", message, written, f"expected one of {one_of(keys)}", remedy)
    return None


def _valid(reading: Reading, node: YamlNode) -> tuple[YamlScalar | None, YamlScalar | None] | None:
    entry = mapping(reading, node, "valid", "write {from: column, until: column}")
    if entry is None or not check_keys(reading, entry, TableValid, "`valid`"):
        return None
    if not entry.entries:
        wrong_kind(
            reading, node, "valid", "a mapping with `from`, `until` or both", "name the columns, or delete `valid`"
        )
        return None
    first = scalar(reading, entry.entries["from"][1], "from") if "from" in entry.entries else None
    until = scalar(reading, entry.entries["until"][1], "until") if "until" in entry.entries else None
    return first, until


def _types(reading: Reading, node: YamlNode) -> dict[str, tuple[str, YamlScalar]]:
    entry = mapping(reading, node, "types", "write {column: number}")
    found: dict[str, tuple[str, YamlScalar]] = {}
    for column, (key, value) in entry.entries.items() if entry else ():
        written = scalar(reading, value, f"types: {shown(column)}")
        if written is None:
            continue
        try:
            found[column] = (str(parse_type(written.value, span=reading.span(written))), key)
        except DataError as error:
            reading.errors.extend(error.diagnostics)
    return found


def _content(
    reading: Reading,
    file: Attached,
    node: YamlNode,
    keys: Mapping[str, YamlScalar],
    named: Mapping[str, YamlScalar],
    types: Mapping[str, tuple[str, YamlScalar]],
) -> pa.Table | None:
    """The file's table, after every column that the rule file names was found in it."""
    before = len(reading.errors)
    rows: CsvFile | None = None
    if file.kind == ".csv":
        rows = CsvFile(file, reading.errors)
        names = rows.header if rows.open() else None
    else:
        names = parquet.columns_of(reading, node, file)
    if names is None:
        return None
    for column, place in {**{column: key for column, (_, key) in types.items()}, **named}.items():
        if column not in names:
            message, label, remedy = unknown_column(shown(column), "this", file.name, names)
            reading.note("DT208", message, place, label, remedy)
    for column, (_, place) in types.items():
        if rows is None:
            reading.note("DT213", "Parquet has types of its own", place, "found `types`", "delete it")
            break
        if column in named:
            message = f"the type of `{shown(column)}` is given by its part in the table"
            reading.note("DT213", message, place, "a key has its column's type, `valid` is days", "delete it")
    if len(reading.errors) > before:
        return None
    if rows is not None:
        return _from_csv(rows, list(keys))
    table = parquet.read(reading, node, file)
    if table is None:
        return None
    for column in keys:
        missing_rows = table.column(column).null_count
        if missing_rows:
            reading.note("DT207", f"{missing_rows} rows of {file.name} have no `{column}`, which is a key", node,
                         "named here", "fill them in or leave such rows out")  # fmt: skip
            return None
    return table


def _from_csv(rows: CsvFile, keys: list[str]) -> pa.Table | None:
    table = rows.table(rows.header)
    if table is None:
        return None
    before = len(rows.errors)
    for name in keys:
        empty = pc.equal(table.column(name), "")
        if not pc.any(empty, min_count=0).as_py():
            continue
        for row in pc.indices_nonzero(empty).to_pylist():
            span = rows.span(row + 2, rows.header.index(name))
            message = f"row {row + 2} has no `{shown(name)}`, which is a key"
            if not rows.note("DT207", message, span, "empty", "fill it in or delete the row"):
                return None
    if len(rows.errors) > before:
        return None
    null = pa.scalar(None, pa.large_string())
    columns = [pc.if_else(pc.equal(column, ""), null, column) for column in table.columns]
    return pa.table(columns, names=table.column_names).combine_chunks()
