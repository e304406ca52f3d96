"""Rule statistics against sets of rows, which any reader can follow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings

import gpu_target
from gpu_target.plan.plan import Plan
from gpu_target.statistics import overlaps
from gpu_target.statistics.rules import RuleStatistics, rule_statistics
from gpu_target.statistics.tables import overlaps_table, rules_table
from tests.gpu_target.building import rule, ruleset
from tests.strategies import WITHOUT_SHRINKING, Example, lane_examples

TABLE = pa.table({"key": [1, 1, 2, 3, 3, 4], "a": [1, 2, 3, 4, 5, None], "b": ["x", "y", "x", "y", "x", "y"]})


def measured(*rules: Any, table: pa.Table = TABLE, key: tuple[str, ...] = ("key",), **options: Any) -> RuleStatistics:
    return rule_statistics(gpu_target.compile(ruleset(*rules), table.schema, key=key), table, **options)


def pairs(found: RuleStatistics, n: int) -> dict[tuple[int, int], int]:
    return {(each, overlap.other): overlap.rows for each in range(n) for overlap in found.overlaps(each)}


def test_matches_that_no_other_rule_has_and_those_that_others_share() -> None:
    found = measured("a > 2", "b = 'x'", "a = 2", "a > 9", "a > 4")
    assert found.counts.tolist() == [3, 3, 1, 0, 1]
    assert found.unique.tolist() == [1, 1, 1, 0, 0]
    assert (found.matched_rows, found.alone_rows) == (5, 3)
    assert pairs(found, 5) == {(0, 1): 2, (1, 0): 2, (0, 4): 1, (4, 0): 1, (1, 4): 1, (4, 1): 1}
    assert [each.other for each in found.overlaps(0)] == [1, 4]
    assert [each.other for each in found.overlaps(0, most=1)] == [1]
    assert found.overlaps(3) == []


def test_relief_is_compared_with_relief_alone() -> None:
    trusted = [rule("T1", "b = 'x'", relief=10), rule("T2", "a = 1", relief=20)]
    found = measured("a > 2", *trusted)
    assert found.unique.tolist() == [3, 2, 0]
    assert (found.matched_rows, found.alone_rows) == (3, 3)
    assert pairs(found, 3) == {(1, 2): 1, (2, 1): 1}


def test_the_rule_that_decides_a_declaration_is_counted_once_for_it() -> None:
    found = measured(rule("A", "a > 2", lane="yellow"), rule("B", "b = 'x'"), rule("C", "b = 'x'"), "a > 9")
    assert found.decides is not None
    assert found.decides.tolist() == [0, 3, 0, 0]  # declarations 1, 2 and 3 are red; B stands before C


def test_without_a_key_no_rule_is_known_to_decide() -> None:
    found = measured("a > 2", "b = 'x'", key=())
    assert found.decides is None
    assert pairs(found, 2) == {(0, 1): 2, (1, 0): 2}
    plan = gpu_target.compile(ruleset("a > 2"), TABLE.schema, key=())
    assert rules_table(plan, rule_statistics(plan, TABLE))["decides"].to_pylist() == [None]


def test_no_rows_and_no_rules_are_no_error() -> None:
    found = measured("a > 2", table=TABLE.slice(0, 0))
    assert (found.counts.tolist(), found.unique.tolist(), found.cost_share.tolist()) == ([0], [0], [0.0])
    assert measured().counts.tolist() == []


def test_the_tables_say_the_same() -> None:
    plan = gpu_target.compile(ruleset("a > 2", "b = 'x'"), TABLE.schema, key=("key",))
    found = rule_statistics(plan, TABLE)
    assert rules_table(plan, found).select(["rule_id", "matches", "selectivity", "unique"]).to_pylist() == [
        {"rule_id": "R0", "matches": 3, "selectivity": 0.5, "unique": 1},
        {"rule_id": "R1", "matches": 3, "selectivity": 0.5, "unique": 1},
    ]
    assert overlaps_table(plan, found).to_pylist() == [
        {"rule_id": "R0", "other_id": "R1", "rows": 2, "share": 2 / 3},
        {"rule_id": "R1", "other_id": "R0", "rows": 2, "share": 2 / 3},
    ]


def in_batches(table: pa.Table, rows: int) -> Iterator[pa.RecordBatch]:
    yield from table.to_batches(max_chunksize=rows)


def by_sets(plan: Plan, table: pa.Table, as_of: str) -> tuple[list[int], dict[tuple[int, int], int], Counter[str]]:
    """Unique matches and overlaps from the sets of rows that rules match, and the rules that decide."""
    result = plan.evaluate(table, outputs=("matches", "lanes"), as_of=as_of)
    matches = result.matches().to_pylist()
    rows = [{each["row"] for each in matches if each["rule"] == n} for n in range(len(plan.heads))]
    relief = [head.relief is not None for head in plan.heads]
    alike = [[m for m in range(len(rows)) if m != n and relief[m] == relief[n]] for n in range(len(rows))]
    unique = [len(rows[n].difference(*(rows[m] for m in alike[n]))) for n in range(len(rows))]
    shared = {(n, m): len(rows[n] & rows[m]) for n in range(len(rows)) for m in alike[n] if rows[n] & rows[m]}
    return unique, shared, Counter(each for each in result.lanes()["rule_id"].to_pylist() if each is not None)


@pytest.mark.parametrize("most_held", [0, 7, overlaps.MOST_HELD])
@settings(max_examples=60, phases=WITHOUT_SHRINKING)
@given(example=lane_examples())
def test_any_rule_set_has_the_statistics_of_its_sets_of_rows(most_held: int, example: Example) -> None:
    plan = gpu_target.compile(example.ruleset, example.table.schema, key=("key",))
    unique, shared, decides = by_sets(plan, example.table, "2024-06-01")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(overlaps, "MOST_HELD", most_held)
        for backend in ("cpu", "interpreter"):
            batches = in_batches(example.table, 13)
            found = rule_statistics(plan, batches, backend=backend, as_of="2024-06-01", threads=1)
            assert found.counts.tolist() == plan.evaluate(example.table, as_of="2024-06-01").counts.tolist()
            assert found.unique.tolist() == unique
            assert pairs(found, len(plan.heads)) == shared
            assert found.decides is not None
            assert {
                head.id: count for head, count in zip(plan.heads, found.decides.tolist(), strict=True) if count
            } == decides


def test_matches_are_let_go_while_they_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a million matches in a few hundred batches no more are held than may be."""
    monkeypatch.setattr(overlaps, "MOST_HELD", 50_000)
    most = 0
    add = overlaps.Overlaps.add

    def watched(self: overlaps.Overlaps, piece: Any) -> None:
        nonlocal most
        add(self, piece)
        most = max(most, self._held)

    monkeypatch.setattr(overlaps.Overlaps, "add", watched)
    table = pa.table({"key": np.arange(200_000), "a": np.arange(200_000) % 7})
    found = measured(*[f"a >= {n}" for n in range(6)], table=table, threads=1)
    assert found.counts.sum() > 600_000
    assert most <= 50_000
    assert found.overlaps(5, 1)[0].rows == found.counts[5]
