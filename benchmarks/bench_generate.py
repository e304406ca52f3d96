"""How fast are declarations and rule sets made up?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import synthetic
from benchmarks.conftest import ROWS, RULES, Rates
from benchmarks.workload import PROFILE
from synthetic.rulesets import generate_rules
from synthetic.rulesets.sample import sample_of

DECLARATIONS = max(1, ROWS * 10 // 26)  # about 2.6 items each


def test_into_memory(benchmark: Any, rates: Rates) -> None:
    """All tables as Arrow."""
    tables = benchmark.pedantic(lambda: synthetic.generate(PROFILE, DECLARATIONS, seed=1), rounds=3, warmup_rounds=1)
    assert tables["declarations"].num_rows == DECLARATIONS
    rates(rows=tables["items"].num_rows)


@pytest.mark.parametrize("format_", ["parquet", "csv", "arrow"])
def test_to_disk(benchmark: Any, rates: Rates, tmp_path: Path, format_: str) -> None:
    """All tables as files."""
    made = benchmark.pedantic(
        lambda: synthetic.write_dataset(PROFILE, DECLARATIONS, 1, tmp_path / "year", format=format_), rounds=2
    )
    assert made["tables"]["declarations"]["rows"] == DECLARATIONS
    rates(rows=made["tables"]["items"]["rows"])


@pytest.mark.parametrize("rules", RULES)
def test_rules(benchmark: Any, rates: Rates, rules: int) -> None:
    """Rules, over a sample that is there already."""
    sample_of(PROFILE)
    text = benchmark.pedantic(lambda: generate_rules(rules, seed=2), rounds=2)
    assert text.count("\n  - id: ") == rules
    rates(rules=rules)
