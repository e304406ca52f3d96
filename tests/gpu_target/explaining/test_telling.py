"""What conditions were, in words: every operator, every kind of value, and every rule that can be generated."""

from __future__ import annotations

import datetime
import io
import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from rich.console import Console

import gpu_target
from gpu_target.cli.explanation import summary
from gpu_target.explaining.conditions import Condition
from gpu_target.explaining.document import document
from gpu_target.explaining.explanation import Explanation
from gpu_target.inputs.data import Data
from tests.gpu_target.building import lookup, rule, ruleset
from tests.oracle.bulk import AS_OF
from tests.oracle.cases import KEY
from tests.strategies import WITHOUT_SHRINKING, Example, examples

ROW = {
    KEY: pa.array([1]),
    "code": pa.array(["8703"]),
    "origin": pa.array(["FR"]),
    "none": pa.array([None], pa.string()),
    "price": pa.array([900.0]),
    "kilos": pa.array([0], pa.int32()),
    "cost": pa.array([Decimal(1250)], pa.decimal128(12, 2)),
    "flag": pa.array([False]),
    "day": pa.array([datetime.date(2024, 3, 1)]),
    "moment": pa.array([datetime.datetime(2024, 3, 1, 8, 30)], pa.timestamp("us")),
    "papers": pa.array([["N380", "Y900"]]),
}
LISTS = {"watched": ["XA", "XB"], "papers": ["N380"]}
TABLE = lookup(
    {"code": ["87", "8703"], "floor": pa.array([2.0, None]), "name": ["cars", "small"]}, {"code": "code"}, prefix="code"
)
EMPTY = "empty in row 2, found by code '8703', which begins with '8703'"
LET = {"unit_value": "price / kilos", "cheap": "price < 1000 AND NOT flag"}


def explained(when: str) -> Explanation:
    rules = ruleset(when, lists=LISTS, tables={"t": TABLE}, let=LET, key=(KEY,))
    return gpu_target.explain(rules, pa.table(ROW), (1,), as_of=AS_OF)


def told(when: str) -> Condition:
    (item,) = explained(when).items
    (found,) = item.matched + item.nearest
    (condition,) = found.conditions
    return condition


@pytest.mark.parametrize(
    ("when", "why"),
    [
        ("price = 900", "it is 900"),
        ("price < 1000", "900 is below 1000"),
        ("price > 1000", "900 is not above 1000"),
        ("price <> 900", "900 is not different from 900"),
        ("cost >= 1250.5", "1250 is not at least 1250.5"),
        ("code >= 'A'", "'8703' is not at or after 'A'"),
        ("day < AS_OF", "2024-03-01 is not before 2024-02-29"),
        ("moment > DATE '2024-03-01'", "2024-03-01 08:30:00 is after 2024-03-01"),
        ("price BETWEEN 1 AND 10", "900 is not between 1 and 10"),
        ("price NOT BETWEEN 1 AND 10", "900 is not between 1 and 10"),
        ("origin IN ('XA', 'FR')", "'FR' is one of 'XA', 'FR'"),
        ("origin NOT IN ('XA', 'XB')", "'FR' is not one of 'XA', 'XB'"),
        ("origin IN @watched", "'FR' is not in @watched"),
        ("code LIKE '87%'", "'8703' begins with '87'"),
        ("code NOT LIKE '87%'", "'8703' begins with '87'"),
        ("code LIKE '%9%'", "'8703' does not fit '%9%'"),
        ("none IS NULL", "none is missing"),
        ("none IS NOT NULL", "none is missing"),
        ("price IS NULL", "price is 900"),
        ("none = 'x'", "none is missing, so this is UNKNOWN"),
        ("flag", "it is FALSE"),
        ("CONTAINS(papers, 'Y900')", "['N380', 'Y900'] contains 'Y900'"),
        ("CONTAINS(papers, 'X')", "['N380', 'Y900'] does not contain 'X'"),
        ("CONTAINS_ANY(papers, @papers)", "['N380', 'Y900'] has a value in @papers"),
        ("CONTAINS_ANY(papers, @watched)", "['N380', 'Y900'] has no value in @watched"),
        ("unit_value > 1", "unit_value has no value, so this is UNKNOWN"),
        ("t.floor > 1", f"t.floor is {EMPTY}, so this is UNKNOWN"),
        ("t.name = 'small'", "it is 'small'"),
        ("cheap", "the condition in it is TRUE"),
        ("NOT flag", "the condition in it is FALSE"),
        ("flag OR none = 'x'", "1 of its 2 conditions is UNKNOWN, none TRUE"),
        ("flag OR price = 1", "all of its 2 conditions are FALSE"),
        ("flag OR price = 900", "1 of its 2 conditions is TRUE"),
        ("(none = 'x') IS NULL", "the condition in it is UNKNOWN"),
        ("COALESCE(none = 'x', flag)", "FALSE"),
    ],
)  # fmt: skip
def test_a_condition_is_told_in_words(when: str, why: str) -> None:
    assert told(when).why == why


def test_what_was_computed_is_shown_with_its_operands() -> None:
    (seen,) = told("price / LENGTH(code) + 1 > 5").seen
    assert (seen.kind, seen.value) == ("computed", 226)
    assert seen.how == "price / LENGTH(code) + 1 = 900 / LENGTH('8703') + 1"
    assert [each.name for each in seen.parts] == ["price", "code"]
    (named,) = told("unit_value IS NULL").seen
    assert named.how == "price / kilos = 900 / 0, which is no number: a division by zero has no result"


def test_a_name_of_let_that_is_a_condition_opens_into_what_it_stands_for() -> None:
    found = told("cheap")
    assert (found.joined, found.text) == ("cheap", "cheap")
    (inner,) = found.parts
    assert [each.text for each in inner.parts] == ["price < 1000", "NOT flag"]


def test_the_conditions_of_a_rule_are_those_of_its_and_and_of_its_own() -> None:
    one = replace(rule("A", "price > 1 AND (code = 'x' OR flag)"), valid=None)
    rules = ruleset(one, key=(KEY,))
    (item,) = gpu_target.explain(rules, pa.table(ROW), (1,)).items
    assert [each.text for each in item.nearest[0].conditions] == ["price > 1", "code = 'x' OR flag"]
    assert [each.condition for each in item.nearest[0].failing] == [1]


def page_of(found: Explanation) -> str:
    data = Data("data.parquet", pa.schema([]), None, None, {}, None)  # type: ignore[arg-type]
    console = Console(file=io.StringIO(), width=80)
    console.print(*summary(found, data, False), sep="\n", markup=False, highlight=False)
    written: Any = console.file
    return str(written.getvalue())


@given(example=examples(max_rules=3, max_rows=2, max_columns=4, depth=3))
@settings(max_examples=60, phases=WITHOUT_SHRINKING)
def test_every_rule_can_be_told_shown_and_written_as_json(example: Example) -> None:
    for row in example.table.column(KEY).to_pylist():
        found = gpu_target.explain(example.ruleset, example.table, (row,), as_of=AS_OF)
        json.dumps(document(found), allow_nan=False)
        page = page_of(found)
        for item in found.items:
            for each in (*item.matched, *item.nearest):
                assert each.rule.id in page
                truths = {condition.truth for condition in each.conditions}
                assert each.truth is (False if False in truths else None if None in truths else True)
                assert [place for place, condition in enumerate(each.conditions) if condition.truth is not True] == [
                    failing.condition for failing in each.failing
                ]
