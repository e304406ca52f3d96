"""The tests inside rule files: what they decide, and how a test that makes no sense is told."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import gpu_target
from gpu_target.language.diagnostics import RuleError, UsageError, render
from gpu_target.rule_tests import TestOutcome, run_tests
from tests.gpu_target.language.loading import rule_set, write

TYPES = {
    "code": pa.dictionary(pa.int32(), pa.string()),
    "value": pa.float64(),
    "narrow": pa.float32(),
    "count": pa.int64(),
    "made": pa.date32(),
    "flag": pa.bool_(),
    "papers": pa.list_(pa.string()),
}


def run(folder: Path, rules: str, keys: dict[str, str] | None = None, **options: Any) -> list[TestOutcome]:
    write(folder, {"r.yaml": rule_set(rules, **(keys or {}))})
    return run_tests(gpu_target.load_rules(folder / "r.yaml"), TYPES, **options)


def one_rule(when: str, *tests: str, more: str = "") -> str:
    lines = "".join(f"\n    - {{{test}}}" for test in tests)
    return f"- id: A\n  when: {when}\n  lane: red\n{more}  tests:{lines}"


def found(folder: Path, when: str, *tests: str, **options: Any) -> list[bool | None]:
    rules = one_rule(when, *(f"{test}, expect: match" for test in tests))
    return [each.found for each in run(folder, rules, **options)]


def test_every_test_of_every_rule_is_run_in_order_drafts_and_retired_ones_too(tmp_path: Path) -> None:
    rules = """
        - {id: A, when: value > 1, lane: red, tests: [{value: 2, expect: match}, {value: 1, expect: no match}]}
        - {id: B, when: value > 1, lane: red}
        - {id: C, when: value > 1, lane: red, status: draft, tests: [{value: 1, expect: match}]}
        - {id: D, when: value > 1, lane: red, status: retired, tests: [{expect: no match}]}
    """
    outcomes = run(tmp_path, rules)
    assert [(each.rule_id, each.index, each.found, each.passed) for each in outcomes] == [
        ("A", 1, True, True), ("A", 2, False, True), ("C", 1, False, False), ("D", 1, None, True),
    ]  # fmt: skip
    span = outcomes[2].span
    assert span is not None
    assert span.location()[1] == 5


def test_what_a_test_does_not_name_is_null(tmp_path: Path) -> None:
    assert found(tmp_path, "value > 1 AND count > 1", "value: 2", "count: 2", "value: 2, count: 2") == [
        None,
        None,
        True,
    ]
    assert found(tmp_path, "code IS NULL", "value: 2", "code: ''", "code: ") == [True, False, True]


def test_values_are_read_as_their_columns_and_never_guessed(tmp_path: Path) -> None:
    assert found(tmp_path, "code = 'NO'", "code: NO") == [True]
    assert found(tmp_path, "code = '0309'", "code: 0309", "code: 309") == [True, False]
    assert found(tmp_path, "count = 9007199254740993", "count: 9007199254740993", "count: 9007199254740992") == [
        True,
        False,
    ]
    assert found(tmp_path, "narrow = 0.1", "narrow: 0.1") == [True]
    assert found(tmp_path, "made >= DATE '2024-03-01'", "made: 2024-03-01", "made: 2024-02-29") == [True, False]
    assert found(tmp_path, "NOT flag", "flag: false", "flag: true") == [True, False]
    assert found(tmp_path, "CONTAINS(papers, 'N730')", "papers: [N380, N730]", "papers: []") == [True, False]


def test_the_other_keys_of_a_rule_count_only_where_the_test_names_their_column(tmp_path: Path) -> None:
    more = "  flow: IM\n  valid: {from: 2024-03-01, until: 2024-03-31}\n"
    tests = (
        "value: 2, expect: match",
        "value: 2, code: IM, expect: match",
        "value: 2, code: EX, expect: no match",
        "value: 2, made: 2024-03-31, expect: match",
        "value: 2, made: 2024-04-01, expect: no match",
        "value: 0, code: IM, expect: no match",
    )
    outcomes = run(tmp_path, one_rule("value > 1", *tests, more=more), {"roles": "{flow: code, date: made}"})
    assert [each.found for each in outcomes] == [True, True, False, True, False, False]
    assert all(each.passed for each in outcomes)


def test_as_of_is_the_day_that_is_given_and_asked_for_where_it_is_missing(tmp_path: Path) -> None:
    day = datetime.date(2024, 3, 1)
    assert found(tmp_path, "made < AS_OF", "made: 2024-02-29", "made: 2024-03-01", as_of=day) == [True, False]
    with pytest.raises(UsageError) as error:
        found(tmp_path, "made < AS_OF", "made: 2024-02-29")
    (problem,) = error.value.diagnostics
    assert (problem.code, problem.remedy) == ("US015", "give --as-of DATE")


@pytest.mark.parametrize(
    ("test", "code", "said"),
    [
        ("«valu»: 2", "RT115", ("a test of `A` names no column: `valu`", "did you mean `value`?")),
        ("value: «many»", "RT112", ("`many` is no value of `value`", "expected a number such as 12.5")),
        ("count: «1.5»", "RT112", ("expected a whole number",)),
        ("made: «2024-02-30»", "RT112", ("expected a date such as 2024-01-31",)),
        ("flag: «yes»", "RT112", ("expected true or false",)),
        ("«value»: [1, 2]", "RT112", ("`value` takes one value",)),
        ("«papers»: N730", "RT112", ("`papers` takes a list such as [A, B]",)),
    ],
)
def test_a_test_that_does_not_fit_the_columns_is_told_in_its_place(
    test: str, code: str, said: tuple[str, ...], tmp_path: Path
) -> None:
    rules = one_rule("value > 1", f"{test}, expect: match")
    marked = rule_set(rules)
    with pytest.raises(RuleError) as error:
        run(tmp_path, rules.replace("«", "").replace("»", ""))
    (problem,) = error.value.diagnostics
    start = marked.index("«")
    line, column = marked.count("\n", 0, start) + 1, start - marked.rfind("\n", 0, start)
    assert problem.code == code
    assert problem.location() == (str(tmp_path / "r.yaml"), line, column)
    shown = render(problem)
    assert "^" * (marked.index("»") - 1 - start) in shown
    assert not [part for part in said if part not in shown], shown


def test_every_problem_of_every_test_is_told_at_once(tmp_path: Path) -> None:
    rules = one_rule("value > 1", "valu: 1, expect: match", "count: x, flag: maybe, expect: match")
    with pytest.raises(RuleError) as error:
        run(tmp_path, rules)
    assert [each.code for each in error.value.diagnostics] == ["RT115", "RT112", "RT112"]


TABLE = """\
ruleset: s
rules:
  table: t.csv
  template:
    id: FLOOR
    when: code LIKE '{prefix}%' AND value < {floor}
    lane: red
    tests:
      - {code: '{prefix}01', value: 0, expect: match}
      - {code: '{prefix}01', value: '{floor}', expect: no match}
      - {code: '{prefix}01', value: '{floor}.5', expect: no match}
      - {code: '{other}', value: '{seen}', expect: '{verdict}'}
