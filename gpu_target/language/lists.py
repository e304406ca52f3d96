"""``lists:``: values by name, written in the rule file or kept in a CSV or Parquet file.

A CSV list has a header line; its first column holds the values unless ``{file:, column:}`` names another. Values are
text as written, without NULL and never blank; a value may stand twice. Lines without any character are skipped.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from gpu_target.language import parquet
from gpu_target.language.attached import Attached, attach
from gpu_target.language.csv_text import CsvFile, unknown_column
from gpu_target.language.model import ValueList
from gpu_target.language.reading import Reading, check_keys, scalar, shown
from gpu_target.language.schema import ListFile
from gpu_target.language.yaml_nodes import YamlList, YamlMap, YamlNode, YamlScalar

KINDS = (".csv", ".parquet")


def read_list(reading: Reading, name: str, key: YamlScalar, node: YamlNode) -> ValueList | None:
    """One entry of ``lists:``; None after problems (DT203 to DT211, RT031 to RT034)."""
    if type(node) is YamlList:
        return _inline(reading, name, key, node)
    column: YamlScalar | None = None
    file_node = node
    if type(node) is YamlMap:
        if not check_keys(reading, node, ListFile, f"the list `{name}`"):
            return None
        file_node = node.entries["file"][1]
        column = scalar(reading, node.entries["column"][1], "column")
        if column is None:
            return None
    file = attach(reading, file_node, f"lists: {name}", KINDS)
    if file is None:
        return None
    is_csv = file.kind == ".csv"
    read = _from_csv(reading, file, column) if is_csv else _from_parquet(reading, file, file_node, column)
    if read is None:
        return None
    return ValueList(name, read[1], reading.span(key), None, file.path, read[0], column is not None)


def _inline(reading: Reading, name: str, key: YamlScalar, node: YamlList) -> ValueList | None:
    items = [scalar(reading, item, f"lists: {name}") for item in node.items]
    found = [item for item in items if item is not None]
    if len(found) < len(items):
        return None
    spans = tuple(reading.span(item) for item in found)
    return ValueList(name, pa.array([item.value for item in found], pa.large_string()), reading.span(key), spans)


def _from_csv(reading: Reading, file: Attached, column: YamlScalar | None) -> tuple[str, pa.Array] | None:
    rows = CsvFile(file, reading.errors)
    if not rows.open():
        return None
    wanted = column.value if column else rows.header[0]
    place = rows.column(wanted)
    if place is None:
        assert column is not None
        message, label, remedy = rows.unknown_column(shown(wanted), "this")
        reading.note("DT208", message, column, label, remedy)
        return None
    if column is None and wanted[:1].isdigit():
        rows.note("DT209", f"the first line names the column; `{shown(wanted)}` looks like a value", rows.span(1, 0),
                  "expected a name", "write a name into a line above, such as code")  # fmt: skip
        return None
    table = rows.table([wanted])
    if table is None:
        return None
    values = table.column(0).combine_chunks()
    blank = pc.equal(pc.utf8_length(pc.utf8_trim_whitespace(values)), 0)
    if not pc.any(blank, min_count=0).as_py():
        return wanted, values
    for row in pc.indices_nonzero(blank).to_pylist():
        span = rows.span(row + 2, place)
        if not rows.note("DT207", f"the list value of row {row + 2} is empty", span, "empty", "delete the row"):
            break
    return None


def _from_parquet(
    reading: Reading, file: Attached, node: YamlNode, column: YamlScalar | None
) -> tuple[str, pa.Array] | None:
    names = parquet.columns_of(reading, node, file)
    if names is None:
        return None
    wanted = column.value if column else names[0]
    if wanted not in names:
        message, label, remedy = unknown_column(shown(wanted), "this", file.name, names)
        reading.note("DT208", message, column or node, label, remedy)
        return None
    table = parquet.read(reading, node, file, [wanted])
    if table is None:
        return None
    values = table.column(0).combine_chunks()
    if isinstance(values, pa.ChunkedArray):  # no chunks at all, where there are no rows
        values = pa.concat_arrays(values.chunks) if values.num_chunks else pa.array([], values.type)
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    if values.null_count:
        row = pc.indices_nonzero(pc.is_null(values))[0].as_py()
        message = f"the list value of row {row + 1} of {file.name} is NULL"
        reading.note("DT207", message, node, f"{values.null_count} values are NULL", "leave such rows out")
        return None
    return wanted, pa.array(values.to_pylist(), pa.large_string()) if pa.types.is_null(values.type) else values
