from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

import gpu_target as gt
from benchmarks.consistent import contradiction
from benchmarks.workload import make_workload
from gpu_target.gathering import MatchPiece


@pytest.fixture(scope="module")
def result() -> gt.Result:
    workload = make_workload(2_000, 40, 1, "mixed")
    return workload.plan.evaluate(workload.table, outputs=("counts", "lanes", "matches"))


def with_rules(result: gt.Result, rules: list[int]) -> gt.Result:
    """The same counts, with these rules as the matches of the first rows that have any."""
    assert result.pieces is not None
    first, *rest = result.pieces
    changed = first.rule.copy()
    changed[: len(rules)] = rules
    return replace(result, pieces=(replace(first, rule=changed), *rest))


def first_row(result: gt.Result) -> list[int]:
    assert result.pieces is not None
    piece: MatchPiece = result.pieces[0]
    several = int(np.flatnonzero(piece.row_matches > 1)[0])
    return piece.rule[: piece.row_matches[: several + 1].sum()].tolist()


def test_a_right_result_agrees_with_itself(result: gt.Result) -> None:
    assert result.count_array.sum() > 100
    assert contradiction(result) is None


def test_a_score_that_is_one_off_is_told(result: gt.Result) -> None:
    lanes = result.lanes()
    scores = lanes["score"].to_numpy() + np.eye(1, lanes.num_rows, dtype=np.int64)[0]
    wrong = lanes.set_column(lanes.schema.get_field_index("score"), "score", pa.array(scores))
    assert (contradiction(replace(result, lane_table=wrong)) or "").startswith("scores sum to")


def test_rules_of_a_row_out_of_order_are_told(result: gt.Result) -> None:
    rules = first_row(result)
    swapped = [*rules[:-2], rules[-1], rules[-2]]
    assert contradiction(with_rules(result, swapped)) == "matches are not sorted by row and rule"


def test_a_match_twice_is_told(result: gt.Result) -> None:
    rules = first_row(result)
    assert contradiction(with_rules(result, [*rules[:-1], rules[-2]])) == "matches are not sorted by row and rule"


def test_matches_of_another_rule_than_was_counted_are_told(result: gt.Result) -> None:
    counts = result.count_array.copy()
    a, b = np.flatnonzero(counts)[:2]
    counts[[a, b]] += 1, -1
    assert "or of other rules" in (contradiction(replace(result, count_array=counts, lane_table=None)) or "")


def test_matches_without_rows_agree(result: gt.Result) -> None:
    none = result.plan.evaluate(pa.Table.from_batches([], pa.schema(list(result.plan.schema.items()))))
    assert contradiction(none) is None
