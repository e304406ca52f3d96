"""The example of every operator and function gives what the language page says of it, on every backend."""

from __future__ import annotations

import datetime
from pathlib import Path

import pyarrow as pa
import pytest
import yaml

import gpu_target
from gpu_target.language.operators import FUNCTIONS, OPERATORS, Example, Value
from gpu_target.language.record import RECORD_TYPES
from tests.gpu_target.building import BACKENDS

SHOWN = {entry.form: entry.example for entry in OPERATORS.values()} | {
    entry.name: entry.example for entry in FUNCTIONS.values()
}
FIELDS = RECORD_TYPES["declaration-item"].fields
ARROW = {
    bool: pa.bool_(),
    int: pa.int64(),
    float: pa.float64(),
    str: pa.large_string(),
    list: pa.large_list(pa.large_string()),
    datetime.date: pa.date32(),
    datetime.datetime: pa.timestamp("us"),
}


def arrow_type(name: str, value: Value) -> pa.DataType:
    """The type of a column that the example shows; a missing value has that of its field, or is a number."""
    if value is not None:
        return ARROW[type(value)]
    return FIELDS[name].to_arrow() if name in FIELDS else pa.float64()


def table_of(example: Example) -> pa.Table:
    arrays = {name: pa.array([value], arrow_type(name, value)) for name, value in example.row.items()}
    return pa.table({"row_number": pa.array([1]), **arrays})


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("example", SHOWN.values(), ids=SHOWN)
def test_the_example_on_the_language_page_is_true(example: Example, backend: str, tmp_path: Path) -> None:
    asked = {True: "{0}", False: "NOT ({0})", None: "({0}) IS NULL"}
    rules = [
        {"id": str(answer), "when": form.format(example.predicate), "lane": "red"} for answer, form in asked.items()
    ]
    lists = {name: list(values) for name, values in example.lists.items()}
    file = tmp_path / "rules.yaml"
    page = {"ruleset": "examples", "key": ["row_number"], "lists": lists, "rules": rules}
    file.write_text(yaml.safe_dump({name: value for name, value in page.items() if value}), encoding="utf-8")
    table = table_of(example)
    counts = gpu_target.compile(gpu_target.load_rules(file), table.schema).evaluate(table, backend=backend).counts
    assert counts.to_dict() == {str(answer): int(answer is example.value) for answer in asked}
