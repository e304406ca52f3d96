"""The function for Spark's mapInArrow, by its contract: iterators of record batches in and out, sent by cloudpickle."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from typing import Any

import cloudpickle
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.ipc as ipc
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpu_target import scale
from gpu_target.language.diagnostics import DataError, UsageError
from gpu_target.scale import records
from tests.gpu_target.scale.parts import ALL, ROWS, evenly, everything, plan_of, refused, table_of, whole

Batches = Iterator[pa.RecordBatch]
OPTIONS: dict[str, Any] = {"outputs": ALL, "seed": 7}


def on_partitions(function: Callable[[Batches], Batches], partitions: list[pa.Table]) -> list[pa.RecordBatch]:
    """What Spark does: the function travels to every partition, and gets its rows in batches of 10,000 at most."""
    found: list[pa.RecordBatch] = []
    for partition in partitions:
        there = cloudpickle.loads(cloudpickle.dumps(function))
        for batch in there(iter(partition.to_batches(max_chunksize=300))):
            assert batch.schema == scale.PARTIALS
            found.append(through_a_stream(batch))
    return found


def through_a_stream(batch: pa.RecordBatch) -> pa.RecordBatch:
    sink = io.BytesIO()
    with ipc.new_stream(sink, batch.schema) as stream:
        stream.write_batch(batch)
    return ipc.open_stream(sink.getvalue()).read_next_batch()


def partitions_of(n: int) -> list[pa.Table]:
    return [table for _, table in evenly(table_of(), n)]


# -- there and back ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 7])
def test_partitions_give_the_result_of_the_whole(n: int) -> None:
    found = on_partitions(scale.map_in_arrow(plan_of(), **OPTIONS), partitions_of(n))
    assert len(found) == n
    result = scale.collect(found).finish(plan_of(), rows=ROWS)
    assert everything(result) == everything(whole(table_of()))


def test_partitions_in_another_order_change_the_order_of_rows_and_not_the_hash() -> None:
    found = on_partitions(scale.map_in_arrow(plan_of(), **OPTIONS), partitions_of(7)[::-1])
    result = scale.collect(found).finish(plan_of(), rows=ROWS)
    expected = whole(pa.concat_tables(partitions_of(7)[::-1]))
    assert everything(result) == everything(expected)
    assert result.sha256 == whole(table_of()).sha256


def test_partitions_without_rows_are_no_trouble() -> None:
    empty = table_of(0)
    parts = partitions_of(2)
    found = on_partitions(scale.map_in_arrow(plan_of(), **OPTIONS), [empty, parts[0], empty, empty, parts[1]])
    assert everything(scale.collect(found).finish(plan_of(), rows=ROWS)) == everything(whole(table_of()))


def test_no_rows_at_all_are_a_result_without_any() -> None:
    found = on_partitions(scale.map_in_arrow(plan_of(), **OPTIONS), [table_of(0), table_of(0)])
    assert everything(scale.collect(found).finish(plan_of(), rows=0)) == everything(whole(table_of(0)))


def as_pandas(batches: list[pa.RecordBatch]) -> pd.DataFrame:
    """As ``toPandas`` gives it: arrays and bytes as objects."""
    rows = pa.Table.from_batches(batches).to_pylist()
    frame = pd.DataFrame(rows, columns=scale.PARTIALS.names)
    frame["counts"] = [np.array(each) for each in frame["counts"]]
    return frame


FORMS: dict[str, Callable[[list[pa.RecordBatch]], Any]] = {
    "list": list,
    "iterator": iter,
    "table": pa.Table.from_batches,
    "reader": lambda batches: pa.RecordBatchReader.from_batches(scale.PARTIALS, batches),
    "pandas": as_pandas,
    "large": lambda batches: pa.Table.from_batches(batches).cast(
        pa.schema(
            {
                **{field.name: field.type for field in scale.PARTIALS},
                "about": pa.large_string(),
                "lanes": pa.large_binary(),
                "counts": pa.large_list(pa.int64()),
            }
        )
    ),
    "other order": lambda batches: pa.Table.from_batches(batches).select(scale.PARTIALS.names[::-1]),
}


@pytest.mark.parametrize("outputs", ["counts", ALL], ids=["counts", "all"])
@pytest.mark.parametrize("form", FORMS)
def test_what_comes_back_may_have_any_form(form: str, outputs: tuple[str, ...]) -> None:
    found = on_partitions(scale.map_in_arrow(plan_of(), seed=7, outputs=outputs), partitions_of(3))
    result = scale.collect(FORMS[form](found)).finish(plan_of(), rows=ROWS)
    assert result.sha256 == whole(table_of(), outputs=outputs).sha256


def test_records_can_be_kept_in_a_file(tmp_path: Any) -> None:
    parts = [scale.partial(plan_of(), table, first_row=first, **OPTIONS) for first, table in evenly(table_of(), 3)]
    written = pa.Table.from_batches([batch for each in parts[::-1] for batch in each.to_batches()])
    pq.write_table(written, tmp_path / "partials.parquet")
    result = scale.collect(pq.read_table(tmp_path / "partials.parquet")).finish(plan_of(), rows=ROWS)
    assert everything(result) == everything(whole(table_of()))


def test_the_counts_in_the_records_add_up_without_this_program() -> None:
    found = on_partitions(scale.map_in_arrow(plan_of()), partitions_of(3))
    counts = pa.Table.from_batches(found)["counts"].to_pylist()
    assert np.sum(counts, axis=0).tolist() == whole(table_of()).counts.tolist()
    assert pa.Table.from_batches(found)["rows"].to_pylist() == [1_000, 1_000, 1_000]


def test_the_schema_for_spark_is_that_of_the_records() -> None:
    spark = {
        "string": pa.string(),
        "bigint": pa.int64(),
        "binary": pa.binary(),
        "array<bigint>": pa.list_(pa.int64()),
        "array<double>": pa.list_(pa.float64()),
    }
    fields = [each.split(" ") for each in scale.SPARK_SCHEMA.split(", ")]
    assert pa.schema([(name, spark[type_]) for name, type_ in fields]) == scale.PARTIALS


# -- what goes wrong --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        ({"outputs": ("lane",)}, "US011", "there is no output 'lane'"),
        ({"backend": "gpu"}, "US018", "there is no backend 'gpu'"),
    ],
)
def test_wrong_options_are_told_before_anything_is_sent(options: dict[str, Any], code: str, said: str) -> None:
    assert refused(lambda: scale.map_in_arrow(plan_of(), **options), code, UsageError).message == said


def test_a_partition_that_lacks_a_column_is_told() -> None:
    function, lacking = scale.map_in_arrow(plan_of()), table_of(9).drop_columns(["value"])
    assert (
        refused(lambda: on_partitions(function, [lacking]), "DT151", DataError).message
        == "the data has no column `value`"
    )


def test_not_one_record_is_told() -> None:
    message = refused(lambda: scale.collect([]), "US042", UsageError).message
    assert message == "there are no partial results to collect"


def test_a_part_that_is_too_large_for_a_record_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "LARGEST_CELL", 1_000)
    part = scale.partial(plan_of(), table_of(), **OPTIONS)
    message = refused(lambda: list(part.to_batches()), "US041", UsageError).message
    assert re.fullmatch(r"the lanes of one part take [\d,]+ bytes, and a cell holds 1,000", message)


def changed(**cells: Any) -> pa.Table:
    (batch,) = on_partitions(scale.map_in_arrow(plan_of(), **OPTIONS), [table_of()])
    row = {**batch.to_pylist()[0], **cells}
    return pa.Table.from_pylist([row], scale.PARTIALS)


def in_a_cell(cell: str, **columns: Any) -> bytes:
    """The stream in a cell, with some of its columns replaced."""
    table = ipc.open_stream(changed()[cell][0].as_py()).read_all()
    for name, values in columns.items():
        place = table.schema.get_field_index(name)
        table = table.set_column(place, name, pa.array(values(np.array(table[name])), table.schema.field(name).type))
    sink = io.BytesIO()
    with ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return sink.getvalue()


def in_the_first(value: int) -> Callable[[Any], Any]:
    return lambda values: np.concatenate([[value], values[1:]])


def swapped(values: Any) -> Any:
    return np.concatenate([values[-1:], values[1:-1], values[:1]])


@pytest.mark.parametrize(
    "data",
    [
        pa.table({"rows": [1]}),
        changed(about="{"),
        changed(about="{}"),
        changed(about="[]"),
        changed(about=None),
        changed(counts=[1]),
        changed(counts=None),
        changed(rows=None),
        changed(seconds=[1.0]),
        changed(lanes=None),
        changed(lanes=b"no stream"),
        changed(lanes=changed()["lanes"][0].as_py()[:-200]),
        changed(matches=changed()["lanes"][0].as_py()),
        changed().set_column(2, "rows", pa.array(["many"])),
        changed(rows=ROWS - 1),  # fewer than there are matches for, and lanes
        changed(rows=-1),
        changed(first_row=-1),
        changed(matches=in_a_cell("matches", row=in_the_first(-1))),
        changed(matches=in_a_cell("matches", row=swapped)),
        changed(matches=in_a_cell("matches", rule=in_the_first(-1))),
        changed(matches=in_a_cell("matches", rule=in_the_first(5))),
        changed(matches=in_a_cell("matches", rule=lambda rules: np.zeros(len(rules), np.int32))),  # counts say more
        changed(counts=[0, 0, 0, 0, 0]),
        changed(lanes=in_a_cell("lanes", relief=in_the_first(9))),
        [1, 2],
        7,
    ],
)
def test_what_holds_no_partial_results_is_refused(data: Any) -> None:
    message = refused(lambda: scale.collect(data), "DT172", DataError).message
    assert message.startswith("these are no partial results: ")
    assert "\n" not in message


@st.composite
def damaged_records(draw: st.DrawFn) -> pa.Table:
    """One number of a small record, or of a stream in it, is another one."""
    part = scale.partial(plan_of(), table_of(12), **OPTIONS)
    (row,) = next(iter(part.to_batches())).to_pylist()
    other = draw(st.sampled_from([-1, 0, 1, 2, 11, 12, 255, 2**24 - 1, 2**24, 2**26 - 1, 2**31 - 1]))
    field = draw(st.sampled_from(["rows", "first_row", "counts", "lanes", "matches"]))
    if field in ("rows", "first_row"):
        row[field] = min(other, 255)  # memory is taken for as many as there are said to be
    elif field == "counts":
        row[field][draw(st.integers(0, len(row[field]) - 1))] = other
    else:
        table = ipc.open_stream(row[field]).read_all()
        name = draw(st.sampled_from([name for name in table.column_names if not name.startswith("key")]))
        place, values = table.schema.get_field_index(name), table[name].to_pylist()
        values[draw(st.integers(0, len(values) - 1))] = draw(st.sampled_from([None, other]))
        try:
            column = pa.array(values, table.schema.field(name).type)
        except (OverflowError, pa.ArrowInvalid):
            column = pa.array(values, pa.int64())
        sink = io.BytesIO()
        changed_table = table.set_column(place, name, column)
        with ipc.new_stream(sink, changed_table.schema) as stream:
            stream.write_table(changed_table)
        row[field] = sink.getvalue()
    return pa.Table.from_pylist([row], scale.PARTIALS)


@given(damaged_records())
@settings(max_examples=300)
def test_a_wrong_number_is_told_or_is_a_number_that_could_be(data: pa.Table) -> None:
    try:
        result = scale.collect(data).finish(plan_of())
    except DataError as error:
        told = {each.code for each in error.diagnostics}
        if told <= {"DT171", "DT172"}:
            return
        raise
    assert len(result.sha256) == 64
    starts, rules = result.sparse_matches()
    assert (len(starts), int(starts[-1])) == (result.rows + 1, len(rules))
    assert result.counts.tolist() == np.bincount(rules, minlength=5).tolist()
    assert result.matches().num_rows == result.match_keys().num_rows == len(rules)
    assert set(result.lanes()["lane"].to_pylist()) <= {"green", "blue", "yellow", "red"}
