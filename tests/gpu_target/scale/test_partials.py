"""Partial results: however the rows are split and in whatever order the parts are merged, the result is the whole's."""

from __future__ import annotations

import functools
import pickle
import random
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gpu_target
from gpu_target import scale
from gpu_target.language.diagnostics import UsageError
from gpu_target.scale import Partial
from tests.gpu_target.building import BACKENDS, rule, ruleset
from tests.gpu_target.scale.parts import ALL, ROWS, cut, evenly, everything, plan_of, refused, table_of, whole
from tests.oracle.bulk import AS_OF
from tests.strategies import WITHOUT_SHRINKING, Example, lane_examples


def partials(parts: list[tuple[int, pa.Table]], **options: Any) -> list[Partial]:
    plan = options.pop("plan", None) or plan_of()
    chosen = {"outputs": ALL, "seed": 7, **options}
    return [scale.partial(plan, table, first_row=first_row, **chosen) for first_row, table in parts]


def merged(parts: list[Partial], order: random.Random | None = None) -> Partial:
    """All of them, two that are drawn at a time, until one is left."""
    left = list(parts)
    while len(left) > 1:
        a = left.pop(order.randrange(len(left)) if order else 0)
        b = left.pop(order.randrange(len(left)) if order else 0)
        left.append(a.merge(b))
    return left[0]


# -- any split, any order ---------------------------------------------------------------------------------------------


@given(
    example=lane_examples(),
    cuts=st.lists(st.integers(0, 65), max_size=8),
    order=st.randoms(use_true_random=False),
    travel=st.booleans(),
)
@settings(max_examples=100, phases=WITHOUT_SHRINKING)
def test_any_split_merged_in_any_order_is_the_whole(
    example: Example, cuts: list[int], order: random.Random, travel: bool
) -> None:
    plan = gpu_target.compile(example.ruleset, example.table.schema)
    options = {"outputs": ALL, "seed": 3, "as_of": AS_OF}
    parts = cut(example.table, [min(each, example.table.num_rows) for each in cuts])
    found = [scale.partial(plan, table, first_row=first_row, threads=1, **options) for first_row, table in parts]
    if travel:  # as records too they are what they were
        found = [scale.collect(each.to_batches()) for each in found]
    result = merged(found, order).finish(plan, rows=example.table.num_rows)
    expected = plan.evaluate(example.table, **options)
    assert everything(result) == everything(expected)
    assert result.lanes().equals(expected.lanes())
    assert result.matches().equals(expected.matches())


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("n", [1, 2, 7])
def test_splits_of_a_larger_table_are_the_whole(n: int, backend: str) -> None:
    table = table_of()
    found = merged(partials(evenly(table, n), backend=backend), random.Random(n)).finish(plan_of(), rows=ROWS)
    assert everything(found) == everything(whole(table))
    assert found.backend == backend


def test_merging_is_associative_and_commutative() -> None:
    a, b, c = partials(evenly(table_of(), 3))
    results = [
        each.finish(plan_of())
        for each in (a.merge(b).merge(c), a.merge(b.merge(c)), c.merge(a).merge(b), b.merge(c.merge(a)))
    ]
    assert len({result.sha256 for result in results}) == 1
    assert all(result.lanes().equals(results[0].lanes()) for result in results)


def test_merging_leaves_what_it_merges_as_it_was() -> None:
    a, b = partials(evenly(table_of(), 2))
    before = [(each.rows, each.stretches[0].counts.copy(), len(each.stretches[0].lanes or ())) for each in (a, b)]
    a.merge(b).merge(partials([(ROWS, table_of(9))])[0])
    for each, (rows, counts, pieces) in zip((a, b), before, strict=True):
        assert (each.rows, len(each.stretches[0].lanes or ())) == (rows, pieces)
        assert np.array_equal(each.stretches[0].counts, counts)


def test_a_part_that_is_evaluated_again_finds_the_same() -> None:
    part = evenly(table_of(), 3)[1:2]
    first, again = partials(part), partials(part, threads=3)
    records = [next(iter(each[0].to_batches())).to_pylist()[0] for each in (first, again)]
    for name in ("first_row", "rows", "counts", "lanes", "matches"):
        assert records[0][name] == records[1][name]


def test_an_iterator_of_batches_with_encodings_of_their_own_is_a_part() -> None:
    table = table_of()
    batches = table.to_batches(max_chunksize=700)
    plain = [each.set_column(3, "office", each["office"].cast(pa.string())) for each in batches]
    mixed = iter([batches[0], plain[1], *batches[2:]])
    found = scale.partial(plan_of(), mixed, outputs=ALL, seed=7).finish(plan_of(), rows=ROWS)
    assert everything(found) == everything(whole(table))


@pytest.mark.parametrize("empty", [iter([]), table_of(0), table_of(0).to_batches(), table_of(0).to_reader()])
def test_a_part_without_rows_changes_nothing(empty: Any) -> None:
    data = iter(empty) if isinstance(empty, list) else empty
    nothing = scale.partial(plan_of(), data, outputs=ALL, seed=7, first_row=50)
    assert everything(nothing.finish(plan_of(), rows=0)) == everything(whole(table_of(0)))
    (part,) = partials([(0, table_of())])
    assert everything(part.merge(nothing).finish(plan_of())) == everything(whole(table_of()))
    assert nothing.merge(nothing).rows == 0


def test_counts_alone_keep_nothing_of_the_rows() -> None:
    (part,) = partials([(0, table_of())], outputs=("counts",))
    assert len(pickle.dumps(part)) < 2_000
    result = part.finish(plan_of())
    assert result.counts.equals(whole(table_of()).counts)
    assert refused(result.lanes, "US010", UsageError).message == "the lanes were not asked for"


