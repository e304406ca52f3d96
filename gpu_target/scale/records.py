"""Partial results as record batches, for programs that pass nothing else on: Spark, files, a message queue.

One row per stretch of rows. Lanes and matches are Arrow streams in a cell each, since their types depend on the key.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.ipc as ipc

from gpu_target.columns.expressions import plain
from gpu_target.gathering import STAGES, Gathered, LanePiece, MatchPiece
from gpu_target.language.diagnostics import DataError, Diagnostic, UsageError
from gpu_target.language.model import LANES
from gpu_target.selection.lanes import Found
from gpu_target.selection.policy import LAST_POSITION, SEVERITY_SHIFT

PARTIALS = pa.schema(
    {
        "about": pa.string(),  # JSON: the evaluation that the rows were part of, and what evaluated them
        "first_row": pa.int64(),  # of the whole data, from 0; NULL where that is not known
        "rows": pa.int64(),
        "counts": pa.list_(pa.int64()),  # of every rule, in rule-set order
        "seconds": pa.list_(pa.float64()),  # read, encode, match, output
        "lanes": pa.binary(),
        "matches": pa.binary(),
    }
)
LARGEST_CELL = 2**31 - 1  # bytes
LEVEL, KEY = "level ", "key "  # begin the names of columns of which there may be several


@dataclass(frozen=True)
class Record:
    """One row of ``PARTIALS``, read. ``placed`` says whether it knows where its rows stand in the whole data."""

    about: dict[str, Any]
    gathered: Gathered
    placed: bool


def write_record(about: Mapping[str, Any], gathered: Gathered, placed: bool) -> pa.RecordBatch:
    """A record batch of one row. Raises UsageError with US041 where a cell would be larger than Arrow's."""
    row = {
        "about": json.dumps(about),
        "first_row": gathered.first_row if placed else None,
        "rows": gathered.rows,
        "counts": gathered.counts,
        "seconds": [gathered.spent[stage] for stage in STAGES],
        "lanes": None if gathered.lanes is None else _cell("lanes", _lane_table(gathered.lanes)),
        "matches": None
        if gathered.matches is None
        else _cell("matches", _match_table(gathered.matches, gathered.first_row)),
    }
    return pa.record_batch([pa.array([row[field.name]], field.type) for field in PARTIALS], schema=PARTIALS)


def read_records(data: Any) -> Iterator[Record]:
    """The records in record batches, an Arrow table or reader, or a frame, in their order.

    Raises DataError with DT172 for anything else.
    """
    try:
        for batch in _batches(data):
            columns = [batch.column(field.name).cast(field.type) for field in PARTIALS]
            for row in pa.record_batch(columns, schema=PARTIALS).to_pylist():
                yield _read(row)
    except (pa.ArrowException, KeyError, ValueError, TypeError) as error:
        remedy = "give the record batches of `map_in_arrow` or `Partial.to_batches`, whole and unchanged"
        message = f"these are no partial results: {str(error).splitlines()[0] if str(error) else type(error).__name__}"
        raise DataError(Diagnostic("DT172", message, remedy=remedy)) from error


def _batches(data: Any) -> Iterator[pa.RecordBatch]:
    for batch in pa.RecordBatchReader.from_stream(data) if hasattr(data, "__arrow_c_stream__") else data:
        if not isinstance(batch, pa.RecordBatch):
            raise TypeError(f"a {type(batch).__name__} is no record batch")
        yield batch


def _read(row: Mapping[str, Any]) -> Record:
    about, rows, placed = json.loads(row["about"]), int(row["rows"]), row["first_row"] is not None
    rules, counts = int(about["rules"]), np.array(row["counts"], np.int64)
    first_row = row["first_row"] if placed else 0
    wanted = ["lanes" in about["outputs"], "matches" in about["outputs"]]
    _expect(rows >= 0, first_row >= 0, wanted == [row["lanes"] is not None, row["matches"] is not None])
    _expect(len(counts) == rules, bool(((counts >= 0) & (counts <= rows)).all()))
    lanes = None if row["lanes"] is None else _lane_pieces(_table(row["lanes"]), rows, rules)
    matches = None if row["matches"] is None else _match_pieces(_table(row["matches"]), first_row, rows, counts)
    spent = dict(zip(STAGES, row["seconds"], strict=True))
    return Record(about, Gathered(first_row, rows, counts, spent, lanes, matches), placed)


