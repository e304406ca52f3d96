"""Lists meet columns: values take the column's type, exactly, whatever their number."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import gpu_target
from gpu_target.language.diagnostics import DataError, GpuTargetError, RuleError, render
from gpu_target.plan.lists import BEYOND_FLOATS, typed_items
from tests.gpu_target.building import BACKENDS, matching_rows, ruleset
from tests.gpu_target.plan.refusals import SCHEMA, compile_file, condition, problems, refused

MILLION = 1_000_000


def test_a_list_that_is_not_there_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    refused(
        tmp_path, condition("code IN «@hihg»", lists="{high: [a]}"), "RT102", "no list `@hihg`", "did you mean `high`?"
    )
    refused(tmp_path, condition("CONTAINS_ANY(papers, «@watched»)"), "RT102", "define it: lists: {watched: [...]}")


def test_a_value_of_a_list_that_is_none_of_the_column_is_refused_where_it_stands(tmp_path: Path) -> None:
    text = condition("id IN @l", lists="{l: [1, 2, «three», 4]}")
    refused(tmp_path, text, "RT109", "`three` in the list `@l` does not fit", "expected a number", "mend the value")
    text = condition("lodged IN @l", lists="{l: [2024-01-31, «2024-02-30»]}")
    refused(tmp_path, text, "RT109", "expected a date such as 2024-01-31")


def test_the_first_three_wrong_values_of_a_file_are_told_with_their_rows(tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text("id\n1\nx\n0x10\n4\n5e\ny\n")
    found = problems(tmp_path, condition("id IN @l", lists="{l: l.csv}"))
    assert [each.code for each in found] == ["RT109"] * 3
    assert [each.place for each in found] == [f"{tmp_path / 'l.csv'}: row {row}" for row in (2, 3, 5)]
    assert "`0x10` in the list `@l`" in render(found[1])


def test_a_wrong_list_is_told_once_however_often_it_is_used(tmp_path: Path) -> None:
    text = condition("id IN @l OR value IN @l OR id NOT IN @l", lists="{l: [«x»]}")
    write_all = problems(tmp_path, text.replace("«", "").replace("»", ""))
    assert {each.code for each in write_all} == {"RT109"}
    assert len({each.location() for each in write_all}) == 1


def test_a_typed_list_meets_only_columns_of_its_own_kind(tmp_path: Path) -> None:
    pq.write_table(pa.table({"id": pa.array([1, 2])}), tmp_path / "l.parquet")
    refused(
        tmp_path, condition("code IN «@l»", lists="{l: l.parquet}"), "RT109",
        "the list `@l` holds int64 and meets large_string", "use a list of the column's type",
    )  # fmt: skip
    compile_file(tmp_path, condition("value IN @l", lists="{l: l.parquet}"))


def test_only_problems_with_data_are_no_error_of_the_rules() -> None:
    with pytest.raises(RuleError):
        gpu_target.compile(ruleset("id IN @l", lists={"l": ["x"]}), SCHEMA)
    assert not issubclass(RuleError, DataError)
    assert issubclass(RuleError, GpuTargetError)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("type_", "values", "rows"),
    [
        (pa.int64(), [1, 2**53 + 1, None, 2**53], [0, 1]),
        (pa.uint64(), [1, 2**53 + 1, None, 2**64 - 1], [0, 1, 3]),
        (pa.float64(), [1.0, 0.1, float("nan"), 0.3], [0, 1]),
        (pa.float32(), [1.0, 0.1, None, 0.3], [0, 1]),  # 0.1 is rounded once to the column's type
        (pa.decimal128(20, 1), [Decimal("1.0"), Decimal("0.1"), None, Decimal("0.2")], [0, 1]),
    ],
    ids=str,
)
def test_numbers_of_a_list_are_exact_values_of_the_columns_type(
    type_: pa.DataType, values: list[object], rows: list[int], backend: str
) -> None:
    table = pa.table({"id": range(4), "x": pa.array(values, type_)})
    written = ["1", "+1.0", "9007199254740993", "18446744073709551615"]
    if not pa.types.is_integer(type_):
        written.append("0.1")
    assert matching_rows(table, "x IN @l", backend=backend, lists={"l": written}) == [rows]


@pytest.mark.parametrize("backend", BACKENDS)
def test_texts_of_a_list_are_compared_letter_by_letter(backend: str) -> None:
    table = pa.table({"id": range(5), "x": ["0309", "309", "NO", "", None]})
    assert matching_rows(table, "x IN @l", backend=backend, lists={"l": ["0309", "NO", "0309"]}) == [[0, 2]]


@pytest.mark.parametrize("backend", BACKENDS)
def test_days_of_a_list_are_midnights(backend: str) -> None:
    moments = [datetime.datetime(2024, 3, 1), datetime.datetime(2024, 3, 1, 8), datetime.datetime(2024, 3, 2, 8), None]
    table = pa.table({"id": range(4), "x": pa.array(moments, pa.timestamp("ms"))})
    listed = {"l": ["2024-03-01", "2024-03-02 08:00:00"]}
    rules = ("x IN @l", "x NOT IN @l", "COALESCE(x, x) IN @l")
    assert matching_rows(table, *rules, backend=backend, lists=listed) == [[0, 2], [1], [0, 2]]


@pytest.mark.parametrize("backend", BACKENDS)
def test_nothing_is_in_an_empty_list_and_what_is_missing_is_unknown(backend: str) -> None:
    table = pa.table({"id": [0, 1], "x": ["a", None], "at": pa.array([1, None], pa.timestamp("s"))})
    rules = ("x IN @l", "x NOT IN @l", "COALESCE(at, at) IN @l", "COALESCE(at, at) NOT IN @l", "(x IN @l) IS NULL")
    found = matching_rows(table, *rules, backend=backend, lists={"l": []})
    assert found == [[], [0], [], [0], [1]]


def test_one_list_serves_columns_of_different_types() -> None:
    table = pa.table({"id": [8, 9], "text": ["8", "08"], "number": [8.0, 9.0]})
    rules = ("id IN @l", "text IN @l", "number IN @l")
    assert matching_rows(table, *rules, lists={"l": ["8"]}) == [[0], [0], [0]]


def test_a_million_ids_match_exactly_as_numbers_and_as_text() -> None:
    ids = np.random.default_rng(7).permutation(MILLION * 3)[:MILLION] + 10**12
    written = pa.array(ids).cast(pa.large_string())
    asked = np.arange(0, MILLION * 3, 11) + 10**12
    expected = int(np.isin(asked, ids).sum())
    assert expected > 10_000
    numbers = pa.array(asked)
    table = pa.table({"n": numbers, "t": numbers.cast(pa.string())})
    rules = ruleset("n IN @ids", "t IN @ids", "NOT n IN @ids", "t = '1'", lists={"ids": written})
    counts = gpu_target.compile(rules, table.schema).evaluate(table).counts.tolist()
    assert counts == [expected, expected, len(asked) - expected, 0]


def test_infinities_of_a_typed_list_lie_beyond_every_finite_number() -> None:
    found = typed_items(pa.array([1.5, float("inf"), float("-inf"), float("nan"), None, 1.5]))
    assert found == (1.5, BEYOND_FLOATS, -BEYOND_FLOATS)
