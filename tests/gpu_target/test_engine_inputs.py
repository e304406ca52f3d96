"""The forms that data can have: each is read through Arrow, in streams that are never held whole."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

import gpu_target
from gpu_target.language.diagnostics import DataError, UsageError
from gpu_target.plan.plan import Plan
from tests.gpu_target.building import ruleset

TABLE = pa.table(
    {
        "id": pa.array(np.arange(1000) // 3),
        "value": pa.array(np.arange(1000) * 0.5, mask=np.arange(1000) % 10 == 0),
        "code": pa.array([None if row % 11 == 0 else f"C{row % 7}" for row in range(1000)]),
    }
)
RULES = ruleset("value > 100 AND code = 'C3'", "code IS NULL OR value IS NULL", "value < 0", key=("id",))


def stored(folder: Path) -> str:
    pq.write_table(TABLE, folder / "t.parquet", row_group_size=100)
    return str(folder / "t.parquet")


def polars_frame(folder: Path) -> Any:
    return pl.from_arrow(TABLE)


FORMS: dict[str, Callable[[Path], Any]] = {
    "table": lambda folder: TABLE,
    "batch": lambda folder: TABLE.combine_chunks().to_batches()[0],
    "reader": lambda folder: TABLE.to_reader(max_chunksize=64),
    "iterator": lambda folder: iter(TABLE.to_batches(max_chunksize=64)),
    "dataset": lambda folder: ds.dataset(stored(folder)),
    "dataset in memory": lambda folder: ds.dataset(TABLE),
    "pandas": lambda folder: TABLE.to_pandas(),
    "polars": polars_frame,
    "duckdb": lambda folder: duckdb.connect().sql(f"FROM '{stored(folder)}'"),
}


def expected_counts() -> list[int]:
    rows = TABLE.to_pylist()
    return [
        sum(row["value"] is not None and row["value"] > 100 and row["code"] == "C3" for row in rows),
        sum(row["value"] is None or row["code"] is None for row in rows),
        0,
    ]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_the_same_data_gives_the_same_result(form: str, tmp_path: Path) -> None:
    data = FORMS[form](tmp_path)
    schema = TABLE.schema if form != "polars" else data.to_arrow().schema
    result = gpu_target.compile(RULES, schema).evaluate(data, outputs=("counts", "lanes", "matches"))
    assert result.counts.tolist() == expected_counts()
    assert result.rows == 1000
    assert result.lanes()["id"].to_pylist() == list(range(334))
    assert result.matches()["row"].to_pylist() == sorted(result.matches()["row"].to_pylist())


@pytest.mark.parametrize("type_", [
    pa.list_(pa.string()), pa.large_list(pa.large_string()), pa.list_(pa.string(), 2),
    pa.list_(pa.dictionary(pa.int32(), pa.string())), pa.large_list(pa.dictionary(pa.int8(), pa.large_string())),
])  # fmt: skip
def test_a_plan_for_one_form_of_lists_reads_every_other(type_: pa.DataType) -> None:
    rows = [["a", "b"], ["b", "c"], None, ["c", None]]
    column = pa.array(rows, pa.list_(pa.string()))
    rules = ruleset("CONTAINS(papers, 'b')", "papers IS NULL")
    plan = gpu_target.compile(rules, pa.schema({"papers": column.type}))
    if pa.types.is_dictionary(type_.value_type):
        elements = column.values.dictionary_encode().cast(type_.value_type)
        of = pa.LargeListArray if pa.types.is_large_list(type_) else pa.ListArray
        column = of.from_arrays(column.offsets, elements, mask=column.is_null())
    else:
        column = pa.array(rows, type_)
    assert plan.evaluate(pa.table({"papers": column})).counts.tolist() == [2, 1]


@pytest.mark.parametrize("form", ["table", "reader", "iterator", "dataset in memory", "pandas", "polars"])
def test_no_rows_in_any_form_are_no_error(form: str) -> None:
    empty = TABLE.slice(0, 0)
    data: Any = {
        "table": empty,
        "reader": pa.RecordBatchReader.from_batches(TABLE.schema, iter(())),
        "iterator": iter([]),
        "dataset in memory": ds.dataset(empty),
        "pandas": empty.to_pandas().astype({"code": "string"}),
        "polars": pl.from_arrow(empty),
    }[form]
    result = gpu_target.compile(RULES, TABLE.schema).evaluate(data, outputs=("counts", "lanes", "matches"))
    assert (result.rows, result.counts.sum(), result.lanes().num_rows, result.matches().num_rows) == (0, 0, 0, 0)


@pytest.mark.parametrize("form", ["table", "batch", "reader", "iterator", "dataset", "pandas", "polars", "duckdb"])
def test_rules_that_read_no_column_count_the_rows_of_any_form(form: str, tmp_path: Path) -> None:
    plan = gpu_target.compile(ruleset("TRUE", "FALSE"), TABLE.schema)
    assert plan.evaluate(FORMS[form](tmp_path)).counts.tolist() == [1000, 0]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ([1, 2], "a list cannot be read as a table\n  = do: give an Arrow table, or a frame"),
        (iter([TABLE]), "a Table is no record batch\n  = do: give pyarrow RecordBatches"),
        ({"id": [1]}, "a dict cannot be read as a table"),
        (None, "a NoneType cannot be read"),
        ("t.parquet", "a str cannot be read"),
        (pl.LazyFrame({"id": [1]}), "a LazyFrame cannot be read as a table\n  = do: call .collect() first"),
    ],
)
def test_what_is_no_table_is_refused_with_what_to_give(data: Any, said: str) -> None:
    with pytest.raises(UsageError) as error:
        gpu_target.compile(RULES, TABLE.schema).evaluate(data)
    assert error.value.diagnostics[0].code == "US017"
    assert said in str(error.value)


def test_a_reader_without_rows_still_has_its_columns_checked() -> None:
    lacking = TABLE.drop_columns(["value"]).slice(0, 0)
    with pytest.raises(DataError, match="no column `value`") as error:
        gpu_target.compile(RULES, TABLE.schema).evaluate(pa.RecordBatchReader.from_batches(lacking.schema, iter(())))
    assert error.value.diagnostics[0].code == "DT151"


# -- streams ----------------------------------------------------------------------------------------------------------


SCHEMA = pa.schema({"id": pa.int64(), "value": pa.int64()})
ROWS, BATCHES = 4096, 200


class Stream:
    """Batches made when they are asked for; knows how many there were and how many are still held by someone."""

    def __init__(self) -> None:
        self.made = self.held = self.most_held = 0

    def batches(self) -> Iterator[pa.RecordBatch]:
        for _ in range(BATCHES):
            values = np.arange(self.made * ROWS, (self.made + 1) * ROWS)
            self.made, self.held = self.made + 1, self.held + 1
            self.most_held = max(self.most_held, self.held)
            weakref.finalize(values, self._freed)
            batch = pa.record_batch([pa.array(values), pa.array(values)], schema=SCHEMA)
            del values
            yield batch
            del batch

    def _freed(self) -> None:
        self.held -= 1


def plan() -> Plan:
    return gpu_target.compile(ruleset("value >= 8192", "value = 5", key=("id",)), SCHEMA)


def test_a_stream_is_read_as_it_is_worked_off_and_never_held_whole() -> None:
    stream, ahead = Stream(), []
    result = plan().evaluate(
        pa.RecordBatchReader.from_batches(SCHEMA, stream.batches()),
        threads=2,
        progress=lambda rows: ahead.append(stream.made - rows // ROWS),
    )
    assert result.counts.tolist() == [ROWS * BATCHES - 8192, 1]
    assert max(ahead) <= 3 * 2 + 1  # three chunks wait for each thread
    assert stream.most_held <= 3 * 2 + 4


def test_a_stream_that_breaks_off_tells_its_own_fault() -> None:
    def batches() -> Iterator[pa.RecordBatch]:
        yield pa.record_batch([pa.array([1]), pa.array([2])], schema=SCHEMA)
        raise OSError("the line is dead")

    with pytest.raises(OSError, match="the line is dead"):
        plan().evaluate(pa.RecordBatchReader.from_batches(SCHEMA, batches()))


def test_of_a_dataset_only_the_columns_that_rules_need_are_read(tmp_path: Path) -> None:
    pq.write_table(TABLE.append_column("broken", TABLE["code"]), tmp_path / "t.parquet")
    asked: list[list[str]] = []

    class Watched:
        def __init__(self, dataset: Any) -> None:
            self.dataset, self.schema = dataset, dataset.schema

        def scanner(self, columns: list[str]) -> Any:
            asked.append(columns)
            return self.dataset.scanner(columns=columns)

    watched = Watched(ds.dataset(tmp_path / "t.parquet"))
    found = gpu_target.compile(ruleset("value IS NULL"), TABLE.schema).evaluate(watched)
    assert (asked, found.counts.tolist()) == ([["value"]], [100])
