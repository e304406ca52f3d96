"""Rows on their way in: record batches out of whatever form the data has, checked against the plan, cut into chunks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from gpu_target.columns.expressions import plain
from gpu_target.language.diagnostics import DataError, Diagnostic, UsageError
from gpu_target.plan.plan import Plan

UNIT = 8192  # rows of which chunks have a multiple: as many as the cpu backend looks at together


def batches_of(data: Any, plan: Plan) -> Iterator[pa.RecordBatch]:
    """Record batches with the plan's columns, whatever form the data has.

    A column of Arrow's type null, as pandas and Arrow give one without any value, is one of the plan's type.
    """
    for batch in _batches(data, plan):
        yield _with_types(batch, plan) if any(map(pa.types.is_null, batch.schema.types)) else batch


def _with_types(batch: pa.RecordBatch, plan: Plan) -> pa.RecordBatch:
    """The batch with each column of nulls in the plan's type."""
    names = batch.schema.names
    arrays = [
        pa.nulls(len(column), plan.schema.get(name, column.type)) if pa.types.is_null(column.type) else column
        for name, column in zip(names, batch.columns, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, names)


def _batches(data: Any, plan: Plan) -> Iterator[pa.RecordBatch]:
    names = list(plan.columns)
    if isinstance(data, pa.RecordBatch):
        data = pa.Table.from_batches([data])
    if hasattr(data, "scanner"):  # a dataset: read the needed columns only
        check_schema(data.schema, plan)
        yield from data.scanner(columns=names).to_batches()
        return
    if isinstance(data, pa.Table):
        check_schema(data.schema, plan)
        table = data.select(names)
        if not names:  # no column is read, and the rows still count
            yield pa.RecordBatch.from_struct_array(pa.nulls(data.num_rows, pa.struct([])))
            return
        yield from table.to_batches()
        return
    if not hasattr(data, "__arrow_c_stream__"):
        if isinstance(data, Iterator):
            yield from _iterated(data, plan)
            return
        hint = "call .collect() first" if type(data).__name__ == "LazyFrame" else "give an Arrow table, or a frame"
        raise UsageError(Diagnostic("US017", f"a {type(data).__name__} cannot be read as a table", remedy=hint))
    reader = data if isinstance(data, pa.RecordBatchReader) else pa.RecordBatchReader.from_stream(data)
    check_schema(reader.schema, plan)
    for batch in reader:
        yield batch.select(names) if names else batch


def _iterated(batches: Iterator[Any], plan: Plan) -> Iterator[pa.RecordBatch]:
    """Record batches as another program hands them over: each may have an encoding of its own."""
    names, checked = list(plan.columns), None
    for batch in batches:
        if not isinstance(batch, pa.RecordBatch):
            message = f"a {type(batch).__name__} is no record batch"
            raise UsageError(Diagnostic("US017", message, remedy="give pyarrow RecordBatches"))
        if batch.schema != checked:
            check_schema(batch.schema, plan)
            checked = batch.schema
        yield batch.select(names) if names else batch


def check_schema(schema: pa.Schema, plan: Plan) -> None:
    """The data has the columns that the plan was compiled for, with those types; the form of text does not matter."""
    problems = []
    for name, type_ in plan.schema.items():
        position = schema.get_field_index(name)
        if len(schema.get_all_field_indices(name)) > 1:
            problems.append(
                Diagnostic("DT110", f"the data has more than one column `{name}`", remedy="rename all but one")
            )
        elif position < 0:
            problems.append(
                Diagnostic("DT151", f"the data has no column `{name}`", remedy="compile for this data's schema")
            )
        elif (
            (found := schema.field(position).type) != type_
            and not pa.types.is_null(found)
            and plain(found) != plain(type_)
        ):
            problems.append(
                Diagnostic(
                    "DT152",
                    f"the column `{name}` is {found}, the plan was compiled for {type_}",
                    remedy="compile for this data's schema",
                )
            )
    if problems:
        raise DataError(*problems)


def chunks_of(batch: pa.RecordBatch, threads: int, most: int) -> Iterator[pa.RecordBatch]:
    """Slices of at most ``most`` rows, about as many of them for each thread."""
    slices = max(1, -(-batch.num_rows // (most * threads))) * threads
    size = min(most, max(1, -(-batch.num_rows // slices // UNIT)) * UNIT)
    for start in range(0, batch.num_rows, size):
        yield batch.slice(start, size)
