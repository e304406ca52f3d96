"""More than a million (rule, row) cases in which the engine and DuckDB have to agree, seeded, at every run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.oracle import bulk, long_run
from tests.oracle.bulk import first_mismatch
from tests.oracle.cases import case
from tests.oracle.conjunctions import plain_case
from tests.oracle.long_run import main

ROUNDS, RULES, ROWS = 12, 500, 2_100
PLAIN_ROUNDS = 6
assert ROUNDS * RULES * ROWS >= 1_000_000


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(ROUNDS))
def test_the_engine_agrees_with_duckdb(seed: int) -> None:
    drawn = case(seed, RULES)
    mismatch = first_mismatch(drawn.ruleset, drawn.source.random_table(seed, ROWS))
    assert mismatch is None, f"\n{mismatch}"


@pytest.mark.parametrize("seed", range(PLAIN_ROUNDS))
def test_the_engine_agrees_with_duckdb_on_plain_conjunctions(seed: int) -> None:
    drawn = plain_case(seed, 200, n_columns=20)
    mismatch = first_mismatch(drawn.ruleset, drawn.source.random_table(seed, ROWS))
    assert mismatch is None, f"\n{mismatch}"


def test_the_engine_agrees_with_duckdb_on_deep_predicates() -> None:
    drawn = case("deep", 60, depth=7)
    mismatch = first_mismatch(drawn.ruleset, drawn.source.random_table(1, 500))
    assert mismatch is None, f"\n{mismatch}"


def test_the_engine_agrees_with_duckdb_on_wide_tables() -> None:
    drawn = case("wide", 400, n_columns=60)
    mismatch = first_mismatch(drawn.ruleset, drawn.source.random_table(1, 500))
    assert mismatch is None, f"\n{mismatch}"


def test_a_rule_that_is_wrong_only_among_others_is_told_with_both_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = plain_case(1, 30)
    table = drawn.source.random_table(1, 200)
    whole = bulk.engine_mask(drawn.ruleset, table)
    rule, row = np.argwhere(whole)[0]
    wrong = whole.copy()
    wrong[rule, row] = False
    alone = bulk.engine_mask
    monkeypatch.setattr(
        bulk,
        "engine_mask",
        lambda ruleset, *rest, **options: wrong if ruleset is drawn.ruleset else alone(ruleset, *rest, **options),
    )
    mismatch = first_mismatch(drawn.ruleset, table)
    assert mismatch is not None
    assert mismatch.engine == "not TRUE, but only among the other rules and rows"
    assert mismatch.oracle == "TRUE"


def test_the_long_run_counts_its_cases_and_says_that_nothing_differs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--cases", "3e4", "--rules", "40", "--rows", "500", "--columns", "6"]) == 0
    said = capsys.readouterr().out
    assert "mismatches = 0; rules 40 x rows 500 x rounds 2 = 40,000 cases" in said
    assert "DuckDB" in said


def test_the_long_run_takes_plain_conjunctions(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--plain", "--cases", "1e4", "--rules", "40", "--rows", "500", "--columns", "6"]) == 0
    said = capsys.readouterr().out
    assert "mismatches = 0; rules 40 x rows 500 x rounds 1 = 20,000 cases" in said
    assert "plain conjunctions" in said


def test_the_long_run_takes_the_kernels_of_the_card_on_the_processor(
    library: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_run, "build", lambda folder: library)
    asked = ["--backend", "cuda-on-cpu", "--cases", "1e4", "--rules", "40", "--rows", "250", "--columns", "6"]
    assert main(asked) == 0
    said = capsys.readouterr().out
    assert "mismatches = 0; rules 40 x rows 250 x rounds 1 = 10,000 cases" in said
    assert "backend cuda-on-cpu" in said
