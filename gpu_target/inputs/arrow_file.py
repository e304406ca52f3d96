"""Arrow IPC files (``.arrow``, ``.feather``), in the file format or the stream format."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pyarrow as pa
import pyarrow.ipc as ipc

from gpu_target.inputs.parts import BATCH_ROWS, label_of, reason, unreadable, wrong
from gpu_target.language.diagnostics import DataError

FILE_MAGIC, FEATHER_1_MAGIC = b"ARROW1", b"FEA1"


@dataclass(frozen=True)
class ArrowPart:
    """One Arrow IPC file whose schema is known; ``rows`` is None where only reading it all would tell."""

    path: Path
    schema: pa.Schema
    rows: int | None
    stream: bool
    label: str | None = None
    first: ClassVar[int] = 0

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        positions = sorted(self.schema.get_field_index(name) for name in columns)
        options = ipc.IpcReadOptions(included_fields=positions)
        done = 0
        try:
            # read, not mapped: a mapped file that is overwritten meanwhile kills the process
            with pa.OSFile(str(self.path)) as source:
                for batch in _stored(source, self.stream, options):
                    batch.validate(full=True)  # a damaged index would end the process elsewhere
                    for start in range(0, batch.num_rows, BATCH_ROWS):
                        yield batch.slice(start, BATCH_ROWS).select(list(columns))
                    done += batch.num_rows
        except (pa.ArrowException, OSError) as error:
            raise _damaged(self.path, error, done) from error

    def line(self, row: int) -> int | None:
        return None


def open_arrow(path: Path) -> ArrowPart:
    """Read the schema. Raises DataError with DT104, DT105 or DT118."""
    try:
        with path.open("rb") as file:
            start = file.read(8)
        if not start:
            raise wrong("DT104", "the file is empty", path, "write it again: even without rows it holds a schema")
        if start.startswith(FEATHER_1_MAGIC):
            raise wrong(
                "DT105",
                "this is Feather version 1, which Arrow has given up",
                path,
                "write it again as Arrow IPC or Parquet",
            )
        with pa.OSFile(str(path)) as source:
            if not start.startswith(FILE_MAGIC):
                schema = ipc.open_stream(source).schema
                return ArrowPart(path, schema.remove_metadata(), None, True, label_of(schema))
            schema = ipc.open_file(source).schema
            return ArrowPart(path, schema.remove_metadata(), _count(source, schema), False, label_of(schema))
    except (pa.ArrowException, OSError) as error:
        raise _damaged(path, error, 0) from error


def _count(source: pa.NativeFile, schema: pa.Schema) -> int | None:
    if not len(schema):
        return None
    # one column is enough to count, and the others stay unread
    file = ipc.open_file(source, options=ipc.IpcReadOptions(included_fields=[0]))
    return sum(int(file.get_batch(position).num_rows) for position in range(file.num_record_batches))


def _stored(source: pa.NativeFile, stream: bool, options: ipc.IpcReadOptions) -> Iterator[pa.RecordBatch]:
    if stream:
        yield from ipc.open_stream(source, options=options)
    else:
        file = ipc.open_file(source, options=options)
        for position in range(file.num_record_batches):
            yield file.get_batch(position)


def _damaged(path: Path, error: Exception, done: int) -> DataError:
    if isinstance(error, OSError) and error.errno is not None:
        return unreadable(path, error)
    where = f" after row {done:,}" if done else ""
    remedy = "the file is damaged or was cut off: write or copy it again"
    return wrong(
        "DT105", f"this is no Arrow IPC file that can be read{where}", path, remedy, f"Arrow says: {reason(error)}"
    )