def _expect(*holds: bool) -> None:
    """What contradicts itself would be met much later, as a wrong result or an error that explains nothing."""
    if not all(holds):
        raise ValueError("a record does not hold what it says")


def _cell(what: str, table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with ipc.new_stream(sink, table.schema, options=ipc.IpcWriteOptions(compression="zstd")) as stream:
        stream.write_table(table)
    written = sink.getvalue()
    if written.size > LARGEST_CELL:
        message = f"the {what} of one part take {written.size:,} bytes, and a cell holds {LARGEST_CELL:,}"
        raise UsageError(Diagnostic("US041", message, remedy="cut the data into more parts"))
    return bytes(written.to_pybytes())


def _table(cell: bytes) -> pa.Table:
    try:
        with ipc.open_stream(cell) as stream:
            table = stream.read_all().combine_chunks()
    except OSError as error:  # so Arrow says that a stream is cut off
        raise ValueError(str(error)) from error
    table.validate(full=True)  # a damaged index would end the process elsewhere
    return table


def _lane_table(pieces: Sequence[LanePiece]) -> pa.Table:
    """``key``, ``relief`` uint16, ``score`` int64, and the decision at every level of relief, uint32."""
    tables = []
    for keys, found in pieces:
        levels = {f"{LEVEL}{n}": level for n, level in enumerate(found.decision.T)}
        tables.append(
            pa.table({"key": keys.cast(plain(keys.type)), "relief": found.relief, "score": found.score, **levels})
        )
    return pa.concat_tables(tables) if tables else pa.table({})


def _lane_pieces(table: pa.Table, rows: int, rules: int) -> list[LanePiece]:
    _expect(min(1, rows) <= table.num_rows <= rows)
    if not rows:
        return []
    levels = [_numbers(table, name, np.uint32) for name in table.column_names if name.startswith(LEVEL)]
    found = Found(np.stack(levels, axis=1), _numbers(table, "relief", np.uint16), _numbers(table, "score", np.int64))
    decided = found.decision[found.decision > 0]
    positions, severities = LAST_POSITION - (decided & LAST_POSITION).astype(np.int64), decided >> SEVERITY_SHIFT
    _expect(bool((positions < rules).all()), bool(((severities > 0) & (severities < len(LANES))).all()))
    _expect(bool((found.relief < len(levels)).all()), not table["key"].null_count)
    return [(table["key"].chunk(0), found)]


def _match_table(pieces: Sequence[MatchPiece], first_row: int) -> pa.Table:
    """``row`` int64 counted from the first of the stretch, ``rule`` int32, and the key columns by their position."""
    tables = []
    for each in pieces:
        keys = {f"{KEY}{n}": values.cast(plain(values.type)) for n, values in enumerate(each.keys_of_matches())}
        tables.append(pa.table({"row": each.row - first_row, "rule": each.rule, **keys}))
    return pa.concat_tables(tables) if tables else pa.table({})


def _match_pieces(table: pa.Table, first_row: int, rows: int, counts: npt.NDArray[np.int64]) -> list[MatchPiece]:
    _expect(bool(table.column_names) == bool(rows))
    if not rows:
        return []
    row, rule = _numbers(table, "row", np.int64), _numbers(table, "rule", np.int32)
    _expect(bool(((row >= 0) & (row < rows)).all()), bool(((rule >= 0) & (rule < len(counts))).all()))
    step, same = np.diff(row), np.diff(row) == 0
    _expect(bool((step >= 0).all()), bool((np.diff(rule)[same] > 0).all()))
    _expect(np.array_equal(np.bincount(rule, minlength=len(counts)), counts))
    row_matches = np.bincount(row, minlength=rows).astype(np.int32)
    first = pa.array(np.flatnonzero(np.diff(row, prepend=-1)))
    keys = tuple(table[name].combine_chunks().take(first) for name in table.column_names if name.startswith(KEY))
    return [MatchPiece(first_row, row_matches, rule, keys)]


def _numbers(table: pa.Table, name: str, dtype: Any) -> npt.NDArray[Any]:
    values = table[name].cast(pa.from_numpy_dtype(dtype))
    _expect(not values.null_count)
    return np.asarray(values.to_numpy())
