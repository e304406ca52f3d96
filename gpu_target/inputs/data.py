"""Data as the engine reads it: one schema, streamed in batches, whatever files it comes from."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gpu_target.inputs.arrow_file import open_arrow
from gpu_target.inputs.cast import cast, is_text
from gpu_target.inputs.csv_file import open_csv
from gpu_target.inputs.folders import Manifest, data_files, kind_of, read_manifest, table_files
from gpu_target.inputs.layout import Column, check_names, layout
from gpu_target.inputs.maps import Map, load_map
from gpu_target.inputs.parquet_file import open_parquet
from gpu_target.inputs.parts import Part, wrong
from gpu_target.inputs.text import advice, expected
from gpu_target.language.diagnostics import DataError, Diagnostic
from gpu_target.language.record import RECORD_TYPES, RecordType
from gpu_target.language.suggest import did_you_mean

MOST_LINES = 100_000  # rows that are counted to say on which line one begins
SHOWN = 5  # cells of a column that an error message quotes
EMPTY_CELL = ("",)
NULL = pa.null()  # the type of a column without any value


@dataclass
class Data:
    """Rows of one schema, in the files' order.

    ``schema``  names and types after the map; the batches of ``reader`` have exactly these types.
    ``rows``    None where only reading the files would tell.
    ``key``, ``roles``  what the map says of them; the rule set or the record type says the rest.
    ``seconds`` time spent so far in reading and typing, for the summary of a run.
    ``failure`` the error that ended the last reading. Arrow's C interface passes on only its text.
    """

    path: Path
    schema: pa.Schema
    rows: int | None
    key: tuple[str, ...] | None
    roles: dict[str, str]
    manifest: Manifest | None
    seconds: float = 0.0
    failure: DataError | None = None
    _files: tuple[tuple[Part, tuple[Column, ...]], ...] = ()
    _nulls: pa.Array | None = None  # texts that mean missing in files that have types of their own
    _record: RecordType | None = None

    @property
    def label(self) -> str | None:
        """What the folder or its files say of their data: that it is synthetic."""
        labels = [self.manifest.label if self.manifest else None, *(part.label for part, _ in self._files)]
        return next((label for label in labels if label), None)

    def reader(self, columns: Sequence[str] | None = None) -> pa.RecordBatchReader:
        """Stream the named columns, or all, in bounded memory; may be asked for again.

        Raises DataError with DT117 at once, and while reading DT105, DT107 to DT109, DT112, DT114 or DT118.
        """
        names = self.schema.names if columns is None else list(dict.fromkeys(columns))
        for name in names:
            if name not in self.schema.names:
                remedy = did_you_mean(name, self.schema.names)
                raise wrong("DT117", f"the data has no column `{name}`", self.path, remedy)
        schema = pa.schema([self.schema.field(name) for name in names])
        self.failure = None
        return pa.RecordBatchReader.from_batches(schema, self._timed(self._batches(schema)))

    def tables(self, name: str) -> pa.Table:
        """A whole table of the generated folder. Raises DataError with DT116 where there is none of that name."""
        if self.manifest is None:
            remedy = "give the folder that `gpu-target generate` wrote as DATA"
            raise wrong("DT116", f"there is no table `{name}`: the data is no generated folder", self.path, remedy)
        files = table_files(self.manifest, name)
        return _open(self.path, files, None, self._record, self.manifest).reader().read_all()

    def line(self, row: int) -> int | None:
        """The line of the file where a row (from 0) begins; None without lines, or where finding it would take long."""
        return self._files[0][0].line(row) if len(self._files) == 1 and row < MOST_LINES else None

    def _timed(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        while True:
            began = time.perf_counter()
            try:
                batch = next(batches, None)
            except DataError as error:
                self.failure = error
                raise
            finally:
                self.seconds += time.perf_counter() - began
            if batch is None:
                return
            yield batch

    def _batches(self, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        for part, columns in self._files:
            by_name = {column.name: column for column in columns}
            chosen = [by_name[name] for name in schema.names]
            sources = list(dict.fromkeys(column.source for column in chosen))
            bad = {column.name: _BadCells(column) for column in chosen}
            done = part.first
            for batch in part.batches(sources):
                arrays = [self._read(batch, column, bad[column.name], done) for column in chosen]
                done += batch.num_rows
                if not any(cells.count for cells in bad.values()):  # otherwise read on, to count them
                    yield _assemble(arrays, schema, batch.num_rows)
            errors = [cells.diagnostic(part) for cells in bad.values() if cells.count]
            if errors:
                raise DataError(*errors)

    def _read(self, batch: pa.RecordBatch, column: Column, bad: _BadCells, done: int) -> pa.Array:
        values = batch.column(column.source)
        if self._nulls is not None and is_text(values.type):
            values = _without(values, self._nulls)
        if column.type is not None:
            stored = values
            values, positions = cast(stored, column.type, column.format)
            bad.add(stored, positions, done)
        return _as_type(values, self.schema.field(column.name).type)


def open_data(path: str | Path, *, map: str | Path | Map | None = None, record: str | None = None) -> Data:
    """Open a file, a folder of part files or a generated folder; only headers, footers and schemas are read.

    Parquet and Arrow columns keep their types unless the map declares others. CSV columns have the map's type, else the
    type of the field of that name in the record type ``record``, else they are text. Raises DataError: DT101 to DT106,
    DT110, DT111, DT113, DT115, DT118, DT119, and for the map DT130 to DT137 and what ``load_map`` raises.
    """
    path = Path(path)
    map_ = load_map(map) if isinstance(map, (str, Path)) else map
    manifest = read_manifest(path) if path.is_dir() else None
    files = table_files(manifest, manifest.main) if manifest else data_files(path)
    return _open(path, files, map_, RECORD_TYPES[record] if record else None, manifest)


def _open(
    path: Path, files: tuple[Path, ...], map_: Map | None, record: RecordType | None, manifest: Manifest | None
) -> Data:
    is_csv = kind_of(files[0]) == "csv"
    types = record.fields if record else {}
    parts = [(part, layout(part, map_, types, is_csv)) for part in (_open_part(file, map_) for file in files)]
    schema = _one_schema(parts)
    check_names(map_, schema)
    counts = [part.rows for part, _ in parts]
    nulls = map_.null_values if map_ else None
    return Data(
        path=path,
        schema=schema,
        rows=None if None in counts else sum(count or 0 for count in counts),
        key=map_.key if map_ else None,
        roles=dict(map_.roles) if map_ else {},
        manifest=manifest,
        _files=tuple(parts),
        _nulls=pa.array(nulls, pa.large_string()) if nulls and not is_csv else None,
        _record=record,
    )


def _open_part(file: Path, map_: Map | None) -> Part:
    kind = kind_of(file)
    if kind == "parquet":
        return open_parquet(file)
    if kind == "arrow":
        return open_arrow(file)
    map_ = map_ or Map()
    return open_csv(file, map_.csv, EMPTY_CELL if map_.null_values is None else map_.null_values)


def _one_schema(parts: Sequence[tuple[Part, tuple[Column, ...]]]) -> pa.Schema:
    """The schema of all part files. Text may be encoded differently from file to file, and a column without any value
    has no type; nothing else may differ."""
    first, columns = parts[0]
    types = {column.name: column.arrow for column in columns}
    for part, others in parts[1:]:
        found = {column.name: column.arrow for column in others}
        for name in [*types, *found]:
            _refuse_difference(first, part, name, types.get(name), found.get(name))
        for name, arrow in found.items():
            if types[name] == NULL:
                types[name] = arrow
            elif arrow not in (types[name], NULL):
                encoded = pa.types.is_dictionary(types[name])
                types[name] = pa.dictionary(pa.int32(), pa.large_string()) if encoded else pa.large_string()
    return pa.schema(list(types.items()))


def _refuse_difference(first: Part, part: Part, name: str, left: pa.DataType | None, right: pa.DataType | None) -> None:
    if left == right:
        return
    if left is not None and right is not None and ((is_text(left) and is_text(right)) or NULL in (left, right)):
        return
    if left is None or right is None:
        what = f"only one of two part files has the column `{name}`"
    else:
        what = f"column `{name}` is {left} in one part file and {right} in another"
    notes = [f"{each.path}: {arrow or 'no such column'}" for each, arrow in ((first, left), (part, right))]
    remedy = "write the part files again alike" + (", or declare its type in a map" if left and right else "")
    raise wrong("DT106", what, part.path, remedy, *notes)


@dataclass
class _BadCells:
    """The cells of one column of one file that could not be read: the first few, and how many."""

    column: Column
    count: int = 0
    first: list[tuple[int, str]] = field(default_factory=list)

    def add(self, stored: pa.Array, positions: np.ndarray, done: int) -> None:
        self.count += len(positions)
        for position in positions[: SHOWN - len(self.first)].tolist():
            self.first.append((done + position, str(stored[position].as_py())))

    def diagnostic(self, part: Part) -> Diagnostic:
        column, kind = self.column, self.column.type
        assert kind is not None  # a column without a declared type has no bad cells
        shown = f"`{column.source}`" + (f" ({column.name})" if column.name != column.source else "")
        cells = "1 cell" if self.count == 1 else f"{self.count:,} cells"
        lines = [part.line(row) for row, _ in self.first]
        notes = [f"expected {expected(kind, column.format)}"]
        for (row, text), line in zip(self.first, lines, strict=True):
            where = f"row {row + 1:,}" + (f", line {line:,}" if line is not None else "")
            notes.append(f"{where}: `{text if len(text) <= 60 else text[:60] + '…'}`")
        if self.count > len(self.first):
            notes.append(f"and {self.count - len(self.first):,} more")
        place = f"{part.path}:{lines[0]}" if lines[0] is not None else f"{part.path}, row {self.first[0][0] + 1:,}"
        message = f"{cells} of column {shown} cannot be read as {kind}"
        return Diagnostic(
            "DT112", message, place=place, remedy=advice(self.first[0][1], kind, column.format), notes=tuple(notes)
        )


def _assemble(arrays: list[pa.Array], schema: pa.Schema, rows: int) -> pa.RecordBatch:
    if arrays:
        return pa.RecordBatch.from_arrays(arrays, schema=schema)
    # a batch without columns still says how many rows it stands for
    return pa.record_batch({"none": pa.nulls(rows)}).select([])


def _without(values: pa.Array, nulls: pa.Array) -> pa.Array:
    """``values`` with NULL in place of the texts in ``nulls``."""
    if pa.types.is_dictionary(values.type):
        entries = _without(values.dictionary, nulls)
        if entries.null_count == values.dictionary.null_count:
            return values
        indices = pc.if_else(pc.is_valid(entries.take(values.indices)), values.indices, None)
        return pa.DictionaryArray.from_arrays(indices, values.dictionary)
    missing = pc.is_in(pc.cast(values, pa.large_string()), value_set=nulls)
    return pc.if_else(missing, pa.scalar(None, values.type), values)


def _as_type(values: pa.Array, target: pa.DataType) -> pa.Array:
    """Text in the encoding that all part files share; anything else is of that type already."""
    if values.type == target:
        return values
    if not pa.types.is_dictionary(target):
        return pc.cast(values, target)
    encoded = pc.cast(values, target.value_type).dictionary_encode()
    return pa.DictionaryArray.from_arrays(encoded.indices.cast(target.index_type), encoded.dictionary)
