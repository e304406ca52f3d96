"""What does each kind of column cost to classify, on one core?"""

from __future__ import annotations

from typing import Any

import pytest

import gpu_target as gt
from benchmarks.conftest import ROUNDS, ROWS, Rates
from benchmarks.workload import make_items
from gpu_target.backends.base import Wanted
from gpu_target.backends.cpu.backend import CpuBackend
from gpu_target.columns.values import Batch
from gpu_target.language.model import RuleSet

BATCH = 65_536

# one kind of column each: conditions as rules ask them, some forty of a kind
KINDS = {
    "text, coded": [f"commodity_code LIKE '{chapter:02d}%'" for chapter in range(1, 41)],
    "text, plain": [f"transport_document_number LIKE 'EK{number:02d}%'" for number in range(10, 50)],
    "float": [f"customs_value > {number * 1000}" for number in range(1, 41)],
    "integer": [f"package_count > {number}" for number in range(1, 41)],
    "day and time": [f"registration_ts >= DATE '2024-01-01' AND HOUR(registration_ts) = {hour}" for hour in range(24)],
    "ratio": [f"customs_value / net_mass_kg < {number}" for number in range(1, 41)],
    "two columns": ["country_of_dispatch <> country_of_origin", "gross_mass_kg < net_mass_kg"],
    "list": [f"CONTAINS(document_codes, 'N{number}')" for number in (380, 705, 730, 740, 271, 851)],
    "pattern": [f"goods_description LIKE '%{word}%'" for word in ("parts", "other", "of", "cotton", "paper")],
}


def ruleset_of(conditions: list[str], tmp_path_factory: pytest.TempPathFactory) -> RuleSet:
    lines = ["ruleset: bench", "record: declaration-item", "rules:"]
    lines += [f'  - {{id: R{k}, when: "{each}", lane: red}}' for k, each in enumerate(conditions)]
    file = tmp_path_factory.mktemp("rules") / "rules.yaml"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return gt.load_rules(file)


@pytest.mark.parametrize("kind", KINDS)
def test_classify(benchmark: Any, rates: Rates, tmp_path_factory: pytest.TempPathFactory, kind: str) -> None:
    """Stored values to classes, batch by batch, without matching."""
    items = make_items(ROWS, 0)
    plan = gt.compile(ruleset_of(KINDS[kind], tmp_path_factory), items.schema)
    columns = [name for name in plan.columns if name not in plan.key]
    batches = items.select(columns).to_batches(max_chunksize=BATCH)
    runner = CpuBackend().prepare(plan, Wanted(lanes=False, matches=False, seed=0))

    def classify() -> int:
        seen = 0
        for each in batches:
            batch = Batch(dict(zip(each.schema.names, each.columns, strict=True)), each.num_rows, {}, None)
            runner.encode(batch)
            seen += each.num_rows
        return seen

    assert benchmark.pedantic(classify, rounds=ROUNDS, warmup_rounds=1) == ROWS
    rates(rows=ROWS)