"""


def run_table(folder: Path, csv: str) -> list[TestOutcome]:
    write(folder, {"r.yaml": TABLE, "t.csv": csv})
    return run_tests(gpu_target.load_rules(folder / "r.yaml"), TYPES)


def test_the_tests_of_a_decision_table_are_run_for_every_row_with_its_cells(tmp_path: Path) -> None:
    csv = "prefix,floor,other,seen,verdict\n87,12,88,1,no match\n0309,7,03091,6,match\n'x,3,'x,,no match\n"
    outcomes = run_table(tmp_path, csv)
    assert [each.rule_id for each in outcomes[::4]] == ["FLOOR-t.csv-2", "FLOOR-t.csv-3", "FLOOR-t.csv-4"]
    # where the cell of the last row is empty, its test does not name the column
    assert [each.found for each in outcomes[3::4]] == [False, True, None]
    assert [each.found for each in outcomes[:3]] == [True, False, False]
    assert all(each.passed for each in outcomes)


def test_a_cell_that_is_no_value_of_its_column_is_told_with_its_rule(tmp_path: Path) -> None:
    with pytest.raises(RuleError) as error:
        run_table(tmp_path, "prefix,floor,other,seen,verdict\n87,12,88,1,match\n88,12,88,many,match\n")
    (problem,) = error.value.diagnostics
    assert (problem.code, problem.notes) == ("RT112", ("in test 4 of `FLOOR-t.csv-3`",))
    location = problem.location()
    assert location is not None
    assert location[1] == 12
