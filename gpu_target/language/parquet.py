"""Parquet files that rule files name: columns keep the type they were written with."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.parquet as arrow_parquet

from gpu_target.language.attached import Attached
from gpu_target.language.reading import Reading
from gpu_target.language.yaml_nodes import YamlNode


def columns_of(reading: Reading, node: YamlNode, file: Attached) -> list[str] | None:
    """The names of the columns of a Parquet file (DT210 where it is none, DT209 where a name stands twice)."""
    try:
        names: list[str] = arrow_parquet.read_schema(pa.BufferReader(file.data)).names
    except (pa.ArrowException, OSError, ValueError) as error:
        _unreadable(reading, node, file, error)
        return None
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice or not names:
        message = f"two columns of {file.name} are named `{twice[0]}`" if twice else f"{file.name} has no columns"
        reading.note(
            "DT209", message, node, "named here", "write the file again with a name of its own for each column"
        )
        return None
    return names


def read(reading: Reading, node: YamlNode, file: Attached, columns: Sequence[str] | None = None) -> pa.Table | None:
    """The named columns, or all. DT210 where the file is damaged."""
    try:
        table = arrow_parquet.read_table(pa.BufferReader(file.data))
        return table if columns is None else table.select(list(columns))
    except (pa.ArrowException, OSError, ValueError, KeyError) as error:
        _unreadable(reading, node, file, error)
        return None


def _unreadable(reading: Reading, node: YamlNode, file: Attached, error: Exception) -> None:
    reason = str(error).split("\n", 1)[0][:200]
    label = "named here"
    reading.note("DT210", f"{file.name} cannot be read as Parquet: {reason}", node, label, "write the file again")
