"""Evaluation: what a result holds, that the cut into batches and threads changes nothing, and what is refused."""

from __future__ import annotations

import datetime
import gc
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import gpu_target
from gpu_target import backends
from gpu_target.backends.base import Outcome, Wanted
from gpu_target.backends.cpu.backend import CpuBackend, CpuRunner
from gpu_target.columns.coded import Memo
from gpu_target.columns.values import Batch
from gpu_target.engine import Result
from gpu_target.language.diagnostics import DataError, GpuTargetError, UsageError, render
from gpu_target.plan.plan import Plan
from gpu_target.plan.process import compiling, deep_recursion
from tests.gpu_target.building import BACKENDS, counts, lookup, rule, ruleset

SCHEMA = pa.schema({"id": pa.string(), "line": pa.int32(), "value": pa.float64(), "made": pa.date32()})
ALL = ("counts", "lanes", "matches")


def table_of(n: int, items: int = 3) -> pa.Table:
    """Row n has the value n modulo 100; every declaration has ``items`` rows, not adjacent."""
    declarations = max(1, n // items)
    rows = np.arange(n)
    return pa.table(
        {
            "id": pa.array([f"D{row % declarations}" for row in rows], pa.string()),
            "line": pa.array(rows // declarations, pa.int32()),
            "value": (rows % 100).astype(float),
            "made": pa.array(rows % 1000, pa.int32()).cast(pa.date32()),
        }
    ).cast(SCHEMA)


def plan_of(*rules: Any, **fields: Any) -> Plan:
    chosen = rules or ("value < 10", "value = 50", rule("Y", "value >= 97", lane="yellow", weight=7), "value > 1000")
    return gpu_target.compile(ruleset(*chosen, **{"key": ("id", "line"), **fields}), SCHEMA)


def everything(result: Result) -> tuple[Any, ...]:
    lanes = result.lanes().sort_by("id")
    return (
        result.rows,
        result.counts.to_dict(),
        lanes.to_pylist(),
        result.matches().to_pylist(),
        result.match_keys().to_pylist(),
    )


# -- the result -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("backend", BACKENDS)
def test_counts_are_a_series_by_rule_id_in_rule_set_order_zeros_included(backend: str) -> None:
    found = plan_of().evaluate(table_of(200), backend=backend).counts
    expected = pd.Series([20, 2, 6, 0], index=pd.Index(["R0", "R1", "Y", "R3"], name="rule_id"), name="matches")
    pd.testing.assert_series_equal(found, expected, check_exact=True)
    assert found.dtype == np.int64


@pytest.mark.parametrize("backend", BACKENDS)
def test_matches_are_rows_and_positions_of_rules_sorted(backend: str) -> None:
    result = plan_of("value >= 98", "value < 1", "value = 99").evaluate(table_of(200), backend=backend, outputs=ALL)
    matches = result.matches()
    assert matches.schema == pa.schema({"row": pa.int64(), "rule": pa.int32()})
    expected = [(0, 1), (98, 0), (99, 0), (99, 2), (100, 1), (198, 0), (199, 0), (199, 2)]
    assert list(zip(matches["row"].to_pylist(), matches["rule"].to_pylist(), strict=True)) == expected
    keys = result.match_keys()
    assert keys.column_names == ["id", "line", "rule_id"]
    assert keys.slice(1, 1).to_pylist() == [{"id": "D32", "line": 1, "rule_id": "R0"}]


@pytest.mark.parametrize("backend", BACKENDS)
def test_there_is_one_lane_per_declaration_though_its_rows_are_apart(backend: str) -> None:
    lanes = plan_of().evaluate(table_of(200), backend=backend, outputs=("lanes",)).lanes()
    assert lanes.column_names == ["id", "lane", "score", "rule_id", "selected_by"]
    assert lanes.num_rows == 66
    assert lanes.schema.field("score").type == pa.int64()
    by_id = {each.pop("id"): each for each in lanes.to_pylist()}
    assert by_id["D0"] == {"lane": "red", "score": 8, "rule_id": "R0", "selected_by": "RULE"}
    assert by_id["D31"] == {"lane": "yellow", "score": 7, "rule_id": "Y", "selected_by": "RULE"}
    assert by_id["D10"] == {"lane": "green", "score": 0, "rule_id": None, "selected_by": None}


def test_a_result_says_what_made_it() -> None:
    plan = plan_of()
    result = plan.evaluate(table_of(100), seed=9, threads=2)
    assert (result.plan, result.rows, result.backend, result.seed, result.threads) == (plan, 100, "cpu", 9, 2)
    assert result.device
    assert set(result.seconds) == {"read", "encode", "match", "output"}
    assert min(result.seconds.values()) >= 0
    assert plan.evaluate(table_of(10), backend="interpreter", threads=8).threads == 1


@pytest.mark.parametrize("backend", BACKENDS)
def test_no_rows_are_no_error(backend: str) -> None:
    result = plan_of().evaluate(table_of(0), backend=backend, outputs=ALL)
    assert (result.rows, result.counts.tolist()) == (0, [0, 0, 0, 0])
    assert (result.lanes().num_rows, result.matches().num_rows, result.match_keys().num_rows) == (0, 0, 0)
    assert result.lanes().column_names == ["id", "lane", "score", "rule_id", "selected_by"]


@pytest.mark.parametrize("backend", BACKENDS)
def test_no_rules_send_everything_to_the_green_lane(backend: str) -> None:
    plan = gpu_target.compile(ruleset(key=("id",)), SCHEMA)
    result = plan.evaluate(table_of(9), backend=backend, outputs=ALL)
    assert (len(result.counts), result.counts.dtype, result.matches().num_rows) == (0, np.int64, 0)
    assert result.lanes()["lane"].to_pylist() == ["green"] * 3


def test_rules_that_read_no_column_still_meet_every_row() -> None:
    assert counts(table_of(130), "TRUE", "FALSE", "NOT FALSE") == [130, 0, 130]


# -- batches and threads ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("rows_per_batch", [1, 63, 64, 1000])
def test_the_cut_into_batches_and_threads_changes_nothing(rows_per_batch: int, threads: int) -> None:
    table = table_of(1500)
    expected = everything(plan_of().evaluate(table, backend="interpreter", outputs=ALL))
    batches = table.to_batches(max_chunksize=rows_per_batch)
    found = plan_of().evaluate(pa.Table.from_batches(batches), outputs=ALL, threads=threads)
    assert everything(found) == expected


@pytest.mark.parametrize("backend", BACKENDS)
def test_batches_may_have_dictionaries_of_their_own(backend: str) -> None:
    coded = pa.dictionary(pa.int8(), pa.string())
    batches = [
        pa.record_batch(
            {
                "id": pa.array(ids).dictionary_encode().cast(coded),
                "code": pa.array(codes).dictionary_encode().cast(coded),
            }
        )
        for ids, codes in ((["a", "b"], ["x", "y"]), (["b", "c"], ["y", "x"]), (["a", "c"], [None, "z"]))
    ]
    plan = gpu_target.compile(
        ruleset("code = 'x'", rule("Z", "code = 'z'", lane="blue"), key=("id",)), batches[0].schema
    )
    result = plan.evaluate(pa.RecordBatchReader.from_batches(batches[0].schema, batches), backend=backend, outputs=ALL)
    assert result.matches().to_pylist() == [{"row": 0, "rule": 0}, {"row": 3, "rule": 0}, {"row": 5, "rule": 1}]
    assert result.match_keys()["id"].to_pylist() == ["a", "c", "c"]
    lanes = result.lanes()
    assert dict(zip(lanes["id"].to_pylist(), lanes["lane"].to_pylist(), strict=True)) == {
        "a": "red",
        "b": "green",
        "c": "red",
    }


def test_rows_beyond_one_chunk_keep_their_numbers() -> None:
    chunk = CpuRunner.chunk_rows
    n = 2 * chunk + 17
    table = pa.table({"id": np.zeros(n, np.int64), "value": np.arange(n) * 1.0})
    plan = gpu_target.compile(ruleset(f"value = {chunk} OR value = {n - 1}", key=("id",)), table.schema)
    result = plan.evaluate(table, outputs=ALL, threads=3)
    assert result.matches()["row"].to_pylist() == [chunk, n - 1]
    assert result.lanes()["score"].to_pylist() == [2]


def test_a_runner_may_say_how_many_rows_it_wants_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[int] = []

    class Small(CpuBackend):
        def prepare(self, plan: Plan, wanted: Wanted) -> Any:
            runner: Any = super().prepare(plan, wanted)
            found, runner.chunk_rows = runner.run, 300

            def run(batch: Batch, declarations: Any) -> Outcome:
                taken.append(batch.n_rows)
                return found(batch, declarations)

            runner.run = run
            return runner

    plan, table = plan_of(), table_of(1_000)
    expected = plan.evaluate(table).counts
    monkeypatch.setattr(backends, "resolve", lambda name: Small())
    assert plan.evaluate(table).counts.equals(expected)
    assert sorted(taken) == [100, 300, 300, 300]


def test_progress_tells_the_rows_done_and_ends_with_all() -> None:
    told: list[int] = []
    batches = table_of(1000).to_batches(max_chunksize=100)
    plan_of().evaluate(pa.Table.from_batches(batches), progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1000


# -- the day of the run -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("day", ["1970-01-11", datetime.date(1970, 1, 11), datetime.datetime(1970, 1, 11, 23, 59)])
def test_as_of_is_the_day_of_the_run_in_any_form(day: Any, backend: str) -> None:
    rules = ("made > AS_OF", "AS_OF - made > 5", "AS_OF = DATE '1970-01-11'", "AS_OF IS NULL")
    found = counts(table_of(100), *rules, as_of=day, backend=backend)
    assert found == [89, 5, 100, 0]


def test_a_plan_serves_several_days() -> None:
    plan = plan_of("made > AS_OF")
    assert [int(plan.evaluate(table_of(100), as_of=f"1970-01-{day}").counts.iloc[0]) for day in (11, 21)] == [89, 79]


# -- misuse -----------------------------------------------------------------------------------------------------------


def refused(code: str, plan: Plan, data: Any, **options: Any) -> str:
    with pytest.raises(UsageError) as error:
        plan.evaluate(data, **options)
    (found,) = error.value.diagnostics
    assert found.code == code
    assert found.remedy
    return render(found)


def test_what_was_not_asked_for_is_not_there_to_read() -> None:
    result = plan_of().evaluate(table_of(10))
    for read, name in ((result.lanes, "lanes"), (result.matches, "matches"), (result.match_keys, "matches")):
        with pytest.raises(UsageError) as error:
            read()
        assert error.value.diagnostics[0].code == "US010"
        assert f'outputs=("counts", "{name}")' in str(error.value)


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        ({"outputs": ("counts", "lane")}, "US011", "no output 'lane'\n  = do: choose from counts, lanes, matches"),
        ({"outputs": "everything"}, "US011", "there is no output 'everything'"),
        ({"seed": -1}, "US012", "-1 is outside the range of seeds"),
        ({"seed": 2**64}, "US012", "choose a whole number from 0 to 18446744073709551615"),
        ({"seed": 1.0}, "US012", "1.0 is outside"),
        ({"threads": 0}, "US013", "0 threads cannot work\n --> --threads\n  = do: give 1 or more"),
        ({"threads": 1.5}, "US013", "1.5 threads"),
        ({"as_of": "31.1.2024"}, "US014", "'31.1.2024' is no date\n  = do: write it as 2024-01-31"),
        ({"as_of": 20240131}, "US014", "20240131 is no date"),
        ({"as_of": "20240131"}, "US014", "'20240131' is no date"),
        ({"backend": "gpu"}, "US018", "there is no backend 'gpu'\n  = do: choose from auto, cpu, cuda, interpreter"),
    ],
)  # fmt: skip
def test_an_option_that_makes_no_sense_is_refused(options: dict[str, Any], code: str, said: str) -> None:
    assert said in refused(code, plan_of(), table_of(10), **options)


@pytest.mark.parametrize("outputs", [iter(("counts", "lanes")), ["lanes"], {"lanes"}, "lanes"])
def test_outputs_may_come_in_any_form(outputs: Any) -> None:
    result = plan_of().evaluate(table_of(10), outputs=outputs)
    assert (result.lane_table is not None, result.pieces) == (True, None)


@pytest.mark.parametrize("name", ["threads", "seed"])
def test_a_truth_is_no_number(name: str) -> None:
    options: dict[str, Any] = {name: True}
    code = {"threads": "US013", "seed": "US012"}[name]
    assert "True" in refused(code, plan_of(), table_of(10), **options)


def test_as_of_without_a_day_is_refused_before_anything_is_read() -> None:
    def batches() -> Iterator[pa.RecordBatch]:
        raise AssertionError("was read")
        yield

    reader = pa.RecordBatchReader.from_batches(SCHEMA, batches())
    assert "give --as-of DATE" in refused("US015", plan_of("made > AS_OF"), reader)


def test_lanes_and_matches_without_a_key_are_refused_and_counts_are_not() -> None:
    plan = plan_of(key=None)
    assert plan.evaluate(table_of(100)).counts.sum() == 14
    for output in ("lanes", "matches"):
        assert "name it: key: [COLUMN]" in refused("US016", plan, table_of(10), outputs=(output,))


# -- data that do not fit ---------------------------------------------------------------------------------------------


def problems(plan: Plan, data: Any, **options: Any) -> list[tuple[str, str]]:
    with pytest.raises(GpuTargetError) as error:
        plan.evaluate(data, **options)
    assert isinstance(error.value, DataError)
    assert all(each.remedy for each in error.value.diagnostics)
    return [(each.code, each.message) for each in error.value.diagnostics]


def test_columns_that_the_data_lack_or_have_in_another_type_are_all_told() -> None:
    data = table_of(10).drop_columns(["id"]).set_column(1, "value", pa.array(["1"] * 10))
    assert problems(plan_of(), data) == [
        ("DT151", "the data has no column `id`"),
        ("DT152", "the column `value` is string, the plan was compiled for double"),
    ]
    assert problems(plan_of(), data.to_reader()) == problems(plan_of(), data)


def test_two_columns_of_one_name_are_told() -> None:
    data = table_of(10).append_column("value", pa.array([1.0] * 10))
    assert problems(plan_of(), data) == [("DT110", "the data has more than one column `value`")]


def test_further_columns_and_another_order_do_not_matter() -> None:
    table = table_of(100)
    other = table.select(["made", "value", "line", "id"]).append_column("more", table["value"])
    assert plan_of().evaluate(other).counts.equals(plan_of().evaluate(table).counts)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("coded", [False, True])
def test_a_row_without_its_declaration_is_told_by_its_number(coded: bool, backend: str) -> None:
    ids = pa.array([f"D{row}" if row != 70 else None for row in range(100)])
    table = table_of(100).set_column(0, "id", ids.dictionary_encode() if coded else ids)
    data = pa.Table.from_batches(table.to_batches(max_chunksize=32))
    plan = gpu_target.compile(ruleset("value < 10", key=("id",)), table.schema)
    said = ("DT153", "row 71 has no value in the key column `id`")
    assert problems(plan, data, outputs=("lanes",), backend=backend) == [said]
    assert plan.evaluate(data, backend=backend).counts.tolist() == [10]  # counts need no declaration


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_key_that_names_no_declaration_is_refused(backend: str) -> None:
    plan = plan_of(key=("value",))
    said = ("DT154", "the key column `value` is double")
    assert problems(plan, table_of(10), outputs=("lanes",), backend=backend) == [said]
    assert plan.evaluate(table_of(10), outputs=("matches",), backend=backend).matches().num_rows == 10


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("seed", [np.int64(7), np.uint64(7), np.int64(2**40 + 3)])
def test_a_seed_of_numpy_draws_as_the_number_that_it_is(seed: Any, backend: str) -> None:
    plan = plan_of(rule("HALF", "value < 60", rate=50), rule("SOME", "value > 30", rate=20, lane="yellow"))
    expected = plan.evaluate(table_of(900), outputs=ALL, seed=int(seed)).lanes()
    result = plan.evaluate(table_of(900), backend=backend, outputs=ALL, seed=seed)
    assert result.lanes().equals(expected)
    assert type(result.seed) is int


def test_entries_of_a_lookup_table_are_classified_once_however_many_batches_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept: list[int] = []
    original = Memo.table

    def counting(self: Memo, dictionary: pa.Array, classify: Any) -> Any:
        found = original(self, dictionary, classify)
        kept.append(len(self.known))
        return found

    monkeypatch.setattr(Memo, "table", counting)
    table = lookup({"code": ["D0", "D1"], "zone": ["N", "S"]}, {"id": "code"})
    plan = plan_of("t.zone = 'N'", "t.zone LIKE 'S%'", tables={"t": table})
    batches = table_of(5_000).to_batches(max_chunksize=500)
    result = plan.evaluate(pa.RecordBatchReader.from_batches(SCHEMA, batches))
    assert result.rows == 5_000
    assert len(kept) >= len(batches)
    assert set(kept) == {1}


def test_settings_of_the_process_are_put_back_by_the_last_of_several_users() -> None:
    limit = sys.getrecursionlimit()
    first, second = deep_recursion(), compiling()
    first.__enter__()
    second.__enter__()
    assert not gc.isenabled()
    first.__exit__(None, None, None)
    assert sys.getrecursionlimit() >= 20_000
    second.__exit__(None, None, None)
    assert sys.getrecursionlimit() == limit
    assert gc.isenabled()


def test_garbage_of_a_reader_is_collected_while_it_is_evaluated() -> None:
    seen: list[bool] = []

    def batches() -> Iterator[pa.RecordBatch]:
        for batch in table_of(300).to_batches(max_chunksize=100):
            seen.append(gc.isenabled())
            yield batch

    plan_of().evaluate(pa.RecordBatchReader.from_batches(SCHEMA, batches()))
    assert seen == [True, True, True]
