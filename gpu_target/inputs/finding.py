"""The rows of data that one column picks, reading no more than has to be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from gpu_target.inputs.data import Data
from gpu_target.inputs.layout import Column
from gpu_target.inputs.parquet_file import ParquetPart
from gpu_target.inputs.parts import Part

Picks = Callable[[pa.Array], pa.Array]  # a column to bool: which rows to take
Progress = Callable[[int], None]


class FoundRows(NamedTuple):
    """Rows in the order of the data, and which rows of the whole data they are, from 0."""

    table: pa.Table
    numbers: tuple[int, ...]


def find_rows(
    data: Data,
    column: str,
    picks: Picks,
    columns: Sequence[str],
    number: int | None = None,
    progress: Progress | None = None,
) -> FoundRows:
    """The rows that ``picks`` takes by the values of ``column``, with ``columns``.

    Of Parquet files only that column is read, and the others in the row groups that have such a row; where only rows
    with one whole ``number`` in the column are picked, the files' statistics rule out row groups before. Raises as
    ``Data.reader``. ``progress`` is called with the number of rows looked at.
    """
    names = list(dict.fromkeys([column, *columns]))
    taken: list[pa.RecordBatch] = []
    numbers: list[int] = []
    first = 0
    for part, layout in data._files:
        parquet = isinstance(part, ParquetPart)
        for piece in pieces(part, layout, column, number):
            file = of_part(data, piece, layout)
            row = first + piece.first - part.first
            found: list[int] = []
            for batch in batches(file, [column] if parquet else names):
                hits = hit_rows(batch.column(column), picks)
                found += (hits + row).tolist()
                if not parquet:
                    taken += [batch.slice(place, 1) for place in hits.tolist()]  # no kernel takes out of every type
                row += batch.num_rows
                if progress:
                    progress(row)
            if isinstance(piece, ParquetPart) and found:
                start = first + piece.first - part.first
                taken += from_groups(file, piece, column, picks, names, [each - start for each in found])
            numbers += found
        first += part.rows if part.rows is not None else row - first
    schema = pa.schema([data.schema.field(name) for name in names])
    return FoundRows(pa.Table.from_batches(taken, schema), tuple(numbers))


def pieces(part: Part, layout: Sequence[Column], column: str, number: int | None) -> Sequence[Part]:
    """The parts of a file to look at: all of it, unless it is known where a number of a column can be."""
    stored = next(each for each in layout if each.name == column)
    if isinstance(part, ParquetPart) and number is not None and stored.type is None:
        return part.around(stored.source, number)
    return [part]


def of_part(data: Data, part: Part, layout: tuple[Column, ...]) -> Data:
    """The data as if it were one file, or a stretch of one."""
    return replace(data, _files=((part, layout),), seconds=0.0, failure=None)


def batches(data: Data, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """The columns, batch by batch; what is wrong with a file is raised as itself, not as Arrow's words for it."""
    yield from data._batches(pa.schema([data.schema.field(name) for name in columns]))


def hit_rows(values: pa.Array, picks: Picks) -> np.ndarray:
    """int64[hits]: the places of the values that are picked."""
    return np.flatnonzero(picks(values).fill_null(False).to_numpy(zero_copy_only=False)).astype(np.int64)


def from_groups(
    data: Data, part: ParquetPart, column: str, picks: Picks, names: Sequence[str], found: Sequence[int]
) -> Iterator[pa.RecordBatch]:
    """The rows of a stretch of a Parquet file, ``found`` in it, out of the row groups that have them."""
    (_, layout), *_ = data._files
    ends = np.cumsum([part.groups[group] for group in part.chosen])
    places = np.searchsorted(ends, np.array(found), side="right")
    for place, count in Counter(places.tolist()).items():
        group = part.chosen[place]
        only = of_part(data, replace(part, chosen=range(group, group + 1)), layout)
        for batch in batches(only, names):
            hits = hit_rows(batch.column(column), picks).tolist()
            yield from (batch.slice(hit, 1) for hit in hits)
            count -= len(hits)
            if not count:  # the rest of the group holds no more of them
                break
