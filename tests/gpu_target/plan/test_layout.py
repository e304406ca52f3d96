"""Formulas laid out as arrays: dead rules are known, parts are shared, sets of one column are joined."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gpu_target
from gpu_target.columns.ordered import to_bits
from gpu_target.plan.layout import AND, OR, Layout, class_lists, starts
from tests.gpu_target.building import BACKENDS, counts, ruleset

SCHEMA = pa.schema({"n": pa.int32(), "x": pa.float64(), "s": pa.string(), "b": pa.bool_()})
TABLE = pa.table(
    {"n": [1, 2, None, 4], "x": [0.5, None, 2.5, 5.0], "s": ["a", "b", "c", None], "b": [True, False, None, True]},
    SCHEMA,
)
DEAD = (
    "FALSE", "n > 5 AND n < 3", "n = 1 AND n = 2", "s = 'a' AND s LIKE 'b%'", "n IS NULL AND n > 0", "n = 1.5",
    "s IN @none", "b AND NOT b", "(n > 1) IS NULL AND n IS NOT NULL", "x + 1 > 0 AND FALSE", "(n IS NULL) IS NULL",
)  # fmt: skip
UNKNOWN_TO_ONE_COLUMN = ("n <> n", "n < n", "x IS NULL AND x + 1 > 0")  # dead, but only their values tell
SURE = ("TRUE", "n IS NULL OR n IS NOT NULL", "n > 5 OR n <= 5 OR n IS NULL", "NOT COALESCE(n > 5 AND n < 3, FALSE)")


def layout_of(*rules: str) -> Layout:
    return gpu_target.compile(ruleset(*rules, lists={"none": []}), SCHEMA).layout


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_rule_that_can_never_fire_matches_nothing(backend: str) -> None:
    rules = (*DEAD, *UNKNOWN_TO_ONE_COLUMN)
    assert counts(TABLE, *rules, backend=backend, lists={"none": []}) == [0] * len(rules)


def test_what_one_column_shows_to_be_dead_is_marked_and_needs_no_column() -> None:
    layout = layout_of(*DEAD)
    assert [rule for rule, never in zip(DEAD, layout.never, strict=True) if not never] == []
    assert not layout.columns
    assert layout.n_leaves == 0


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_rule_that_always_holds_matches_every_row(backend: str) -> None:
    assert counts(TABLE, *SURE, backend=backend) == [TABLE.num_rows] * len(SURE)


def test_a_rule_that_always_holds_has_no_terms_and_is_not_dead() -> None:
    layout = layout_of(*SURE)
    assert np.diff(layout.rule_start).tolist() == [0] * len(SURE)
    assert not layout.never.any()


def test_sets_of_one_column_are_joined_into_one_leaf() -> None:
    layout = layout_of("n > 1 AND n < 9 AND n <> 4 AND s = 'a'", "n = 1 OR n = 2 OR n > 7")
    assert layout.n_leaves == 3
    assert len(layout.node_kind) == 0
    assert np.diff(layout.rule_start).tolist() == [2, 1]


def test_a_part_that_many_rules_have_is_laid_out_once() -> None:
    shared = "(s = 'a' OR x > 2)"
    layout = layout_of(*(f"n = {k} AND {shared}" for k in range(20)))
    assert layout.node_kind.tolist() == [OR]
    assert layout.n_leaves == 22
    used = [layout.rule_terms[a:b].tolist() for a, b in zip(layout.rule_start, layout.rule_start[1:], strict=False)]
    assert all(layout.n_leaves in each for each in used)  # nodes are numbered behind the leaves


def test_every_node_stands_after_its_operands() -> None:
    layout = layout_of(
        "s = 'a' AND (x > 2 OR (n = 1 AND (s = 'b' OR (x < 9 AND n > 3))))", "x > 2 OR (s = 'b' AND n = 1)"
    )
    assert {OR, AND} == set(layout.node_kind.tolist())
    for node, (start, stop) in enumerate(zip(layout.node_start, layout.node_start[1:], strict=False)):
        assert stop - start >= 2
        assert layout.node_terms[start:stop].max() < layout.n_leaves + node


def test_only_columns_that_some_leaf_needs_are_kept() -> None:
    layout = layout_of("n > 1 AND (x > 1 AND x < 0)", "s = 'a'")
    assert [column.values[0].name for column in layout.columns] == ["s"]  # type: ignore[union-attr]


@given(sets=st.lists(st.tuples(st.integers(0, 3), st.lists(st.booleans(), min_size=1, max_size=200)), max_size=20))
def test_bit_sets_list_their_classes_in_order(sets: list[tuple[int, list[bool]]]) -> None:
    columns = np.array([column for column, _ in sets], np.int64)
    start, classes = class_lists(columns, [to_bits(np.array(holds)) for _, holds in sets], {})
    found = [classes[a:b].tolist() for a, b in pairwise(start)]
    assert found == [[position for position, each in enumerate(holds) if each] for _, holds in sets]


def test_runs_start_where_the_last_one_ends() -> None:
    assert starts([2, 0, 3]).tolist() == [0, 2, 2, 5]
    assert starts([]).tolist() == [0]
