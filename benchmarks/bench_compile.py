"""From the text of a rule file to a plan: how long in parts, from the cache, and after one rule has changed?"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

import gpu_target as gt
from benchmarks.conftest import ROUNDS, RULES, Rates
from benchmarks.workload import item_schema, make_rules
from gpu_target import cache
from gpu_target.held import no_collection
from gpu_target.language.diagnostics import Source
from gpu_target.language.yaml_nodes import compose


@pytest.fixture
def file(tmp_path: Path, rules: int) -> Path:
    """A file of generated rules."""
    path = tmp_path / "rules.yaml"
    path.write_text(make_rules(rules)[0], encoding="utf-8")
    return path


@pytest.mark.parametrize("rules", RULES)
def test_yaml(benchmark: Any, rates: Rates, file: Path, rules: int) -> None:
    """Text to YAML nodes with their places."""
    text = file.read_text(encoding="utf-8")

    def nodes() -> object:
        with no_collection():
            return compose(Source("rules.yaml", text), [])

    node = benchmark.pedantic(nodes, rounds=ROUNDS, warmup_rounds=1)
    assert node is not None
    rates(rules=rules, bytes=len(text))


@pytest.mark.parametrize("rules", RULES)
def test_load(benchmark: Any, rates: Rates, file: Path, rules: int) -> None:
    """Text to rules: the above, and every check that needs no columns."""
    ruleset = benchmark.pedantic(lambda: gt.load_rules(file), rounds=ROUNDS, warmup_rounds=1)
    assert len(ruleset.active) == rules
    rates(rules=rules)


@pytest.mark.parametrize("rules", RULES)
def test_plan(benchmark: Any, rates: Rates, file: Path, rules: int) -> None:
    """Rules to a plan: binding, normal form, value classes, layout."""
    ruleset = gt.load_rules(file)
    schema = item_schema()
    plan = benchmark.pedantic(lambda: gt.compile(ruleset, schema), rounds=ROUNDS, warmup_rounds=1)
    assert len(plan.heads) == rules
    rates(rules=rules, classes=sum(column.null + 1 for column in plan.layout.columns))


@pytest.mark.parametrize("rules", RULES)
def test_text_to_plan(benchmark: Any, rates: Rates, file: Path, rules: int) -> None:
    """All of it."""
    schema = item_schema()
    plan = benchmark.pedantic(lambda: gt.compile(gt.load_rules(file), schema), rounds=ROUNDS, warmup_rounds=1)
    assert len(plan.heads) == rules
    rates(rules=rules)


@pytest.mark.parametrize("rules", RULES)
def test_from_the_cache(
    benchmark: Any, rates: Rates, file: Path, rules: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unchanged file: reading and hashing it, and the plan from its bytes."""
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "cache"))
    schema = item_schema()
    ruleset = gt.load_rules(file)
    fresh = gt.compile(ruleset, schema)
    cache.keep(file, ruleset, fresh, schema, None, None)

    def from_cache() -> gt.Plan | None:
        known = cache.look(file)
        return None if known is None else cache.load(known, schema, None, None)

    assert benchmark.pedantic(from_cache, rounds=ROUNDS, warmup_rounds=1) == fresh
    rates(rules=rules)


@pytest.mark.parametrize("rules", RULES)
def test_one_changed_rule(benchmark: Any, rates: Rates, file: Path, rules: int) -> None:
    """One rule in the middle gets another condition; a process that holds the plan before it makes the next one.

    From the changed file on disk: reading and comparing it, the rules around the edit, binding, classes, layout.
    """
    schema = item_schema()
    again = gt.Recompiler(file, schema)
    again.compile()
    head, *parts = file.read_text(encoding="utf-8").split("\n  - id: ")
    middle = len(parts) // 2
    numbers = itertools.count()

    def edit() -> None:
        lines = parts[middle].split("\n")
        changed = [f"    when: customs_value > {next(numbers)}.5 AND net_mass_kg > 7", "    lane: red"]
        texts = [*parts[:middle], "\n".join([lines[0], *changed]), *parts[middle + 1 :]]
        file.write_text("\n  - id: ".join([head, *texts]), encoding="utf-8")

    plan = benchmark.pedantic(again.compile, setup=edit, rounds=4 * ROUNDS, warmup_rounds=1)
    assert plan == gt.compile(gt.load_rules(file), schema)
    rates(rules=rules)
