"""Writers of one table to one file: Parquet, CSV or Arrow IPC, chunk by chunk."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

FORMATS = {"parquet": ".parquet", "csv": ".csv", "arrow": ".arrow"}
ROW_GROUP = 262_144
LIST_SEPARATOR = ";"


class TableWriter(Protocol):
    """Takes the chunks of one table in order; whole once it is left."""

    def __enter__(self) -> TableWriter: ...
    def __exit__(self, kind: type[BaseException] | None, error: Any, trace: TracebackType | None) -> None: ...
    def write_table(self, table: pa.Table) -> None: ...


class ArrowFile:
    """Arrow IPC file with zstd; the dictionaries are the same in every chunk."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        options = pa.ipc.IpcWriteOptions(compression="zstd")
        self._file = pa.OSFile(str(path), "wb")
        self._writer = pa.ipc.new_file(self._file, schema, options=options)

    def __enter__(self) -> ArrowFile:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: Any, trace: TracebackType | None) -> None:
        try:
            self._writer.close()
        finally:
            self._file.close()

    def write_table(self, table: pa.Table) -> None:
        self._writer.write_table(table)


class CsvFile:
    """CSV in UTF-8: codes as text, lists joined by semicolons, missing values empty."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._schema = pa.schema([pa.field(each.name, _csv_type(each.type)) for each in schema])
        self._writer = pyarrow.csv.CSVWriter(str(path), self._schema)

    def __enter__(self) -> CsvFile:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: Any, trace: TracebackType | None) -> None:
        self._writer.close()

    def write_table(self, table: pa.Table) -> None:
        columns = [
            pc.binary_join(column, LIST_SEPARATOR) if pa.types.is_list(column.type) else column.cast(field.type)
            for column, field in zip(table.columns, self._schema, strict=True)
        ]
        self._writer.write_table(pa.table(columns, self._schema))


def _csv_type(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(kind):
        return kind.value_type
    return pa.string() if pa.types.is_list(kind) else kind


def open_writer(path: Path, schema: pa.Schema, kind: str) -> TableWriter:
    """A writer of the format ``kind``, one of FORMATS."""
    if kind == "csv":
        return CsvFile(path, schema)
    if kind == "arrow":
        return ArrowFile(path, schema)
    writer: TableWriter = pq.ParquetWriter(path, schema, **parquet_options(schema))
    return writer


def parquet_options(schema: pa.Schema) -> dict[str, Any]:
    """zstd 1; a dictionary for codes alone; keys and times as differences, money and mass split by bytes.

    Numbers with many values grow under a dictionary and are slower to write; split by bytes, zstd finds their common
    leading bytes. A row group holds the codes' whole dictionary, which may take more than the usual 1 MiB.
    """
    coded, encodings = [], {}
    for field in schema:
        if pa.types.is_dictionary(field.type) or field.type in (pa.int8(), pa.int16(), pa.float32()):
            coded.append(field.name)
        elif pa.types.is_list(field.type):
            coded += [f"{field.name}.list.element"] if field.name.endswith("codes") else []
        elif pa.types.is_floating(field.type):
            encodings[field.name] = "BYTE_STREAM_SPLIT"
        elif pa.types.is_integer(field.type) or pa.types.is_temporal(field.type):
            encodings[field.name] = "DELTA_BINARY_PACKED"
    return {
        "compression": "zstd",
        "compression_level": 1,
        "use_dictionary": coded,
        "column_encoding": encodings,
        "dictionary_pagesize_limit": 16 << 20,
        "write_batch_size": 8_192,
    }
