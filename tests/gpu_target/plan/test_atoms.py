"""Typed leaves as tests of class columns: equal tests are one, and classes are cut where some rule can tell."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gpu_target
from gpu_target.columns import coded, ordered
from gpu_target.plan import atoms
from gpu_target.plan.atoms import key_bounds, point_key, point_keys, split_pattern
from gpu_target.plan.plan import Plan
from tests.gpu_target.building import matching_rows, ruleset

SCHEMA = pa.schema(
    {"n": pa.int32(), "x": pa.float64(), "s": pa.string(), "l": pa.list_(pa.string()), "at": pa.timestamp("s")}
)


def plan_of(*rules: str) -> Plan:
    return gpu_target.compile(ruleset(*rules, lists={"few": ["a", "b"]}), SCHEMA)


def n_classes(*rules: str) -> list[int]:
    """Classes of every column of the plan, that of NULL included."""
    return [column.null + 1 for column in plan_of(*rules).layout.columns]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (["n > 5"], [3]),
        (["n > 5", "n >= 6", "5 < n", "NOT n <= 5", "n > 5.5"], [3]),  # one cut of whole numbers
        (["x > 5", "x >= 6"], [4]),  # two of floats
        (["n > 5", "n < 9", "n = 7"], [5]),  # up to 5, 6 and 8, 7, from 9
        (["n IN (1, 2, 3)"], [3]),
        (["n IN (1, 2, 3)", "n = 2"], [4]),
        (["n = 1.5"], []),  # no whole number is that
        (["s = 'a'"], [3]),
        (["s IN ('a', 'b')", "s IN @few"], [3]),
        (["s LIKE '87%'", "s LIKE '8703%'"], [4]),
        (["s LIKE '87%'", "s = '87'"], [4]),
        (["s LIKE 'abc'", "s = 'abc'"], [3]),
        (["s LIKE '%a'"], [3]),
        (["s LIKE '%a'", "s LIKE '_b%'"], [5]),  # two patterns: four combinations
        (["CONTAINS(l, 'a')", "CONTAINS_ANY(l, @few)"], [5]),
        (["n = n"], [4]),  # less, equal, greater
        (["x + 1 > 3", "x + 1 > 3 AND s = 'a'"], [3, 3]),
        (["x > 1 AND x < 0"], []),
    ],
)  # fmt: skip
def test_a_column_has_as_many_classes_as_rules_can_tell_apart(rules: list[str], expected: list[int]) -> None:
    assert sorted(n_classes(*rules)) == sorted(expected)


def test_a_derived_value_is_one_column_however_many_rules_use_it() -> None:
    rules = [f"x / n > {k}" for k in range(50)] + ["s = 'a' AND x / n < 7", "NOT (x / n = 3)", "(x / n) IS NULL"]
    columns = plan_of(*rules).layout.columns
    assert sorted(type(each).__name__ for each in columns) == ["OrderedColumn", "TextColumn"]


def test_the_two_orders_of_a_difference_are_two_values() -> None:
    assert len(plan_of("x - n > 1", "n - x > 1").layout.columns) == 2


def test_many_patterns_share_columns_of_at_most_twelve() -> None:
    plan = plan_of(*(f"s LIKE '%{k}%'" for k in range(30)))
    assert [column.null for column in plan.layout.columns] == [2**12, 2**12, 2**6]
    table = pa.table({"n": pa.array(range(3), pa.int32()), "s": ["29", "1", None]})
    found = matching_rows(table, *(f"s LIKE '%{k}%'" for k in range(30)))
    assert [k for k, rows in enumerate(found) if 0 in rows] == [2, 9, 29]
    assert [k for k, rows in enumerate(found) if 1 in rows] == [1]


def test_more_classes_than_a_number_can_name_are_parted_into_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = [f"n = {k}" for k in range(0, 200, 2)] + [f"s = 'c{k}'" for k in range(100)] + ["n IS NULL"]
    table = pa.table({"n": pa.array([0, 1, 198, 200, None], pa.int32()), "s": ["c0", "c99", "c100", None, "c7"]})
    whole = matching_rows(table, *rules)
    assert len(gpu_target.compile(ruleset(*rules), table.schema).layout.columns) == 2
    monkeypatch.setattr(atoms, "MOST_CLASSES", 40)
    columns = gpu_target.compile(ruleset(*rules), table.schema).layout.columns
    assert len(columns) == 8
    assert max(column.null for column in columns) < 40
    assert matching_rows(table, *rules) == whole


@pytest.mark.parametrize(
    ("pattern", "escape", "literal", "rest"),
    [
        ("8703%", None, "8703", "%"), ("8703%%%", None, "8703", "%"), ("8703", None, "8703", ""), ("%", None, "", "%"),
        ("", None, "", ""), ("a_", None, "a", "_"), ("a%b", None, "a", "%b"), ("50!%%", "!", "50%", "%"),
        ("a!!b", "!", "a!b", ""), ("a!_%_", "!", "a_", "%_"), ("%%_", None, "", "%%_"),
    ],
)  # fmt: skip
def test_a_pattern_is_cut_at_its_first_wildcard(pattern: str, escape: str | None, literal: str, rest: str) -> None:
    assert split_pattern(pattern, escape) == (literal, rest)


@pytest.mark.parametrize(
    ("value", "type_", "low", "high"),
    [
        (Fraction(5), pa.int8(), 5, 6),
        (Fraction(11, 2), pa.int8(), 6, 6),  # between two keys: none equals it
        (Fraction(0), pa.uint64(), ordered.LOWEST, ordered.LOWEST + 1),
        (Fraction(2**64), pa.int64(), ordered.HIGHEST, ordered.HIGHEST),
        (Fraction(-(2**70)), pa.int64(), ordered.LOWEST, ordered.LOWEST),
        (Fraction("1.25"), pa.decimal128(9, 2), 125, 126),
        (Fraction("1.255"), pa.decimal128(9, 2), 126, 126),
        (1_500_000_000, pa.timestamp("s"), 2, 2),
        (1_500_000_000, pa.timestamp("ms"), 1500, 1501),
        (True, pa.bool_(), 1, 2),
    ],
)
def test_a_literal_lies_between_two_keys_of_the_column_or_equals_one(
    value: Fraction | int | bool, type_: pa.DataType, low: int, high: int
) -> None:
    assert key_bounds(value, type_) == (low, high)
    assert point_key(value, type_) == (low if low < high else None)


@given(
    type_=st.sampled_from([pa.int8(), pa.int64(), pa.uint64(), pa.decimal128(9, 1), pa.float32()]),
    values=st.lists(st.integers(-(2**66), 2**66) | st.integers(-3, 3)),
)
def test_the_keys_of_a_list_are_those_of_its_values(type_: pa.DataType, values: list[int]) -> None:
    one_by_one = {point_key(Fraction(each), type_) for each in values} - {None}
    assert list(point_keys(tuple(values), type_)) == sorted(each for each in one_by_one if each is not None)


def test_a_decimal_of_many_digits_is_cut_exactly() -> None:
    literal = "100000000000000000000000000000"
    values = [Decimal("9" * 29 + ".99"), Decimal(literal), Decimal(literal + ".01")]
    table = pa.table({"id": range(3), "d": pa.array(values, pa.decimal128(38, 2))})
    rules = (f"d < {literal}", f"d = {literal}", f"d > {literal}.005", f"d IN ({literal}.01)")
    assert matching_rows(table, *rules) == [[0], [1], [2], [2]]


def test_null_is_a_class_of_its_own_and_the_last() -> None:
    (column,) = plan_of("x > 1").layout.columns
    assert isinstance(column, coded.OrderedColumn)
    table = pa.table({"n": pa.array([1, 2, 3], pa.int32()), "x": [None, math.nan, math.inf]})
    assert matching_rows(table, "x > 1", "x IS NULL", "NOT x > 1") == [[2], [0, 1], []]
