"""The backends agree with DuckDB and with each other, on examples that shrink and on seeded ones."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from tests.conformance.evaluating import lanes, three_ways
from tests.gpu_target.building import BACKENDS
from tests.oracle.bulk import first_mismatch
from tests.oracle.cases import case
from tests.strategies import WITHOUT_SHRINKING, Example, examples, lane_examples


@pytest.mark.parametrize("backend", BACKENDS)
@given(example=examples())
@settings(max_examples=60, phases=WITHOUT_SHRINKING)
def test_a_backend_gives_the_answers_of_duckdb(backend: str, example: Example) -> None:
    mismatch = first_mismatch(three_ways(example.ruleset), example.table, backend)
    assert mismatch is None, f"\n{mismatch}"


@pytest.mark.parametrize("backend", BACKENDS[1:])
@given(example=lane_examples())
@settings(max_examples=60, phases=WITHOUT_SHRINKING)
def test_backends_give_the_same_lanes(backend: str, example: Example) -> None:
    found = lanes(example.ruleset, example.table, backend, seed=7)
    assert found == lanes(example.ruleset, example.table, "cpu", seed=7)


@pytest.mark.parametrize("seed", range(6))
def test_the_interpreter_agrees_with_duckdb_on_seeded_cases(seed: int) -> None:
    drawn = case(f"interpreter {seed}", 60)
    mismatch = first_mismatch(drawn.ruleset, drawn.source.random_table(seed, 150), "interpreter")
    assert mismatch is None, f"\n{mismatch}"
