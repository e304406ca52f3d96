"""How long does it take from the text of a rule file to a plan?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import gpu_target as gt
from benchmarks.conftest import ROUNDS, RULES, Rates
from benchmarks.workload import item_schema, make_rules


@pytest.mark.parametrize("rules", RULES)
def test_load(benchmark: Any, rates: Rates, tmp_path: Path, rules: int) -> None:
    """YAML to rules: reading, parsing, every check that needs no columns."""
    text, expected = make_rules(rules)
    file = tmp_path / "rules.yaml"
    file.write_text(text, encoding="utf-8")
    ruleset = benchmark.pedantic(lambda: gt.load_rules(file), rounds=ROUNDS, warmup_rounds=1)
    assert ruleset.sha256 == expected.sha256
    rates(rules=rules, bytes=len(text))


@pytest.mark.parametrize("rules", RULES)
def test_plan(benchmark: Any, rates: Rates, rules: int) -> None:
    """Rules to a plan: binding, normal form, value classes, layout."""
    _, ruleset = make_rules(rules)
    schema = item_schema()
    plan = benchmark.pedantic(lambda: gt.compile(ruleset, schema), rounds=ROUNDS, warmup_rounds=1)
    assert len(plan.rules) == rules
    rates(rules=rules, classes=sum(column.null + 1 for column in plan.layout.columns))
