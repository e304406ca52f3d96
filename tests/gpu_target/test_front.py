"""The package as Python sees it: names that are found, mistakes that are told, objects that fit on a line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import gpu_target as gt
from gpu_target.inputs import open_data
from gpu_target.inputs.splits import split
from tests.gpu_target.building import BACKENDS, ruleset

TABLE = pa.table({"id": ["A", "B"], "value": [1.0, 20.0]})


def test_every_public_name_is_listed_and_found() -> None:
    assert set(gt.__all__) <= set(dir(gt))
    assert all(getattr(gt, name) is not None for name in gt.__all__)
    assert "Any" not in dir(gt)


@pytest.mark.parametrize(
    ("call", "code", "said"),
    [
        (lambda: gt.compile("rules.yaml", TABLE.schema), "US019", "read it first: load_rules(path)"),  # type: ignore[arg-type]
        (lambda: gt.compile(ruleset("value > 1"), TABLE), "US019", "give its schema: table.schema"),
        (lambda: gt.compile(ruleset("value > 1"), TABLE.to_pandas()), "US019", "a DataFrame was given"),
        (
            lambda: gt.compile(ruleset("value > 1"), TABLE.schema).evaluate(TABLE, outputs=None),
            "US011",
            "give names of counts, lanes, matches",
        ),
    ],
)
def test_an_argument_of_another_kind_is_told_with_what_to_give(call: Callable[[], Any], code: str, said: str) -> None:
    with pytest.raises(gt.GpuTargetError) as error:
        call()
    (problem,) = error.value.diagnostics
    assert problem.code == code
    assert said in str(error.value)


def test_data_is_not_cut_into_no_split(tmp_path: Path) -> None:
    pq.write_table(TABLE, tmp_path / "t.parquet")
    data = open_data(tmp_path / "t.parquet")
    with pytest.raises(gt.GpuTargetError) as error:
        split(data, 0)
    assert error.value.diagnostics[0].code == "US044"


def test_objects_show_themselves_on_one_line() -> None:
    rules = ruleset(*[f"value > {n}" for n in range(2_000)])
    plan = gt.compile(rules, TABLE.schema, key=("id",))
    result = plan.evaluate(TABLE, outputs=("counts", "lanes", "matches"))
    assert repr(rules) == "<RuleSet test: 2,000 rules, 2,000 active>"
    assert repr(plan) == "<Plan of test: 2,000 rules, reads id, value>"
    assert repr(result) == "<Result of test: 21 matches of 2,000 rules on 2 rows, backend cpu>"


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("form", ["table", "reader", "batches"])
def test_a_column_without_any_value_is_one_of_the_plans_type(backend: str, form: str) -> None:
    rules = ruleset("value > 1", "value IS NULL", "text = 'x' OR value IS NULL", "CONTAINS(many, 'x')", "many IS NULL")
    schema = pa.schema(
        {"id": pa.string(), "value": pa.float64(), "text": pa.dictionary(pa.int32(), pa.string()),
         "many": pa.list_(pa.string())}
    )  # fmt: skip
    empty = pa.table({"id": ["A", "B", "C"], "value": pa.nulls(3), "text": pa.nulls(3), "many": pa.nulls(3)})
    data = {"table": empty, "reader": empty.to_reader(), "batches": iter(empty.to_batches())}[form]
    result = gt.compile(rules, schema, key=("id",)).evaluate(data, backend=backend, outputs=("counts", "lanes"))
    assert result.counts.tolist() == [0, 3, 3, 0, 3]
    assert result.lanes()["lane"].to_pylist() == ["red"] * 3


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_column_without_any_value_has_the_type_of_its_field(backend: str) -> None:
    rules = ruleset("customs_value > 1", "customs_value IS NULL", record="declaration-item")
    frame = pa.table({"declaration_id": [1, 2], "item_number": [1, 1], "customs_value": pa.nulls(2)}).to_pandas()
    table = pa.Table.from_pandas(frame)
    assert table.schema.field("customs_value").type == pa.null()
    assert gt.compile(rules, table.schema).evaluate(frame, backend=backend).counts.tolist() == [0, 2]


def test_a_column_without_any_value_and_without_a_type_is_told(tmp_path: Path) -> None:
    with pytest.raises(gt.GpuTargetError) as error:
        gt.compile(ruleset("value > 1"), pa.schema({"value": pa.null()}))
    assert error.value.diagnostics[0].code == "RT111"
    assert "declare a type in a map" in error.value.diagnostics[0].remedy


def test_part_files_may_lack_every_value_of_a_column(tmp_path: Path) -> None:
    full = pa.table({"id": ["A", "B"], "value": [1.0, 20.0], "text": ["x", "y"]})
    empty = pa.table({"id": ["C"], "value": pa.nulls(1), "text": pa.nulls(1)})
    for order in ((empty, full), (full, empty)):
        for number, table in enumerate(order):
            pq.write_table(table, tmp_path / f"part-{number}.parquet")
        data = open_data(tmp_path)
        assert data.schema.field("value").type == pa.float64()
        plan = gt.compile(ruleset("value > 10", "value IS NULL", "text = 'x'"), data.schema)
        assert plan.evaluate(data.reader(plan.columns)).counts.tolist() == [1, 1, 1]
