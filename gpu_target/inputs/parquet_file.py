"""Parquet files, read row group by row group."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from gpu_target.inputs.parts import BATCH_ROWS, label_of, reason, unreadable, wrong
from gpu_target.language.diagnostics import DataError

PLAIN_BYTES = 4.0  # a text costs at least its length field when it is stored plainly
COPY_AGAIN = "the file is damaged or was cut off: write or copy it again"


@dataclass(frozen=True)
class ParquetPart:
    """Text columns that the file stores as dictionaries are read as such: they are classified once per entry.

    ``groups`` are the rows of each row group of the file, ``chosen`` the row groups that are read.
    """

    path: Path
    schema: pa.Schema
    groups: tuple[int, ...]
    chosen: range
    dictionaries: tuple[str, ...]
    label: str | None = None

    @property
    def rows(self) -> int:
        return sum(self.groups[group] for group in self.chosen)

    @property
    def first(self) -> int:
        return sum(self.groups[: self.chosen.start])

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        done = 0
        try:
            with _open(self.path, self.dictionaries) as file:
                # pre_buffer would hold every row group of the columns at once
                if tuple(_groups(file)) != self.groups:
                    what = "the file was written anew while it was being read"
                    raise wrong("DT105", what, self.path, "evaluate again once nothing writes to it")
                for batch in file.iter_batches(BATCH_ROWS, list(self.chosen), list(columns), use_threads=True):
                    _check_text(batch)
                    yield batch.select(list(columns))
                    done += batch.num_rows
        except (pa.ArrowException, OSError) as error:
            raise _damaged(self.path, error, done) from error
        if done != self.rows:
            raise wrong("DT105", f"the file ends after {done:,} of its {self.rows:,} rows", self.path, COPY_AGAIN)

    def line(self, row: int) -> int | None:
        return None

    def around(self, column: str, number: int) -> list[ParquetPart]:
        """The stretches of row groups that can hold a whole number in a column, by the file's own statistics."""
        try:
            with _open(self.path, ()) as file:
                metadata = file.metadata
                groups = [group for group in self.chosen if _may_hold(metadata.row_group(group), column, number)]
        except (pa.ArrowException, OSError) as error:
            raise _damaged(self.path, error, 0) from error
        stretches: list[range] = []
        for group in groups:
            if stretches and stretches[-1].stop == group:
                stretches[-1] = range(stretches[-1].start, group + 1)
            else:
                stretches.append(range(group, group + 1))
        return [replace(self, chosen=each) for each in stretches]


def open_parquet(path: Path) -> ParquetPart:
    """Read the footer. Raises DataError with DT104, DT105 or DT118."""
    try:
        if path.stat().st_size == 0:
            raise wrong("DT104", "the file is empty", path, "write it again: even without rows it holds a schema")
        with _open(path, ()) as file:
            dictionaries = _dictionaries(file)
        with _open(path, dictionaries) as file:
            schema, label = file.schema_arrow.remove_metadata(), label_of(file.schema_arrow)
            groups = tuple(_groups(file))
            return ParquetPart(path, schema, groups, range(len(groups)), dictionaries, label)
    except (pa.ArrowException, OSError) as error:
        raise _damaged(path, error, 0) from error


def _open(path: Path, dictionaries: tuple[str, ...]) -> pq.ParquetFile:
    # read, not mapped: a mapped file that is overwritten meanwhile kills the process
    return pq.ParquetFile(path, read_dictionary=list(dictionaries), memory_map=False, pre_buffer=False)


def _may_hold(group: pq.RowGroupMetaData, column: str, number: int) -> bool:
    """Whether a row group can hold a number; without statistics of whole numbers it can."""
    for position in range(group.num_columns):
        chunk = group.column(position)
        if chunk.path_in_schema == column:
            found = chunk.statistics if chunk.is_stats_set else None
            if found is None:
                return True
            if found.has_null_count and found.null_count == chunk.num_values:
                return False
            known = found.has_min_max and type(found.min) is int and type(found.max) is int
            return not known or found.min <= number <= found.max
    return True


def _groups(file: pq.ParquetFile) -> Iterator[int]:
    """The rows of every row group."""
    for group in range(file.metadata.num_row_groups):
        yield file.metadata.row_group(group).num_rows


def _dictionaries(file: pq.ParquetFile) -> tuple[str, ...]:
    """Text columns that take fewer bytes than plain text could, so their pages hold dictionary indices."""
    if file.metadata.num_row_groups == 0:
        return ()
    group = file.metadata.row_group(0)
    text = {field.name for field in file.schema_arrow if field.type in (pa.string(), pa.large_string())}
    chosen = []
    for position in range(group.num_columns):
        chunk = group.column(position)
        small = chunk.num_values and chunk.total_uncompressed_size < PLAIN_BYTES * chunk.num_values
        if chunk.path_in_schema in text and chunk.has_dictionary_page and small:
            chosen.append(chunk.path_in_schema)
    return tuple(chosen)


def _check_text(batch: pa.RecordBatch) -> None:
    """Parquet promises that text is UTF-8, and Arrow believes it. Raises ArrowInvalid where it is not so."""
    for field, column in zip(batch.schema, batch.columns, strict=True):
        value = field.type
        while hasattr(value, "value_type"):
            value = value.value_type
        if pa.types.is_string(value) or pa.types.is_large_string(value):
            column.validate(full=True)


def _damaged(path: Path, error: Exception, done: int) -> DataError:
    if isinstance(error, OSError) and error.errno is not None:
        return unreadable(path, error)
    where = f" after row {done:,}" if done else ""
    return wrong(
        "DT105", f"this is no Parquet file that can be read{where}", path, COPY_AGAIN, f"Parquet says: {reason(error)}"
    )
