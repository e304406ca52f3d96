"""Lookup tables meet a schema: keys take the columns' types, one row per key and day, the longest prefix wins."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import gpu_target
from gpu_target.language.diagnostics import DataError, GpuTargetError, render
from tests.gpu_target.building import BACKENDS, lookup, matching_rows, ruleset
from tests.gpu_target.plan.refusals import compile_file, condition, marked_text, problems


def file_with(table: str) -> str:
    return condition("t.floor > value", tables=f"{{t: {table}}}", roles="{date: made}")


@pytest.mark.parametrize(
    ("csv", "table", "code", "said"),
    [
        ("code,floor\n87,1\n88,2\n87,3\n", "key: code", "DT251",
         "rows 2 and 4 of the table `t` have one key: code '87'\n -do: keep one row per key"),
        ("id,floor\n07,1\n7,2\n", "key: id", "DT251", "rows 2 and 3 of the table `t` have one key: id 7"),
        ("code,id,floor\na,1,1\na,2,2\na,1,3\n", "key: [code, id]", "DT251", "have one key: code 'a', id 1"),
        ("code,f,u,floor\na,2024-01-01,2024-01-31,1\na,2024-01-31,,2\n", "key: code, valid: {from: f, until: u}",
         "DT251", "rows 2 and 3 of the table `t` have one key on one day: code 'a'\n -do: or part their days"),
        ("code,floor\na,1\nb,many\n", "key: code", "DT252",
         "`many` is not a number such as 12.5\n -t.csv, row 3, column `floor`"),
        ("id,floor\n1,1\none,2\n", "key: id", "DT252", "`one` is not a number such as 12.5\n -row 3, column `id`"),
        ("id,floor\n1,1\n1.5,2\n", "key: id", "DT252", "`1.5` is not a whole number"),
        ("id,floor\n9223372036854775808,1\n", "key: id", "DT252", "`9223372036854775808` is not a value of type int64"),
        ("code,f,floor\na,2024-02-30,1\n", "key: code, valid: {from: f}", "DT252", "`2024-02-30` is not a date"),
        ("code,f,floor\na,2024-02-28 08:00:00,1\n", "key: code, valid: {from: f}", "DT252", "without a time of day"),
        ("cod,floor\na,1\n", "key: cod", "RT101",
         "the key of the table `t` names no column: `cod`\n -did you mean `code`?"),
        ("value,floor\n1,1\n", "key: value", "RT106", "`value` is double; a key is text or a whole number"),
        ("id,floor\n1,1\n", "key: id, prefix: id", "RT106", "a prefix is text"),
    ],
)  # fmt: skip
def test_a_table_that_does_not_fit_is_refused_with_its_row(
    csv: str, table: str, code: str, said: str, tmp_path: Path
) -> None:
    (tmp_path / "t.csv").write_text(csv)
    text = file_with(f"{{file: t.csv, {table}, types: {{floor: number}}}}")
    (found,) = problems(tmp_path, text)
    assert found.code == code
    assert [part for part in said.split("\n -") if part.removeprefix("do: ") not in render(found)] == []
    if found.span:  # the name of the table in its file
        assert marked_text(found).startswith("t")
    else:
        assert "t.csv, row" in found.place


def test_a_table_with_days_needs_the_records_date(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("code,f,floor\na,2024-01-01,1\n")
    table = "{file: t.csv, key: code, valid: {from: f}, types: {floor: number}}"
    text = condition("t.floor > value", tables=f"{{t: {table}}}")
    (found,) = problems(tmp_path, text)
    assert (found.code, found.remedy) == ("RT114", "name its column in the rule set or the map: roles: {date: COLUMN}")
    assert "`valid` of the table `t` needs the record's date" in found.message


def test_typed_columns_of_other_kinds_are_refused() -> None:
    schema = pa.schema({"id": pa.int64(), "code": pa.string(), "value": pa.float64()})

    def refused(columns: Mapping[str, Any], key: Mapping[str, str]) -> str:
        rules = ruleset("t.v > 1", tables={"t": lookup(columns, key)})
        with pytest.raises(GpuTargetError) as error:
            gpu_target.compile(rules, schema)
        return str(error.value)

    assert "RT105]: `k` of the table is int64, `code` is large_string" in refused({"k": [1], "v": [1]}, {"code": "k"})
    assert "RT105]: `k` of the table is bool, `id` is int64" in refused({"k": [True], "v": [1]}, {"id": "k"})
    half = refused({"k": [1.5], "v": [1]}, {"id": "k"})
    assert "DT252]: the column `k` of the table `t` is double, and some value of it is no int64" in half
    assert "convert the column in its file" in half


GENERATED = {"parties": pa.table({"party_id": ["P1", "P2"], "age": [3, 30]})}


def test_a_table_of_the_generated_folder_is_joined_by_its_own_column_names(tmp_path: Path) -> None:
    text = condition("people.age > 5", tables="{people: {data: parties, key: {code: party_id}}}", key="[id]")
    plan = compile_file(tmp_path, text, tables=GENERATED)
    table = pa.table({"id": [1, 2, 3], "code": ["P2", "P3", "P1"]})
    assert plan.evaluate(table).counts.tolist() == [1]


@pytest.mark.parametrize(
    ("table", "tables", "said"),
    [
        ("{data: parties, key: {code: party_id}}", None, "the table `people` needs `parties` of a generated folder"),
        ("{data: partys, key: {code: party_id}}", GENERATED, "the table `people` needs `partys`"),
        ("{data: parties, key: {code: party}}", GENERATED, "`parties` has no column `party`"),
    ],
)
def test_a_table_that_the_generated_folder_lacks_is_a_problem_of_the_data(
    table: str, tables: Mapping[str, pa.Table] | None, said: str, tmp_path: Path
) -> None:
    text = condition("people.age > 5", tables=f"{{people: {table}}}")
    (found,) = problems(tmp_path, text, tables=tables)
    assert found.code == "DT253"
    assert said in found.message
    assert found.remedy in ("give a generated folder as DATA, or a file to the table", "did you mean `party_id`?")
    with pytest.raises(DataError):
        compile_file(tmp_path, text, tables=tables)


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_longest_prefix_that_has_the_other_keys_gives_the_row(backend: str) -> None:
    floors = lookup(
        {"code": ["87", "8703", "8703", ""], "origin": ["XA", "XB", "XC", "XA"], "floor": [2, 4, 5, 1]},
        {"code": "code", "origin": "origin"}, prefix="code",
    )  # fmt: skip
    table = pa.table(
        {
            "id": range(6),
            "code": ["870323", "870323", "8704", "01", "8703", None],
            "origin": ["XA", "XB", "XA", "XA", "XZ", "XA"],
        }
    )
    rules = [f"t.floor = {n}" for n in (1, 2, 4, 5)] + ["t.floor IS NULL"]
    found = matching_rows(table, *rules, backend=backend, tables={"t": floors})
    assert found == [[3], [0, 2], [1], [], [4, 5]]


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_row_of_the_records_day_is_taken_first_and_last_day_included(backend: str) -> None:
    days = [datetime.date(2024, 1, 1), datetime.date(2024, 1, 31), datetime.date(2024, 2, 1), datetime.date(2024, 2, 9)]
    rates = lookup(
        {"code": ["a", "a"], "f": [days[0], days[2]], "u": [days[1], None], "rate": [1, 2]},
        {"code": "code"}, valid=("f", "u"),
    )  # fmt: skip
    made = pa.array([datetime.date(2023, 12, 31), *days, None], pa.date32())
    table = pa.table({"id": range(6), "code": ["a"] * 6, "made": made})
    rules = ("t.rate = 1", "t.rate = 2", "t.rate IS NULL")
    found = matching_rows(table, *rules, backend=backend, tables={"t": rates}, roles={"date": "made"})
    assert found == [[1, 2], [3, 4], [0, 5]]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("type_", [pa.uint8(), pa.int64(), pa.uint64()], ids=str)
def test_whole_numbers_of_any_width_meet_a_key_of_text(type_: pa.DataType, backend: str) -> None:
    offices = lookup({"office": ["007", "9"], "size": [1, 2]}, {"office": "office"})
    table = pa.table({"id": range(3), "office": pa.array([7, None, 9], type_)})
    found = matching_rows(table, "t.size = 1", "t.size = 2", "t.size IS NULL", backend=backend, tables={"t": offices})
    assert found == [[0], [2], [1]]
