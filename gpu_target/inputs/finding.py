"""The rows of data that one column picks, reading no more than has to be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from gpu_target.inputs.data import Data
from gpu_target.inputs.parquet_file import ParquetPart

Picks = Callable[[pa.Array], pa.Array]  # a column to bool: which rows to take
Progress = Callable[[int], None]


class FoundRows(NamedTuple):
    """Rows in the order of the data, and which rows of the whole data they are, from 0."""

    table: pa.Table
    numbers: tuple[int, ...]


def find_rows(
    data: Data, column: str, picks: Picks, columns: Sequence[str], progress: Progress | None = None
) -> FoundRows:
    """The rows that ``picks`` takes by the values of ``column``, with ``columns``.

    Of Parquet files only that column is read, and the others in the row groups that have such a row. Raises as
    ``Data.reader``. ``progress`` is called with the number of rows looked at.
    """
    names = list(dict.fromkeys([column, *columns]))
    schema = pa.schema([data.schema.field(name) for name in names])
    taken: list[pa.RecordBatch] = []
    numbers, first = [], 0
    for part, layout in data._files:
        file = replace(data, _files=((part, layout),), seconds=0.0, failure=None)
        found: list[int] = []
        rows = 0
        parquet = isinstance(part, ParquetPart)
        for batch in batches(file, [column] if parquet else names):
            hits = hit_rows(batch.column(column), picks)
            found += (hits + rows).tolist()
            if not parquet:
                taken += [batch.slice(int(place), 1) for place in hits]  # no kernel takes rows out of every type
            rows += batch.num_rows
            if progress:
                progress(first + rows)
        if isinstance(part, ParquetPart) and found:
            taken += from_groups(file, part, column, picks, names, found)
        numbers += [first + each for each in found]
        first += rows
    return FoundRows(pa.Table.from_batches(taken, schema), tuple(numbers))


def batches(data: Data, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """The columns, batch by batch; what is wrong with a file is raised as itself, not as Arrow's words for it."""
    schema = pa.schema([data.schema.field(name) for name in columns])
    yield from data._batches(schema)


def hit_rows(values: pa.Array, picks: Picks) -> np.ndarray:
    """int64[hits]: the places of the values that are picked."""
    return np.flatnonzero(picks(values).fill_null(False).to_numpy(zero_copy_only=False)).astype(np.int64)


def from_groups(
    data: Data, part: ParquetPart, column: str, picks: Picks, names: Sequence[str], found: Sequence[int]
) -> Iterator[pa.RecordBatch]:
    """The rows of a Parquet file of which ``found`` are the numbers, out of the row groups that have them."""
    (_, layout), *_ = data._files
    ends = np.cumsum([part.groups[group] for group in part.chosen])
    places = np.searchsorted(ends, np.array(found), side="right")
    for place in dict.fromkeys(places.tolist()):
        group = part.chosen[place]
        only = replace(data, _files=((replace(part, chosen=range(group, group + 1)), layout),))
        for batch in batches(only, names):
            yield from (batch.slice(int(place), 1) for place in hit_rows(batch.column(column), picks))