def test_a_result_says_who_made_it_and_what_was_spent() -> None:
    first, second = evenly(table_of(), 2)
    both = partials([first], threads=2)[0].merge(partials([second], backend="interpreter")[0])
    result = both.finish(plan_of())
    assert (result.backend, result.threads, result.seed) == ("cpu, interpreter", 2, 7)
    assert set(result.seconds) == {"read", "encode", "match", "output"}
    assert sum(both.finish(plan_of(), elapsed=9.0).seconds.values()) == pytest.approx(9.0, rel=0.2)


# -- what does not fit together ---------------------------------------------------------------------------------------


def test_a_row_that_would_count_twice_is_told() -> None:
    a, b = partials([(0, table_of(100)), (40, table_of(100))])
    assert refused(lambda: a.merge(b), "DT170").message == "rows 41 to 100 are in two partial results"
    assert refused(lambda: b.merge(a), "DT170").message == "rows 41 to 100 are in two partial results"
    assert refused(lambda: a.merge(a), "DT170").message == "rows 1 to 100 are in two partial results"


def test_rows_that_are_missing_are_told_wherever_they_are() -> None:
    a, b, c = partials(evenly(table_of(), 3))
    plan = plan_of()
    assert refused(lambda: b.finish(plan), "DT171").message == "rows 1 to 1,000 are in no partial result"
    assert refused(lambda: c.merge(a).finish(plan), "DT171").message == "rows 1,001 to 2,000 are in no partial result"
    found = refused(lambda: b.finish(plan, rows=ROWS), "DT171")
    assert found.message == "rows 1 to 1,000, 2,001 to 3,000 are in no partial result"
    assert a.finish(plan).rows == 1_000
    nothing = scale.partial(plan, iter([]), outputs=ALL, seed=7)
    assert refused(lambda: nothing.finish(plan, rows=2), "DT171").message == "rows 1 to 2 are in no partial result"
    too_many = refused(lambda: a.finish(plan, rows=999), "DT171").message
    assert too_many == "the partial results are of 1,000 rows, and the data has 999"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"seed": 8}, "another seed"),
        ({"outputs": ("counts",)}, "another outputs"),
        ({"as_of": "2024-01-31"}, "another as_of"),
        ({"plan": plan_of(key=("id",))}, "another plan"),
        (
            {"plan": gpu_target.compile(ruleset(rule("A", "value > 1"), key=("id", "line")), table_of(3).schema)},
            "rules",
        ),
    ],
)
def test_partial_results_of_another_evaluation_are_refused(options: dict[str, Any], said: str) -> None:
    first, second = evenly(table_of(), 2)
    (a,), (b,) = partials([first]), partials([second], **options)
    message = refused(lambda: a.merge(b), "US040", UsageError).message
    assert message.startswith("these partial results belong to different evaluations: ")
    assert said in message


def test_a_gap_is_not_lost_where_places_are_not_written() -> None:
    a, b, c = partials(evenly(table_of(), 3))
    apart = c.merge(a)
    assert (
        refused(lambda: list(apart.to_batches(placed=False)), "DT171").message
        == "rows 1,001 to 2,000 are in no partial result"
    )
    assert scale.collect(apart.to_batches()).stretches[1].first_row == 2_000
    assert scale.collect(apart.merge(b).to_batches(placed=False)).finish(plan_of()).rows == ROWS
    assert scale.collect(b.to_batches(placed=False)).stretches[0].first_row == 0  # where it stood is not known


def test_another_plan_cannot_finish() -> None:
    (part,) = partials([(0, table_of())])
    other = plan_of(key=("id",))
    message = refused(lambda: part.finish(other), "US040", UsageError).message
    assert message == "the plan is not the one that these partial results were made with"


@pytest.mark.parametrize("first_row", [-1, 1.0, "1", None, True, np.int64(-1)])
def test_a_first_row_that_is_none_is_refused(first_row: Any) -> None:
    message = refused(lambda: scale.partial(plan_of(), table_of(3), first_row=first_row), "US044", UsageError).message
    assert message == f"first_row is {first_row!r}, and rows are counted from 0"


def test_a_first_row_of_numpy_is_a_number() -> None:
    (found,) = partials([(np.cumsum([40, 60])[0], table_of(100))])  # type: ignore[list-item]
    assert type(found.stretches[0].first_row) is int
    assert (found.stretches[0].first_row, found.stretches[0].end) == (40, 140)


def test_a_row_without_its_declaration_is_told_by_its_number_in_the_whole() -> None:
    table = table_of(100).set_column(0, "id", pa.array([None if row == 70 else "D" for row in range(100)]))
    parts = evenly(table, 4)
    said = "row 71 has no value in the key column `id`"
    assert refused(lambda: partials(parts[2:3]), "DT153").message == said


def test_what_is_no_batch_is_refused() -> None:
    message = refused(lambda: scale.partial(plan_of(), iter([1])), "US017", UsageError).message
    assert message == "a int is no record batch"


def test_the_options_of_an_evaluation_are_checked() -> None:
    found = refused(lambda: scale.partial(plan_of(), table_of(3), outputs=("x",)), "US011", UsageError)
    assert "no output" in found.message
    lacking = table_of(3).drop_columns(["value"])
    found = refused(lambda: scale.partial(plan_of(), iter(lacking.to_batches())), "DT151")
    assert found.message == "the data has no column `value`"


def test_hundreds_of_parts_in_no_order_are_the_whole() -> None:
    parts = partials(evenly(table_of(), 400))
    order = random.Random(1)
    order.shuffle(parts)
    assert functools.reduce(Partial.merge, parts).finish(plan_of(), rows=ROWS).sha256 == whole(table_of()).sha256
