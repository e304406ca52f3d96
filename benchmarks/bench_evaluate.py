"""How long does a whole evaluation take, over the grid of rules and rows, in memory and from Parquet?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

import gpu_target as gt
from benchmarks.conftest import ROUNDS, ROWS, RULES, Rates
from benchmarks.workload import Workload, make_items, make_rules, make_workload

OUTPUTS = {
    "counts": ("counts",),
    "counts and lanes": ("counts", "lanes"),
    "counts and matches": ("counts", "matches"),
}


@pytest.fixture(scope="module", params=RULES)
def workload(request: pytest.FixtureRequest) -> Workload:
    return make_workload(ROWS, request.param)


@pytest.mark.parametrize("outputs", OUTPUTS)
def test_in_memory(benchmark: Any, rates: Rates, workload: Workload, outputs: str) -> None:
    """Rows in memory to results: classify and match on every core."""
    plan, table = workload.plan, workload.table
    wanted = OUTPUTS[outputs]
    result = benchmark.pedantic(lambda: plan.evaluate(table, outputs=wanted), rounds=ROUNDS, warmup_rounds=1)
    assert result.rows == workload.rows
    if "matches" in wanted:
        assert result.matches().num_rows == result.count_array.sum()
    benchmark.extra_info["seconds"] = result.seconds
    rates(rows=workload.rows, rules=len(plan.rules), matches=int(result.count_array.sum()))


def test_from_parquet(benchmark: Any, rates: Rates, tmp_path: Path) -> None:
    """A rule file and a Parquet file to counts and lanes, compilation included."""
    rules = RULES[len(RULES) // 2]
    text, _ = make_rules(rules)
    (tmp_path / "rules.yaml").write_text(text, encoding="utf-8")
    pq.write_table(make_items(ROWS, 0), tmp_path / "items.parquet", row_group_size=260_000)

    def whole() -> gt.Result:
        data = ds.dataset(tmp_path / "items.parquet")
        plan = gt.compile(gt.load_rules(tmp_path / "rules.yaml"), data.schema)
        return plan.evaluate(data, outputs=("counts", "lanes"))

    result = benchmark.pedantic(whole, rounds=3, warmup_rounds=1)
    assert result.rows == ROWS
    rates(rows=ROWS, rules=rules)
