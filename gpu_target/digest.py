"""The hash of a result: the same wherever counts, lanes and matches are the same, however they were computed.

Every value is written as text, so that neither Arrow's encodings nor the cut into batches show; rows without an order
of their own are sorted. ``docs/reference/result-hash.md`` gives the bytes.

Rows are text block by block. Sorting needs the texts of the keys, which are held once each: a row is their places in
the sorted list, 8 bytes where it is sorted by all columns, else 4 for each column and 8 for the order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gpu_target.columns.arrow import text_of
from gpu_target.columns.coded import decoded
from gpu_target.columns.expressions import TEXT, family
from gpu_target.language.diagnostics import DataError, Diagnostic

BLOCK = 1 << 20  # rows written column by column, and made text at once
VERSION = "gpu-target result 1"
MISSING = -1  # in place of a length
LARGEST_NUMBER = 2**63 - 1


@dataclass(frozen=True)
class Sheet:
    """A table to hash. The rows of the first ``n_keys`` columns give its order; none leaves it as it is."""

    table: pa.Table
    n_keys: int


def result_hash(sheets: Mapping[str, Sheet]) -> str:
    """SHA-256 in hexadecimal of named tables, in the order given.

    Raises DataError with DT154 for a column of lists, which has no text.
    """
    digest = hashlib.sha256()
    _write(digest, pa.array([VERSION], TEXT))
    for name, sheet in sheets.items():
        shape = [name, str(sheet.table.num_rows), str(sheet.table.num_columns), *sheet.table.column_names]
        _write(digest, pa.array(shape, TEXT))
        for block in _sorted_blocks(sheet) if sheet.n_keys else _blocks(sheet.table):
            for texts in block:
                _write(digest, texts)
    return digest.hexdigest()


def _blocks(table: pa.Table) -> Iterator[list[pa.Array]]:
    """The columns of each block of rows, as text."""
    for start in range(0, table.num_rows, BLOCK):
        block = table.slice(start, BLOCK).combine_chunks().to_batches()
        yield [_text(name, decoded(values)) for name, values in zip(table.column_names, block[0].columns, strict=True)]


def _sorted_blocks(sheet: Sheet) -> Iterator[list[pa.Array]]:
    """The same, of the rows in their order."""
    table = sheet.table
    numbered = _numbered(table) if sheet.n_keys == table.num_columns else None
    if numbered:
        number, columns = numbered
        number.sort()
        for start in range(0, table.num_rows, BLOCK):
            rest, block = number[start : start + BLOCK], []
            for texts in columns[::-1]:
                rest, place = np.divmod(rest, len(texts))
                block.append(texts.take(pa.array(place)))
            yield block[::-1]
        return
    placed = [_placed(name, table.column(name)) for name in table.column_names]
    order = np.lexsort([each.place for each in placed[: sheet.n_keys]][::-1])
    for start in range(0, table.num_rows, BLOCK):
        rows = order[start : start + BLOCK]
        yield [each.texts.take(pa.array(each.place[rows])) for each in placed]


def _numbered(table: pa.Table) -> tuple[npt.NDArray[np.int64], list[pa.Array]] | None:
    """A number int64[n] for each row, in the order of the rows, and the texts of each column; None beyond 2^63 - 1.

    The places of a row are the digits of its number.
    """
    number, columns, most = np.zeros(table.num_rows, np.int64), [], 1
    for name in table.column_names:
        texts, place = _placed(name, table.column(name))
        most *= len(texts)
        if most > LARGEST_NUMBER:
            return None
        number *= len(texts)
        number += place
        columns.append(texts)
    return number, columns


class Placed(NamedTuple):
    """A column: its texts, ascending, each once, a missing value last, and the place int32[n] of every row's."""

    texts: pa.Array
    place: npt.NDArray[np.int32]


def _placed(name: str, column: pa.ChunkedArray) -> Placed:
    coded = column if pa.types.is_dictionary(column.type) else _encoded(name, column)
    texts, starts, last = [pa.array([], TEXT)], [], None
    for dictionary in (chunk.dictionary for chunk in coded.chunks):
        this = [len(dictionary), dictionary.offset, *(each and each.address for each in dictionary.buffers())]
        if this != last:  # most chunks have the dictionary of the one before
            texts.append(_text(name, decoded(dictionary)))
        starts.append(sum(map(len, texts[:-1])))
        last = this
    once = pa.concat_arrays(texts).dictionary_encode()
    n = len(once.dictionary)
    order = np.asarray(pc.sort_indices(once.dictionary))
    rank = np.full(n + 1, n, np.int32)
    rank[order] = np.arange(n, dtype=np.int32)
    # of every entry of the dictionaries, one after the other, and of none
    places = np.append(rank[np.asarray(once.indices.fill_null(n))], np.int32(n))
    place, done = np.empty(len(column), np.int32), 0
    for chunk, first in zip(coded.chunks, starts, strict=True):
        for start in range(0, len(chunk), BLOCK):
            block = chunk.indices.slice(start, BLOCK).cast(pa.int64())
            place[done : done + len(block)] = places[np.asarray(block.fill_null(len(places) - 1 - first)) + first]
            done += len(block)
    return Placed(pa.concat_arrays([once.dictionary.take(pa.array(order)), pa.nulls(1, TEXT)]), place)


def _encoded(name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Every value once, in one dictionary for all chunks."""
    chunks = [decoded(each) for each in column.chunks]
    if chunks:
        _text(name, chunks[0].slice(0, 0))  # refuses what has no text
    return pa.chunked_array(chunks, chunks[0].type if chunks else TEXT).dictionary_encode()


def _text(name: str, values: pa.Array) -> pa.Array:
    if family(values.type) == "list":
        message = f"the key column `{name}` is {values.type}: it has no place in a hash"
        raise DataError(Diagnostic("DT154", message, remedy="a key is text, a whole number or a date"))
    if pa.types.is_timestamp(values.type):
        values = values.cast(pa.int64())
    return values.cast(TEXT)


def _write(digest: hashlib._Hash, texts: pa.Array) -> None:
    """The lengths in bytes as little-endian int64, -1 for a missing value; then the bytes of all texts."""
    lengths = np.asarray(pc.fill_null(pc.binary_length(texts), MISSING)).astype("<i8")
    digest.update(lengths.tobytes())
    offsets, data = text_of(pc.fill_null(texts, ""))
    digest.update(data[offsets[0] : offsets[-1]].tobytes())
