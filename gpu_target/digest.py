"""The hash of a result: the same wherever counts, lanes and matches are the same, however they were computed.

Every value is written as text, so that neither Arrow's encodings nor the cut into batches show; rows without an order
of their own are sorted. ``docs/reference/result-hash.md`` gives the bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gpu_target.columns.arrow import text_of
from gpu_target.columns.coded import decoded
from gpu_target.columns.expressions import TEXT, family
from gpu_target.language.diagnostics import DataError, Diagnostic

BLOCK = 1 << 20  # rows written column by column: bounds what is held as text at once
VERSION = "gpu-target result 1"
MISSING = -1  # in place of a length


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
        table = pa.table({column: _texts(column, sheet.table.column(column)) for column in sheet.table.column_names})
        shape = [name, str(table.num_rows), str(table.num_columns), *table.column_names]
        _write(digest, pa.array(shape, TEXT))
        keys = table.column_names[: sheet.n_keys]
        order = pc.sort_indices(table, sort_keys=[(key, "ascending") for key in keys]) if keys else None
        for start in range(0, table.num_rows, BLOCK):
            block = table.slice(start, BLOCK) if order is None else table.take(order.slice(start, BLOCK))
            for column in block.columns:
                _write(digest, column.combine_chunks())
    return digest.hexdigest()


def _texts(name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Every value as text, whatever its encoding: numbers in decimal, moments as the number that is stored."""
    return pa.chunked_array([_text(name, decoded(each)) for each in column.chunks], TEXT)


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
