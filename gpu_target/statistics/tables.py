"""Rule statistics as tables, for files."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from gpu_target.plan.plan import Plan
from gpu_target.statistics.reads import Use
from gpu_target.statistics.rules import RuleStatistics


def rules_table(plan: Plan, found: RuleStatistics) -> pa.Table:
    """One row per rule in rule-set order; ``decides`` is NULL where there are no lanes."""
    rows = found.result.rows
    share = np.divide(found.counts, rows) if rows else np.zeros(len(plan.heads))
    decides = pa.nulls(len(plan.heads), pa.int64()) if found.decides is None else pa.array(found.decides)
    return pa.table(
        {
            "rule_id": pa.array([each.id for each in plan.heads], pa.string()),
            "title": pa.array([each.title for each in plan.heads], pa.string()),
            "lane": pa.array([each.lane for each in plan.heads], pa.string()),
            "matches": pa.array(found.counts),
            "selectivity": pa.array(share, pa.float64()),
            "unique": pa.array(found.unique),
            "decides": decides,
            "cost_share": pa.array(found.cost_share),
        }
    )


def overlaps_table(plan: Plan, found: RuleStatistics) -> pa.Table:
    """One row for every two rules that match a row together, either way round; ``share`` is of the rule's matches."""
    rule = np.repeat(np.arange(len(plan.heads)), np.diff(found.pair_start))
    ids = pa.array([each.id for each in plan.heads], pa.string())
    return pa.table(
        {
            "rule_id": ids.take(pa.array(rule)),
            "other_id": ids.take(pa.array(found.pair_other)),
            "rows": pa.array(found.pair_rows),
            "share": pa.array(found.pair_rows / np.maximum(found.counts[rule], 1), pa.float64()),
        }
    )


def reads_table(plan: Plan, uses: Sequence[Use]) -> pa.Table:
    """One row for everything that rules read or could read, and every rule that reads it; NULL where none does."""
    pairs = [(each.read.kind, each.read.name, rule) for each in uses for rule in each.rules or (None,)]
    ids = [None if rule is None else plan.heads[rule].id for _, _, rule in pairs]
    return pa.table(
        {
            "kind": pa.array([kind for kind, _, _ in pairs], pa.string()),
            "name": pa.array([name for _, name, _ in pairs], pa.string()),
            "rule_id": pa.array(ids, pa.string()),
        }
    )
